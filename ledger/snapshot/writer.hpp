#pragma once

#include "ledger/snapshot/folder.hpp"
#include "ledger/state/state_tree.hpp"
#include "ledger/state/view.hpp"
#include "ledger/store/block_store.hpp"

#include <cstddef>
#include <functional>

namespace ledger {

/// What a snapshot is made of: the flat state and the tree of one checkpoint.
struct SnapshotSource {
    const StateView& state;  ///< as it was right after the block: BlockStore::snapshot
    const TreeNodes& nodes;  ///< with the checkpoint of that height
    SnapshotFinality finality;
    HistoryTree history;                            ///< over the ids of all blocks before it
    std::vector<consensus::EpochProof> seals = {};  ///< from the genesis to the block's epoch
};

/// The history over all blocks before `height`, from the nodes that the store has. `not_found` at
/// the base of a store that was itself restored.
Result<HistoryTree> history_before(const BlockStore& store, Height height);

struct SnapshotWriteOptions {
    std::size_t chunk_bytes = SnapshotLimits::chunk_bytes;  ///< at most that
    /// For entries that are being sorted. A smaller one reads the state more often.
    std::size_t memory_bytes = std::size_t{128} << 20;
    /// Asked now and then; false ends the writing with `unavailable`.
    std::function<bool()> go_on = {};
};

/// Writes the snapshot; the manifest, last, makes it one. What was in the folder before is removed.
/// The state is read 1 + (its size / memory_bytes) times, and each chunk is checked against the
/// root before it is written: `corrupt` when flat state and tree differ. `full` when the state is
/// larger than a manifest can describe. The tree's nodes must be kept as long as this takes.
Result<SnapshotManifest> write_snapshot(SnapshotFolder& folder, const SnapshotSource& source,
                                        const SnapshotWriteOptions& options = {});

}  // namespace ledger
