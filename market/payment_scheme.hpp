#pragma once

#include <string_view>

namespace market {

/// How a call is paid for, by the names that x402 version 2 gives the schemes.
enum class PaymentScheme {
    batch,  ///< "batch-settlement": vouchers of a channel
    exact,  ///< "exact": a transfer for this call alone
    upto,   ///< "upto": a permit for this call alone, settled at what was done
    chain,  ///< "hash-chain", ours: links shown on a channel
};
std::string_view name_of(PaymentScheme scheme);

}  // namespace market
