#include "market/rules/channel_rules.hpp"
#include "market/signing.hpp"
#include "market/state/money.hpp"

#include <algorithm>

namespace market {

Verdict apply(State& state, const Context& context, const ChannelRefund& refund)
{
    const auto id = channel_id(context.network, refund.config);
    auto channel = state.find<Channel>(id);
    if (!channel) return Rejection::unknown_channel;
    if (refund.nonce != channel->refund_nonce) return Rejection::wrong_refund_nonce;
    if (refund.amount.is_zero()) return Rejection::amount_is_zero;
    if (!signed_by(channel->config.receiver_authorizer,
                   refund_digest(context.network, id, refund.nonce, refund.amount),
                   refund.refund_signature))
        return Rejection::wrong_signature;

    ++channel->refund_nonce;
    const auto paid = std::min(refund.amount, channel->free());
    channel->balance = channel->balance - paid;
    state.put(id, *channel);
    credit(state, channel->config.payer, paid);
    context.emit(EventKind::refunded, channel->config.payer, paid, ledger::retag<Hash>(id));
    return {};
}

}  // namespace market
