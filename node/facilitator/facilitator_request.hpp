#pragma once

#include "node/payment/x402_wire.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace node {

struct FacilitatorLimits {
    static constexpr std::size_t body_bytes = 128 << 10;
    static constexpr unsigned depth = 14;
    static constexpr std::size_t claims = 64;  ///< in one request, as in a ChannelClaim
};

/// What a server asks for, `paymentRequirements`.
struct Requirements {
    x402::Scheme scheme{};
    std::string network;
    ledger::Address asset;
    ledger::Address pay_to;
    ledger::Amount amount;
    std::uint64_t max_timeout_s = 0;
    std::optional<std::string> name;  ///< of `extra`, as the rest
    std::optional<std::string> version;
    std::optional<ledger::Address> receiver_authorizer;
    std::optional<std::uint64_t> withdraw_delay;
};

/// Vouchers to claim with, as servers of the scheme batch-settlement collect them.
struct ClaimAction {
    std::vector<market::ClaimRow> rows;
    std::optional<market::Signature> signature;  ///< the receiver authorizer's
};
/// Let the receiver have what was claimed for it.
struct SettleAction {
    ledger::Address receiver;
    ledger::Address token;
};
struct RefundAction {
    market::ChannelConfig config;
    ledger::Amount amount;
    std::uint64_t nonce{};
    ClaimAction claims;
    std::optional<market::Signature> signature;  ///< the receiver authorizer's
};

/// The body of POST /verify and /settle: a payment as its payer sent it, or what a server does with
/// the channels it was paid by.
struct FacilitatorRequest {
    std::variant<x402::Payment, ClaimAction, SettleAction, RefundAction> payment;
    Requirements requirements;
};

/// Takes any bytes. Status 400: no such body; 402: a payment that cannot be taken, and why.
ledger::Result<FacilitatorRequest, x402::Refusal> decode_facilitator_request(std::string_view body);

}  // namespace node
