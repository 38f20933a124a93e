#include "market/lease_draw.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/verify_rules.hpp"
#include "market/state/data_records.hpp"

#include <algorithm>
#include <map>

namespace market {
namespace {

Juror* juror_of(LeaseDispute& dispute, const Address& account)
{
    const auto found = std::find_if(dispute.jurors.begin(), dispute.jurors.end(),
                                    [&](const Juror& juror) { return juror.account == account; });
    return found == dispute.jurors.end() ? nullptr : &*found;
}

bool commits_over(const Context& context, const LeaseDispute& dispute)
{
    return context.now_ms() >= later(dispute.opened_ms, to_ms(context.params().lease.t_jury_s));
}

/// The dispute that a juror's message is about.
ledger::Result<LeaseDispute, Rejection> dispute_of(const View& view, const LeaseId& id,
                                                   std::uint64_t segment)
{
    const auto lease = view.find<Lease>(id);
    if (!lease) return Rejection::unknown_lease;
    if (lease->status != LeaseStatus::disputed) return Rejection::lease_not_disputed;
    auto dispute = view.get<LeaseDispute>(id);
    if (dispute.segment != segment) return Rejection::unknown_segment;
    return dispute;
}

}  // namespace

void call_jury(State& state, const Context& context, const LeaseId& id, Lease& lease,
               std::uint64_t segment, const Hash& committed, const Address& challenger)
{
    LeaseDispute dispute;
    dispute.segment = segment;
    dispute.committed = committed;
    dispute.challenger = challenger;
    dispute.opened = context.height;
    dispute.opened_ms = context.now_ms();
    state.put(id, dispute);
    lease.status = LeaseStatus::disputed;
    state.put(id, lease);
    state.put({}, AwaitedBeacon{context.height});
    context.emit(EventKind::disputed, challenger, {}, ledger::retag<Hash>(id));
}

Verdict seat_jury(State& state, const Context& context, const LeaseId& id, const Lease& lease,
                  LeaseDispute& dispute)
{
    if (dispute.drawn) return {};
    const auto beacon = jury_beacon(state, id, dispute);
    if (!beacon) return Rejection::draw_not_known;
    const auto terms = state.get<GpuOrderRecord>(lease.order).ordered.verify;
    std::vector<Address> without{lease.tenant, lease.provider, dispute.challenger};
    for (const auto& slot : state.get<Verification>(id).slots)
        if (slot.segment == dispute.segment) without.push_back(slot.verifier);
    auto all = candidates(state, context.network, terms.arch_class, dispute.opened, without);
    for (const auto& account : draw_jury(*beacon, std::move(all), context.params().lease.jury)) {
        Juror juror;
        juror.account = account;
        dispute.jurors.push_back(juror);
        add_duty(state, {terms.arch_class, account});
        context.emit(EventKind::assigned, account, {}, ledger::retag<Hash>(id));
    }
    dispute.drawn = true;
    // Jurors have all of their time from here on: nobody told them before.
    dispute.opened_ms = context.now_ms();
    state.put(id, dispute);
    return {};
}

JuryResult count_votes(const LeaseDispute& dispute, std::uint32_t quorum, bool deterministic)
{
    std::map<Hash, std::size_t> votes;
    std::size_t revealed = 0;
    for (const auto& juror : dispute.jurors) {
        if (!juror.revealed) continue;
        ++revealed;
        ++votes[juror.result];
    }
    const auto decides = [&](std::size_t count) {
        return revealed >= quorum && count * 3 >= revealed * 2;
    };
    JuryResult result{JuryFinding::nothing, {}, {}};
    std::optional<Hash> other;
    for (const auto& [value, count] : votes)
        if (value != dispute.committed && decides(count)) other = value;
    const auto agreeing = votes[dispute.committed];
    if (decides(agreeing)) result.finding = JuryFinding::as_committed;
    // Machines that do not compute the same bits all differ, each in its own way.
    if (other || (!deterministic && decides(revealed - agreeing)))
        result.finding = JuryFinding::other;

    for (const auto& juror : dispute.jurors) {
        const bool agrees = juror.result == dispute.committed;
        bool in_majority = juror.revealed;
        if (result.finding == JuryFinding::as_committed) in_majority = in_majority && agrees;
        if (result.finding == JuryFinding::other)
            in_majority = in_majority && (deterministic ? juror.result == other : !agrees);
        if (result.finding == JuryFinding::nothing) in_majority = juror.revealed;
        (in_majority ? result.majority : result.others).push_back(juror.account);
    }
    return result;
}

Verdict apply(State& state, const Context& context, const DisputeOpen& message)
{
    auto lease = state.find<Lease>(message.lease);
    if (!lease) return Rejection::unknown_lease;
    if (lease->tenant != context.sender) return Rejection::not_a_party;
    if (lease->status == LeaseStatus::disputed || lease->challenged)
        return Rejection::jury_is_called;
    if (lease->status != LeaseStatus::verifying) return Rejection::lease_not_closed;
    if (const auto good = check_opening(state, message.lease, *lease, message.opening); !good)
        return good;
    if (message.bond < context.params().lease.dispute_bond) return Rejection::bond_too_small;

    if (const auto paid = debit(state, context.sender, message.bond); !paid) return paid;
    lease->challenge = message.bond;
    lease->challenged = true;
    context.emit(EventKind::bonded, context.sender, message.bond,
                 ledger::retag<Hash>(message.lease));
    call_jury(state, context, message.lease, *lease, message.opening.segment,
              message.opening.result, context.sender);
    return {};
}

Verdict apply(State& state, const Context& context, const JuryCommit& message)
{
    auto dispute = dispute_of(state, message.lease, message.segment);
    if (!dispute) return dispute.error();
    const auto lease = state.get<Lease>(message.lease);
    if (const auto drawn = seat_jury(state, context, message.lease, lease, *dispute); !drawn)
        return drawn;
    auto* juror = juror_of(*dispute, context.sender);
    if (!juror) return Rejection::not_a_juror;
    if (juror->committed) return Rejection::already_committed;
    if (commits_over(context, *dispute)) return Rejection::commits_over;

    juror->committed = true;
    juror->commitment = message.commitment;
    state.put(message.lease, *dispute);
    context.emit(EventKind::committed, context.sender, {}, ledger::retag<Hash>(message.lease));
    return {};
}

Verdict apply(State& state, const Context& context, const JuryReveal& message)
{
    auto dispute = dispute_of(state, message.lease, message.segment);
    if (!dispute) return dispute.error();
    auto* juror = juror_of(*dispute, context.sender);
    if (!juror) return Rejection::not_a_juror;
    if (juror->revealed) return Rejection::already_revealed;
    const bool all_committed = std::all_of(dispute->jurors.begin(), dispute->jurors.end(),
                                           [](const Juror& other) { return other.committed; });
    if (!all_committed && !commits_over(context, *dispute)) return Rejection::commits_not_over;
    if (!juror->committed ||
        juror->commitment != jury_commitment(message.lease, message.segment, context.sender,
                                             message.result, message.salt))
        return Rejection::not_what_was_committed;

    juror->revealed = true;
    juror->result = message.result;
    state.put(message.lease, *dispute);
    context.emit(EventKind::reported, context.sender, {}, ledger::retag<Hash>(message.lease));
    return {};
}

}  // namespace market
