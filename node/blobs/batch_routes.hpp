#pragma once

#include "node/blobs/background.hpp"
#include "node/blobs/byte_rates.hpp"
#include "node/blobs/fetch/batch_fetches.hpp"
#include "node/blobs/wanted_roots.hpp"
#include "node/http/metrics.hpp"
#include "node/serving/operator_gate.hpp"

namespace node {

struct BatchRouteLimits {
    bool is_open = false;      ///< anybody may put any batch
    std::size_t at_once = 64;  ///< requests that hold a MiB each
    std::uint32_t of_caller_at_once = 8;
};

struct BatchParts {
    BatchStore& store;
    Background& background;
    BatchFetches& fetches;
    const WantedRoots& wanted;
    const OperatorGate& gate;
    CallerLimits& callers;
    ByteRates& rates;
    BatchCounts& counts;
    const Clock& clock;
    BatchRouteLimits limits = {};
    /// Addresses of others who say they have a batch; may be empty.
    std::function<std::vector<std::string>(const ledger::Hash& root)> known_providers = {};
    Reach known_reach = Reach::public_alone;  ///< of these, which are strangers' words
};

/// What is kept under /v1/batches, and how it is put there. Whoever puts is the operator, or brings
/// a batch that is wanted, or anybody where the store is open. The parts outlive the router.
void add_batch_routes(Router&, const BatchParts&);
/// Fetching from other nodes, and listing and removing: for the operator.
void add_batch_operator_routes(Router&, const BatchParts&);

void add_batch_metrics(Metrics&, BatchStore&, const BatchFetches&, const BatchCounts&);

}  // namespace node
