#include "market/hash_chain.hpp"
#include "market/rules/channel_rules.hpp"
#include "market/rules/claim_checks.hpp"
#include "market/settlement.hpp"
#include "market/signing.hpp"

#include <algorithm>
#include <set>

namespace market {
namespace {

/// From where a row's link is hashed down to what is known: the last claim's link, or the root.
struct Known {
    std::uint32_t index;
    Hash link;
};

Known known_link(const View& view, const ChannelId& id, const ChainClaimRow& row)
{
    const auto mark = view.find<ChainMark>(id);
    if (mark && mark->root == row.chain.root && mark->index < row.index)
        return {mark->index, mark->link};
    return {0, row.chain.root};
}

Verdict check_row(const View& view, const Context& context, const ChainClaimRow& row,
                  const ChannelId& id)
{
    const auto channel = view.find<Channel>(id);
    if (!channel) return Rejection::unknown_channel;
    if (channel->pending) return Rejection::claim_pending;
    const auto split = view.find<Split>(channel->config.receiver);
    if (!split) return Rejection::receiver_not_a_split;
    if (context.sender != split->host && context.sender != channel->config.receiver_authorizer)
        return Rejection::not_a_party;
    if (const auto good = check_claimant(view, context, *channel, split->host); !good) return good;

    if (!well_formed(row.chain)) return Rejection::malformed_chain;
    if (row.index == 0 || row.index > row.chain.length) return Rejection::link_not_of_the_chain;
    const auto total = *worth(row.chain, row.index);
    if (total <= channel->total_claimed) return Rejection::claim_not_above_the_last;
    if (total > channel->balance) return Rejection::ceiling_above_the_balance;
    const auto mark = view.find<ChainMark>(id);
    if ((!mark || mark->root != row.chain.root) && row.chain.base < channel->total_claimed)
        return Rejection::chain_below_the_last_claim;
    if (const auto good =
            check_uses(view, context, row.uses, total - channel->total_claimed, *channel, *split);
        !good)
        return good;
    if (!voucher_signed(channel->config, chain_voucher_digest(context.network, id, row.chain),
                        row.voucher_signature))
        return Rejection::wrong_signature;
    const auto known = known_link(view, id, row);
    if (ChainHasher{id}.down(row.link, row.index - known.index) != known.link)
        return Rejection::link_not_of_the_chain;
    return {};
}

}  // namespace

std::uint64_t link_hashes(const View& view, const Network& network, const ChannelChainClaim& claim)
{
    if (claim.rows.size() > ChannelLimits::rows) return 0;  // refused before anything is hashed
    std::uint64_t sum = 0;
    for (const auto& row : claim.rows) {
        if (row.index > ChainLimits::length) continue;
        sum += row.index - known_link(view, channel_id(network, row.config), row).index;
    }
    return sum;
}

Verdict apply(State& state, const Context& context, const ChannelChainClaim& claim)
{
    if (claim.rows.empty() || claim.rows.size() > ChannelLimits::rows)
        return Rejection::too_many_entries;
    std::vector<ChannelId> ids;
    std::set<ChannelId> seen;
    for (const auto& row : claim.rows) {
        const auto id = channel_id(context.network, row.config);
        if (!seen.insert(id).second) return Rejection::duplicate_entry;
        if (const auto good = check_row(state, context, row, id); !good) return good;
        ids.push_back(id);
    }

    for (std::size_t i = 0; i < claim.rows.size(); ++i) {
        const auto& row = claim.rows[i];
        auto channel = state.get<Channel>(ids[i]);
        const auto split = *state.find<Split>(channel.config.receiver);
        const auto total = *worth(row.chain, row.index);
        const auto added = total - channel.total_claimed;
        channel.total_claimed = total;
        channel.settled_ms = context.now_ms();
        state.put(ids[i], channel);
        state.put(ids[i], ChainMark{row.chain.root, row.index, row.link});
        context.emit(EventKind::claim_ended, split.host, added, ledger::retag<Hash>(ids[i]));
        settle(state, context, split, added, row.uses);
    }
    return {};
}

}  // namespace market
