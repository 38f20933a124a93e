#pragma once

#include "wallet/client/http_client.hpp"

#include <string>
#include <string_view>

/// What the sources of PaidClient share.
namespace wallet {

// Reasons of a corrective 402, as the x402 packages spell them.
inline constexpr std::string_view cumulative_mismatch =
    "invalid_batch_settlement_evm_cumulative_amount_mismatch";
inline constexpr std::string_view cumulative_below =
    "invalid_batch_settlement_evm_cumulative_below_claimed";

Failure unverified(const std::string& what);

/// The failure that a 402 means: the reason in its PAYMENT-RESPONSE, else `error`, in words too.
Failure payment_refused(const HttpReply&, const std::string& error);

}  // namespace wallet
