#include "market/lease_draw.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/text.hpp"
#include "market/rules/verify_rules.hpp"

#include <algorithm>

namespace market {
namespace {

Verifier verifier_of(const View& view, const VerifierKey& key)
{
    auto verifier = view.find<Verifier>(key);
    ledger::ensure(verifier.has_value(), "whoever has a duty is a verifier");
    return std::move(*verifier);
}

void retire(State& state, const Context& context, const VerifierKey& key, Verifier verifier)
{
    verifier.left = context.height;
    verifier.left_ms = context.now_ms();
    state.put(key, verifier);
    context.emit(EventKind::unbonding, key.account, verifier.stake);
}

bool notice_over(const Context& context, const Verifier& verifier)
{
    return context.now_ms() >= later(verifier.left_ms, to_ms(verifier_notice_s(context)));
}

void pay_out(State& state, const Context& context, const VerifierKey& key, const Verifier& verifier)
{
    state.erase<Verifier>(key);
    unlock_deposit(state, key.account, verifier.locked);
    credit(state, key.account, verifier.stake);
    context.emit(EventKind::unbonded, key.account, verifier.stake);
}

/// Where a class is full, the least stake in it goes when this one is more. One that could have its
/// stake back and does not ask for it gets it when its record is in the way.
Verdict make_room_in_class(State& state, const Context& context, const VerifierJoin& message)
{
    std::size_t records = 0;
    std::vector<std::pair<VerifierKey, Verifier>> staying;
    std::optional<std::pair<VerifierKey, Verifier>> gone;
    state.scan<Verifier>(ledger::codec::encode(message.arch_class), [&](const VerifierKey& key,
                                                                        const Verifier& verifier) {
        ++records;
        if (verifier.left.value == 0)
            staying.emplace_back(key, verifier);
        else if (!gone && verifier.duties == 0 && notice_over(context, verifier))
            gone.emplace(key, verifier);
        return true;
    });
    if (records >= LeaseLimits::verifier_records) {
        if (!gone) return Rejection::too_many_verifiers;
        pay_out(state, context, gone->first, gone->second);
    }
    if (staying.size() < LeaseLimits::verifiers) return {};
    const auto least = std::min_element(
        staying.begin(), staying.end(),
        [](const auto& a, const auto& b) { return a.second.stake < b.second.stake; });
    if (message.stake <= least->second.stake) return Rejection::too_many_verifiers;
    retire(state, context, least->first, least->second);
    return {};
}

}  // namespace

std::uint64_t verifier_notice_s(const Context& context)
{
    const auto& params = context.params().lease;
    return params.t_move_s + 2 * params.t_jury_s;
}

Amount take_stake(State& state, const VerifierKey& key, Amount most)
{
    auto verifier = verifier_of(state, key);
    const auto taken = std::min(verifier.stake, most);
    verifier.stake = verifier.stake - taken;
    state.put(key, verifier);
    return taken;
}

void add_duty(State& state, const VerifierKey& key)
{
    auto verifier = verifier_of(state, key);
    ++verifier.duties;
    state.put(key, verifier);
}

void end_duty(State& state, const VerifierKey& key)
{
    auto verifier = verifier_of(state, key);
    ledger::ensure(verifier.duties > 0, "a duty ends once");
    --verifier.duties;
    state.put(key, verifier);
}

Verdict apply(State& state, const Context& context, const VerifierJoin& message)
{
    if (!valid_name(message.arch_class)) return Rejection::malformed_text;
    if (message.stake < context.params().lease.min_stake) return Rejection::bond_too_small;
    const VerifierKey key{message.arch_class, context.sender};
    if (state.has<Verifier>(key)) return Rejection::already_a_verifier;
    if (const auto room = make_room_in_class(state, context, message); !room) return room;

    if (const auto paid = debit(state, context.sender, message.stake); !paid) return paid;
    Verifier verifier;
    verifier.stake = message.stake;
    verifier.joined = context.height;
    const auto locked = lock_deposit(state, context, context.sender, entry_bytes(key, verifier));
    if (!locked) return locked.error();
    verifier.locked = *locked;
    state.put(key, verifier);
    context.emit(EventKind::bonded, context.sender, message.stake);
    return {};
}

Verdict apply(State& state, const Context& context, const VerifierLeave& message)
{
    const VerifierKey key{message.arch_class, context.sender};
    const auto verifier = state.find<Verifier>(key);
    if (!verifier) return Rejection::not_a_verifier;
    if (verifier->left.value == 0) {
        retire(state, context, key, *verifier);
        return {};
    }
    if (!notice_over(context, *verifier)) return Rejection::notice_not_over;
    if (verifier->duties != 0) return Rejection::on_duty;

    pay_out(state, context, key, *verifier);
    return {};
}

}  // namespace market
