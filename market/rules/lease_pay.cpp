#include "market/rules/lasting.hpp"
#include "market/rules/lease_rules.hpp"
#include "market/settlement.hpp"
#include "market/state/data_records.hpp"

namespace market {
namespace {

Rejection reason_of(VoucherFault fault)
{
    switch (fault) {
        case VoucherFault::nothing_new:
            return Rejection::claim_not_above_the_last;
        case VoucherFault::wrong_signature:
            return Rejection::wrong_signature;
        case VoucherFault::other_lease:
        case VoucherFault::amount_not_of_the_rate:
        case VoucherFault::beyond_the_lease:
            break;
    }
    return Rejection::beyond_the_lease;
}

bool little_left(const LeaseMeter& meter, std::uint64_t paid_s)
{
    return meter.most_s - paid_s < meter.interval_s;
}

/// Whether the sender may close for this reason. A tenant may always go; a provider has to have
/// done its work, to be unpaid, or to have given notice.
bool may_close(const Context& context, const LeaseMeter& meter, const Lease& lease,
               const LeaseJob& job, CloseReason reason)
{
    const bool is_tenant = context.sender == lease.tenant;
    switch (reason) {
        case CloseReason::done:
            return is_tenant || (job.kind != JobKind::raw && lease.segments == job_segments(job));
        case CloseReason::stalled:
            return is_tenant;
        case CloseReason::paid_out:
            return little_left(meter, lease.paid_s);
        case CloseReason::starved:
            return !is_tenant && is_starved(meter, lease.paid_s, context.now_ms());
        case CloseReason::reclaimed:
            return !is_tenant && lease.status == LeaseStatus::reclaiming &&
                   context.now_ms() >= lease.reclaim_end_ms;
    }
    return false;
}

}  // namespace

LeaseMeter meter_of(const Context& context, const LeaseId& id, const Lease& lease)
{
    const auto& params = context.params().lease;
    return {id,           lease.tenant,     lease.provider,    lease.rate,
            lease.most_s, lease.started_ms, params.interval_s, params.starvation_s};
}

Amount holdback_of(const Context& context, const GpuOrderRecord& order, Amount paid)
{
    return order.is_job() ? paid.share_up(context.params().lease.holdback_bps) : Amount{};
}

Verdict apply(State& state, const Context& context, const LeaseClaim& message)
{
    auto lease = state.find<Lease>(message.lease);
    if (!lease) return Rejection::unknown_lease;
    // The tenant, too: a provider that keeps its vouchers could say that nobody paid and go.
    if (lease->provider != context.sender && lease->tenant != context.sender)
        return Rejection::not_a_party;
    if (!lease->runs() && !lease->is_checked()) return Rejection::lease_not_running;
    const auto meter = meter_of(context, message.lease, *lease);
    const auto voucher = make_voucher(meter, message.seconds);
    if (!voucher) return Rejection::beyond_the_lease;
    const auto good =
        check_voucher(context.network, meter, lease->paid_s, *voucher, message.signature);
    if (!good) return reason_of(good.error());

    const auto order = state.get<GpuOrderRecord>(lease->order);
    const auto before = make_voucher(meter, lease->paid_s)->amount;
    const auto added = voucher->amount - before;
    const auto kept =
        holdback_of(context, order, voucher->amount) - holdback_of(context, order, before);
    lease->paid_s = message.seconds;
    lease->escrow = lease->escrow - added;
    lease->holdback = lease->holdback + kept;
    state.put(message.lease, *lease);
    const auto subject = ledger::retag<Hash>(message.lease);
    context.emit(EventKind::claimed, lease->provider, added, subject);
    settle_work(state, context, lease->provider, added - kept, subject);
    return {};
}

Verdict apply(State& state, const Context& context, const LeaseReclaim& message)
{
    auto lease = state.find<Lease>(message.lease);
    if (!lease) return Rejection::unknown_lease;
    if (lease->provider != context.sender) return Rejection::not_a_party;
    if (lease->status == LeaseStatus::reclaiming) return Rejection::reclaim_given;
    if (lease->status != LeaseStatus::active) return Rejection::lease_not_running;

    lease->status = LeaseStatus::reclaiming;
    lease->reclaim_end_ms = later(context.now_ms(), to_ms(lease->reclaim_s));
    state.put(message.lease, *lease);
    context.emit(EventKind::reclaim, lease->provider, {}, ledger::retag<Hash>(message.lease));
    return {};
}

Verdict apply(State& state, const Context& context, const LeaseClose& message)
{
    auto lease = state.find<Lease>(message.lease);
    if (!lease) return Rejection::unknown_lease;
    if (lease->provider != context.sender && lease->tenant != context.sender)
        return Rejection::not_a_party;
    if (!lease->runs()) return Rejection::lease_not_running;
    const auto order = state.get<GpuOrderRecord>(lease->order);
    const auto meter = meter_of(context, message.lease, *lease);
    if (!may_close(context, meter, *lease, order.ordered.job, message.reason))
        return Rejection::reason_does_not_hold;

    lease->status = LeaseStatus::verifying;
    lease->reason = message.reason;
    lease->closed_ms = context.now_ms();
    lease->closed_height = context.height;
    state.put(message.lease, *lease);
    // The id of this block draws what is executed again.
    if (lease->segments != 0) state.put({}, AwaitedBeacon{context.height});
    context.emit(EventKind::closed, context.sender, {}, ledger::retag<Hash>(message.lease));
    return {};
}

}  // namespace market
