#pragma once

#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "market/messages/channel.hpp"
#include "market/messages/transfer.hpp"
#include "market/network.hpp"
#include "market/payment_scheme.hpp"
#include "wallet/client/failure.hpp"
#include "wallet/client/http_client.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

/// The paying side of x402 version 2: the schemes batch-settlement, exact and upto, as npm
/// @x402/evm 2.27 has them. Pure.
namespace wallet::x402 {

using Scheme = market::PaymentScheme;
using market::name_of;

/// One entry of `accepts` that this wallet can pay.
struct Offer {
    nlohmann::json entry;  ///< as received; goes back unchanged
    Scheme scheme = Scheme::batch;
    ledger::Amount amount;
    ledger::Address pay_to;
    std::uint64_t max_timeout_s = 60;
    ledger::Address facilitator;          ///< upto only
    ledger::Address receiver_authorizer;  ///< of a channel only, as the rest
    std::uint64_t withdraw_delay_s = 0;
    ledger::Amount min_deposit;
};

/// What a host tells about a channel, in a success or in a corrective 402.
struct ChannelWord {
    ledger::Amount balance;
    ledger::Amount total_claimed;
    ledger::Amount charged;  ///< cumulative
};

/// A chain of ours as a host has seen it: with the link, it proves up to where we showed it.
struct ChainWord {
    market::ChainTerms terms;
    ledger::Signature signature;
    std::uint32_t index{};
    ledger::Hash link;
};

struct Required {
    std::string error;
    nlohmann::json resource;
    std::vector<Offer> offers;
    std::optional<ChannelWord> channel;        ///< corrective only
    std::optional<ledger::Amount> signed_max;  ///< voucherState
    std::optional<ledger::Signature> signed_signature;

    std::optional<ChainWord> chain;  ///< chainState

    /// The first offer of that scheme; null when there is none.
    const Offer* offer_for(Scheme) const;
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
    std::optional<market::UsageReceipt> record;  ///< of a call paid by links; signed in a batch
    struct Batch {
        market::BatchReceipt receipt;
        ledger::Signature signature;
    };
    std::vector<Batch> batches;
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

/// A Permit2 signature by which the offer's facilitator settles at most its amount.
market::PermitSettle sign_permit(const market::Network&, const Offer&, std::uint64_t deadline,
                                 const ledger::Hash& nonce, const ledger::SecretKey&);

/// Values of PAYMENT-SIGNATURE.
std::string voucher_header(const Offer&, const nlohmann::json& resource,
                           const market::ChannelConfig&, const Voucher&,
                           const std::optional<market::ChannelDeposit>&);
/// The first call of a chain, and a later one: `amount` is the offer's.
std::string chain_header(const Offer&, const nlohmann::json& resource, const market::ChannelConfig&,
                         const market::ChainTerms&, const ledger::Signature&,
                         const market::ChannelId&, std::uint32_t index, const ledger::Hash& link,
                         const std::optional<market::ChannelDeposit>&);
std::string link_header(ledger::Amount amount, const market::ChannelId&, std::uint32_t index,
                        const ledger::Hash& link);
std::string refund_header(const Offer&, const nlohmann::json& resource,
                          const market::ChannelConfig&, const Voucher&,
                          std::optional<ledger::Amount> amount);
std::string exact_header(const Offer&, const nlohmann::json& resource,
                         const market::TransferWithAuth&);
std::string upto_header(const Offer&, const nlohmann::json& resource, const market::PermitSettle&);

}  // namespace wallet::x402
