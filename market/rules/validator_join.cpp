#include "ledger/crypto/secp256k1.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/validator_rules.hpp"
#include "market/signing.hpp"

#include <algorithm>
#include <set>

namespace market {
namespace {

/// The deposit of a validator's record is for all that it may ever hold.
std::size_t record_bytes(const ConsensusKey& key, ValidatorRecord record)
{
    record.unbonding.resize(ValidatorLimits::unbonding);
    return entry_bytes(key, record);
}

}  // namespace

Verdict check_new_keys(const View& view, const Context& context, const Address& account,
                       const ConsensusKey& key, const PublicKey& peer_key,
                       const SchnorrSignature& proof)
{
    const auto peer_account = ledger::address_of(peer_key);
    if (!peer_account) return Rejection::malformed_key;
    // A compressed key is one byte for the sign and x, which is all a consensus key has.
    const auto peer_x = peer_key.view().subspan(1);
    if (*peer_account == account ||
        std::equal(peer_x.begin(), peer_x.end(), key.view().begin(), key.view().end()))
        return Rejection::keys_not_distinct;
    if (view.has<ValidatorRecord>(key) || view.has<PeerKeyUse>(peer_key))
        return Rejection::key_used_before;
    if (!ledger::schnorr_verify(key, possession_digest(context.network, account), proof))
        return Rejection::wrong_signature;
    return {};
}

bool has_room(const View& view, const EpochState& epochs)
{
    std::set<ConsensusKey> taken;
    for (const auto& validator : view.get<EpochRecord>(epochs.epoch).set)
        taken.insert(validator.consensus_key);
    for (const auto& change : epochs.changes)
        if (change.power != 0) taken.insert(change.consensus_key);
    return taken.size() < ValidatorLimits::validators;
}

Verdict apply(State& state, const Context& context, const ValidatorJoin& message)
{
    if (!by_stake(context.network)) return Rejection::validators_by_authority;
    if (state.has<ValidatorOf>(context.sender)) return Rejection::already_a_validator;
    if (message.payout.is_zero()) return Rejection::recipient_is_zero;
    const auto unit = context.params().stake_unit.micros();
    const auto power = message.stake.micros() / unit;
    if (message.stake.micros() % unit != 0) return Rejection::stake_not_in_units;
    if (power < ValidatorLimits::least_power) return Rejection::power_too_small;
    if (power > ValidatorLimits::most_power) return Rejection::power_too_large;
    auto epochs = state.get<EpochState>({});
    if (!has_room(state, epochs)) return Rejection::too_many_validators;
    if (const auto good = check_new_keys(state, context, context.sender, message.consensus_key,
                                         message.peer_key, message.proof);
        !good)
        return good;

    if (const auto paid = debit(state, context.sender, message.stake); !paid) return paid;
    ValidatorRecord record;
    record.account = context.sender;
    record.peer_key = message.peer_key;
    record.payout = message.payout;
    record.stake = message.stake;
    record.joined_ms = context.now_ms();
    const ValidatorOf link{message.consensus_key};
    const PeerKeyUse use{message.consensus_key};
    const auto history = lock_deposit(
        state, context, context.sender,
        record_bytes(message.consensus_key, record) + entry_bytes(message.peer_key, use));
    if (!history) return history.error();
    const auto locked =
        lock_deposit(state, context, context.sender, entry_bytes(context.sender, link));
    if (!locked) return locked.error();
    record.locked = *locked;
    state.put(message.consensus_key, record);
    state.put(context.sender, link);
    state.put(message.peer_key, use);
    epochs.changes.push_back({message.consensus_key, power});
    state.put({}, epochs);
    context.emit(EventKind::bonded, context.sender, message.stake,
                 ledger::retag<Hash>(message.consensus_key));
    return {};
}

}  // namespace market
