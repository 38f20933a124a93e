#include "market/validators.hpp"

#include "market/rules/lasting.hpp"

#include <algorithm>
#include <set>

namespace market {
namespace {

using ledger::ensure;
using ledger::Validator;

std::uint64_t difference(std::uint64_t a, std::uint64_t b)
{
    return a < b ? b - a : a - b;
}

std::uint64_t shortest_epoch_ms(const Network& network)
{
    return by_stake(network) ? to_ms(network.params().unbonding_s) / ValidatorLimits::epochs : 0;
}

ValidatorRecord record_of(const View& view, const ConsensusKey& key)
{
    const auto record = view.find<ValidatorRecord>(key);
    ensure(record.has_value(), "whoever is in a set or waits for it has a record");
    return *record;
}

/// Works out one turn over a copy of the set.
class Turner {
public:
    Turner(const View& view, ledger::ValidatorSet set) : view_{view}, set_{std::move(set)}
    {
        std::uint64_t whole = 0;
        std::uint64_t slashed_power = 0;
        for (const auto& validator : set_) {
            whole += validator.power;
            const bool guilty =
                record_of(view, validator.consensus_key).status == ValidatorStatus::slashed;
            if (guilty) {
                slashed_.insert(validator.consensus_key);
                slashed_power += validator.power;
            }
        }
        // Below a power of 3 a third is nothing, and nobody could ever come to help.
        const auto third = std::max<std::uint64_t>(1, whole / 3);
        // Where all are slashed they stay until somebody else comes, so they take no place in it.
        const bool somebody_stays = set_.size() > slashed_.size();
        left_ = somebody_stays ? third - std::min(third, slashed_power) : third;
    }

    bool anybody_slashed() const { return !slashed_.empty(); }

    /// Takes a change, whole or in part; what is left of it goes on waiting.
    void take(const QueuedChange& change)
    {
        if (slashed_.contains(change.consensus_key)) return;
        const auto member = find(change.consensus_key);
        const auto power = member == set_.end() ? 0 : member->power;
        const auto delta = difference(power, change.power);
        if (delta == 0) return;
        const bool leaves_nobody = change.power == 0 && set_.size() - slashed_.size() == 1;
        if (leaves_nobody || stopped_ || (delta > left_ && taken_)) {
            waiting_.push_back(change);
            stopped_ = stopped_ || !leaves_nobody;
            return;
        }
        const auto part = std::min(delta, left_);
        if (part < delta) {
            waiting_.push_back(change);
            stopped_ = true;
        }
        if (part == 0) return;
        apply(change.consensus_key, change.power > power ? power + part : power - part);
        left_ -= part;
        taken_ = true;
    }

    void wait(const QueuedChange& change)
    {
        if (!slashed_.contains(change.consensus_key)) waiting_.push_back(change);
    }

    Turn finish() &&
    {
        const bool somebody_stays = set_.size() > slashed_.size();
        if (somebody_stays) {
            std::erase_if(set_, [&](const auto& v) { return slashed_.contains(v.consensus_key); });
        } else {
            for (const auto& key : slashed_) waiting_.push_back({key, 0});
        }
        ensure(!set_.empty() && set_.size() <= ValidatorLimits::validators,
               "a set has 1 to 128 validators");
        return {std::move(set_), std::move(waiting_)};
    }

private:
    ledger::ValidatorSet::iterator find(const ConsensusKey& key)
    {
        return std::find_if(set_.begin(), set_.end(),
                            [&](const Validator& v) { return v.consensus_key == key; });
    }

    void apply(const ConsensusKey& key, std::uint64_t power)
    {
        const auto member = find(key);
        if (member == set_.end()) {
            const auto record = record_of(view_, key);
            set_.push_back({key, record.peer_key, record.account, record.payout, power});
        } else if (power == 0) {
            set_.erase(member);
        } else {
            member->power = power;
        }
    }

