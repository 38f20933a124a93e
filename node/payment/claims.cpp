#include "node/payment/claims.hpp"

#include "market/hash_chain.hpp"
#include "market/signing.hpp"

namespace node {

ClaimKeeper::ClaimKeeper(const market::Network& network, const HostIdentity& host,
                         const LedgerPort& ledger, ChannelBook& book, const ClaimPolicy& policy)
    : network_{network}, host_{host}, ledger_{ledger}, book_{book}, policy_{policy}
{
}

std::vector<ClaimKeeper::Order> ClaimKeeper::due(Clock::Steady now)
{
    std::vector<Order> orders;
    std::vector<market::ClaimRow> rows;
    std::vector<market::ChannelId> claimed;
    std::vector<market::ChannelId> over;
    std::vector<market::ChainClaimRow> chain_rows;
    std::vector<market::ChannelId> by_chain;
    const auto flush_chains = [&] {
        if (!chain_rows.empty())
            orders.push_back({market::ChannelChainClaim{std::exchange(chain_rows, {})},
                              std::exchange(by_chain, {})});
    };
    const auto flush_rows = [&] {
        if (!rows.empty()) orders.push_back(claim(std::exchange(rows, {}), claimed));
        claimed.clear();
    };
    const auto flush_over = [&] {
        if (!over.empty()) orders.push_back({market::ChannelFinalize{over}, over});
        over.clear();
    };

    const auto head = ledger_.head();
    for (const auto& id : book_.unsettled()) {
        const auto channel = ledger_.channel(id);
        if (!channel) continue;
        book_.settled(id, channel->total_claimed);
        auto [at, fresh] = watched_.try_emplace(id);
        auto& watch = at->second;
        if (fresh) watch.last_claim = now;
        if (watch.busy || now < watch.not_before) continue;
        if (channel->pending) {
            if (head.time.value < channel->pending->end_ms) continue;
            watch.busy = true;
            if (watch.alone) {
                orders.push_back({market::ChannelFinalize{{id}}, {id}});
                continue;
            }
            over.push_back(id);
            if (over.size() == ClaimPolicy::rows) flush_over();
            continue;
        }
        if (auto links = book_.chain_row(id, channel->total_claimed)) {
            const auto total = *market::worth(links->chain, links->index);
            if (total > channel->balance ||
                !claim_is_due(watch, *channel, total - channel->total_claimed, now))
                continue;
            watch.busy = true;
            watch.last_claim = now;
            if (watch.alone) {
                orders.push_back({market::ChannelChainClaim{{std::move(*links)}}, {id}});
                continue;
            }
            chain_rows.push_back(std::move(*links));
            by_chain.push_back(id);
            if (chain_rows.size() == ClaimPolicy::rows) flush_chains();
            continue;
        }
        auto row = book_.claim_row(id, channel->total_claimed);
        if (!row) {
            watched_.erase(at);
            continue;
        }
        // A refund that is not in the book may have left less than the ceiling: wait for a voucher.
        if (row->max_claimable > channel->balance) continue;
        if (!claim_is_due(watch, *channel, row->total_claimed - channel->total_claimed, now))
            continue;
        watch.busy = true;
        watch.last_claim = now;
        if (watch.alone) {
            orders.push_back(claim({std::move(*row)}, {id}));
            continue;
        }
        rows.push_back(std::move(*row));
        claimed.push_back(id);
        if (rows.size() == ClaimPolicy::rows) flush_rows();
    }
    flush_rows();
    flush_chains();
    flush_over();
    return orders;
}

bool ClaimKeeper::claim_is_due(const Watch& watch, const market::Channel& channel,
                               market::Amount open, Clock::Steady now) const
{
    return all_ || channel.withdraw || open >= policy_.cap ||
           now - watch.last_claim >= policy_.every;
}

ClaimKeeper::Order ClaimKeeper::claim(std::vector<market::ClaimRow> rows,
                                      std::vector<market::ChannelId> channels) const
{
    std::vector<market::ClaimEntry> entries;
    for (std::size_t i = 0; i < rows.size(); ++i)
        entries.push_back(
            {channels[i], {rows[i].max_claimable.micros()}, {rows[i].total_claimed.micros()}});
    const auto digest = market::claim_batch_digest(network_, entries);
    return {market::ChannelClaim{std::move(rows), ledger::sign(host_.key, digest)},
            std::move(channels)};
}

void ClaimKeeper::finished(const Order& order, Settled outcome, Clock::Steady now)
{
    for (const auto& id : order.channels) {
        const auto found = watched_.find(id);
        if (found == watched_.end()) continue;
        found->second.busy = false;
        found->second.alone = outcome.what == Settled::What::refused;
        if (outcome.what != Settled::What::applied) found->second.not_before = now + policy_.retry;
        if (const auto channel = ledger_.channel(id)) book_.settled(id, channel->total_claimed);
    }
}

}  // namespace node
