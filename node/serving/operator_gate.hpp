#pragma once

#include "ledger/crypto/secret.hpp"
#include "node/http/exchange.hpp"

#include <optional>

namespace node {

/// Knows the operator of this node by a bearer token (RFC 6750 2.1). Any thread.
class OperatorGate {
public:
    explicit OperatorGate(ledger::SecretBytes token) : token_{std::move(token)} {}

    /// Empty for the operator. Otherwise 401, with WWW-Authenticate, without a token; 403 with
    /// another one.
    std::optional<HttpError> refusal(Exchange& exchange) const;
    bool is_operator(const Exchange& exchange) const;

private:
    ledger::SecretBytes token_;
};

}  // namespace node
