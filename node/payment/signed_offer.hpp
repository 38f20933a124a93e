#pragma once

#include "ledger/crypto/secp256k1.hpp"
#include "node/payment/x402_wire.hpp"

#include <nlohmann/json.hpp>

#include <string>

/// The x402 extension `offer-receipt`, version 1, in its EIP-712 form: what a server offered and
/// that it served, signed by its key. Its domains are on chain 1 whatever the network.
namespace node::x402 {

/// `entry` is element `index` of `accepts`; `valid_until` in seconds since the epoch.
nlohmann::json signed_offer(const nlohmann::json& entry, std::size_t index, const std::string& url,
                            std::uint64_t valid_until, const ledger::SecretKey& key);

/// Signs what a call was: the receipt of the extension.
SignedServedCall signed_receipt(ServedCall call, const ledger::SecretKey& key);

}  // namespace node::x402
