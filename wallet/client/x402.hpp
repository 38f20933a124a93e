#pragma once

#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "market/messages/channel.hpp"
#include "market/messages/transfer.hpp"
#include "market/network.hpp"
#include "wallet/client/failure.hpp"
#include "wallet/client/http_client.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

/// The paying side of x402 version 2: the schemes batch-settlement and exact, as npm @x402/evm
/// 2.27 has them. Pure.
namespace wallet::x402 {

/// One entry of `accepts` that this wallet can pay.
struct Offer {
    nlohmann::json entry;  ///< as received; goes back unchanged
    bool exact = false;
    ledger::Amount amount;
    ledger::Address pay_to;
    std::uint64_t max_timeout_s = 60;
    ledger::Address receiver_authorizer;  ///< batch-settlement only, as the rest
    std::uint64_t withdraw_delay_s = 0;
    ledger::Amount min_deposit;
};

/// What a host tells about a channel, in a success or in a corrective 402.
struct ChannelWord {
    ledger::Amount balance;
    ledger::Amount total_claimed;
    ledger::Amount charged;  ///< cumulative
};

struct Required {
    std::string error;
    nlohmann::json resource;
    std::vector<Offer> offers;
    std::optional<ChannelWord> channel;        ///< corrective only
    std::optional<ledger::Amount> signed_max;  ///< voucherState
    std::optional<ledger::Signature> signed_signature;

    /// The first offer of that scheme; null when there is none.
    const Offer* offer_for(bool exact) const;
};

/// Reads PAYMENT-REQUIRED; entries of other networks, assets and schemes are left out.
/// `payment_refused` when it makes no sense.
Outcome<Required> read_required(std::string_view header, const market::Network&);

/// What PAYMENT-RESPONSE says.
struct Paid {
    bool success = false;
    std::string error_reason;
    std::string transaction;
    std::optional<ledger::Amount> amount;
    std::optional<ledger::Amount> charged;
    std::optional<ChannelWord> channel;
    std::optional<market::UsageReceipt> receipt;
    ledger::Signature receipt_signature;
};
Outcome<Paid> read_response(std::string_view header);

market::ChannelConfig config_for(const market::Network&, const Offer&, const ledger::Address& payer,
                                 std::uint64_t lane);

struct Voucher {
    market::ChannelId channel;
    ledger::Amount max_claimable;
    ledger::Signature signature;
};
Voucher sign_voucher(const market::Network&, const market::ChannelConfig&, ledger::Amount max,
                     const ledger::SecretKey&);

/// An EIP-3009 authorization for the deposit collector.
market::ChannelDeposit sign_deposit(const market::Network&, const market::ChannelConfig&,
                                    ledger::Amount amount, std::uint64_t valid_before,
                                    const ledger::Hash& salt, const ledger::SecretKey&);

market::TransferWithAuth sign_transfer(const market::Network&, const Offer&,
                                       std::uint64_t valid_before, const ledger::Hash& nonce,
                                       const ledger::SecretKey&);

/// Values of PAYMENT-SIGNATURE.
std::string voucher_header(const Offer&, const nlohmann::json& resource,
                           const market::ChannelConfig&, const Voucher&,
                           const std::optional<market::ChannelDeposit>&);
std::string refund_header(const Offer&, const nlohmann::json& resource,
                          const market::ChannelConfig&, const Voucher&,
                          std::optional<ledger::Amount> amount);
std::string exact_header(const Offer&, const nlohmann::json& resource,
                         const market::TransferWithAuth&);

}  // namespace wallet::x402
