#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "market/signing.hpp"
#include "node/payment/request_machine.hpp"
#include "node/payment/x402_errors.hpp"

// The flow of one signed transfer: check, run, keep the answer, submit, wait until final, answer.
// The answer is durable before the transfer is sent, so that a payer whose money moved gets it
// after any crash by asking again; it is withheld while the transfer is not final.
namespace node {

Action RequestMachine::start_exact(market::TransferWithAuth transfer, Now now)
{
    exact_ = transfer;
    flow_ = Flow::exact;
    exact_digest_ = market::transfer_authorization_digest(services_.network, exact_);
    const auto own_key = authorized_call(exact_digest_);
    key_ = payment_id_ ? identified_call(exact_.from, *payment_id_) : own_key;
    if (services_.shelf.find(key_, now.wall)) {
        // Only the payer may ask again for what it paid.
        if (!market::signed_by(exact_.from, exact_digest_, exact_.signature))
            return refuse(x402::exact_signature, now);
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
    if (services_.ledger.spent_by(exact_.from, exact_.nonce))
        return refuse(x402::exact_nonce_already_used, now);
    const auto good =
        check_exact(services_.network, services_.ledger, taken_, exact_, services_.checks);
    if (!good) return refuse(good.error(), now);
    if (working_.empty() && (!begin(own_key) || (payment_id_ && !begin(key_))))
        return fail(409, "payment_in_progress", "a request with this payment is under way");
    // One transfer pays for one call, whatever the call is named by.
    const auto paid = services_.journal.get(payment_table::receipts, exact_receipt());
    if (!paid) return fail(503, "journal_failed", "the receipts cannot be read");
    if (*paid) return fail(409, "payment_reused", "this payment was made for another request");
    stage_ = Stage::reserved;
    return read_body();
}

ledger::Bytes RequestMachine::exact_receipt() const
{
    return receipt_key(ledger::retag<market::ChannelId>(exact_digest_), 1);
}

/// A caller who heard nothing may sign again for the call it named: what became of the transfer
/// that came first decides.
ledger::Result<RequestMachine::Other> RequestMachine::paid_otherwise()
{
    const auto call = services_.shelf.load(key_);
    if (!call) return call.error();
    const auto& record = call->record;
    const auto first = ledger::retag<ledger::Hash>(record.channel);
    if (first == exact_digest_ || record.settled) return Other::same;
    if (services_.ledger.spent_by(exact_.from, record.nonce) == first) {
        exact_digest_ = first;
        return Other::paid;
    }
    if (services_.ledger.head().time.value / 1000 < record.valid_before) return Other::pending;
    stale_ = receipt_key(record.channel, record.seq);
    return Other::lost;
}

Action RequestMachine::charge_exact(Served served, Now now)
{
    const auto priced = price(served);
    if (!priced)
        return fail(500, "wrong_version",
                    "a version ran that was not offered; nothing was charged");
    receipt_.receipt = receipt_for(served, priced->sheet, now);
    auto& receipt = receipt_.receipt;
    receipt.channel_id = ledger::retag<market::ChannelId>(exact_digest_);
    receipt.seq = 1;
    receipt.units = priced->units;
    // The whole transfer moves, whatever the units come to.
    receipt.max_claimable = exact_.value;
    receipt.charged = exact_.value;
    receipt.charged_cumulative = exact_.value;
    receipt_.signature =
        ledger::sign(services_.host.key, market::receipt_digest(services_.network, receipt));
    receipt_.settled = false;

    JournalBatch batch;
    if (stale_) batch.push_back({std::string{payment_table::receipts}, *stale_, {}});
    call_.settled = false;
    call_.nonce = exact_.nonce;
    call_.valid_before = exact_.valid_before;
    store_call(batch, call_, served.response, now);
    stage_ = Stage::charging;
    writing_ = Writing::unsettled;
    return Write{std::move(batch)};
}

Action RequestMachine::finish_exact(Now now)
{
    // Settled while nobody waited, maybe before a restart.
    if (replaying_ && was_paid()) return exact_settled({Settled::What::applied, {}}, now);
    return settle(exact_digest_, exact_, now);
}

bool RequestMachine::was_paid() const
{
    const auto digest = market::transfer_authorization_digest(services_.network, exact_);
    // Another transfer than the one in hand was looked for on the ledger already.
    return exact_digest_ != digest ||
           services_.ledger.spent_by(exact_.from, exact_.nonce) == digest;
}

Action RequestMachine::exact_settled(Settled outcome, Now now)
{
    const auto key = exact_receipt();
    JournalBatch batch;
    stage_ = Stage::charging;
    // One that we, or anybody, sent before may be the reason why this one was refused.
    if (outcome.what != Settled::What::applied && !was_paid()) {
        services_.shelf.drop(batch, key_);
        batch.push_back({std::string{payment_table::receipts}, key, {}});
        writing_ = Writing::dropped;
        return Write{std::move(batch)};
    }

    const auto stored = services_.journal.get(payment_table::receipts, key);
    auto receipt = stored && *stored ? ledger::codec::decode<ReceiptRecord>(**stored)
                                     : ledger::Error{ledger::ErrorKind::not_found, "no receipt"};
    if (!receipt) return fail(503, "journal_failed", "the receipt cannot be read");
    receipt->settled = true;

    x402::PaymentResponse paid;
    paid.network = services_.offers.network_name();
    paid.payer = exact_.from;
    paid.amount = receipt->receipt.charged;
    if (transaction_) paid.transaction = ledger::to_hex0x(transaction_->view());
    paid.charged = receipt->receipt.charged;
    paid.receipt = {receipt->receipt, receipt->signature};
    paid.served = served_call(exact_.from, now);

    const auto marked = services_.shelf.settle(batch, key_, x402::encode_payment_response(paid));
    if (!marked) return fail(503, "journal_failed", "the stored answer cannot be read");
    batch.push_back({std::string{payment_table::receipts}, key, ledger::codec::encode(*receipt)});
    writing_ = Writing::settled;
    return Write{std::move(batch)};
}

}  // namespace node
