#pragma once

#include "node/facilitator/facilitator_request.hpp"
#include "node/facilitator/settle_memory.hpp"
#include "node/payment/payment_checks.hpp"

#include <nlohmann/json.hpp>

namespace node {

struct FacilitatorTerms {
    /// A server whose word is taken for what a permit comes to: anybody else could settle a
    /// stranger's permit for next to nothing.
    struct Server {
        ledger::Hash key_sha256;
        ledger::Address pay_to;
    };
    ledger::Address account;     ///< pays the fees and settles permits
    ledger::Amount min_deposit;  ///< of a deposit that is worth relaying
    std::vector<Server> servers = {};
    CheckLimits checks = {};
};

/// Why a payment is not taken, in the words of the x402 packages.
struct Refused {
    std::string reason;
    std::string message = {};
    std::optional<ledger::Address> payer = {};
};

Refused make_refused(std::string_view reason, const std::optional<ledger::Address>& payer = {},
                     std::string message = {});

/// A payment that can be settled now.
struct Verified {
    ledger::Address payer;
    std::optional<market::ChannelId> channel = {};
};

/// The messages that settle a payment, to be sent one after the other, each once the one before is
/// final.
struct SettleOrder {
    struct Step {
        ledger::Hash key;  ///< for Settlements
        market::Message message;
        std::string_view failed;  ///< the reason when the ledger refuses it
    };
    /// What the payer signed, which settles once.
    struct Once {
        x402::Scheme scheme{};
        ledger::Address payer;
        ledger::Hash nonce;
        ledger::Hash digest;
    };
    std::vector<Step> steps;
    ledger::Amount cost;  ///< to the account: fees, and byte deposits that it will not see again
    std::optional<ledger::Address> payer = {};
    std::optional<ledger::Amount> amount = {};
    std::optional<market::ChannelId> channel = {};  ///< whose state the answer tells
    std::optional<Once> once = {};
    /// Set when there is nothing to send: it settled before, and the server has not heard.
    std::optional<ledger::TxId> settled = {};
    /// What the memory learns when all is final.
    std::vector<std::pair<ledger::Address, market::ChannelId>> claimed = {};
    std::vector<market::ChannelId> finalized = {};
    ledger::Address receiver = {};  ///< of what was finalized
};

/// What a facilitator says about payments to other servers, as @x402/evm 2.27 does: exact, upto,
/// and of batch-settlement deposits, claims, settlements and refunds that the receiver's authorizer
/// signed. Reads the ledger and sends nothing. Any thread.
class Facilitator {
public:
    template <class T>
    using Answer = ledger::Result<T, Refused>;

    /// The referred-to must outlive this.
    Facilitator(const market::Network&, const LedgerPort&, const SettleMemory&,
                const FacilitatorTerms&);

    /// The answer to GET /supported.
    nlohmann::json supported() const;
    /// `key`: SHA-256 of the key that the asking server has shown, empty for none.
    Answer<Verified> verify(const FacilitatorRequest&,
                            const std::optional<ledger::Hash>& key) const;
    Answer<SettleOrder> order(const FacilitatorRequest&,
                              const std::optional<ledger::Hash>& key) const;
    /// Whether this very payment is on the ledger.
    bool is_settled(const SettleOrder::Once&) const;
    /// What a channel's state is called in `extra`.
    nlohmann::json channel_json(const market::ChannelId&) const;

    const std::string& network_name() const { return network_name_; }

private:
    Answer<void> check_requirements(const FacilitatorRequest&,
                                    const std::optional<ledger::Hash>& key) const;
    Answer<void> check_single_payment(const Requirements&, const SinglePayment&,
                                      ledger::Amount amount) const;
    Answer<Verified> verify_batch(const Requirements&, const x402::BatchPayload&) const;
    Answer<SettleOrder> order_single(const Requirements&, const SinglePayment&) const;
    Answer<SettleOrder> order_deposit(const Requirements&, const x402::BatchPayload&) const;
    Answer<SettleOrder> order_claim(const ClaimAction&) const;
    Answer<SettleOrder> order_settle(const SettleAction&) const;
    Answer<SettleOrder> order_refund(const RefundAction&) const;
    Answer<void> add_claim(SettleOrder&, const ClaimAction&) const;
    void add_finalize(SettleOrder&, const std::vector<market::ChannelId>&) const;
    void add_step(SettleOrder&, const ledger::Hash& key, market::Message,
                  std::string_view failed) const;
    bool window_over(const market::Channel&) const;

    const market::Network& network_;
    const LedgerPort& ledger_;
    const SettleMemory& memory_;
    FacilitatorTerms terms_;
    std::string network_name_;
};

}  // namespace node
