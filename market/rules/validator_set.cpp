#include "market/rules/approvals.hpp"
#include "market/rules/validator_rules.hpp"

#include <set>

namespace market {
namespace {

/// Whether the change can be of a validator that is on record: still in, and the same but for its
/// power.
Verdict check_known(const ValidatorRecord& record, const ValidatorChange& change,
                    std::uint64_t power)
{
    if (record.status == ValidatorStatus::slashed) return Rejection::validator_slashed;
    if (record.status == ValidatorStatus::withdrawn) return Rejection::key_used_before;
    if (change.power == power) return Rejection::no_change;
    if (change.power != 0 && (record.account != change.account ||
                              record.peer_key != change.peer_key || record.payout != change.payout))
        return Rejection::already_a_validator;
    return {};
}

Verdict check_new(const View& view, const Context& context, const ValidatorChange& change,
                  const EpochState& epochs)
{
    if (change.power == 0) return Rejection::not_a_validator;
    if (change.account.is_zero() || change.payout.is_zero()) return Rejection::recipient_is_zero;
    if (view.has<ValidatorOf>(change.account)) return Rejection::already_a_validator;
    if (!has_room(view, epochs)) return Rejection::too_many_validators;
    return check_new_keys(view, context, change.account, change.consensus_key, change.peer_key,
                          change.proof);
}

void admit(State& state, const Context& context, const ValidatorChange& change)
{
    ValidatorRecord record;
    record.account = change.account;
    record.peer_key = change.peer_key;
    record.payout = change.payout;
    record.joined_ms = context.now_ms();
    state.put(change.consensus_key, record);
    state.put(change.account, ValidatorOf{change.consensus_key});
    state.put(change.peer_key, PeerKeyUse{change.consensus_key});
}

/// Says what becomes of a validator on record; one that never had power is out at once.
void redirect(State& state, const ValidatorChange& change, ValidatorRecord record,
              EpochState& epochs)
{
    using enum ValidatorStatus;
    std::erase_if(epochs.changes, [&](const QueuedChange& waiting) {
        return waiting.consensus_key == change.consensus_key;
    });
    if (change.power != record.power)
        epochs.changes.push_back({change.consensus_key, change.power});
    if (record.power != 0) {
        record.status = change.power == 0 ? leaving : active;
    } else if (change.power == 0) {
        record.status = withdrawn;
        state.erase<ValidatorOf>(record.account);
    }
    state.put(change.consensus_key, record);
}

Verdict take(State& state, const Context& context, const ValidatorChange& change,
             EpochState& epochs)
{
    if (change.power != 0 && change.power < ValidatorLimits::least_power)
        return Rejection::power_too_small;
    if (change.power > ValidatorLimits::most_power) return Rejection::power_too_large;
    if (const auto record = state.find<ValidatorRecord>(change.consensus_key)) {
        const auto power = coming_power(epochs, change.consensus_key, *record);
        if (const auto good = check_known(*record, change, power); !good) return good;
        redirect(state, change, *record, epochs);
    } else {
        if (const auto good = check_new(state, context, change, epochs); !good) return good;
        admit(state, context, change);
        epochs.changes.push_back({change.consensus_key, change.power});
    }
    context.emit(EventKind::changed, change.account, {}, ledger::retag<Hash>(change.consensus_key));
    return {};
}

}  // namespace

Verdict apply(State& state, const Context& context, const ValidatorSet& message)
{
    const auto& terms = message.terms;
    if (by_stake(context.network)) return Rejection::validators_by_stake;
    if (terms.ref.is_zero()) return Rejection::reference_is_zero;
    if (state.has<UsedReference>(terms.ref)) return Rejection::reference_used;
    const auto digest =
        ledger::eip712::digest(context.network.transactions, ledger::eip712::struct_hash(terms));
    if (const auto good = check_approvals(context, context.network.genesis.governors,
                                          Rejection::not_a_governor, digest, message.approvals);
        !good)
        return good;
    if (terms.changes.empty()) return Rejection::no_change;
    if (terms.changes.size() > ValidatorLimits::validators) return Rejection::too_many_entries;

    std::set<ConsensusKey> named;
    auto epochs = state.get<EpochState>({});
    for (const auto& change : terms.changes) {
        if (!named.insert(change.consensus_key).second) return Rejection::duplicate_entry;
        if (const auto good = take(state, context, change, epochs); !good) return good;
    }
    if (!others_stay(state, epochs, {})) return Rejection::last_validator;
    state.put({}, epochs);
    state.put(terms.ref, UsedReference{context.now_ms()});
    return {};
}

}  // namespace market
