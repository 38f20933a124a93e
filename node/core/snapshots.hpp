#pragma once

#include "ledger/consensus/signing.hpp"
#include "ledger/snapshot/restore.hpp"
#include "ledger/snapshot/writer.hpp"
#include "market/network.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What a chain adds to snapshots: which blocks are final by what, and where trust in that begins.
namespace node {

using ledger::Result;

/// The epoch of the genesis document.
std::shared_ptr<const ledger::consensus::Epoch> first_epoch(const market::Network&);

/// How every epoch before this one ended; `not_found` names one that is not kept.
Result<std::vector<ledger::consensus::EpochProof>> seals_before(const ledger::BlockStore&,
                                                                std::uint64_t epoch);

/// Beside state and tree, what a snapshot of the final block at `height` is made of.
struct SnapshotFacts {
    ledger::SnapshotFinality finality;
    ledger::HistoryTree history;
    std::vector<ledger::consensus::EpochProof> seals;
};
/// `not_found` for block 0, which nobody signs, and for what the store does not have any more.
Result<SnapshotFacts> snapshot_facts(const ledger::BlockStore&, ledger::Height);

/// That a snapshot's block is final on this network, by seals from its genesis on. `invalid` says
/// what is wrong.
Result<void> check_snapshot(const market::Network&, const ledger::SnapshotManifest&,
                            const std::vector<ledger::consensus::EpochProof>& seals,
                            const ledger::consensus::Verifier&);

/// Block 0 as a store has it.
Result<ledger::StoredBlock> genesis_block(const market::Network&);

/// Completes a store that was filled from a checked snapshot: keeps the seals, and silences a key
/// that votes in it, as nobody knows here what it has signed. Durable when it returns; gives why
/// the key is silent, empty when it is not.
Result<std::string> complete_restored(const market::Network&, ledger::BlockStore&,
                                      const ledger::SnapshotManifest&,
                                      const std::vector<ledger::consensus::EpochProof>& seals,
                                      const std::optional<ledger::ConsensusKey>&);

}  // namespace node
