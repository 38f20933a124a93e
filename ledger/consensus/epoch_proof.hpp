#pragma once

#include "ledger/consensus/checks.hpp"

#include <memory>
#include <span>

namespace ledger::consensus {

/// That a seal of this epoch is final and that `next` is the set it names. `invalid` says what is
/// wrong with it.
Result<void> check_epoch_proof(const EpochProof&, const Epoch&, CertificateChecker&);

/// Follows a chain of seals, oldest first, from a trusted epoch (consensus.md 11). Gives the
/// epoch behind the last; with none, the trusted one.
Result<std::shared_ptr<const Epoch>> follow_seals(std::shared_ptr<const Epoch> trusted,
                                                  std::span<const EpochProof>, const Verifier&);

/// That `newest` is final in this epoch, and with it `path`: headers from an older block on, oldest
/// first, each the next one's parent, ending in the certified one.
Result<void> check_final_path(std::span<const Header> path, const Certificate&, const Epoch&,
                              CertificateChecker&);

}  // namespace ledger::consensus
