#include "market/rules/channel_rules.hpp"
#include "market/settlement.hpp"

#include <set>

namespace market {
namespace {

/// Takes `excess` off the uses, the last ones first.
void cut(std::vector<VersionUse>& uses, Amount excess)
{
    while (!uses.empty() && !excess.is_zero()) {
        auto& last = uses.back();
        if (last.amount > excess) {
            last.amount = last.amount - excess;
            return;
        }
        excess = excess - last.amount;
        uses.pop_back();
    }
}

}  // namespace

Address host_of(const View& view, const Channel& channel)
{
    const auto split = view.find<Split>(channel.config.receiver);
    ledger::ensure(split.has_value(), "a channel's receiver stays a split address");
    return split->host;
}

void end_claim(State& state, const Context& context, const ChannelId& id, Channel& channel,
               Amount total)
{
    ledger::ensure(channel.pending && total <= channel.pending->total,
                   "a claim ends at or below what is pending");
    auto pending = std::move(*channel.pending);
    channel.pending.reset();
    const auto split = *state.find<Split>(channel.config.receiver);

    auto host = state.get<Host>(split.host);
    ledger::ensure(host.pending_claims > 0, "a host counts its pending claims");
    --host.pending_claims;
    state.put(split.host, host);

    const auto added = total > channel.total_claimed ? total - channel.total_claimed : Amount{};
    channel.total_claimed = channel.total_claimed + added;
    // What ran while it waited for its window to be over is for the next claim.
    if (!added.is_zero()) channel.settled_ms = pending.end_ms - context.params().w_disp_s * 1000;
    state.put(id, channel);
    context.emit(EventKind::claim_ended, split.host, added, ledger::retag<Hash>(id));
    if (added.is_zero()) return;
    cut(pending.uses, pending.total - total);
    settle(state, context, split, added, pending.uses);
}

Verdict apply(State& state, const Context& context, const ChannelFinalize& finalize)
{
    if (finalize.channels.empty() || finalize.channels.size() > ChannelLimits::rows)
        return Rejection::too_many_entries;
    std::set<ChannelId> seen;
    for (const auto& id : finalize.channels) {
        const auto channel = state.find<Channel>(id);
        if (!channel) return Rejection::unknown_channel;
        if (!channel->pending || !seen.insert(id).second) return Rejection::nothing_pending;
        if (context.now_ms() < channel->pending->end_ms) return Rejection::window_not_over;
    }
    for (const auto& id : finalize.channels) {
        auto channel = state.get<Channel>(id);
        end_claim(state, context, id, channel, channel.pending->total);
    }
    return {};
}

}  // namespace market
