#include "market/rules/lasting.hpp"
#include "market/rules/lease_rules.hpp"
#include "market/rules/verify_rules.hpp"

#include <algorithm>

namespace market {
namespace {

bool is_deterministic(const View& view, const Lease& lease)
{
    return view.get<GpuOfferRecord>(lease.offer).offered.profile.deterministic;
}

/// Compares what was reported with what was committed to, where both are known.
void compare(Verification& verification)
{
    for (auto& slot : verification.slots) {
        if (!slot.opened || slot.verdict != SlotVerdict::none) continue;
        if (slot.result == slot.committed)
            slot.verdict = SlotVerdict::agrees;
        else if (slot.planted && slot.result == slot.decoy)
            slot.verdict = SlotVerdict::lazy;
    }
}

/// Seats a jury that waits for it; takes the verdict of one whose time is over, or that has all
/// spoken.
Verdict judge(State& state, const Context& context, const LeaseId& id, Lease& lease)
{
    const auto& params = context.params().lease;
    auto dispute = state.get<LeaseDispute>(id);
    if (!dispute.drawn) return seat_jury(state, context, id, lease, dispute);
    const bool all_spoke =
        !dispute.jurors.empty() && std::all_of(dispute.jurors.begin(), dispute.jurors.end(),
                                               [](const Juror& juror) { return juror.revealed; });
    if (!all_spoke && context.now_ms() < later(dispute.opened_ms, to_ms(2 * params.t_jury_s)))
        return Rejection::window_not_over;

    const auto result = count_votes(dispute, params.jury_quorum, is_deterministic(state, lease));
    auto verification = state.find<Verification>(id);
    if (verification) compare(*verification);
    const auto mark = [&](SlotVerdict verdict) {
        if (!verification) return;
        if (dispute.challenger != lease.tenant)
            for (auto& slot : verification->slots)
                if (slot.segment == dispute.segment) slot.verdict = verdict;
        state.put(id, *verification);
    };
    if (result.finding == JuryFinding::other) {
        mark(SlotVerdict::right);
        end_faked(state, context, id, lease, dispute, result);
        return {};
    }
    const bool could_decide = dispute.jurors.size() >= params.jury_quorum;
    if (result.finding == JuryFinding::nothing && could_decide) {
        mark(SlotVerdict::undecided);
        end_undecided(state, context, id, lease, result);
        return {};
    }
    if (could_decide) {
        mark(SlotVerdict::wrong);
        context.emit(EventKind::judged, lease.provider, {}, ledger::retag<Hash>(id));
        punish_challenger(state, context, id, lease, dispute, result);
    } else {
        mark(SlotVerdict::undecided);
        adjourn(state, context, id, lease, result);
    }
    lease.status = LeaseStatus::verifying;
    state.put(id, lease);
    state.erase<LeaseDispute>(id);
    return {};
}

bool has(const Verification& verification, SlotVerdict verdict)
{
    return std::any_of(verification.slots.begin(), verification.slots.end(),
                       [&](const VerifySlot& slot) { return slot.verdict == verdict; });
}

/// A lease whose segments were assigned.
Verdict settle_reports(State& state, const Context& context, const LeaseId& id, Lease& lease,
                       const GpuOrderRecord& order, Verification verification)
{
    if (!reports_over(context, order, lease, verification)) return Rejection::window_not_over;
    const bool late = context.now_ms() >= openings_end_ms(context, order, lease, verification);
    const auto& slots = verification.slots;
    const bool unopened = std::any_of(slots.begin(), slots.end(), [](const VerifySlot& slot) {
        return slot.reported && !slot.opened;
    });
    if (unopened && !late) return Rejection::window_not_over;
    compare(verification);
    state.put(id, verification);
    if (unopened) {
        end_unopened(state, context, id, lease);
        return {};
    }
    const auto doubt = std::find_if(slots.begin(), slots.end(), [](const VerifySlot& slot) {
        return slot.opened && slot.verdict == SlotVerdict::none;
    });
    if (doubt != slots.end()) {
        // It may be a decoy; the tenant has as long as the provider to say so.
        if (order.ordered.verify.planted != 0 && !verification.planted_shown && !late)
            return Rejection::window_not_over;
        call_jury(state, context, id, lease, doubt->segment, doubt->committed, doubt->verifier);
        return {};
    }
    if (has(verification, SlotVerdict::agrees) || has(verification, SlotVerdict::wrong))
        end_verified(state, context, id, lease, LeaseOutcome::verified);
    else
        end_silent(state, context, id, lease, false);
    return {};
}

}  // namespace

Verdict apply(State& state, const Context& context, const LeaseSettle& message)
{
    auto lease = state.find<Lease>(message.lease);
    if (!lease) return Rejection::unknown_lease;
    if (lease->status == LeaseStatus::disputed) return judge(state, context, message.lease, *lease);
    if (lease->status != LeaseStatus::verifying) return Rejection::lease_not_closed;
    const auto order = state.get<GpuOrderRecord>(lease->order);
    // Time for the tenant to have the draw made, and for the provider to claim what it holds.
    const bool early =
        context.now_ms() < later(lease->closed_ms, to_ms(context.params().lease.t_move_s));
    auto verification = state.find<Verification>(message.lease);
    if (early && (!verification || context.sender != lease->provider))
        return Rejection::window_not_over;
    if (verification)
        return settle_reports(state, context, message.lease, *lease, order,
                              std::move(*verification));
    if (!order.is_job())
        end_verified(state, context, message.lease, *lease, LeaseOutcome::unverified);
    else
        end_silent(state, context, message.lease, *lease, lease->segments != 0);
    return {};
}

}  // namespace market
