#pragma once

#include "ledger/snapshot/writer.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace ledger {

/// The snapshots of a node: FOLDER/HEIGHT each. Folders whose writing was cut short are not
/// listed and go with the next one written. Errors as SnapshotFolder; one thread.
class SnapshotShelf {
public:
    SnapshotShelf(Disk& disk, std::filesystem::path folder)
        : disk_{disk}, folder_{std::move(folder)}
    {
    }

    /// Heights with a manifest, the newest first; none when there is no folder.
    Result<std::vector<Height>> list() const;
    SnapshotFolder at(Height height) const;

    /// Writes one and then removes all but the newest `keep`, which is at least 1.
    Result<SnapshotManifest> write(const SnapshotSource& source, std::size_t keep,
                                   const SnapshotWriteOptions& options = {});

private:
    /// All folders named by a height.
    Result<std::vector<Height>> folders() const;

    Disk& disk_;
    std::filesystem::path folder_;
};

}  // namespace ledger
