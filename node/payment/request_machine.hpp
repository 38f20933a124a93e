#pragma once

#include "node/http/http_error.hpp"
#include "node/payment/answer_shelf.hpp"
#include "node/payment/channel_book.hpp"
#include "node/payment/payment_answers.hpp"

#include <array>
#include <chrono>
#include <span>
#include <variant>

namespace node {

struct PaymentTimes {
    std::chrono::milliseconds body{30'000};
    std::chrono::milliseconds run{60'000};
    std::chrono::milliseconds last_write{60'000};  ///< at most, to a slow reader, when that is over
    std::chrono::milliseconds remember{600'000};   ///< calls named by their voucher
    std::chrono::milliseconds remember_id{86'400'000};  ///< calls named by a payment identifier
};

/// Everything a paid request touches; each outlives the machines that use it.
struct PaymentServices {
    const market::Network& network;
    const HostIdentity& host;
    const Offers& offers;
    const PaymentAnswers& answers;
    LedgerPort& ledger;
    ChannelBook& book;
    AnswerShelf& shelf;
    const PaymentJournal& journal;
    PaymentTimes times = {};
    CheckLimits checks = {};
};

/// Units of each kind that a call used, by market::Unit.
using UnitCounts = std::array<std::uint64_t, 7>;

/// A call that the model answered.
struct Served {
    Response response;
    market::Version ver;
    UnitCounts units{};
    /// Set when the caller has the head of the answer and so many bytes of its body: it is charged,
    /// whoever hung up or whatever the time. What is left is given once that is durable.
    std::optional<std::size_t> sent = {};
};
/// A call that failed, timed out or was shed: its answer, uncharged.
struct Failed {
    Response response;
};
using RunResult = std::variant<Served, Failed>;

enum class Stage {
    quoted,    ///< nothing is held
    reserved,  ///< the channel is held; the body is awaited
    settling,  ///< a deposit, refund or single payment is on its way to the ledger
    running,
    charging,  ///< voucher, charge and receipt are being made durable
    answered,
    refused,
    rolled_back,  ///< held and given back; nothing was charged
};

/// What the driver does next.
struct Answer {
    Response response;
};
struct ReadBody {};
struct Run {
    std::optional<market::Version> only = {};  ///< empty: any version of the resource
    /// Whether the answer may leave while it is made, up to its end. A payment for one call moves
    /// money only afterwards, so that its answer is withheld as a whole.
    bool may_stream = true;
};
/// Hand to `Settlements`, report with `on_submitted` and `on_settled`.
struct Settle {
    ledger::Hash key;
    market::Message message;
};
struct Write {
    JournalBatch batch;
};
using Action = std::variant<Answer, ReadBody, Run, Settle, Write>;

/// One request from its head to its answer (market.md 4). It decides, a driver carries: each call
/// below returns the one thing to do next, whose result comes back by another call. Nothing is
/// charged before voucher, charge and receipt are durable, and nothing is answered before that, or
/// of a stream not its end; whatever fails earlier leaves the channel as it was.
///
/// One thread at a time; different machines may run at once. Destroying it gives back what it
/// holds.
class RequestMachine {
public:
    struct Now {
        ledger::TimeMs wall;
        Clock::Steady steady;
    };

    RequestMachine(const PaymentServices& services, PaidResource resource);
    ~RequestMachine();
    RequestMachine(const RequestMachine&) = delete;
    RequestMachine& operator=(const RequestMachine&) = delete;

    /// `headers`: every PAYMENT-SIGNATURE the request has.
    Action start(std::span<const std::string_view> headers, Now);
    Action on_body(ledger::Bytes body, Now);
    Action on_body_refused(const HttpError&);
    /// In place of `on_body`: nothing that is asked for can be made of it.
    Action on_body_unfit(Response);
    Action on_ran(RunResult, Now);
    /// Empty: go on waiting.
    std::optional<Action> on_submitted(const ledger::Result<ledger::TxId>&);
    Action on_settled(Settled, Now);
    Action on_written(const ledger::Result<void>&, Now);
    /// Empty when it is too late to stop: the answer will come.
    std::optional<Action> on_deadline(Now);
    /// The caller hung up: true when all is given back and the run can be stopped; false when it
    /// is too late for that, and the rest has to be done for the caller who asks again.
    bool on_caller_gone();

    Stage stage() const { return stage_; }
    /// Who pays, once the body is asked for; empty when the call was paid for before.
    std::optional<ledger::Address> payer_of_new_call() const;
    const ledger::Bytes& body() const { return body_; }
    /// Whether money moves before anything runs: then the body should be looked at before.
    bool moves_money_first() const { return deposit_due_ && !replaying_; }
    /// Served::sent of the call that ran.
    std::optional<std::size_t> sent() const { return sent_; }
    /// When to call `on_deadline`; meaningful while settling or running.
    Clock::Steady deadline() const { return deadline_; }

private:
    enum class Flow { none, voucher, single, refund, chain };
    /// Which write is under way.
    enum class Writing { none, charge, chain_charge, closing, unsettled, settled, dropped };

    Action start_batch(x402::BatchPayload, Now);
    Action start_chain(x402::ChainPayload, Now);
    Action start_refund(Now);
    Action start_single(SinglePayment, Now);
    Action reserve(Now);
    Action read_body();
    Action run(Now);
    Action settle(ledger::Hash key, market::Message, Now);
    Action replay(Now);
    Action replay_batch(Now);
    Action give_stored();
    Action charge_voucher(Served, Now);
    Action charge_chain(Served, Now);
    Action charge_single(Served, Now);
    /// Checks what a chain's first call, or a later one, shows.
    Check check_opening() const;
    Check check_link(const OpenChain&) const;
    Check check_links(const market::ChainTerms&, std::uint32_t used,
                      const ledger::Hash& from) const;
    /// Whether balance and deposit cover the ceiling; finds whether the deposit is due.
    Check check_money();
    /// Signs a batch and adds it to what is written.
    x402::SignedBatch sign_batch(JournalBatch&, market::BatchReceipt, Now) const;
    JournalWrite keep(std::string_view table, ledger::Bytes value) const;
    Action deposit_settled(Settled, Now);
    /// The header for a call that was not charged though its deposit is in; `reason` as in a
    /// refusal, empty when the payment was good.
    std::string told_of_deposit(std::string_view reason) const;
    Action single_settled(Settled, Now);
    Action finish_single(Now);
    /// What became of the payment that a remembered call was first to be paid by.
    enum class Other { same, paid, pending, lost };
    ledger::Result<Other> paid_otherwise();
    bool was_paid() const;
    ledger::Bytes single_receipt() const;
    ledger::Result<ReceiptRecord> stored_receipt() const;
    Action refund_settled(Settled, Now);
    Action send_refund(Now);

    Action refuse(const x402::Refusal&, Now);
    Action refuse(std::string_view reason, Now now);
    Action fail(unsigned status, std::string code, std::string message);
    Action finish(Stage, Response);
    void give_back();

    Standing look(const market::ChannelId&) const;
    bool begin(const CallKey&);
    market::UsageReceipt receipt_for(const Served&, const ledger::Hash& sheet, Now) const;
    struct Price {
        market::Amount amount;
        ledger::Hash sheet;
        std::vector<std::uint64_t> units;
    };
    std::optional<Price> price(const Served&) const;
    void store_call(JournalBatch&, CallRecord&, const Response&, Now);
    std::optional<x402::SignedServedCall> served_call(const ledger::Address& payer, Now) const;

    const PaymentServices& services_;
    PaidResource resource_;
    Stage stage_ = Stage::quoted;
    Flow flow_ = Flow::none;
    Writing writing_ = Writing::none;
    Clock::Steady deadline_{};

    std::optional<std::string> payment_id_;
    bool wants_receipt_ = false;
    Taken taken_;
    x402::BatchPayload batch_;
    x402::ChainPayload chain_;
    SinglePayment single_;
    ledger::Hash paying_digest_;          ///< of the payment that pays, or has paid, for the call
    std::optional<ledger::Bytes> stale_;  ///< key of a receipt whose payment can come no more
    bool offered_ = true;                 ///< what was taken is on offer; else only a replay
    Standing standing_;
    CallKey key_;             ///< what this call will be remembered by
    bool replaying_ = false;  ///< it was remembered when the head came
    bool deposit_due_ = false;
    bool deposit_is_in_ = false;  ///< by the transaction that this request sent
    std::optional<ledger::TxId> transaction_;
    std::optional<Lease> lease_;
    std::vector<CallKey> working_;

    ledger::Bytes body_;
    ledger::Hash body_hash_;
    ledger::Hash fingerprint_;
    std::optional<Response> response_;
    std::optional<std::size_t> sent_;
    ReceiptRecord receipt_;
    ChannelRecord next_;
    ChainCharge chain_charge_;
    ledger::Hash leaf_;  ///< of the record of a call paid by links
    CallRecord call_;
    market::Amount refund_;
};

}  // namespace node
