#include "node/payment/request_machine.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "market/pricing.hpp"
#include "market/signing.hpp"
#include "node/payment/signed_offer.hpp"
#include "node/payment/x402_errors.hpp"

namespace node {

using ledger::Result;
using market::Amount;

RequestMachine::RequestMachine(const PaymentServices& services, PaidResource resource)
    : services_{services}, resource_{std::move(resource)}
{
}

RequestMachine::~RequestMachine()
{
    give_back();
}

Action RequestMachine::start(std::span<const std::string_view> headers, Now now)
{
    if (headers.empty())
        return finish(Stage::refused, services_.answers.payment_required(resource_, now.wall,
                                                                         x402::header_required));
    if (headers.size() > 1)
        return fail(400, "malformed_payment", "PAYMENT-SIGNATURE must come once");
    auto payment = x402::decode_payment(headers[0]);
    if (!payment) return refuse(payment.error(), now);
    payment_id_ = std::move(payment->payment_id);
    wants_receipt_ = payment->wants_receipt;
    const auto* asked = std::get_if<x402::BatchPayload>(&payment->payload);
    if (resource_.refunds_only && (!asked || asked->type != x402::PayloadType::refund)) {
        auto refused = fail(405, "method_not_allowed",
                            "a call is paid for with POST; GET tells the terms and refunds");
        std::get<Answer>(refused).response.with("Allow", "GET, HEAD, POST, OPTIONS");
        return refused;
    }
    if (services_.offers.terms().require_payment_id && !payment_id_)
        return fail(400, "payment_id_required", "this host requires a payment identifier");

    const auto head = services_.ledger.head();
    services_.offers.forget_old_prices(resource_, head.time);
    const auto* chain = std::get_if<x402::ChainPayload>(&payment->payload);
    const auto taken =
        services_.offers.match(payment->accepted, payment->amount, resource_, head.time,
                               chain ? services_.book.receiver(chain->channel) : std::nullopt);
    // A call that is remembered was paid at the price of its time.
    offered_ = taken.has_value();
    if (taken)
        taken_ = *taken;
    else
        taken_.amount = payment->amount;
    if (!head.current)
        return fail(503, "ledger_not_current", "the ledger is not current here; try again later");
    if (auto* batch = std::get_if<x402::BatchPayload>(&payment->payload))
        return start_batch(std::move(*batch), now);
    if (auto* links = std::get_if<x402::ChainPayload>(&payment->payload))
        return start_chain(std::move(*links), now);
    if (const auto* permit = std::get_if<market::PermitSettle>(&payment->payload))
        return start_single({services_.network, *permit}, now);
    return start_single({services_.network, std::get<market::TransferWithAuth>(payment->payload)},
                        now);
}

std::optional<ledger::Address> RequestMachine::payer_of_new_call() const
{
    if (replaying_ || flow_ == Flow::none) return {};
    return flow_ == Flow::single ? single_.payer : batch_.config.payer;
}

Action RequestMachine::read_body()
{
    return ReadBody{};
}

Action RequestMachine::on_body(ledger::Bytes body, Now now)
{
    body_ = std::move(body);
    body_hash_ = ledger::sha256(body_);
    fingerprint_ = request_fingerprint(resource_.path, body_hash_);
    if (replaying_) return replay(now);
    if (deposit_due_) {
        const auto nonce = market::deposit_nonce(batch_.channel, batch_.deposit->salt);
        return settle(nonce, *batch_.deposit, now);
    }
    return run(now);
}

Action RequestMachine::on_body_refused(const HttpError& error)
{
    return finish(stage_ == Stage::reserved ? Stage::rolled_back : Stage::refused,
                  error_response(resource_.path, error));
}

Action RequestMachine::on_body_unfit(Response why)
{
    return finish(stage_ == Stage::reserved ? Stage::rolled_back : Stage::refused, std::move(why));
}

Action RequestMachine::run(Now now)
{
    stage_ = Stage::running;
    deadline_ = now.steady + services_.times.run;
    // A body may have come slowly, and what streams out may be read slowly: nobody else gets the
    // channel before that is charged.
    if (lease_ && !services_.book.extend(*lease_, deadline_ + services_.times.last_write))
        return fail(503, "reservation_lost", "the call took too long; nothing was charged");
    return Run{taken_.only, flow_ != Flow::single};
}

Action RequestMachine::settle(ledger::Hash key, market::Message message, Now now)
{
    stage_ = Stage::settling;
    deadline_ = now.steady + std::chrono::seconds{services_.offers.terms().max_timeout_s};
    transaction_.reset();
    return Settle{key, std::move(message)};
}

std::optional<Action> RequestMachine::on_submitted(const Result<ledger::TxId>& sent)
{
    if (sent) {
        transaction_ = *sent;
        return {};
    }
    return fail(503, "ledger_unavailable", "the ledger takes no transaction now; try again");
}

Action RequestMachine::on_settled(Settled outcome, Now now)
{
    // Undecided: what is kept for whoever asks again stays as it is.
    if (outcome.what == Settled::What::dropped)
        return fail(503, "ledger_unavailable",
                    "the ledger takes no transaction now; ask again with the same payment");
    switch (flow_) {
        case Flow::single:
            return single_settled(outcome, now);
        case Flow::refund:
            return refund_settled(outcome, now);
        case Flow::voucher:
        case Flow::chain:
        case Flow::none:
            break;
    }
    return deposit_settled(outcome, now);
}

Action RequestMachine::on_ran(RunResult result, Now now)
{
    if (auto* failed = std::get_if<Failed>(&result)) {
        // Nothing was charged, but the deposit is in: the client must hear of it.
        if (deposit_is_in_) failed->response.with("PAYMENT-RESPONSE", told_of_deposit(""));
        return finish(Stage::rolled_back, std::move(failed->response));
    }
    auto& served = std::get<Served>(result);
    sent_ = served.sent;
    if (flow_ == Flow::single) return charge_single(std::move(served), now);
    if (flow_ == Flow::chain) return charge_chain(std::move(served), now);
    return charge_voucher(std::move(served), now);
}

std::optional<Action> RequestMachine::on_deadline(Now)
{
    if (stage_ == Stage::running)
        return fail(504, "run_timeout", "the model did not answer in time; nothing was charged");
    if (stage_ == Stage::settling && transaction_)
        return finish(Stage::rolled_back, services_.answers.pending(*transaction_));
    return {};
}

bool RequestMachine::on_caller_gone()
{
    const bool paid = flow_ == Flow::single && stage_ == Stage::settling;
    if (paid || stage_ == Stage::charging) return false;
    stage_ = Stage::rolled_back;
    give_back();
    return true;
}

// A call that is remembered costs nothing more; the same payment for another request is refused.
Action RequestMachine::replay(Now now)
{
    const auto known = services_.shelf.find(key_, now.wall);
    if (!known) return refuse(x402::cumulative_amount_mismatch, now);
    if (known->fingerprint != fingerprint_)
        return fail(409, "payment_reused", "this payment was made for another request");
    if (known->settled) return give_stored();
    return finish_single(now);
}

Action RequestMachine::give_stored()
{
    const auto call = services_.shelf.load(key_);
    if (!call) return fail(503, "journal_failed", "the stored answer cannot be read");
    auto response = call->answer
                        ? from_stored(*call->answer)
                        : services_.answers.error(
                              resource_, 410, "answer_expired",
                              "answer_expired: paid and answered; only the receipt is left");
    response.with("PAYMENT-RESPONSE", call->record.payment_response);
    return finish(Stage::answered, std::move(response));
}

Action RequestMachine::on_written(const Result<void>& written, Now now)
{
    const auto writing = std::exchange(writing_, Writing::none);
    if (!written)
        return fail(503, "journal_failed", "the call could not be recorded; nothing was charged");
    switch (writing) {
        case Writing::charge:
            services_.book.finish_charge(*lease_, next_, receipt_.receipt);
            services_.shelf.admit(call_);
            return finish(Stage::answered, std::move(*response_));
        case Writing::chain_charge:
            services_.book.finish_chain_charge(*lease_, chain_charge_, receipt_.receipt, leaf_);
            services_.shelf.admit(call_);
            return finish(Stage::answered, std::move(*response_));
        case Writing::closing:
            services_.book.finish_closing(*lease_, next_);
            return send_refund(now);
        case Writing::unsettled:
            services_.shelf.admit(call_);
            return finish_single(now);
        case Writing::settled:
            services_.shelf.mark_settled(key_);
            return give_stored();
        case Writing::dropped:
        case Writing::none:
            break;
    }
    return refuse(reasons_of(single_.scheme).transaction_failed, now);
}

Action RequestMachine::refuse(const x402::Refusal& refusal, Now now)
{
    const auto stage = stage_ == Stage::quoted ? Stage::refused : Stage::rolled_back;
    if (flow_ != Flow::single && is_corrective(refusal.reason)) {
        // A call by links alone shows no signature: who makes it learns none.
        const bool is_payer = flow_ != Flow::chain || chain_.opening;
        const auto record = is_payer ? services_.book.find(batch_.channel) : std::nullopt;
        return finish(
            stage, services_.answers.corrective(resource_, now.wall, refusal.reason, batch_.channel,
                                                look(batch_.channel), record,
                                                services_.book.open_chain(batch_.channel)));
    }
    return finish(stage, services_.answers.refused(resource_, now.wall, refusal));
}

Action RequestMachine::refuse(std::string_view reason, Now now)
{
    return refuse(x402::Refusal{402, std::string{reason}}, now);
}

Action RequestMachine::fail(unsigned status, std::string code, std::string message)
{
    const auto stage = stage_ == Stage::quoted ? Stage::refused : Stage::rolled_back;
    auto response = services_.answers.error(resource_, status, std::move(code), std::move(message));
    if (deposit_is_in_) response.with("PAYMENT-RESPONSE", told_of_deposit(""));
    return finish(stage, std::move(response));
}

Action RequestMachine::finish(Stage stage, Response response)
{
    stage_ = stage;
    give_back();
    return Answer{std::move(response)};
}

void RequestMachine::give_back()
{
    if (lease_) services_.book.release(*lease_);
    lease_.reset();
    for (const auto& key : working_) services_.shelf.end(key);
    working_.clear();
}

bool RequestMachine::begin(const CallKey& key)
{
    if (!services_.shelf.begin(key)) return false;
    working_.push_back(key);
    return true;
}

Standing RequestMachine::look(const market::ChannelId& channel) const
{
    Standing standing;
    standing.on_ledger = services_.ledger.channel(channel);
    standing.ledger_total = claimed_total(standing.on_ledger);
    standing.charged = services_.book.charged(channel, standing.ledger_total);
    return standing;
}

// An offer keeps its sheet: where a price has just changed and the amount fits both, the cheaper.
std::optional<RequestMachine::Price> RequestMachine::price(const Served& served) const
{
    std::optional<Price> best;
    for (const auto& version : resource_.versions) {
        if (version.ver != served.ver || (taken_.only && *taken_.only != served.ver)) continue;
        for (std::size_t i = 0; i < version.sheets.size(); ++i) {
            const bool holds =
                i == 0 ? taken_.present || version.sheets.size() == 1 : taken_.previous;
            if (!holds) continue;
            const auto& sheet = version.sheets[i].sheet;
            std::vector<std::uint64_t> units;
            for (const auto& part : sheet.parts)
                units.push_back(served.units[static_cast<std::size_t>(part.unit)]);
            const auto amount =
                std::clamp(market::charge(sheet, units), Amount::micros(1), taken_.amount);
            if (!best || amount < best->amount)
                best = Price{amount, version.sheets[i].hash, std::move(units)};
        }
    }
    return best;
}

market::UsageReceipt RequestMachine::receipt_for(const Served& served, const ledger::Hash& sheet,
                                                 Now now) const
{
    market::UsageReceipt receipt;
    receipt.model = resource_.model;
    receipt.ver = served.ver;
    receipt.sheet = sheet;
    receipt.req_hash = body_hash_;
    receipt.resp_hash = ledger::sha256(ledger::as_bytes(served.response.body().view()));
    receipt.t = now.wall.value;
    return receipt;
}

void RequestMachine::store_call(JournalBatch& batch, CallRecord& call, const Response& response,
                                Now now)
{
    const auto time = payment_id_ ? services_.times.remember_id : services_.times.remember;
    call.fingerprint = fingerprint_;
    call.until_ms = now.wall.value + static_cast<std::uint64_t>(time.count());
    call.channel = receipt_.receipt.channel_id;
    call.seq = receipt_.receipt.seq;
    batch.push_back({std::string{payment_table::receipts}, receipt_key(call.channel, call.seq),
                     ledger::codec::encode(receipt_)});
    services_.shelf.store(batch, key_, call, to_stored(response), now.wall);
}

JournalWrite RequestMachine::keep(std::string_view table, ledger::Bytes value) const
{
    const auto& id = batch_.channel.bytes;
    return {std::string{table}, {id.begin(), id.end()}, std::move(value)};
}

// A signature of its own, for those who said that they understand the extension.
std::optional<x402::SignedServedCall> RequestMachine::served_call(const ledger::Address& payer,
                                                                  Now now) const
{
    if (!wants_receipt_ || !services_.offers.terms().sign_offers) return {};
    return x402::signed_receipt(
        {services_.offers.network_name(), resource_.url, x402::plain(payer), now.wall.value / 1000,
         transaction_ ? ledger::to_hex0x(transaction_->view()) : ""},
        services_.host.key);
}

}  // namespace node
