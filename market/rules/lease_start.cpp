#include "market/lease_draw.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/lease_rules.hpp"

#include <limits>

namespace market {

Verdict apply(State& state, const Context& context, const LeaseAccept& message)
{
    auto order = state.find<GpuOrderRecord>(message.order);
    if (!order) return Rejection::unknown_order;
    if (order->tenant != context.sender) return Rejection::not_a_party;
    if (order->status != GpuOrderStatus::ordered) return Rejection::order_closed;
    if (order->ordered.expires <= context.now_s()) return Rejection::order_expired;
    const GpuBidKey key{message.order, message.bid};
    const auto taken = state.find<GpuBidRecord>(key);
    if (!taken) return Rejection::unknown_bid;
    const auto& bid = taken->bid;
    // A tenant that accepts at the last moment would only want the deposit.
    if (bid.start_by <= context.now_s() ||
        bid.start_by - context.now_s() < context.params().lease.starvation_s)
        return Rejection::start_not_ahead;
    const auto offer = state.get<GpuOfferRecord>(bid.offer).offered;

    Lease lease;
    lease.order = message.order;
    lease.offer = bid.offer;
    lease.tenant = context.sender;
    lease.provider = taken->provider;
    lease.rate = bid.rate;
    lease.most_s = most_seconds(order->ordered, offer, bid.rate);
    lease.escrow = order->ordered.escrow;
    lease.fees = order->fees();
    lease.bond = bid.bond;
    lease.deposit = bid.deposit;
    lease.reclaim_s = bid.reclaim_s;
    lease.matched_ms = context.now_ms();
    lease.start_by_ms = to_ms(bid.start_by);
    const auto id = ledger::retag<LeaseId>(context.tx);
    if (const auto put = put_lasting(state, context, id, lease); !put) return put;
    take_bid(state, context, key, *taken);
    return_bids(state, context, message.order, *order);
    order->status = GpuOrderStatus::matched;
    order->lease = id;
    order->closed_ms = context.now_ms();
    state.put(message.order, *order);
    context.emit(EventKind::matched, lease.provider, lease.rate, ledger::retag<Hash>(id));
    return {};
}

Verdict apply(State& state, const Context& context, const LeaseStart& message)
{
    auto lease = state.find<Lease>(message.lease);
    if (!lease) return Rejection::unknown_lease;
    if (lease->provider != context.sender) return Rejection::not_a_party;
    if (lease->status != LeaseStatus::matched) return Rejection::lease_not_matched;
    if (message.endpoint_enc.size() > LeaseLimits::endpoint) return Rejection::malformed_wrap;
    const auto order = state.get<GpuOrderRecord>(lease->order);
    if (order.is_job() && message.initial.is_zero()) return Rejection::malformed_job;

    const auto deposit = lease->deposit;
    lease->deposit = {};
    lease->status = LeaseStatus::active;
    lease->env_hash = message.env_hash;
    lease->initial = message.initial;
    lease->endpoint_enc = message.endpoint_enc;
    lease->started_ms = context.now_ms();
    credit(state, lease->provider, deposit);
    // What the endpoint adds to the entry is the provider's to lock.
    if (const auto put = put_lasting(state, context, message.lease, *lease); !put) return put;
    const auto subject = ledger::retag<Hash>(message.lease);
    context.emit(EventKind::unbonded, lease->provider, deposit, subject);
    context.emit(EventKind::started, lease->provider, {}, subject);
    return {};
}

Verdict apply(State& state, const Context& context, const LeaseCheckpoint& message)
{
    auto lease = state.find<Lease>(message.lease);
    if (!lease) return Rejection::unknown_lease;
    if (lease->provider != context.sender) return Rejection::not_a_party;
    if (!lease->runs()) return Rejection::lease_not_running;
    const auto order = state.get<GpuOrderRecord>(lease->order);
    if (!order.is_job()) return Rejection::nothing_to_verify;
    if (message.seg_from != lease->segments || message.seg_to <= message.seg_from)
        return Rejection::segments_not_next;
    // A tree has two leaves a segment, whose number must be one.
    if (message.seg_to > job_segments(order.ordered.job) ||
        message.seg_to - message.seg_from > std::numeric_limits<std::uint64_t>::max() / 2)
        return Rejection::segments_beyond_the_job;

    const CheckpointRecord record{message.seg_from, message.seg_to, message.root, message.cursor,
                                  context.now_ms()};
    const CheckpointKey key{message.lease, lease->checkpoints};
    if (const auto put = put_lasting(state, context, key, record); !put) return put;
    lease->segments = message.seg_to;
    ++lease->checkpoints;
    state.put(message.lease, *lease);
    context.emit(EventKind::committed, lease->provider, {}, ledger::retag<Hash>(message.lease));
    return {};
}

}  // namespace market
