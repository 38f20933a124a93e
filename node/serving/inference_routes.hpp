#pragma once

#include "node/http/router.hpp"
#include "node/payment/paid_exchange.hpp"
#include "node/payment/pass_book.hpp"
#include "node/serving/inference_call.hpp"
#include "node/serving/job_thread.hpp"
#include "node/serving/model_keeper.hpp"
#include "node/serving/operator_gate.hpp"

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
    std::function<ServingLimits()> limits = [] { return ServingLimits{}; };
    /// Targets of an alias now, those in service; empty when there is none.
    std::function<std::vector<market::AliasTarget>(const market::ModelId&,
                                                   const std::string& alias)>
        alias_targets = {};
    ResponseCache* cache = nullptr;   ///< null: no answers are kept
    CallerLimits* callers = nullptr;  ///< null: nobody is limited, and nothing given away
    PassBook* passes = nullptr;       ///< null: calls are not sold ahead
    OperatorGate* gate = nullptr;     ///< null: nobody is the operator
    ModelKeeper* keeper = nullptr;    ///< null: what is served stays as it is
    JobThread* jobs = nullptr;        ///< where the keeper works
    /// The model as the configuration says, with what `config` (a JSON object; empty: nothing)
    /// says otherwise. not_found, or invalid with what is wrong.
    std::function<ledger::Result<WantedModel>(const std::string& name, std::string_view config)>
        wanted = {};
};

/// Why a caller has to wait, with Retry-After on the answer; else what it may do until `permit`
/// goes.
std::optional<HttpError> take_permit(const ServingParts&, Exchange&, const CallerKey&,
                                     const CallerLimit&, CallerLimits::Permit& permit);

/// The model that the path names, loaded where it was idle; null: the request was refused.
asio::awaitable<std::shared_ptr<const ServedModel>> loaded_model(const ServingParts&, Exchange&);

/// A handler about one version of the model that the path names, by default the newest. An idle
/// model is loaded first; one that is not here is refused.
Router::Handle with_version(
    const ServingParts&,
    std::function<Response(const Exchange&, const ServedModel&, const ServedVersion&)> make);

/// Open Inference Protocol v2, and POST /v1/quote.
void add_inference_routes(Router&, const ServingParts&);

}  // namespace node
