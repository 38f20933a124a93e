#pragma once

#include "ledger/consensus/records.hpp"
#include "ledger/consensus/signing.hpp"

namespace ledger::consensus {

/// `millraced recover --accept-fork-risk` (consensus.md 5), for a single validator whose log is
/// damaged: the records that a new log begins with. They lead to the newest of `blocks` whose F
/// verifies and that follows from the base without a gap, and nullify every view that the lost log
/// may hold a vote for, up to `signed_up_to.view + views_apart`.
///
/// `denied` when the epoch has more than one validator or the key is not its; `full` when more
/// views lie between than one proposal can justify.
struct ForkCutLimits {
    static constexpr View views_apart = 64;
};
Result<std::vector<Record>> accept_fork_risk(const Base&, std::span<const Commit> blocks,
                                             const SignedUpTo&, const Signer&, const Verifier&);

}  // namespace ledger::consensus
