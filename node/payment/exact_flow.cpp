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
    const auto digest = market::transfer_authorization_digest(services_.network, exact_);
    const auto own_key = authorized_call(digest);
    key_ = payment_id_ ? identified_call(exact_.from, *payment_id_) : own_key;
    if (services_.shelf.find(key_, now.wall)) {
        // Only the payer may ask again for what it paid.
        if (!market::signed_by(exact_.from, digest, exact_.signature))
            return refuse(x402::exact_signature, now);
        if (!begin(own_key))
            return fail(409, "payment_in_progress", "this payment is being settled");
        replaying_ = true;
        return read_body();
    }
    if (services_.ledger.nonce_spent(exact_.from, exact_.nonce))
        return refuse(x402::exact_nonce_already_used, now);
    const auto good =
        check_exact(services_.network, services_.ledger, taken_, exact_, services_.checks);
    if (!good) return refuse(good.error(), now);
    if (!begin(own_key) || (payment_id_ && !begin(key_)))
        return fail(409, "payment_in_progress", "a request with this payment is under way");
    stage_ = Stage::reserved;
    return read_body();
}

Action RequestMachine::charge_exact(Served served, Now now)
{
    const auto priced = price(served);
    if (!priced)
        return fail(500, "wrong_version",
                    "a version ran that was not offered; nothing was charged");
    const auto digest = market::transfer_authorization_digest(services_.network, exact_);
    receipt_.receipt = receipt_for(served, priced->sheet, now);
    auto& receipt = receipt_.receipt;
    receipt.channel_id = ledger::retag<market::ChannelId>(digest);
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
    call_.settled = false;
    store_call(batch, call_, served.response, now);
    stage_ = Stage::charging;
    writing_ = Writing::unsettled;
    return Write{std::move(batch)};
}

Action RequestMachine::finish_exact(Now now)
{
    const auto digest = market::transfer_authorization_digest(services_.network, exact_);
    if (replaying_) {
        const auto call = services_.shelf.load(key_);
        if (!call) return fail(503, "journal_failed", "the stored answer cannot be read");
        if (call->record.channel != ledger::retag<market::ChannelId>(digest))
            return fail(409, "payment_in_progress", "another payment for this call is under way");
        // Settled while nobody waited, maybe before a restart.
        if (services_.ledger.nonce_spent(exact_.from, exact_.nonce))
            return exact_settled({Settled::What::applied, {}}, now);
    }
    return settle(digest, exact_, now);
}

Action RequestMachine::exact_settled(Settled outcome, Now now)
{
    const auto digest = market::transfer_authorization_digest(services_.network, exact_);
    const auto key = receipt_key(ledger::retag<market::ChannelId>(digest), 1);
    JournalBatch batch;
    stage_ = Stage::charging;
    if (outcome.what != Settled::What::applied) {
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
    paid.amount = exact_.value;
    if (transaction_) paid.transaction = ledger::to_hex0x(transaction_->view());
    paid.charged = exact_.value;
    paid.receipt = {receipt->receipt, receipt->signature};
    paid.served = served_call(exact_.from, now);

    const auto marked = services_.shelf.settle(batch, key_, x402::encode_payment_response(paid));
    if (!marked) return fail(503, "journal_failed", "the stored answer cannot be read");
    batch.push_back({std::string{payment_table::receipts}, key, ledger::codec::encode(*receipt)});
    writing_ = Writing::settled;
    return Write{std::move(batch)};
}

}  // namespace node
