#pragma once

#include "ledger/consensus/epoch.hpp"
#include "ledger/consensus/signing.hpp"
#include "ledger/store/block_store.hpp"
#include "market/network.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace node {

/// That the blocks of a store are final: each by an F of its own, or as an ancestor of one that has
/// it, or by the proof of its epoch's end. Trust begins at the genesis document.
/// Errors: `corrupt` names the block. One thread; everything given must outlive it.
class FinalityCheck {
public:
    FinalityCheck(const market::Network&, const ledger::BlockStore&,
                  const ledger::consensus::Verifier&);

    /// Goes to the epoch that the block belongs to, by the proofs of the ends of those before.
    ledger::Result<void> skip_to(const ledger::Header&);
    /// A block that a snapshot proves final: by headers from it on.
    ledger::Result<void> add_base(const ledger::Header&);
    /// The next block, and what the store has as its certificate.
    ledger::Result<void> add(const ledger::Header&, ledger::ByteView certificate);
    /// The first block that nothing has proven final.
    std::optional<ledger::Height> unproven() const;

private:
    ledger::Result<void> end_epoch(const ledger::Header& seal);

    const ledger::BlockStore& store_;
    const ledger::consensus::Verifier& verifier_;
    std::shared_ptr<const ledger::consensus::Epoch> epoch_;
    std::vector<ledger::Header> path_;
};

}  // namespace node
