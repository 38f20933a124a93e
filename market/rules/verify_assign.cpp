#include "market/lease_draw.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/verify_rules.hpp"

#include "ledger/crypto/hash.hpp"

namespace market {
namespace {

/// The segments of a lease and who executes each again; nobody where there is no verifier.
std::vector<VerifySlot> draw_slots(const View& view, const Context& context, const Lease& lease,
                                   const VerifyTerms& terms, const Hash& beacon)
{
    std::vector<VerifySlot> slots;
    const auto all = candidates(view, context.network, terms.arch_class, lease.closed_height,
                                {lease.tenant, lease.provider});
    if (all.empty()) return slots;
    for (const auto segment : draw_segments(beacon, lease.segments, terms.samples)) {
        const auto number = static_cast<std::uint32_t>(slots.size());
        const auto drawn = draw_one(beacon, "verifier", number, all);
        ledger::ensure(drawn.has_value(), "candidates have stakes");
        VerifySlot slot;
        slot.segment = segment;
        slot.verifier = all[*drawn].account;
        slots.push_back(slot);
    }
    return slots;
}

}  // namespace

Verdict apply(State& state, const Context& context, const VerifyAssign& message)
{
    const auto lease = state.find<Lease>(message.lease);
    if (!lease) return Rejection::unknown_lease;
    if (lease->tenant != context.sender) return Rejection::not_a_party;
    if (!lease->is_checked()) return Rejection::lease_not_closed;
    if (lease->segments == 0) return Rejection::nothing_to_verify;
    if (state.has<Verification>(message.lease)) return Rejection::already_assigned;
    // From then on anybody may settle without it, and verifiers would have little time left.
    if (context.now_ms() >= later(lease->closed_ms, to_ms(context.params().lease.t_move_s)))
        return Rejection::already_closed;
    const auto order = state.get<GpuOrderRecord>(lease->order).ordered;
    if (ledger::sha256(message.secret.view()) != order.beacon_commit)
        return Rejection::secret_not_committed;
    const auto beacon = verify_beacon(state, message.lease, *lease, message.secret);
    if (!beacon) return Rejection::draw_not_known;

    Verification verification;
    verification.beacon = *beacon;
    verification.slots = draw_slots(state, context, *lease, order.verify, *beacon);
    const auto subject = ledger::retag<Hash>(message.lease);
    for (const auto& slot : verification.slots) {
        add_duty(state, {order.verify.arch_class, slot.verifier});
        context.emit(EventKind::assigned, slot.verifier, {}, subject);
    }
    state.put(message.lease, verification);
    return {};
}

}  // namespace market
