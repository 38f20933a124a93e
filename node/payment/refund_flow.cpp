#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "market/execute.hpp"
#include "market/signing.hpp"
#include "node/payment/request_machine.hpp"
#include "node/payment/x402_errors.hpp"

#include <algorithm>

// The flow of a refund: nothing runs. Its voucher stands at exactly what was charged, so it can
// claim the rest even when the balance falls below the ceilings of the calls before.
namespace node {

Action RequestMachine::start_refund(Now now)
{
    const auto ceiling = check_ceiling(standing_, batch_.max_claimable, {});
    if (!ceiling) return refuse(ceiling.error(), now);
    if (!standing_.on_ledger) return refuse(x402::channel_not_found, now);
    if (standing_.balance() <= standing_.charged) return refuse(x402::refund_no_balance, now);

    auto reserved = reserve(now);
    if (!lease_) return reserved;
    auto kept = standing_.charged;
    if (standing_.charged > standing_.ledger_total) {
        const auto closing =
            services_.book.begin_closing(*lease_, {batch_.max_claimable, batch_.signature});
        if (closing) {
            next_ = *closing;
            writing_ = Writing::closing;
        } else if (const auto record = services_.book.find(batch_.channel)) {
            // The voucher to claim with is another: its ceiling must stay covered.
            kept = std::max(kept, record->claim_max);
        }
    }
    const auto free = standing_.balance().minus(kept).value_or(market::Amount{});
    refund_ = std::min(batch_.refund_amount.value_or(free), free);
    if (refund_.is_zero()) return refuse(x402::refund_no_balance, now);
    // The host pays for the transaction: not for any number of crumbs of one channel.
    const auto fee = market::least_fee(services_.network, market::ChannelRefund{});
    if (refund_ < fee && refund_ < free) return refuse(x402::refund_amount_invalid, now);
    if (writing_ == Writing::none) return send_refund(now);

    stage_ = Stage::charging;
    return Write{{{std::string{payment_table::channels},
                   {batch_.channel.bytes.begin(), batch_.channel.bytes.end()},
                   ledger::codec::encode(next_)}}};
}

Action RequestMachine::send_refund(Now now)
{
    const auto nonce = standing_.on_ledger->refund_nonce;
    const auto digest = market::refund_digest(services_.network, batch_.channel, nonce, refund_);
    return settle(digest,
                  market::ChannelRefund{batch_.config, refund_, nonce,
                                        ledger::sign(services_.host.key, digest)},
                  now);
}

Action RequestMachine::refund_settled(Settled outcome, Now now)
{
    if (outcome.what != Settled::What::applied) return refuse(x402::refund_transaction_failed, now);
    standing_ = look(batch_.channel);
    x402::PaymentResponse paid;
    paid.transaction = ledger::to_hex0x(transaction_->view());
    paid.network = services_.offers.network_name();
    paid.payer = batch_.config.payer;
    paid.amount = refund_;
    paid.channel_state = channel_state(batch_.channel, standing_, standing_.charged);
    return finish(Stage::answered, Response::json(200, "{}").with(
                                       "PAYMENT-RESPONSE", x402::encode_payment_response(paid)));
}

}  // namespace node
