#pragma once

#include "inference/model_pool.hpp"
#include "market/ids.hpp"
#include "market/messages/model.hpp"
#include "market/price_history.hpp"
#include "node/env/clock.hpp"
#include "node/serving/spread.hpp"
#include "node/serving/tiers.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace node {

/// What the response cache did for one version. Any thread.
class CacheStats {
public:
    using Duration = inference::PoolStats::Duration;
    void hit(std::chrono::nanoseconds time);
    void miss(std::chrono::nanoseconds time);
    std::pair<Duration, Duration> hits_and_misses() const;

private:
    mutable std::mutex mutex_;
    Duration hits_, misses_;
};

/// One version that is loaded here. Whoever holds it can run it: the keeper lets its pool go only
/// when nobody else does.
struct ServedVersion {
    market::Version ver;
    market::ContentId content_id;
    std::vector<std::string> labels;
    std::unique_ptr<inference::ModelPool> pool;
    /// What it was made from: a version whose origin is the same need not be loaded again.
    std::string origin = {};
    /// When a caller was last offered to pay for it, in Unix time; 0: never.
    mutable std::atomic<std::uint64_t> offered_ms{0};
    mutable CacheStats cache = {};
};

using Versions = std::map<market::Version, std::shared_ptr<const ServedVersion>>;

/// What is counted of a model for as long as its name is served, whatever is loaded meanwhile.
struct ModelUse {
    std::atomic<Clock::Steady::rep> last_call{};   ///< since the steady clock's epoch
    std::atomic<bool> waking{false};               ///< somebody has asked to load it again
    std::atomic<Clock::Steady::rep> wake_after{};  ///< not before, as that failed just now
    Spread offers, runs, shadows;
    std::atomic<unsigned> shadows_running{0};
};

/// Copies of calls go to this version; what it answers is compared and thrown away.
struct ShadowRule {
    market::Version ver{0};  ///< 0: none
    std::uint32_t percent = 0;
    double tolerance = 0;  ///< between floats that count as equal
};

enum class ModelState {
    ready,
    loading,   ///< for the first time, or again after it was idle
    idle,      ///< let go because nobody called; the next call loads it
    unloaded,  ///< by the operator
    failed,    ///< could not be loaded, and nothing was here before
};

/// A model under the name callers use. Without `model` it is not on the ledger and free. Never
/// changed once it is in a catalog: another one takes its place.
struct ServedModel {
    std::string name;
    std::optional<market::ModelId> model;
    std::string alias;       ///< of the ledger; empty: calls without a version go to the newest
    Versions versions = {};  ///< that take calls; empty unless `ready`
    Versions leaving = {};   ///< for callers who hold an offer of them, and nobody else
    std::vector<market::AliasTarget> canary = {};  ///< of a free model; all of them are here
    ShadowRule shadow = {};
    bool cache = false;
    Tiers tiers = {};  ///< of a model that has a price
    ModelState state = ModelState::ready;
    std::string reason = {};  ///< of the last failure to load, for the operator
    std::shared_ptr<ModelUse> use = std::make_shared<ModelUse>();
};

/// What this node serves, as a snapshot that is replaced as a whole: a request takes a model once
/// and keeps it, with every version of it, until it ends. Any thread.
class Catalog {
public:
    using Models = std::map<std::string, std::shared_ptr<const ServedModel>, std::less<>>;

    std::shared_ptr<const Models> models() const;
    /// Null when there is no such name.
    std::shared_ptr<const ServedModel> find(std::string_view name) const;
    void publish(Models models);
    /// No more requests; waits for those that run.
    void close();

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Models> models_ = std::make_shared<const Models>();
};

/// The version a caller asked for by its text in the path; null when it is not among these.
std::shared_ptr<const ServedVersion> find_version(const Versions&, std::string_view version);
/// What answers a call that names no version, where nothing else says which: the newest that is
/// not only a shadow. `versions` is not empty.
const std::shared_ptr<const ServedVersion>& newest_version(const ServedModel&);

}  // namespace node
