#include "market/rules/channel_rules.hpp"
#include "market/rules/host_rules.hpp"
#include "market/settlement.hpp"
#include "market/signing.hpp"

#include <set>

namespace market {
namespace {

/// Every version named was the target of an alias and agreed with the host at some time since
/// the channel's last settled claim.
bool was_served(const View& view, const Split& split, Version ver, std::uint64_t since_ms)
{
    if (!view.has<VersionRecord>({split.model, ver})) return false;
    const auto alias = view.find<AliasUse>({split.model, ver});
    if (!alias || (alias->aliases == 0 && alias->ended_ms < since_ms)) return false;
    const auto agreement = agreement_for(view, split.model, ver, split.host);
    return agreement && (agreement->until_ms == 0 || agreement->until_ms >= since_ms ||
                         agreement->lapsed_ms >= since_ms);
}

Verdict check_uses(const View& view, const Context& context, const ClaimRow& row,
                   const Channel& channel, const Split& split)
{
    if (split.ver != model_line) {
        if (!row.uses.empty()) return Rejection::uses_do_not_add_up;
        return {};
    }
    if (row.uses.size() > ChannelLimits::uses) return Rejection::too_many_entries;
    // x402's claim signature does not cover the uses, so no relay may choose them.
    if (context.sender != split.host && context.sender != channel.config.receiver_authorizer)
        return Rejection::uses_need_the_host;

    std::set<Version> seen;
    Amount sum;
    for (const auto& use : row.uses) {
        const auto more = sum.plus(use.amount);
        if (!more || use.amount.is_zero() || !seen.insert(use.ver).second)
            return Rejection::uses_do_not_add_up;
        sum = *more;
        if (!was_served(view, split, use.ver, channel.settled_ms)) return Rejection::use_not_served;
    }
    if (sum != row.total_claimed - channel.total_claimed) return Rejection::uses_do_not_add_up;
    return {};
}

Verdict check_host(const View& view, const Context& context, const Channel& channel,
                   const Address& host_address)
{
    const auto host = view.find<Host>(host_address);
    if (!host) return Rejection::not_a_host;
    if (host->bond < context.params().min_bond) return Rejection::bond_too_small;
    const auto last_claim_ms = 2 * context.params().w_disp_s * 1000;
    if (host->unbond_end_ms != 0 && context.now_ms() + last_claim_ms > host->unbond_end_ms)
        return Rejection::host_is_unbonding;
    if (!key_was_active(view, host_address, channel.config.receiver_authorizer,
                        channel.opened_ms) ||
        !key_holds(view, context, host_address, channel.config.receiver_authorizer))
        return Rejection::authorizer_not_a_key_of_the_host;
    return {};
}

Verdict check_row(const View& view, const Context& context, const ClaimRow& row,
                  const ChannelId& id)
{
    const auto channel = view.find<Channel>(id);
    if (!channel) return Rejection::unknown_channel;
    if (channel->pending) return Rejection::claim_pending;
    const auto split = view.find<Split>(channel->config.receiver);
    if (!split) return Rejection::receiver_not_a_split;
    if (const auto good = check_host(view, context, *channel, split->host); !good) return good;

    if (row.total_claimed <= channel->total_claimed) return Rejection::claim_not_above_the_last;
    if (row.total_claimed > row.max_claimable) return Rejection::claim_above_the_ceiling;
    if (row.max_claimable > channel->balance) return Rejection::ceiling_above_the_balance;
    if (!voucher_signed(channel->config, voucher_digest(context.network, id, row.max_claimable),
                        row.voucher_signature))
        return Rejection::wrong_signature;
    return check_uses(view, context, row, *channel, *split);
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
