#include "market/lease_queries.hpp"

#include <algorithm>

namespace market {
namespace {

/// Drawn to execute something of a lease again.
bool is_drawn(const View& view, const LeaseId& lease, const Address& account)
{
    const auto slots = view.get<Verification>(lease).slots;
    const auto jurors = view.get<LeaseDispute>(lease).jurors;
    return std::ranges::find(slots, account, &VerifySlot::verifier) != slots.end() ||
           std::ranges::find(jurors, account, &Juror::account) != jurors.end();
}

}  // namespace

Page<GpuOfferEntry> list_gpu_offers(const View& view, const std::optional<Address>& provider,
                                    bool listed, ByteView after, std::size_t limit)
{
    return page_of<GpuOfferEntry, GpuOfferRecord>(
        view, {}, after, limit,
        [&](const GpuOfferId& id, GpuOfferRecord record) -> std::optional<GpuOfferEntry> {
            if (provider && record.provider != *provider) return {};
            if (listed && record.status != GpuOfferStatus::listed) return {};
            return GpuOfferEntry{id, std::move(record)};
        });
}

Page<GpuOrderEntry> list_gpu_orders(const View& view, const std::optional<Address>& tenant,
                                    bool waiting, ByteView after, std::size_t limit)
{
    return page_of<GpuOrderEntry, GpuOrderRecord>(
        view, {}, after, limit,
        [&](const GpuOrderId& id, GpuOrderRecord record) -> std::optional<GpuOrderEntry> {
            if (tenant && record.tenant != *tenant) return {};
            if (waiting && record.status != GpuOrderStatus::ordered) return {};
            return GpuOrderEntry{id, std::move(record)};
        });
}

std::vector<GpuBidEntry> list_bids(const View& view, const GpuOrderId& order)
{
    std::vector<GpuBidEntry> bids;
    view.scan<GpuBidRecord>(order.view(), [&](const GpuBidKey& key, const GpuBidRecord& record) {
        bids.push_back({key.bid, record});
        return true;
    });
    return bids;
}

Page<LeaseEntry> list_leases(const View& view, const std::optional<Address>& tenant,
                             const std::optional<Address>& provider, ByteView after,
                             std::size_t limit)
{
    return page_of<LeaseEntry, Lease>(
        view, {}, after, limit, [&](const LeaseId& id, Lease lease) -> std::optional<LeaseEntry> {
            if (tenant && lease.tenant != *tenant) return {};
            if (provider && lease.provider != *provider) return {};
            return LeaseEntry{id, std::move(lease)};
        });
}

std::vector<CheckpointRecord> list_checkpoints(const View& view, const LeaseId& id,
                                               std::uint32_t first, std::size_t limit)
{
    std::vector<CheckpointRecord> found;
    const auto count = view.get<Lease>(id).checkpoints;
    limit = std::min(limit, QueryLimits::page);
    for (auto number = first; number < count && found.size() < limit; ++number)
        found.push_back(view.get<CheckpointRecord>({id, number}));
    return found;
}

Page<VerifierEntry> list_verifiers(const View& view, ByteView after, std::size_t limit)
{
    return page_of<VerifierEntry, Verifier>(view, {}, after, limit,
                                            [](const VerifierKey& key, const Verifier& verifier) {
                                                return std::optional{VerifierEntry{key, verifier}};
                                            });
}

std::vector<Duty> list_duties(const View& view, const Address& account)
{
    std::vector<Duty> duties;
    std::size_t seen = 0;
    view.scan<Verification>({}, [&](const LeaseId& id, const Verification& verification) {
        for (const auto& slot : verification.slots)
            if (slot.verifier == account && !slot.reported)
                duties.push_back({id, slot.segment, false});
        return ++seen < QueryLimits::scanned;
    });
    seen = 0;
    view.scan<LeaseDispute>({}, [&](const LeaseId& id, const LeaseDispute& dispute) {
        for (const auto& juror : dispute.jurors)
            if (juror.account == account && !juror.revealed)
                duties.push_back({id, dispute.segment, true});
        return ++seen < QueryLimits::scanned;
    });
    return duties;
}

bool is_party(const View& view, const GpuOrderId& id, const Address& account)
{
    const auto order = view.find<GpuOrderRecord>(id);
    if (!order) return false;
    if (order->tenant == account) return true;
    for (const auto& bid : list_bids(view, id))
        if (bid.record.provider == account) return true;
    if (order->status != GpuOrderStatus::matched) return false;
    return view.get<Lease>(order->lease).provider == account ||
           is_drawn(view, order->lease, account);
}

bool is_over(const View& view, const GpuOrderId& id, std::uint64_t now_ms)
{
    const auto order = view.find<GpuOrderRecord>(id);
    if (!order) return true;
    if (order->status == GpuOrderStatus::ordered) return now_ms / 1'000 >= order->ordered.expires;
    if (order->status != GpuOrderStatus::matched) return true;
    const auto lease = view.get<Lease>(order->lease);
    return lease.ended() && now_ms > lease.ended_ms && now_ms - lease.ended_ms > after_lease_ms;
}

}  // namespace market
