#pragma once

#include "ledger/consensus/checks.hpp"

#include <optional>
#include <span>

namespace ledger::consensus {

/// E1, E2, E3 or E5 when two votes of one validator for one view contradict each other. Both must
/// be verified already.
std::optional<Evidence> contradiction(const Vote&, const Vote&);

/// E4, from two signed headers of one view.
Evidence two_proposals(const SignedHeader&, const SignedHeader&);

/// Who is guilty, or `invalid` with the reason why the evidence shows nothing. Depends on nothing
/// but its arguments, so that every validator judges alike, whenever it does.
Result<Index> judge(const Evidence&, const Epoch&, const Verifier&);

/// All that certificates show against each other, one piece for each validator and kind of fault:
/// when two blocks of one epoch are final that cannot both be, their certificates and those in
/// their justifications convict at least 2q - W of the power.
std::vector<Evidence> convict(std::span<const Certificate>, const Epoch&);

}  // namespace ledger::consensus