    const View& view_;
    ledger::ValidatorSet set_;
    std::set<ConsensusKey> slashed_;
    std::uint64_t left_ = 0;
    bool taken_ = false;
    bool stopped_ = false;
    std::vector<QueuedChange> waiting_;
};

void unbond(ValidatorRecord& record, Amount amount, std::uint64_t end_ms)
{
    if (amount.is_zero()) return;
    auto& parts = record.unbonding;
    if (parts.size() < ValidatorLimits::unbonding) {
        parts.push_back({amount, end_ms});
    } else {
        parts.back() = {parts.back().amount + amount, end_ms};
    }
}

/// Writes down that a validator's power is another from now on.
void set_power(State& state, const Network& network, const ConsensusKey& key, std::uint64_t power,
               std::uint64_t now_ms)
{
    auto record = record_of(state, key);
    const auto end_ms = later(now_ms, to_ms(network.params().unbonding_s));
    if (record.status == ValidatorStatus::slashed) {
        record.unbonding.clear();
        unbond(record, record.stake, end_ms);
    } else if (power < record.power && by_stake(network)) {
        unbond(record, *network.params().stake_unit.times(record.power - power), end_ms);
    }
    record.power = power;
    if (power == 0) record.left_ms = now_ms;
    if (record.status == ValidatorStatus::joined) record.status = ValidatorStatus::active;
    if (power == 0 && record.status != ValidatorStatus::slashed)
        record.status =
            record.stake.is_zero() ? ValidatorStatus::withdrawn : ValidatorStatus::unbonding;
    if (power == 0 && record.stake.is_zero()) state.erase<ValidatorOf>(record.account);
    state.put(key, record);
}

void forget_epochs(State& state, const Network& network, EpochState& epochs, std::uint64_t now_ms)
{
    const auto window = evidence_window_ms(network);
    for (int i = 0; i < 8 && epochs.oldest < epochs.epoch; ++i, ++epochs.oldest) {
        const auto record = state.get<EpochRecord>(epochs.oldest);
        if (now_ms < later(record.ended_ms, window)) return;
        state.erase<EpochRecord>(epochs.oldest);
    }
}

}  // namespace

bool by_stake(const Network& network)
{
    return network.genesis.validators.admission == ledger::Admission::stake &&
           !network.params().stake_unit.is_zero();
}

std::uint64_t evidence_window_ms(const Network& network)
{
    return to_ms(by_stake(network) ? network.params().unbonding_s
                                   : ValidatorLimits::authority_evidence_s);
}

ledger::ValidatorSet validators(const View& view)
{
    const auto epochs = view.find<EpochState>({});
    return epochs ? view.get<EpochRecord>(epochs->epoch).set : ledger::ValidatorSet{};
}

std::uint64_t coming_power(const EpochState& epochs, const ConsensusKey& key,
                           const ValidatorRecord& record)
{
    for (const auto& change : epochs.changes)
        if (change.consensus_key == key) return change.power;
    return record.power;
}

std::optional<Turn> next_validators(const View& view, const Network& network, TimeMs now)
{
    const auto epochs = view.find<EpochState>({});
    if (!epochs || epochs->changes.empty()) return {};
    const auto current = view.get<EpochRecord>(epochs->epoch);
    Turner turner{view, current.set};
    const bool ripe = now.value >= later(current.opened_ms, shortest_epoch_ms(network));
    for (const auto& change : epochs->changes) ripe ? turner.take(change) : turner.wait(change);
    auto turn = std::move(turner).finish();
    if (turn.set == current.set && turn.waiting == epochs->changes) return {};
    return turn;
}

bool change_due(const View& view, const Network& network, TimeMs now)
{
    const auto turn = next_validators(view, network, now);
    return turn && turn->set != validators(view);
}

std::optional<ledger::ValidatorSet> end_block(State& state, const Network& network, TimeMs now)
{
    auto turn = next_validators(state, network, now);
    if (!turn) return {};
    auto epochs = state.get<EpochState>({});
    auto ending = state.get<EpochRecord>(epochs.epoch);
    epochs.changes = std::move(turn->waiting);
    if (turn->set == ending.set) {
        state.put({}, epochs);
        return {};
    }
    std::map<ConsensusKey, std::uint64_t> before;
    for (const auto& validator : ending.set) before[validator.consensus_key] = validator.power;
    for (const auto& validator : turn->set) {
        const auto was = before.extract(validator.consensus_key);
        if (was.empty() || was.mapped() != validator.power)
            set_power(state, network, validator.consensus_key, validator.power, now.value);
    }
    for (const auto& [key, power] : before) set_power(state, network, key, 0, now.value);

    ending.anchor = epochs.anchor;
    ending.ended_ms = now.value;
    state.put(epochs.epoch, ending);
    ++epochs.epoch;
    epochs.anchor = {};
    state.put(epochs.epoch, EpochRecord{{}, turn->set, now.value, 0});
    forget_epochs(state, network, epochs, now.value);
    state.put({}, epochs);
    return std::move(turn->set);
}

void begin_block(State& state, const ledger::BlockId& parent)
{
    auto epochs = state.find<EpochState>({});
    if (!epochs || !epochs->anchor.is_zero() || parent.is_zero()) return;
    epochs->anchor = parent;
    state.put({}, *epochs);
}

void write_genesis_validators(State& state, const ledger::Genesis& genesis)
{
    const auto& [admission, set] = genesis.validators;
    for (const auto& validator : set) {
        ValidatorRecord record;
        record.account = validator.account;
        record.peer_key = validator.peer_key;
        record.payout = validator.payout;
        if (admission == ledger::Admission::stake)
            record.stake = *genesis.params.stake_unit.times(validator.power);
        record.power = validator.power;
        record.status = ValidatorStatus::active;
        record.joined_ms = genesis.time_ms.value;
        state.put(validator.consensus_key, record);
        state.put(validator.account, ValidatorOf{validator.consensus_key});
        state.put(validator.peer_key, PeerKeyUse{validator.consensus_key});
    }
    if (set.empty()) return;
    state.put(0, EpochRecord{{}, set, genesis.time_ms.value, 0});
    state.put({}, EpochState{});
}

}  // namespace market
