#pragma once

#include "ledger/codec/describe.hpp"
#include "market/ids.hpp"

namespace market {

/// Moves tokens. To a split address it is a settlement; refused in a credit network.
struct Transfer {
    Address to;
    Amount amount;
    friend bool operator==(const Transfer&, const Transfer&) = default;
};
MILLRACE_DESCRIBE(Transfer, (to, amount))

/// EIP-3009 transferWithAuthorization, relayed by anyone (x402 scheme `exact`).
/// Times are seconds of block time; the signature is in the token's domain.
struct TransferWithAuth {
    Address from;
    Address to;
    Amount value;
    std::uint64_t valid_after{};
    std::uint64_t valid_before{};
    Hash nonce;
    Signature signature;
    friend bool operator==(const TransferWithAuth&, const TransferWithAuth&) = default;
};
MILLRACE_DESCRIBE(TransferWithAuth, (from, to, value, valid_after, valid_before, nonce, signature))

}  // namespace market
