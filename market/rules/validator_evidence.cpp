#include "ledger/consensus/evidence.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/validator_rules.hpp"

namespace market {
namespace {

namespace consensus = ledger::consensus;

ledger::Result<consensus::Evidence, Rejection> read(const Bytes& bytes)
{
    static const auto type = consensus::type_of(consensus::Evidence{});
    auto message = consensus::decode_message(type, bytes);
    if (!message) return Rejection::bad_evidence;
    return std::get<consensus::Evidence>(std::move(*message));
}

/// The epoch that evidence says it is of, while its faults are still punished.
ledger::Result<consensus::Epoch, Rejection> epoch_of(const View& view, const Context& context,
                                                     const consensus::Evidence& evidence)
{
    if (evidence.votes.empty() && evidence.proposals.empty()) return Rejection::bad_evidence;
    const auto number = evidence.votes.empty() ? evidence.proposals.front().header.epoch
                                               : evidence.votes.front().epoch;
    const auto epochs = view.get<EpochState>({});
    if (number > epochs.epoch) return Rejection::unknown_epoch;
    const auto record = view.find<EpochRecord>(number);
    if (!record && number < epochs.oldest) return Rejection::evidence_too_old;
    if (!record) return Rejection::unknown_epoch;
    if (record->ended_ms != 0 &&
        context.now_ms() >= later(record->ended_ms, evidence_window_ms(context.network)))
        return Rejection::evidence_too_old;
    const auto& anchor = number == epochs.epoch ? epochs.anchor : record->anchor;
    return consensus::Epoch{context.network.genesis.chain_id, number, anchor, record->set};
}

/// Takes the fine and leaves what is left of the stake to unbond: from now on when the offender is
/// out of the set, else from when it will be.
void punish(State& state, const Context& context, const ConsensusKey& key)
{
    auto record = state.get<ValidatorRecord>(key);
    const auto fine = record.stake.share_up(ValidatorLimits::slash);
    const auto reward = record.account == context.sender ? Amount{} : fine.share_down(1, 2);
    record.stake = record.stake - fine;
    record.status = ValidatorStatus::slashed;
    record.slashed_ms = context.now_ms();
    const auto end_ms = record.unbonding.empty() ? 0 : record.unbonding.back().end_ms;
    record.unbonding.clear();
    if (record.power == 0 && !record.stake.is_zero())
        record.unbonding.push_back({record.stake, end_ms});
    if (record.power == 0 && record.stake.is_zero() &&
        state.get<ValidatorOf>(record.account).consensus_key == key) {
        state.erase<ValidatorOf>(record.account);
        unlock_deposit(state, record.account, record.locked);
        record.locked = {};
    }
    state.put(key, record);

    auto epochs = state.get<EpochState>({});
    std::erase_if(epochs.changes,
                  [&](const QueuedChange& waiting) { return waiting.consensus_key == key; });
    if (record.power != 0) epochs.changes.push_back({key, 0});
    state.put({}, epochs);

    const auto subject = ledger::retag<Hash>(key);
    context.emit(EventKind::slashed, record.account, fine, subject);
    if (!reward.is_zero()) {
        credit(state, context.sender, reward);
        context.emit(EventKind::compensated, context.sender, reward, subject);
    }
    burn(state, fine - reward);
}

}  // namespace

Verdict apply(State& state, const Context& context, const ValidatorEvidence& message)
{
    const auto evidence = read(message.evidence);
    if (!evidence) return evidence.error();
    const auto epoch = epoch_of(state, context, *evidence);
    if (!epoch) return epoch.error();
    const auto offender = consensus::judge(*evidence, *epoch, consensus::SchnorrVerifier{});
    if (!offender) return Rejection::bad_evidence;
    const auto& key = epoch->set()[*offender].consensus_key;
    if (state.get<ValidatorRecord>(key).status == ValidatorStatus::slashed)
        return Rejection::validator_slashed;
    punish(state, context, key);
    return {};
}

}  // namespace market
