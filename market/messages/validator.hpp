#pragma once

#include "ledger/chain/certificate.hpp"
#include "ledger/codec/describe.hpp"
#include "market/ids.hpp"

#include <vector>

/// Who makes blocks (consensus.md 8 and 9). In a network of stake validators come and go by
/// themselves; in one of authority k governors decide. Evidence is for both.
namespace market {

using ledger::ConsensusKey;
using ledger::PublicKey;
using ledger::SchnorrSignature;

/// Makes the sender's account a validator. Both keys are used here once and for ever.
struct ValidatorJoin {
    ConsensusKey consensus_key;
    PublicKey peer_key;
    Address payout;          ///< receives the fees of the blocks it proposes
    Amount stake;            ///< a multiple of the network's stake_unit; each unit is one of power
    SchnorrSignature proof;  ///< of possession: by consensus_key over `possession_digest`
    friend bool operator==(const ValidatorJoin&, const ValidatorJoin&) = default;
};
MILLRACE_DESCRIBE(ValidatorJoin, (consensus_key, peer_key, payout, stake, proof))

enum class PowerChange { raise, lower };
BOOST_DESCRIBE_ENUM(PowerChange, raise, lower)

/// Adds to the sender's power, with stake from the balance, or takes from it; what it takes
/// unbonds.
struct ValidatorPower {
    PowerChange change{};
    std::uint64_t delta{};  ///< power
    friend bool operator==(const ValidatorPower&, const ValidatorPower&) = default;
};
MILLRACE_DESCRIBE(ValidatorPower, (change, delta))

/// Starts the way out.
struct ValidatorLeave {
    friend bool operator==(const ValidatorLeave&, const ValidatorLeave&) = default;
};
MILLRACE_DESCRIBE(ValidatorLeave, ())

/// Returns the stake whose unbonding time is over.
struct ValidatorWithdraw {
    friend bool operator==(const ValidatorWithdraw&, const ValidatorWithdraw&) = default;
};
MILLRACE_DESCRIBE(ValidatorWithdraw, ())

/// What governors do to one validator: admit it, give it another power, or, with power 0, remove
/// it.
struct ValidatorChange {
    ConsensusKey consensus_key;
    PublicKey peer_key;
    Address account;
    Address payout;
    std::uint64_t power{};
    SchnorrSignature proof;  ///< as in ValidatorJoin; looked at when it is admitted
    friend bool operator==(const ValidatorChange&, const ValidatorChange&) = default;
};
MILLRACE_DESCRIBE(ValidatorChange, (consensus_key, peer_key, account, payout, power, proof))

/// What k governors agree to; the sender is one of them, the others sign it in the Millrace domain.
struct ValidatorSetTerms {
    std::vector<ValidatorChange> changes;  ///< 1...128, each for another validator
    Hash ref;                              ///< used once for ever
    friend bool operator==(const ValidatorSetTerms&, const ValidatorSetTerms&) = default;
};
MILLRACE_DESCRIBE(ValidatorSetTerms, (changes, ref))

struct ValidatorSet {
    ValidatorSetTerms terms;
    std::vector<Signature> approvals;  ///< of other governors
    friend bool operator==(const ValidatorSet&, const ValidatorSet&) = default;
};
MILLRACE_DESCRIBE(ValidatorSet, (terms, approvals))

/// Shows that a validator broke the protocol. Anybody may send it.
struct ValidatorEvidence {
    Bytes evidence;  ///< canonical encoding of ledger::consensus::Evidence
    friend bool operator==(const ValidatorEvidence&, const ValidatorEvidence&) = default;
};
MILLRACE_DESCRIBE(ValidatorEvidence, (evidence))

}  // namespace market
