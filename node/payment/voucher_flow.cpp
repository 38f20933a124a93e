#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "market/signing.hpp"
#include "node/payment/request_machine.hpp"
#include "node/payment/x402_errors.hpp"

// The flow of a voucher, with or without a deposit. The voucher is checked before the deposit is
// relayed: a client that lost its count re-deposits with a low voucher, and crediting it first
// would strand its money.
namespace node {

Action RequestMachine::start_batch(x402::BatchPayload payload, Now now)
{
    batch_ = std::move(payload);
    flow_ = batch_.type == x402::PayloadType::refund ? Flow::refund : Flow::voucher;
    if (taken_.scheme != x402::Scheme::batch) return refuse(x402::payload_type, now);
    if (!offered_) return replay_batch(now);
    const auto good =
        check_channel(services_.network, services_.host, services_.offers.terms(), taken_, batch_);
    if (!good) return refuse(good.error(), now);
    standing_ = look(batch_.channel);
    if (flow_ == Flow::refund) return start_refund(now);

    key_ = payment_id_ ? identified_call(batch_.config.payer, *payment_id_)
                       : voucher_call(batch_.channel, batch_.max_claimable, taken_.amount);
    const auto ceiling = check_ceiling(standing_, batch_.max_claimable, taken_.amount);
    // A fresh ceiling without an identifier is a new call, even if an older call had the same.
    if ((payment_id_ || !ceiling) && services_.shelf.find(key_, now.wall)) {
        replaying_ = true;
        return read_body();
    }
    if (!ceiling) return refuse(ceiling.error(), now);

    if (const auto covered = check_money(); !covered) return refuse(covered.error(), now);
    if (payment_id_ && !begin(key_))
        return fail(409, "payment_in_progress", "a request with this identifier is under way");
    return reserve(now);
}

Check RequestMachine::check_money()
{
    market::Amount coming;
    if (batch_.deposit) {
        const auto nonce = market::deposit_nonce(batch_.channel, batch_.deposit->salt);
        deposit_due_ = !services_.ledger.spent_by(batch_.config.payer, nonce);
        if (deposit_due_) {
            const auto deposit =
                check_deposit(services_.network, services_.ledger, services_.offers.terms(),
                              *batch_.deposit, services_.checks);
            if (!deposit) return deposit;
            coming = batch_.deposit->amount;
        }
    } else if (!standing_.on_ledger) {
        return x402::Refusal{402, std::string{x402::channel_not_found}};
    }
    return check_cover(standing_, batch_.max_claimable, coming, services_.ledger.head().time,
                       services_.checks);
}

/// What was taken is not on offer any more: only who paid for it then may have it.
Action RequestMachine::replay_batch(Now now)
{
    const auto good = check_voucher(services_.network, batch_);
    if (!good || flow_ == Flow::refund) return refuse(x402::accepted_not_offered, now);
    standing_ = look(batch_.channel);
    key_ = payment_id_ ? identified_call(batch_.config.payer, *payment_id_)
                       : voucher_call(batch_.channel, batch_.max_claimable, taken_.amount);
    const bool fresh = check_ceiling(standing_, batch_.max_claimable, taken_.amount).has_value();
    if ((fresh && !payment_id_) || !services_.shelf.find(key_, now.wall))
        return refuse(x402::accepted_not_offered, now);
    replaying_ = true;
    return read_body();
}

Action RequestMachine::reserve(Now now)
{
    const auto& times = services_.times;
    const auto settling = std::chrono::seconds{services_.offers.terms().max_timeout_s};
    const auto until = now.steady + times.body + times.run + settling;
    auto lease =
        services_.book.reserve({batch_.channel, batch_.config, resource_.model, taken_.paid_ver,
                                standing_.charged, standing_.ledger_total},
                               now.steady, until);
    if (!lease) return refuse(lease.error(), now);
    lease_ = *lease;
    stage_ = Stage::reserved;
    return read_body();
}

Action RequestMachine::deposit_settled(Settled outcome, Now now)
{
    standing_ = look(batch_.channel);
    deposit_is_in_ = outcome.what == Settled::What::applied;
    const auto cover = check_cover(standing_, batch_.max_claimable, {},
                                   services_.ledger.head().time, services_.checks);
    // Somebody else may have relayed the same deposit: what counts is that the money is there.
    if (cover) return run(now);
    if (!deposit_is_in_) return refuse(x402::deposit_transaction_failed, now);
    const auto& reason = cover.error().reason;
    return finish(Stage::rolled_back,
                  services_.answers.payment_required(resource_, now.wall, reason)
                      .with("PAYMENT-RESPONSE", told_of_deposit(reason)));
}

std::string RequestMachine::told_of_deposit(std::string_view reason) const
{
    x402::PaymentResponse response;
    response.success = reason.empty();
    response.error_reason = reason;
    response.transaction = ledger::to_hex0x(transaction_->view());
    response.network = services_.offers.network_name();
    response.payer = batch_.config.payer;
    response.amount = batch_.deposit->amount;
    response.charged = market::Amount{};
    response.channel_state = channel_state(batch_.channel, standing_, standing_.charged);
    return x402::encode_payment_response(response);
}

Action RequestMachine::charge_voucher(Served served, Now now)
{
    const auto priced = price(served);
    if (!priced)
        return fail(500, "wrong_version",
                    "a version ran that was not offered; nothing was charged");
    const auto next = services_.book.begin_charge(*lease_, priced->amount,
                                                  {batch_.max_claimable, batch_.signature});
    if (!next) return fail(503, "reservation_lost", "the call took too long; nothing was charged");
    next_ = *next;

    receipt_.receipt = receipt_for(served, priced->sheet, now);
    auto& receipt = receipt_.receipt;
    receipt.channel_id = batch_.channel;
    receipt.seq = next_.seq;
    receipt.units = priced->units;
    receipt.max_claimable = batch_.max_claimable;
    receipt.charged = priced->amount;
    receipt.charged_cumulative = next_.charged;
    receipt_.signature =
        ledger::sign(services_.host.key, market::receipt_digest(services_.network, receipt));

    x402::PaymentResponse paid;
    paid.network = services_.offers.network_name();
    paid.payer = batch_.config.payer;
    // A deposit that comes again with a later call is in already: it moves nothing.
    paid.amount = deposit_due_ ? batch_.deposit->amount : priced->amount;
    if (transaction_) paid.transaction = ledger::to_hex0x(transaction_->view());
    paid.charged = priced->amount;
    paid.channel_state = channel_state(batch_.channel, standing_, next_.charged);
    paid.receipt = {receipt, receipt_.signature};
    paid.served = served_call(batch_.config.payer, now);

    JournalBatch batch;
    if (auto loose = services_.book.loose_records(*lease_))
        paid.batches.push_back(sign_batch(batch, std::move(*loose), now));
    call_.payment_response = x402::encode_payment_response(paid);
    batch.push_back(keep(payment_table::channels, ledger::codec::encode(next_)));
    store_call(batch, call_, served.response, now);
    response_ = std::move(served.response);
    response_->with("PAYMENT-RESPONSE", call_.payment_response);
    stage_ = Stage::charging;
    writing_ = Writing::charge;
    return Write{std::move(batch)};
}

}  // namespace node
