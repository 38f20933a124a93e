#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "market/signing.hpp"
#include "node/payment/request_machine.hpp"
#include "node/payment/x402_errors.hpp"

// The flow of a payment for one call, a transfer (scheme exact) or a permit (scheme upto): check,
// run, keep the answer and what it costs, submit, wait until final, answer. Both are durable before
// the payment is sent, so that a payer whose money moved gets the answer after any crash by asking
// again, and a permit is never sent with two prices; it is withheld while the payment is not final.
namespace node {

Action RequestMachine::start_single(SinglePayment payment, Now now)
{
    single_ = std::move(payment);
    flow_ = Flow::single;
    paying_digest_ = single_.digest;
    const auto& reasons = reasons_of(single_.scheme);
    const auto own_key = authorized_call(single_.digest);
    key_ = payment_id_ ? identified_call(single_.payer, *payment_id_) : own_key;
    if (services_.shelf.find(key_, now.wall)) {
        // Only the payer may ask again for what it paid.
        if (!market::signed_by(single_.payer, single_.digest, single_.signature))
            return refuse(reasons.signature, now);
        if (!begin(own_key) || (payment_id_ && !begin(key_)))
            return fail(409, "payment_in_progress", "this payment is being settled");
        const auto other = paid_otherwise();
        if (!other) return fail(503, "journal_failed", "the stored answer cannot be read");
        if (*other == Other::pending)
            return fail(409, "payment_in_progress", "another payment for this call is under way");
        if (*other != Other::lost) {
            replaying_ = true;
            return read_body();
        }
    }
    if (!offered_) return refuse(x402::accepted_not_offered, now);
    if (spent_by(services_.ledger, single_.scheme, single_.payer, single_.nonce))
        return refuse(reasons.nonce_used, now);
    const auto good = check_single(services_.network, services_.ledger, services_.offers.terms(),
                                   taken_, single_, services_.checks);
    if (!good) return refuse(good.error(), now);
    if (working_.empty() && (!begin(own_key) || (payment_id_ && !begin(key_))))
        return fail(409, "payment_in_progress", "a request with this payment is under way");
    // It pays for one call, whatever the call is named by.
    const auto paid = services_.journal.get(payment_table::receipts, single_receipt());
    if (!paid) return fail(503, "journal_failed", "the receipts cannot be read");
    if (*paid) return fail(409, "payment_reused", "this payment was made for another request");
    stage_ = Stage::reserved;
    return read_body();
}

ledger::Bytes RequestMachine::single_receipt() const
{
    return receipt_key(ledger::retag<market::ChannelId>(paying_digest_), 1);
}

ledger::Result<ReceiptRecord> RequestMachine::stored_receipt() const
{
    const auto stored = services_.journal.get(payment_table::receipts, single_receipt());
    if (!stored) return stored.error();
    if (!*stored) return ledger::Error{ledger::ErrorKind::not_found, "no receipt"};
    return ledger::codec::decode<ReceiptRecord>(**stored);
}

/// A caller who heard nothing may sign again for the call it named: what became of the payment
/// that came first decides.
ledger::Result<RequestMachine::Other> RequestMachine::paid_otherwise()
{
    const auto call = services_.shelf.load(key_);
    if (!call) return call.error();
    const auto& record = call->record;
    const auto first = ledger::retag<ledger::Hash>(record.channel);
    if (first == single_.digest || record.settled) return Other::same;
    const auto scheme = record.permit ? x402::Scheme::upto : x402::Scheme::exact;
    if (spent_by(services_.ledger, scheme, single_.payer, record.nonce) == first) {
        paying_digest_ = first;
        return Other::paid;
    }
    if (services_.ledger.head().time.value / 1000 < record.valid_before) return Other::pending;
    stale_ = receipt_key(record.channel, record.seq);
    return Other::lost;
}

Action RequestMachine::charge_single(Served served, Now now)
{
    const auto priced = price(served);
    if (!priced)
        return fail(500, "wrong_version",
                    "a version ran that was not offered; nothing was charged");
    // It is given from the shelf, once the money has moved.
    if (!services_.shelf.has_room_for(served.response.body().view().size()))
        return fail(
            413, "answer_too_large",
            "an answer of this size is given to payments on a channel alone; nothing was charged");
    receipt_.receipt = receipt_for(served, priced->sheet, now);
    auto& receipt = receipt_.receipt;
    receipt.channel_id = ledger::retag<market::ChannelId>(paying_digest_);
    receipt.seq = 1;
    receipt.units = priced->units;
    receipt.max_claimable = single_.most;
    // A transfer moves whole, whatever the units come to.
    receipt.charged = single_.scheme == x402::Scheme::upto ? priced->amount : single_.most;
    receipt.charged_cumulative = receipt.charged;
    receipt_.signature =
        ledger::sign(services_.host.key, market::receipt_digest(services_.network, receipt));
    receipt_.settled = false;

    JournalBatch batch;
    if (stale_) batch.push_back({std::string{payment_table::receipts}, *stale_, {}});
    call_.settled = false;
    call_.nonce = single_.nonce;
    call_.valid_before = single_.valid_before;
    call_.permit = single_.scheme == x402::Scheme::upto;
    store_call(batch, call_, served.response, now);
    stage_ = Stage::charging;
    writing_ = Writing::unsettled;
    return Write{std::move(batch)};
}

Action RequestMachine::finish_single(Now now)
{
    // Settled while nobody waited, maybe before a restart.
    if (replaying_ && was_paid()) return single_settled({Settled::What::applied, {}}, now);
    const auto receipt = stored_receipt();
    if (!receipt) return fail(503, "journal_failed", "the receipt cannot be read");
    return settle(paying_digest_, single_.settled_at(receipt->receipt.charged), now);
}

bool RequestMachine::was_paid() const
{
    // Another payment than the one in hand was looked for on the ledger already.
    return paying_digest_ != single_.digest ||
           spent_by(services_.ledger, single_.scheme, single_.payer, single_.nonce) ==
               single_.digest;
}

Action RequestMachine::single_settled(Settled outcome, Now now)
{
    JournalBatch batch;
    stage_ = Stage::charging;
    // One that we, or anybody, sent before may be the reason why this one was refused.
    if (outcome.what != Settled::What::applied && !was_paid()) {
        services_.shelf.drop(batch, key_);
        batch.push_back({std::string{payment_table::receipts}, single_receipt(), {}});
        writing_ = Writing::dropped;
        return Write{std::move(batch)};
    }

    auto receipt = stored_receipt();
    if (!receipt) return fail(503, "journal_failed", "the receipt cannot be read");
    receipt->settled = true;

    x402::PaymentResponse paid;
    paid.network = services_.offers.network_name();
    paid.payer = single_.payer;
    paid.amount = receipt->receipt.charged;
    if (transaction_) paid.transaction = ledger::to_hex0x(transaction_->view());
    paid.charged = receipt->receipt.charged;
    paid.receipt = {receipt->receipt, receipt->signature};
    paid.served = served_call(single_.payer, now);

    const auto marked = services_.shelf.settle(batch, key_, x402::encode_payment_response(paid));
    if (!marked) return fail(503, "journal_failed", "the stored answer cannot be read");
    batch.push_back(
        {std::string{payment_table::receipts}, single_receipt(), ledger::codec::encode(*receipt)});
    writing_ = Writing::settled;
    return Write{std::move(batch)};
}

}  // namespace node
