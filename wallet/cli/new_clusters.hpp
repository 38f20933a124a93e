#pragma once

#include "wallet/cli/session.hpp"

namespace wallet::cli {

/// What `model new --kind kmeans` is told.
struct ClusterOptions {
    std::string data;
    std::vector<std::int64_t> input;  ///< shape of a sample; empty: one row of whatever it has
    std::string count = "2..10";
    std::vector<std::string> ignored;
    std::string threshold;
    std::uint64_t seed = 0;
};

/// Finds clusters and writes them as a model; adds to `document` how many, the radius and what each
/// number of clusters came to. Throws.
ledger::Bytes cluster_model(const ClusterOptions& options, json& document);

}  // namespace wallet::cli
