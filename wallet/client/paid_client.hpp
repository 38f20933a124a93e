#pragma once

#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "market/state/records.hpp"
#include "wallet/client/channel_folder.hpp"
#include "wallet/client/ledger_client.hpp"
#include "wallet/client/x402.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace wallet {

struct PaymentTerms {
    /// How long what is signed can be sent to the ledger.
    static constexpr std::uint64_t authorization_s = 3600;

    ledger::Amount most = ledger::Amount::micros(1'000'000);  ///< for one call; above: refused
    std::optional<ledger::Amount> deposit;       ///< for a new or short channel; empty: ten calls
    std::optional<ledger::Amount> most_deposit;  ///< where the host wants more: refused
    x402::Scheme pay = x402::Scheme::batch;
    unsigned attempts = 3;              ///< of the same payment after a lost answer
    unsigned lanes = 16;                ///< channels to one receiver used side by side
    std::chrono::seconds patience{60};  ///< for a deposit or transfer to become final
    /// Called before a payment is sent, each time one is. What fails before its first call cost
    /// nothing; what fails behind it may have. Empty: nobody wants to know.
    std::function<void()> before_paying = {};
};

/// A call that was answered with 200.
struct PaidAnswer {
    HttpReply reply;
    bool free = false;  ///< the host asked for no payment; nothing below is set
    x402::Scheme scheme = x402::Scheme::batch;
    ledger::Amount charged;
    ledger::Amount deposited;
    market::ChannelId channel;  ///< of a payment for this call alone: the digest that was signed
    x402::Voucher voucher;      ///< of a channel; zero with links
    SignedReceipt receipt;
    std::string transaction;  ///< of a deposit or transfer; empty for none
};

/// Pays for HTTP calls by x402 and keeps account of it: what was signed is on disk before it is
/// sent, and what was charged before the answer is given back. A payment whose answer was lost is
/// repeated unchanged, which costs nothing more, also by the next run of the program.
///
/// Believes no host: the offer must be in the network's own asset and within `most`; receipts must
/// be signed by the channel's receiverAuthorizer, for exactly these bodies, and add up; a host's
/// count after a loss is taken only up to what this key has signed.
class PaidClient {
public:
    struct Parts {
        const LedgerClient& ledger;
        SharedNetwork network;
        const ledger::SecretKey& key;
        ChannelFolder channels;
        ledger::Random& random;
        std::function<std::uint64_t()> now_s;  ///< Unix time
        std::function<void(std::chrono::milliseconds)> sleep;
        std::function<void(const std::string&)> progress;  ///< for people; one line
    };

    explicit PaidClient(Parts parts);

    /// Sends `request` and pays for it when asked to. Failures beside those of the calls:
    /// `payment_refused` with the host's reason, `unverified` for a receipt that does not hold
    /// (what was charged is then written down all the same).
    Outcome<PaidAnswer> call(const HttpRequest& request, const PaymentTerms& terms) const;

    /// Asks the host to give back what no claim needs, or `amount` of it; what was given back.
    /// `proven` is what the ledger has of the channel, by proof: from this it goes on where this
    /// wallet keeps nothing of the channel, because its home was lost or another client opened it.
    Outcome<x402::Paid> refund(const market::ChannelId&, std::optional<ledger::Amount> amount,
                               const std::optional<market::Channel>& proven = {}) const;

private:
    struct Channel {
        market::ChannelId id;
        ChannelFile file;
        ChannelFolder::Lock lock;
        bool is_found = false;  ///< on the ledger alone, with a proof of what it has settled
    };

    Outcome<PaidAnswer> call_single(const HttpRequest&, const x402::Required&,
                                    const PaymentTerms&) const;
    PendingTransfer sign_single(const x402::Offer&, const nlohmann::json& resource) const;
    Outcome<PaidAnswer> settle_single(const HttpRequest&, const x402::Required&,
                                      const PendingTransfer&, const HttpReply&) const;
    Outcome<PaidAnswer> call_batch(const HttpRequest&, x402::Required, const PaymentTerms&) const;
    Outcome<PaidAnswer> call_chain(const HttpRequest&, x402::Required, const PaymentTerms&) const;
    Outcome<std::optional<PaidAnswer>> call_open_chain(const HttpRequest&,
                                                       const PaymentTerms&) const;
    Outcome<PendingLink> prepare_link(Channel&, const HttpRequest&, const ledger::Hash& wanted,
                                      const x402::Offer&, const nlohmann::json& resource,
                                      const PaymentTerms&) const;
    Outcome<void> settle_lost_link(Channel&) const;
    using Deposit = std::optional<market::ChannelDeposit>;
    Outcome<Deposit> begin_chain(Channel&, const x402::Offer&, const PaymentTerms&) const;
    /// Writes down what is about to be shown.
    Outcome<PendingLink> show(Channel&, const HttpRequest&, PendingLink) const;
    Outcome<PaidAnswer> settle_chain(Channel&, const HttpRequest&, HttpReply,
                                     const PendingLink&) const;
    Outcome<void> take_batches(Channel&, const x402::Paid&) const;
    Outcome<PendingCall> prepare(Channel&, const HttpRequest&, const ledger::Hash& wanted,
                                 const x402::Offer&, const nlohmann::json& resource,
                                 const PaymentTerms&) const;
    Outcome<ChannelFile> find_channel(const market::ChannelId&,
                                      const market::Channel& proven) const;
    Outcome<std::string> find_target(const market::ChannelConfig&) const;
    Outcome<Channel> take_channel(const x402::Offer&, const PaymentTerms&) const;
    Outcome<ledger::Amount> cover_of(const Channel&) const;
    Outcome<ledger::Amount> deposit_for(const Channel&, const x402::Offer&, ledger::Amount cover,
                                        ledger::Amount ceiling, const PaymentTerms&) const;
    Outcome<void> adopt(Channel&, const x402::Required&) const;
    /// What was done about 402s of one call so far.
    struct Corrections {
        unsigned made = 0;
        unsigned waits = 0;
    };
    /// Takes over what a 402 to a payment on a channel says, so that the call may be made again,
    /// on the terms that `required` holds then. An error: it may not.
    Outcome<void> correct(Channel&, x402::Scheme, const HttpReply&, x402::Required& required,
                          Corrections&) const;
    Outcome<HttpReply> send(HttpRequest, const std::string& header, const PaymentTerms&) const;
    Outcome<PaidAnswer> settle(Channel&, const HttpRequest&, HttpReply, const x402::Voucher&) const;

    Parts parts_;
};

/// The SHA-256 by which a pending payment knows its request again.
ledger::Hash request_hash(const HttpRequest&);

/// `unverified` unless the receipt is signed by `signer`, is of this channel, and its hashes are
/// those of the two bodies.
Outcome<void> check_receipt(const market::Network&, const market::UsageReceipt&,
                            const ledger::Signature&, const ledger::Address& signer,
                            const market::ChannelId&, ledger::ByteView request_body,
                            ledger::ByteView response_body);

}  // namespace wallet
