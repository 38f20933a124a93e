#pragma once

#include "inference/model/inspect.hpp"
#include "market/messages/model.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace wallet::cli {

/// A measured value such as accuracy, in millionths.
struct Metric {
    std::string name;
    std::uint64_t value_ppm = 0;
};

/// Of a model whose file nobody shows, by a JSON document that describes it: inputs and outputs as
/// GET /v2/models/{m} gives them, where it has such. Its content id is the hash of the document.
/// Throws a Failure when it is not JSON.
inference::ModelSummary described(ledger::ByteView description);

struct CardFacts {
    std::string name;
    std::string semver;
    std::string description;
    std::string license;
    std::vector<std::string> labels;
    std::vector<Metric> metrics;
    std::uint64_t samples = 0;
};

/// {"inputs":[{name,datatype,shape}],"outputs":[...]}: its canonical form is what io_schema hashes.
nlohmann::json io_json(const inference::ModelIo&);
/// What `model inspect` prints.
nlohmann::json summary_json(const inference::ModelSummary&);
/// The card of a version; its canonical form (RFC 8785) is what card_hash is the SHA-256 of.
nlohmann::json card_json(const inference::ModelSummary&, const CardFacts&);
/// SHA-256 of the canonical form.
ledger::Hash json_hash(const nlohmann::json&);

}  // namespace wallet::cli
