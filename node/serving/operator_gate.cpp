#include "node/serving/operator_gate.hpp"

#include <algorithm>

namespace node {
namespace {

/// What stands behind "Bearer", whose case does not matter; empty when the scheme is another.
std::string_view bearer_token(std::string_view header)
{
    constexpr std::string_view scheme = "bearer ";
    if (header.size() < scheme.size()) return {};
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
    if (!std::equal(scheme.begin(), scheme.end(), header.begin(),
                    [&](char a, char b) { return a == lower(b); }))
        return {};
    header.remove_prefix(scheme.size());
    while (header.starts_with(' ')) header.remove_prefix(1);
    return header;
}

}  // namespace

bool OperatorGate::is_operator(const Exchange& exchange) const
{
    const auto header = exchange.head().header("Authorization");
    return header && exchange.head().header_count("Authorization") == 1 &&
           ledger::equal_in_constant_time(ledger::as_bytes(bearer_token(*header)), token_.view());
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
