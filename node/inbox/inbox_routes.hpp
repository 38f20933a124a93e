#pragma once

#include "ledger/store/block_store.hpp"
#include "market/network.hpp"
#include "node/blobs/store/batch_store.hpp"
#include "node/env/clock.hpp"
#include "node/http/metrics.hpp"
#include "node/http/router.hpp"
#include "node/inbox/inbox.hpp"
#include "node/serving/caller_limits.hpp"
#include "node/serving/operator_gate.hpp"

namespace node {

struct InboxParts {
    const market::Network& network;
    const ledger::BlockStore& store;
    Inbox& inbox;
    BatchStore& batches;
    const OperatorGate& gate;
    CallerLimits& callers;
    InboxCounts& counts;
    const Clock& clock;
};

/// What devices bring, under /v1/datasets/{dataset}/inbox. The parts outlive the router.
void add_inbox_routes(Router&, const InboxParts&);
void add_inbox_metrics(Metrics&, const Inbox&, const InboxCounts&);

}  // namespace node
