#include "market/rules/channel_rules.hpp"
#include "market/rules/claim_checks.hpp"
#include "market/signing.hpp"

#include <set>

namespace market {
namespace {

Verdict check_row(const View& view, const Context& context, const ClaimRow& row,
                  const ChannelId& id)
{
    const auto channel = view.find<Channel>(id);
    if (!channel) return Rejection::unknown_channel;
    if (channel->pending) return Rejection::claim_pending;
    const auto split = view.find<Split>(channel->config.receiver);
    if (!split) return Rejection::receiver_not_a_split;
    if (const auto good = check_claimant(view, context, *channel, split->host); !good) return good;

    if (row.total_claimed <= channel->total_claimed) return Rejection::claim_not_above_the_last;
    if (row.total_claimed > row.max_claimable) return Rejection::claim_above_the_ceiling;
    if (row.max_claimable > channel->balance) return Rejection::ceiling_above_the_balance;
    if (!voucher_signed(channel->config, voucher_digest(context.network, id, row.max_claimable),
                        row.voucher_signature))
        return Rejection::wrong_signature;
    return check_uses(view, context, row.uses, row.total_claimed - channel->total_claimed, *channel,
                      *split);
}

}  // namespace

Verdict apply(State& state, const Context& context, const ChannelClaim& claim)
{
    if (claim.rows.empty() || claim.rows.size() > ChannelLimits::rows)
        return Rejection::too_many_entries;
    const auto& authorizer = claim.rows.front().config.receiver_authorizer;

    std::vector<ClaimEntry> entries;
    std::set<ChannelId> seen;
    for (const auto& row : claim.rows) {
        if (row.config.receiver_authorizer != authorizer)
            return Rejection::authorizer_of_another_claim;
        const auto id = channel_id(context.network, row.config);
        if (!seen.insert(id).second) return Rejection::claim_pending;
        if (const auto good = check_row(state, context, row, id); !good) return good;
        entries.push_back({id, {row.max_claimable.micros()}, {row.total_claimed.micros()}});
    }
    if (!signed_by(authorizer, claim_batch_digest(context.network, entries), claim.claim_signature))
        return Rejection::wrong_signature;

    const auto end_ms = context.now_ms() + context.params().w_disp_s * 1000;
    for (std::size_t i = 0; i < claim.rows.size(); ++i) {
        const auto& row = claim.rows[i];
        const auto& id = entries[i].channel_id;
        auto channel = state.get<Channel>(id);
        const auto added = row.total_claimed - channel.total_claimed;
        channel.pending = {row.total_claimed, row.max_claimable, row.uses, end_ms};
        state.put(id, channel);

        const auto host_address = host_of(state, channel);
        auto host = state.get<Host>(host_address);
        ++host.pending_claims;
        state.put(host_address, host);
        context.emit(EventKind::claimed, host_address, added, ledger::retag<Hash>(id));
    }
    return {};
}

}  // namespace market
