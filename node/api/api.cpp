#include "node/api/api.hpp"

#include "node/api/answers.hpp"

namespace node {

void add_api_routes(Router& router, const ApiParts& parts)
{
    add_ledger_routes(router, parts);
    add_proof_routes(router, parts);
    add_transaction_routes(router, parts);
    add_market_routes(router, parts);
    add_data_routes(router, parts);
    add_lease_routes(router, parts);
    add_label_routes(router, parts);
    add_rpc_route(router, parts);
}

}  // namespace node
