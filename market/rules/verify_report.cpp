#include "market/lease_draw.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/verify_rules.hpp"

#include "ledger/crypto/merkle.hpp"

#include <algorithm>

namespace market {
namespace {

VerifySlot* slot_of(Verification& verification, std::uint64_t segment)
{
    const auto found =
        std::find_if(verification.slots.begin(), verification.slots.end(),
                     [&](const VerifySlot& slot) { return slot.segment == segment; });
    return found == verification.slots.end() ? nullptr : &*found;
}

bool all_reported(const Verification& verification)
{
    return std::all_of(verification.slots.begin(), verification.slots.end(),
                       [](const VerifySlot& slot) { return slot.reported; });
}

std::uint64_t window_end_ms(const GpuOrderRecord& order, const Lease& lease)
{
    return later(lease.closed_ms, to_ms(order.ordered.verify.window_s));
}

Verdict open_slots(const View& view, const VerifyReveal& message, const Lease& lease,
                   Verification& verification)
{
    for (const auto& opening : message.openings) {
        auto* slot = slot_of(verification, opening.segment);
        if (!slot) return Rejection::segment_not_assigned;
        if (!slot->reported) return Rejection::not_yet_reported;
        if (slot->opened) return Rejection::already_opened;
        if (const auto good = check_opening(view, message.lease, lease, opening); !good)
            return good;
        slot->opened = true;
        slot->committed = opening.result;
    }
    return {};
}

/// Decoys are of use only while nobody who still has to report knows them.
Verdict show_decoys(const Context& context, const VerifyReveal& message, const Lease& lease,
                    const GpuOrderRecord& order, Verification& verification)
{
    if (message.planted.empty()) return {};
    if (context.sender != lease.tenant) return Rejection::not_a_party;
    if (!reports_over(context, order, lease, verification)) return Rejection::reports_not_over;
    const auto& terms = order.ordered.verify;
    for (const auto& planted : message.planted) {
        const auto decoy = decoy_of(planted.seed);
        if (planted.path.size() > LeaseLimits::path ||
            !ledger::merkle_verify(terms.planted_root, planted_leaf(planted.segment, decoy),
                                   planted.index, terms.planted, planted.path))
            return Rejection::decoy_not_committed;
        if (auto* slot = slot_of(verification, planted.segment)) {
            slot->planted = true;
            slot->decoy = decoy;
        }
    }
    verification.planted_shown = true;
    return {};
}

}  // namespace

bool reports_over(const Context& context, const GpuOrderRecord& order, const Lease& lease,
                  const Verification& verification)
{
    return all_reported(verification) || context.now_ms() >= window_end_ms(order, lease);
}

std::uint64_t openings_end_ms(const Context& context, const GpuOrderRecord& order,
                              const Lease& lease, const Verification& verification)
{
    const auto over_ms =
        all_reported(verification) ? verification.last_report_ms : window_end_ms(order, lease);
    return later(over_ms, to_ms(context.params().lease.t_move_s));
}

bool holds(const CheckpointRecord& checkpoint, const SegmentOpening& opening)
{
    if (opening.segment < checkpoint.seg_from || opening.segment >= checkpoint.seg_to ||
        opening.path.size() > LeaseLimits::path)
        return false;
    // Each commitment has a salt beside it: else a root could be tried against a guess.
    return ledger::merkle_verify(checkpoint.root, ledger::merkle_leaf(opening.result.view()),
                                 2 * (opening.segment - checkpoint.seg_from),
                                 2 * (checkpoint.seg_to - checkpoint.seg_from), opening.path);
}

Verdict check_opening(const View& view, const LeaseId& id, const Lease& lease,
                      const SegmentOpening& opening)
{
    if (opening.segment >= lease.segments) return Rejection::unknown_segment;
    const auto checkpoint = view.find<CheckpointRecord>({id, opening.checkpoint});
    return checkpoint && holds(*checkpoint, opening) ? Verdict{} : Rejection::opening_not_committed;
}

Verdict apply(State& state, const Context& context, const VerifyReport& message)
{
    const auto lease = state.find<Lease>(message.lease);
    if (!lease) return Rejection::unknown_lease;
    if (!lease->is_checked()) return Rejection::lease_not_closed;
    auto verification = state.get<Verification>(message.lease);
    auto* slot = slot_of(verification, message.segment);
    if (!slot || slot->verifier != context.sender) return Rejection::segment_not_assigned;
    if (slot->reported) return Rejection::already_reported;
    // A later one would have to be shown in a time that may be over, too.
    if (context.now_ms() >= window_end_ms(state.get<GpuOrderRecord>(lease->order), *lease))
        return Rejection::already_closed;

    slot->reported = true;
    slot->result = message.result;
    slot->evidence_root = message.evidence_root;
    verification.last_report_ms = context.now_ms();
    state.put(message.lease, verification);
    context.emit(EventKind::reported, context.sender, {}, ledger::retag<Hash>(message.lease));
    return {};
}

Verdict apply(State& state, const Context& context, const VerifyReveal& message)
{
    const auto lease = state.find<Lease>(message.lease);
    if (!lease) return Rejection::unknown_lease;
    if (lease->provider != context.sender && lease->tenant != context.sender)
        return Rejection::not_a_party;
    if (!lease->is_checked()) return Rejection::lease_not_closed;
    auto verification = state.find<Verification>(message.lease);
    if (!verification) return Rejection::segment_not_assigned;
    if ((message.openings.empty() && message.planted.empty()) ||
        message.openings.size() > LeaseLimits::samples ||
        message.planted.size() > LeaseLimits::planted)
        return Rejection::too_many_entries;
    const auto order = state.get<GpuOrderRecord>(lease->order);
    if (const auto good = open_slots(state, message, *lease, *verification); !good) return good;
    if (const auto good = show_decoys(context, message, *lease, order, *verification); !good)
        return good;

    state.put(message.lease, *verification);
    context.emit(EventKind::opened, context.sender, {}, ledger::retag<Hash>(message.lease));
    return {};
}

}  // namespace market
