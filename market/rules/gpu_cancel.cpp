#include "market/lease_draw.hpp"
#include "market/rules/lease_rules.hpp"

namespace market {
namespace {

Verdict close_gpu_offer(State& state, const Context& context, const Hash& id, GpuOfferRecord& offer,
                        GpuOfferStatus status)
{
    offer.status = status;
    offer.closed_ms = context.now_ms();
    state.put(ledger::retag<GpuOfferId>(id), offer);
    context.emit(EventKind::closed, offer.provider, {}, id);
    return {};
}

Verdict close_order(State& state, const Context& context, const Hash& id, GpuOrderRecord& order,
                    GpuOrderStatus status)
{
    const auto key = ledger::retag<GpuOrderId>(id);
    const auto held = order.held();
    return_bids(state, context, key, order);
    order.status = status;
    order.closed_ms = context.now_ms();
    state.put(key, order);
    credit(state, order.tenant, held);
    context.emit(EventKind::refunded, order.tenant, held, id);
    context.emit(EventKind::closed, order.tenant, {}, id);
    return {};
}

Verdict cancel_offer(State& state, const Context& context, const Hash& id)
{
    auto offer = state.find<GpuOfferRecord>(ledger::retag<GpuOfferId>(id));
    if (!offer) return Rejection::unknown_offer;
    if (offer->provider != context.sender) return Rejection::not_the_owner;
    if (offer->status != GpuOfferStatus::listed) return Rejection::offer_closed;
    return close_gpu_offer(state, context, id, *offer, GpuOfferStatus::cancelled);
}

Verdict cancel_order(State& state, const Context& context, const Hash& id)
{
    auto order = state.find<GpuOrderRecord>(ledger::retag<GpuOrderId>(id));
    if (!order) return Rejection::unknown_order;
    if (order->tenant != context.sender) return Rejection::not_the_owner;
    if (order->status != GpuOrderStatus::ordered) return Rejection::order_closed;
    return close_order(state, context, id, *order, GpuOrderStatus::cancelled);
}

Verdict cancel_bid(State& state, const Context& context, const Hash& id)
{
    const auto bid = ledger::retag<GpuBidId>(id);
    const auto of = state.find<GpuBidOf>(bid);
    if (!of) return Rejection::unknown_bid;
    const auto record = state.get<GpuBidRecord>({of->order, bid});
    // A tenant clears its order of bids that it will not take: they are few places.
    auto order = state.get<GpuOrderRecord>(of->order);
    if (record.provider != context.sender && order.tenant != context.sender)
        return Rejection::not_the_owner;
    return_bid(state, context, {of->order, bid}, record);
    --order.bids;
    state.put(of->order, order);
    context.emit(EventKind::closed, context.sender, {}, id);
    return {};
}

Verdict time_offer_out(State& state, const Context& context, const Hash& id)
{
    auto offer = state.find<GpuOfferRecord>(ledger::retag<GpuOfferId>(id));
    if (!offer) return Rejection::unknown_offer;
    if (offer->status != GpuOfferStatus::listed) return Rejection::offer_closed;
    if (context.now_s() < offer->offered.expires) return Rejection::window_not_over;
    return close_gpu_offer(state, context, id, *offer, GpuOfferStatus::expired);
}

Verdict time_order_out(State& state, const Context& context, const Hash& id)
{
    auto order = state.find<GpuOrderRecord>(ledger::retag<GpuOrderId>(id));
    if (!order) return Rejection::unknown_order;
    if (order->status != GpuOrderStatus::ordered) return Rejection::order_closed;
    if (context.now_s() < order->ordered.expires) return Rejection::window_not_over;
    return close_order(state, context, id, *order, GpuOrderStatus::expired);
}

/// Never started: the deposit is the tenant's, everything else returns.
Verdict time_lease_out(State& state, const Context& context, const Hash& id)
{
    const auto key = ledger::retag<LeaseId>(id);
    auto lease = state.find<Lease>(key);
    if (!lease) return Rejection::unknown_lease;
    if (lease->status != LeaseStatus::matched) return Rejection::lease_not_matched;
    if (context.now_ms() < lease->start_by_ms) return Rejection::window_not_over;

    const auto refund = lease->escrow + lease->fees;
    credit(state, lease->tenant, refund + lease->deposit);
    credit(state, lease->provider, lease->bond);
    context.emit(EventKind::refunded, lease->tenant, refund, id);
    context.emit(EventKind::compensated, lease->tenant, lease->deposit, id);
    context.emit(EventKind::unbonded, lease->provider, lease->bond, id);
    lease->escrow = lease->fees = lease->deposit = lease->bond = {};
    lease->status = LeaseStatus::expired;
    lease->ended_ms = context.now_ms();
    state.put(key, *lease);
    context.emit(EventKind::ended, lease->provider, {}, id);
    return {};
}

}  // namespace

Verdict apply(State& state, const Context& context, const GpuCancel& message)
{
    switch (message.entry) {
        case GpuEntry::offer:
            return cancel_offer(state, context, message.id);
        case GpuEntry::order:
            return cancel_order(state, context, message.id);
        case GpuEntry::bid:
            return cancel_bid(state, context, message.id);
        case GpuEntry::lease:
            break;
    }
    return Rejection::not_to_be_ended;
}

Verdict apply(State& state, const Context& context, const LeaseTimeout& message)
{
    switch (message.entry) {
        case GpuEntry::offer:
            return time_offer_out(state, context, message.id);
        case GpuEntry::order:
            return time_order_out(state, context, message.id);
        case GpuEntry::lease:
            return time_lease_out(state, context, message.id);
        case GpuEntry::bid:
            break;
    }
    return Rejection::not_to_be_ended;
}

}  // namespace market
