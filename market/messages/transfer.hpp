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

/// The most that a permit lets move, and of what.
struct PermittedAmount {
    Address token;
    Amount amount;
    friend bool operator==(const PermittedAmount&, const PermittedAmount&) = default;
};
MILLRACE_DESCRIBE(PermittedAmount, (token, amount))

/// What a permit of x402's scheme `upto` binds besides.
struct PermitWitness {
    Address to;
    Address facilitator;          ///< the only one who may send it
    std::uint64_t valid_after{};  ///< seconds of block time, inclusive
    friend bool operator==(const PermitWitness&, const PermitWitness&) = default;
};
MILLRACE_DESCRIBE(PermitWitness, (to, facilitator, valid_after))

/// Settles a Permit2 signature of x402's scheme `upto` at `actual`, the price of what was done.
struct PermitSettle {
    PermittedAmount permitted;
    Address from;
    Address spender;           ///< x402's proxy
    Hash nonce;                ///< Permit2's uint256, big-endian: any number, each once
    std::uint64_t deadline{};  ///< seconds of block time, inclusive; at most 7 days ahead
    PermitWitness witness;
    Signature signature;
    Amount actual;
    friend bool operator==(const PermitSettle&, const PermitSettle&) = default;
};
MILLRACE_DESCRIBE(PermitSettle,
                  (permitted, from, spender, nonce, deadline, witness, signature, actual))

}  // namespace market
