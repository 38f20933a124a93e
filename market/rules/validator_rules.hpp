#pragma once

#include "market/messages/validator.hpp"
#include "market/state/money.hpp"
#include "market/validators.hpp"

/// Who comes, goes and is punished (consensus.md 8 and 9). Changes wait in order; the end of a
/// block takes what it may (validators.hpp).
namespace market {

Verdict apply(State&, const Context&, const ValidatorJoin&);
Verdict apply(State&, const Context&, const ValidatorPower&);
Verdict apply(State&, const Context&, const ValidatorLeave&);
Verdict apply(State&, const Context&, const ValidatorWithdraw&);
Verdict apply(State&, const Context&, const ValidatorSet&);
/// Burns 5 % of the offender's stake, rounded up, but for the half, rounded down, that goes to the
/// sender; an offender who reports himself gets nothing. The rest unbonds. A validator is punished
/// once.
Verdict apply(State&, const Context&, const ValidatorEvidence&);

/// Whether these keys can be a new validator's: well formed, different, never used before, and the
/// consensus key's owner agrees.
Verdict check_new_keys(const View&, const Context&, const Address& account, const ConsensusKey&,
                       const PublicKey& peer_key, const SchnorrSignature& proof);

/// Whether there is room for one more: validators in the set and those that wait for it count.
bool has_room(const View&, const EpochState&);

/// Whether anybody but `leaving` would stay once every change that waits was taken.
bool others_stay(const View&, const EpochState&, const ConsensusKey& leaving);

}  // namespace market
