#include "market/rules/channel_rules.hpp"
#include "market/signing.hpp"
#include "market/state/money.hpp"

#include <algorithm>

namespace market {
namespace {

bool may_withdraw(const ChannelConfig& config, const Address& sender)
{
    return sender == config.payer ||
           (!config.payer_authorizer.is_zero() && sender == config.payer_authorizer);
}

}  // namespace

Verdict apply(State& state, const Context& context, const ChannelWithdrawInit& init)
{
    const auto id = channel_id(context.network, init.config);
    auto channel = state.find<Channel>(id);
    if (!channel) return Rejection::unknown_channel;
    if (!may_withdraw(init.config, context.sender)) return Rejection::not_a_party;
    if (init.amount.is_zero()) return Rejection::amount_is_zero;
    if (init.amount > channel->free()) return Rejection::above_what_is_free;

    const auto from_ms =
        channel->pending ? std::max(context.now_ms(), channel->pending->end_ms) : context.now_ms();
    channel->withdraw = {init.amount, from_ms + init.config.withdraw_delay.value * 1000};
    state.put(id, *channel);
    context.emit(EventKind::withdrawal_started, init.config.payer, init.amount,
                 ledger::retag<Hash>(id));
    return {};
}

Verdict apply(State& state, const Context& context, const ChannelWithdrawFinal& final)
{
    const auto id = channel_id(context.network, final.config);
    auto channel = state.find<Channel>(id);
    if (!channel) return Rejection::unknown_channel;
    if (!may_withdraw(final.config, context.sender)) return Rejection::not_a_party;
    if (!channel->withdraw) return Rejection::no_withdrawal;
    if (channel->pending) return Rejection::claim_pending;
    if (context.now_ms() < channel->withdraw->end_ms) return Rejection::withdrawal_not_over;

    const auto paid = std::min(channel->withdraw->amount, channel->free());
    channel->withdraw.reset();
    channel->balance = channel->balance - paid;
    state.put(id, *channel);
    credit(state, final.config.payer, paid);
    context.emit(EventKind::withdrawn, final.config.payer, paid, ledger::retag<Hash>(id));
    return {};
}

}  // namespace market
