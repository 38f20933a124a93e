#include "node/serving/operator_gate.hpp"

namespace node {

bool OperatorGate::is_operator(const Exchange& exchange) const
{
    return ledger::equal_in_constant_time(ledger::as_bytes(exchange.head().bearer_token()),
                                          token_.view());
}

std::optional<HttpError> OperatorGate::refusal(Exchange& exchange) const
{
    if (is_operator(exchange)) return {};
    if (exchange.head().header("Authorization"))
        return HttpError{403, "forbidden", "this is not the token of the node's operator"};
    exchange.add_header("WWW-Authenticate", "Bearer");
    return HttpError{401, "unauthorized", "this is for the node's operator: send its token"};
}

}  // namespace node
