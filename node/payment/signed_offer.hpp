#pragma once

#include "ledger/crypto/secp256k1.hpp"

#include <nlohmann/json.hpp>

#include <string>

/// The x402 extension `offer-receipt`, version 1, in its EIP-712 form: what a server offered and
/// that it served, signed by its key. Its domains are on chain 1 whatever the network.
namespace node::x402 {

/// `entry` is element `index` of `accepts`; `valid_until` in seconds since the epoch.
nlohmann::json signed_offer(const nlohmann::json& entry, std::size_t index, const std::string& url,
                            std::uint64_t valid_until, const ledger::SecretKey& key);

struct ServedCall {
    std::string network;
    std::string url;
    std::string payer;
    std::uint64_t issued_at{};  ///< seconds since the epoch
    std::string transaction;    ///< empty for none
};
nlohmann::json signed_receipt(const ServedCall&, const ledger::SecretKey& key);

}  // namespace node::x402
