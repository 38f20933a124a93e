#pragma once

#include "inference/model_pool.hpp"
#include "market/ids.hpp"
#include "market/price_history.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace node {

/// One version that is loaded here.
struct ServedVersion {
    market::Version ver;
    market::ContentId content_id;
    std::vector<std::string> labels;
    std::unique_ptr<inference::ModelPool> pool;
};

/// A model under the name callers use. Without `model` it is not on the ledger and free.
struct ServedModel {
    std::string name;
    std::optional<market::ModelId> model;
    std::string alias;  ///< of the ledger; empty: calls without a version go to the newest
    std::map<market::Version, ServedVersion> versions;  ///< never empty
};

/// What this node serves. Filled before the server starts, read by any thread after.
class Catalog {
public:
    /// False when the name is taken.
    bool add(ServedModel);
    const ServedModel* find(std::string_view name) const;
    const std::map<std::string, ServedModel, std::less<>>& models() const { return models_; }
    /// No more requests; waits for those that run.
    void close();

private:
    std::map<std::string, ServedModel, std::less<>> models_;
};

/// The version a caller asked for by its text in the path; null when it is not served.
const ServedVersion* find_version(const ServedModel&, std::string_view version);
/// What answers a call that names no version.
const ServedVersion& newest_version(const ServedModel&);

}  // namespace node
