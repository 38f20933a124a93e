#pragma once

#include "node/core/ledger_service.hpp"
#include "node/http/metrics.hpp"
#include "node/http/router.hpp"
#include "node/transport/peer_network.hpp"

namespace node {

/// What operators ask about peers and consensus; all of it outlives the router.
struct PeerRouteParts {
    PeerNetwork& network;
    LedgerService& ledger;
};

/// GET /v1/peers and /v1/consensus.
void add_peer_routes(Router&, const PeerRouteParts&);
/// millrace_peer_* and millrace_consensus_*.
void add_peer_metrics(Metrics&, const PeerRouteParts&);

}  // namespace node
