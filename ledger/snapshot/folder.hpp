#pragma once

#include "ledger/consensus/messages.hpp"
#include "ledger/disk/disk.hpp"
#include "ledger/snapshot/format.hpp"

#include <string>
#include <vector>

namespace ledger {

/// The files of one snapshot: `manifest`, `chunk-00000` and on, and `seals` where the block is not
/// of the first epoch. Each appears whole or not at all; without a manifest there is no snapshot.
///
/// Errors: what the disk says; `not_found` for what is not there, `invalid` for a manifest that is
/// none. One thread for each object; `disk` must outlive it.
class SnapshotFolder {
public:
    SnapshotFolder(Disk& disk, std::string folder) : disk_{disk}, folder_{std::move(folder)} {}

    /// Makes the folder and the one it is in, whose names then survive.
    Result<void> make();

    Result<SnapshotManifest> manifest() const;
    /// Its bytes, not checked, at most SnapshotLimits::chunk_bytes.
    Result<Bytes> chunk(std::size_t index) const;
    /// Which of `count` chunks are there.
    Result<std::vector<bool>> chunks_present(std::size_t count) const;
    /// The seals that lead from the genesis to the snapshot's epoch; none when there is no file.
    Result<std::vector<consensus::EpochProof>> seals() const;

    /// Durable when they return.
    Result<void> put_manifest(const SnapshotManifest& manifest);
    Result<void> put_chunk(std::size_t index, ByteView bytes);
    Result<void> put_seals(const std::vector<consensus::EpochProof>& seals);
    Result<void> remove_chunk(std::size_t index);
    /// Removes all files, the manifest first, so that no part ever looks like a whole.
    Result<void> clear();

    const std::string& path() const { return folder_; }

    static constexpr std::size_t seals_bytes = std::size_t{256} << 20;

private:
    Result<Bytes> read(const std::string& name, std::size_t limit) const;
    Result<void> put(const std::string& name, ByteView bytes);

    Disk& disk_;
    std::string folder_;
};

std::string chunk_name(std::size_t index);

}  // namespace ledger
