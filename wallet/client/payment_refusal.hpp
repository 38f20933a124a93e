#pragma once

#include "wallet/client/http_client.hpp"
#include "wallet/client/paid_client.hpp"

#include <string>
#include <string_view>

/// What the sources of PaidClient share.
namespace wallet {

// Reasons of a corrective 402, as the x402 packages spell them.
inline constexpr std::string_view cumulative_mismatch =
    "invalid_batch_settlement_evm_cumulative_amount_mismatch";
inline constexpr std::string_view cumulative_below =
    "invalid_batch_settlement_evm_cumulative_below_claimed";

// Those of our own scheme hash-chain.
inline constexpr std::string_view chain_unknown = "invalid_hash_chain_unknown";
inline constexpr std::string_view chain_index = "invalid_hash_chain_index";

/// Another call holds the channel.
inline constexpr std::string_view busy = "invalid_batch_settlement_evm_channel_busy";
/// The offer is of a price that is no more.
inline constexpr std::string_view not_offered = "accepted_not_offered";

/// `payment_refused` where the offer is dearer than the terms allow.
Outcome<void> check_price(const x402::Offer&, const PaymentTerms&);

Failure unverified(const std::string& what);

/// The offer that a channel of these terms pays; null when there is none.
const x402::Offer* offer_of(const x402::Required&, const market::ChannelConfig&);

/// The failure that a 402 means: the reason in its PAYMENT-RESPONSE, else `error`, in words too.
Failure payment_refused(const HttpReply&, const std::string& error);

}  // namespace wallet
