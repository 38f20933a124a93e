#pragma once

#include "node/facilitator/facilitator.hpp"
#include "node/facilitator/facilitator_limits.hpp"
#include "node/http/router.hpp"
#include "node/payment/settlements.hpp"

namespace node {

/// Everything the routes touch; each outlives the server.
struct FacilitatorParts {
    const Facilitator& facilitator;
    SettleMemory& memory;
    FeeBudget& budget;
    CallerQuota& quota;
    LedgerPort& ledger;
    Settlements& settlements;
    const Clock& clock;
    std::chrono::seconds patience{60};  ///< for one transaction to become final
};

/// GET /supported, POST /verify and POST /settle, as HTTPFacilitatorClient of @x402/core 2.27 asks.
void add_facilitator_routes(Router&, const FacilitatorParts&);

}  // namespace node
