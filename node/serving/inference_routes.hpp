#pragma once

#include "node/http/router.hpp"
#include "node/payment/paid_exchange.hpp"
#include "node/serving/inference_call.hpp"

#include <functional>
#include <string>

namespace node {

/// What the routes under /v2 use; all of it outlives the router.
struct ServingParts {
    const Catalog& catalog;
    LedgerPort& ledger;
    const market::Network& network;
    ledger::Random& random;
    const Clock& clock;
    Metrics& metrics;
    const Offers* offers = nullptr;  ///< null: no model here has a price
    PaidExchanges* payments = nullptr;
    std::string server_name = {};
    std::string server_version = {};
    std::string public_url = {};  ///< scheme and authority under which callers reach this node
    std::function<bool()> ready = {};
    ServingLimits limits = {};
    /// Targets of an alias now, the likeliest first; empty when there is none.
    std::function<std::vector<market::Version>(const market::ModelId&, const std::string& alias)>
        alias_targets = {};
};

/// Open Inference Protocol v2, and POST /v1/quote.
void add_inference_routes(Router&, const ServingParts&);

}  // namespace node
