#pragma once

#include "ledger/snapshot/folder.hpp"
#include "ledger/store/block_store.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace ledger {

/// Collects the chunks of one snapshot on disk, in any order, each checked alone; after a crash it
/// goes on with those that are there. The manifest must have been checked against a trusted epoch.
///
/// Errors: what the disk says; `invalid` and `full` for a chunk that is not the one it should be.
/// One thread; `disk` must outlive it.
class SnapshotCollection {
public:
    /// Goes on where `folder` holds a part of the same snapshot, and begins anew otherwise.
    static Result<SnapshotCollection> open(Disk& disk, const std::string& folder,
                                           const SnapshotManifest& manifest);

    const SnapshotManifest& manifest() const { return manifest_; }
    const std::vector<bool>& present() const { return present_; }
    std::size_t missing() const { return missing_; }

    /// Checks the chunk and keeps it; durable when it returns. One that is there already is fine.
    Result<void> add(std::size_t index, ByteView bytes);
    /// The same of bytes that check_chunk has passed already.
    Result<void> keep(std::size_t index, ByteView bytes);
    /// Reads and checks it again. One that is damaged is removed: `corrupt`, naming the chunk.
    Result<CheckedChunk> read(std::size_t index);

private:
    SnapshotCollection(SnapshotFolder folder, SnapshotManifest manifest);

    SnapshotFolder folder_;
    SnapshotManifest manifest_;
    std::vector<bool> present_;
    std::size_t missing_ = 0;
};

/// Under this name put_meta has the SnapshotFinality of the base, as codec encodes it: a block that
/// is final through a later one has no certificate of its own.
inline constexpr std::string_view base_finality_meta = "base_finality";

/// Fills an empty store from a collection that lacks nothing and lets it begin at the snapshot's
/// block; `genesis` is block 0. Memory: one chunk and a path of the tree. `corrupt` names a
/// chunk that was damaged on disk meanwhile; the store is then of no use.
Result<void> fill_store(BlockStore& store, SnapshotCollection& chunks, const StoredBlock& genesis);

/// Where a restore happens: `folder`/restoring has the chunks and then the store that is being
/// filled, which at the end becomes `folder`/store by one rename.
struct RestorePlace {
    std::filesystem::path folder;

    std::filesystem::path staging() const { return folder / "restoring"; }
    std::filesystem::path chunks() const { return staging() / "chunks"; }
    std::filesystem::path unfinished_store() const { return staging() / "store"; }
    std::filesystem::path store() const { return folder / "store"; }
};

/// Fills a fresh RocksDB store and puts it in its place. `before_switch` may add what else has to
/// be in it. After a crash at any moment the store is there as a whole or not at all, and the
/// chunks are there until it is. `invalid` when a store is in the place already.
Result<void> finish_restore(Disk& disk, const RestorePlace& place, SnapshotCollection& chunks,
                            const StoredBlock& genesis, const StoreOptions& options = {},
                            const std::function<Result<void>(BlockStore&)>& before_switch = {});

/// Removes what restores have left behind.
Result<void> clear_staging(Disk& disk, const RestorePlace& place);

}  // namespace ledger
