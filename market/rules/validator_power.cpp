#include "market/rules/validator_rules.hpp"

#include <algorithm>
#include <map>

namespace market {
namespace {

struct Own {
    ConsensusKey key;
    ValidatorRecord record;
    EpochState epochs;
};

/// The sender's validator, when it may change: in the set, not on its way out, and with nothing
/// waiting.
ledger::Result<Own, Rejection> own_validator(const View& view, const Context& context)
{
    if (!by_stake(context.network)) return Rejection::validators_by_authority;
    const auto link = view.find<ValidatorOf>(context.sender);
    if (!link) return Rejection::not_a_validator;
    const auto& key = link->consensus_key;
    Own own{key, view.get<ValidatorRecord>(key), view.get<EpochState>({})};
    if (own.record.status == ValidatorStatus::slashed) return Rejection::validator_slashed;
    if (own.record.status == ValidatorStatus::unbonding) return Rejection::not_a_validator;
    const auto& changes = own.epochs.changes;
    if (std::any_of(changes.begin(), changes.end(),
                    [&](const auto& change) { return change.consensus_key == key; }))
        return Rejection::change_waiting;
    return own;
}

}  // namespace

bool others_stay(const View& view, const EpochState& epochs, const ConsensusKey& leaving)
{
    std::map<ConsensusKey, std::uint64_t> powers;
    for (const auto& validator : view.get<EpochRecord>(epochs.epoch).set)
        powers[validator.consensus_key] = validator.power;
    for (const auto& change : epochs.changes) powers[change.consensus_key] = change.power;
    powers.erase(leaving);
    return std::any_of(powers.begin(), powers.end(), [](const auto& at) { return at.second != 0; });
}

Verdict apply(State& state, const Context& context, const ValidatorPower& message)
{
    auto own = own_validator(state, context);
    if (!own) return own.error();
    auto& [key, record, epochs] = *own;
    if (message.delta == 0) return Rejection::no_change;
    auto power = record.power;
    if (message.change == PowerChange::raise) {
        if (message.delta > ValidatorLimits::most_power - power) return Rejection::power_too_large;
        const auto more = context.params().stake_unit.times(message.delta);
        if (!more) return Rejection::insufficient_funds;
        if (const auto paid = debit(state, context.sender, *more); !paid) return paid;
        record.stake = record.stake + *more;
        state.put(key, record);
        power += message.delta;
        context.emit(EventKind::bonded, context.sender, *more, ledger::retag<Hash>(key));
    } else {
        if (message.delta > power || power - message.delta < ValidatorLimits::least_power)
            return Rejection::power_too_small;
        power -= message.delta;
        context.emit(EventKind::changed, context.sender, {}, ledger::retag<Hash>(key));
    }
    epochs.changes.push_back({key, power});
    state.put({}, epochs);
    return {};
}

Verdict apply(State& state, const Context& context, const ValidatorLeave&)
{
    auto own = own_validator(state, context);
    if (!own) return own.error();
    auto& [key, record, epochs] = *own;
    if (!others_stay(state, epochs, key)) return Rejection::last_validator;

    record.status = ValidatorStatus::leaving;
    state.put(key, record);
    epochs.changes.push_back({key, 0});
    state.put({}, epochs);
    context.emit(EventKind::unbonding, context.sender, record.stake, ledger::retag<Hash>(key));
    return {};
}

Verdict apply(State& state, const Context& context, const ValidatorWithdraw&)
{
    if (!by_stake(context.network)) return Rejection::validators_by_authority;
    const auto link = state.find<ValidatorOf>(context.sender);
    if (!link) return Rejection::not_a_validator;
    const auto& key = link->consensus_key;
    auto record = state.get<ValidatorRecord>(key);
    if (record.unbonding.empty()) return Rejection::nothing_unbonding;
    Amount over;
    auto& parts = record.unbonding;
    const auto first = std::find_if(parts.begin(), parts.end(), [&](const Unbonding& part) {
        return context.now_ms() < part.end_ms;
    });
    if (first == parts.begin()) return Rejection::unbonding_not_over;

    for (auto part = parts.begin(); part != first; ++part) over = over + part->amount;
    parts.erase(parts.begin(), first);
    record.stake = record.stake - over;
    if (record.stake.is_zero()) {
        if (record.status != ValidatorStatus::slashed) record.status = ValidatorStatus::withdrawn;
        state.erase<ValidatorOf>(context.sender);
        unlock_deposit(state, context.sender, record.locked);
        record.locked = {};
    }
    state.put(key, record);
    credit(state, context.sender, over);
    context.emit(EventKind::unbonded, context.sender, over, ledger::retag<Hash>(key));
    return {};
}

}  // namespace market
