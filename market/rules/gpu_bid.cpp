#include "market/lease_draw.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/lease_rules.hpp"

#include <algorithm>

namespace market {
namespace {

bool meets(const GpuOffer& offer, const GpuOrderRecord& order)
{
    const auto& need = order.ordered.need;
    const auto& device = offer.device;
    const auto& profile = offer.profile;
    return (need.model.empty() || need.model == device.model) &&
           (need.region.empty() || need.region == device.region) &&
           device.memory_mib >= need.memory_mib && device.count >= need.count &&
           profile.gflops >= need.gflops && profile.bandwidth_mbs >= need.bandwidth_mbs &&
           (profile.deterministic || !need.deterministic) &&
           (!order.is_job() || profile.arch_class == order.ordered.verify.arch_class);
}

Verdict check_terms(const Context& context, const GpuBid& bid, const GpuOrderRecord& order,
                    const GpuOffer& offer)
{
    if (bid.rate.is_zero()) return Rejection::amount_is_zero;
    if (bid.rate > order.ordered.max_rate) return Rejection::rate_above_the_maximum;
    const auto least = bid.rate.times(offer.min_s);
    if (!least || *least > order.ordered.escrow) return Rejection::escrow_too_small;
    if (bid.start_by <= context.now_s() || bid.start_by - context.now_s() > LeaseLimits::longest_s)
        return Rejection::start_not_ahead;
    if (bid.reclaim_s < order.ordered.reclaim_s || bid.reclaim_s > LeaseLimits::longest_s)
        return Rejection::reclaim_too_short;
    // By the order's rate, so that a cheap bid keeps its machine ready as well as a dear one.
    const auto waiting = order.ordered.max_rate.times(context.params().lease.starvation_s);
    if (!waiting || bid.deposit < *waiting) return Rejection::deposit_too_small;
    // The tenant's for no work: without a bound it would be a transfer where there is none.
    const auto most = waiting->times(2);
    if (most && bid.deposit > *most) return Rejection::above_what_is_permitted;
    if (bid.bond < least_bond(context.params().lease.bond_bps, order.ordered, offer, bid.rate))
        return Rejection::bond_too_small;
    return {};
}

std::vector<std::pair<GpuBidKey, GpuBidRecord>> waiting_bids(const View& view,
                                                             const GpuOrderId& order)
{
    std::vector<std::pair<GpuBidKey, GpuBidRecord>> bids;
    view.scan<GpuBidRecord>(order.view(), [&](const auto& key, const auto& record) {
        bids.emplace_back(key, record);
        return true;
    });
    return bids;
}

/// Makes room for a bid: the dearest that waits goes when this one is cheaper. Each provider has
/// one, or one could fill an order.
Verdict make_room_for(State& state, const Context& context, const GpuBid& bid,
                      GpuOrderRecord& order)
{
    const auto bids = waiting_bids(state, bid.order);
    for (const auto& [key, record] : bids)
        if (record.provider == context.sender) return Rejection::too_many_bids;
    if (order.bids < LeaseLimits::bids) return {};
    const auto dearest = std::max_element(
        bids.begin(), bids.end(),
        [](const auto& a, const auto& b) { return a.second.bid.rate < b.second.bid.rate; });
    if (dearest == bids.end() || dearest->second.bid.rate <= bid.rate)
        return Rejection::too_many_bids;
    return_bid(state, context, dearest->first, dearest->second);
    --order.bids;
    return {};
}

}  // namespace

std::uint64_t most_seconds(const GpuOrder& order, const GpuOffer& offer, Amount rate)
{
    return std::min(order.escrow.micros() / rate.micros(), offer.max_s);
}

Amount least_bond(BasisPoints bond_bps, const GpuOrder& order, const GpuOffer& offer, Amount rate)
{
    const auto asked = std::max(order.verify.bond, offer.bond);
    if (order.job.kind == JobKind::raw) return asked;
    const auto most = rate.times(most_seconds(order, offer, rate));
    ledger::ensure(most.has_value(), "the most that a lease pays is part of its escrow");
    // Where two runs differ half of it is at stake, and that half must be above the pay.
    const auto parts = std::uint64_t{bond_bps.value} * (offer.profile.deterministic ? 1 : 2);
    const auto whole = most->times(parts / BasisPoints::whole);
    const auto bond =
        whole ? whole->plus(most->share_up(parts % BasisPoints::whole, BasisPoints::whole))
              : std::nullopt;
    return std::max(asked, bond.value_or(Amount::max()));
}

void take_bid(State& state, const Context& context, const GpuBidKey& key,
              const GpuBidRecord& record)
{
    const auto bytes = entry_bytes(key, record) + entry_bytes(key.bid, GpuBidOf{key.order});
    const auto deposit = context.params().byte_deposit.times(bytes);
    ledger::ensure(deposit.has_value(), "a deposit that was locked is a number");
    unlock_deposit(state, record.provider, *deposit);
    state.erase<GpuBidRecord>(key);
    state.erase<GpuBidOf>(key.bid);
}

void return_bid(State& state, const Context& context, const GpuBidKey& key,
                const GpuBidRecord& record)
{
    take_bid(state, context, key, record);
    credit(state, record.provider, record.held());
    context.emit(EventKind::unbonded, record.provider, record.held(), ledger::retag<Hash>(key.bid));
}

void return_bids(State& state, const Context& context, const GpuOrderId& id, GpuOrderRecord& order)
{
    for (const auto& [key, record] : waiting_bids(state, id))
        return_bid(state, context, key, record);
    order.bids = 0;
}

Verdict apply(State& state, const Context& context, const GpuBid& message)
{
    auto order = state.find<GpuOrderRecord>(message.order);
    if (!order) return Rejection::unknown_order;
    if (order->status != GpuOrderStatus::ordered) return Rejection::order_closed;
    if (order->ordered.expires <= context.now_s()) return Rejection::order_expired;
    if (order->tenant == context.sender) return Rejection::own_order;
    const auto offer = state.find<GpuOfferRecord>(message.offer);
    if (!offer) return Rejection::unknown_offer;
    if (offer->provider != context.sender) return Rejection::not_the_owner;
    if (offer->status != GpuOfferStatus::listed) return Rejection::offer_closed;
    if (offer->offered.expires <= context.now_s()) return Rejection::offer_expired;
    if (!meets(offer->offered, *order)) return Rejection::need_not_met;
    if (const auto good = check_terms(context, message, *order, offer->offered); !good) return good;
    const auto held = message.deposit.plus(message.bond);
    if (!held) return Rejection::insufficient_funds;

    if (const auto room = make_room_for(state, context, message, *order); !room) return room;
    if (const auto paid = debit(state, context.sender, *held); !paid) return paid;
    const auto id = ledger::retag<GpuBidId>(context.tx);
    const GpuBidRecord record{message, context.sender, context.now_ms()};
    if (const auto put = put_lasting(state, context, GpuBidKey{message.order, id}, record); !put)
        return put;
    if (const auto put = put_lasting(state, context, id, GpuBidOf{message.order}); !put) return put;
    ++order->bids;
    state.put(message.order, *order);
    const auto subject = ledger::retag<Hash>(id);
    context.emit(EventKind::bonded, context.sender, *held, subject);
    context.emit(EventKind::bid, context.sender, message.rate, ledger::retag<Hash>(message.order));
    return {};
}

}  // namespace market
