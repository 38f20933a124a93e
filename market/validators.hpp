#pragma once

#include "market/context.hpp"
#include "market/state/state.hpp"
#include "market/state/validator_records.hpp"

#include <optional>

/// How the set of validators changes from one epoch to the next (consensus.md 8).
namespace market {

struct ValidatorLimits {
    static constexpr std::size_t validators = 128;
    static constexpr std::uint64_t least_power = 1'000;
    static constexpr std::uint64_t most_power = std::uint64_t{1} << 48;
    /// Parts of a stake that unbond at different times; what comes later joins the last of them.
    static constexpr std::size_t unbonding = 16;
    /// Epochs that fit into one unbonding time in a network of stake: what strangers can make the
    /// state hold of the past.
    static constexpr std::uint64_t epochs = 1'024;
    /// In a network of authority nothing unbonds; evidence is taken for so long.
    static constexpr std::uint64_t authority_evidence_s = 30 * 24 * 3600;
    /// Pieces of evidence that one block judges: each may carry 700 signatures.
    static constexpr std::uint32_t evidence_in_a_block = 8;
    static constexpr BasisPoints slash{500};
};

/// Validators come and go with stake of their own, not by governors.
bool by_stake(const Network&);

/// How long after its end an epoch's faults are punished, in ms: as long as the stake is held.
std::uint64_t evidence_window_ms(const Network&);

/// The set that decides about blocks on this state; empty when the state knows of none.
ledger::ValidatorSet validators(const View&);

/// What a validator's power will be once the changes that wait have been taken.
std::uint64_t coming_power(const EpochState&, const ConsensusKey&, const ValidatorRecord&);

/// The next set and what goes on waiting.
struct Turn {
    ledger::ValidatorSet set;
    std::vector<QueuedChange> waiting;
};

/// What a block of this time that ends on this state makes of the changes that wait. Those who
/// were slashed lose their power. Of the other changes the longest prefix is taken whose powers
/// add up to at most floor(W/3), W before the block, less what the slashed had; a change that
/// alone exceeds that is taken in parts. A change that would leave nobody waits and holds up no
/// other. In a network of stake an epoch lasts at least 1/1,024 of the unbonding time, unless
/// somebody was slashed. Nothing when nothing changes.
std::optional<Turn> next_validators(const View&, const Network&, TimeMs now);

/// Something waits that a block of this time would take: work for the proposer, on this state.
bool change_due(const View&, const Network&, TimeMs now);

/// Ends a block: takes what waits. Returns the next set when it differs, which makes the block a
/// seal. Stake that lost its power begins to unbond; past epochs of no more use are forgotten.
std::optional<ledger::ValidatorSet> end_block(State&, const Network&, TimeMs now);

/// Begins a block: the parent of an epoch's first block is its anchor.
void begin_block(State&, const ledger::BlockId& parent);

/// The validators of the genesis document, with their stakes.
void write_genesis_validators(State&, const ledger::Genesis&);

}  // namespace market
