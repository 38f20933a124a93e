#pragma once

#include "ledger/snapshot/shelf.hpp"
#include "node/sync/snapshot_server.hpp"

#include <map>

namespace node {

/// The snapshots on a shelf, as they were when `refresh` was last called. One thread.
class ShelfLibrary final : public SnapshotLibrary {
public:
    explicit ShelfLibrary(const ledger::SnapshotShelf& shelf) : shelf_{shelf} {}

    /// After a snapshot was written or removed. One that cannot be read is left out.
    ledger::Result<void> refresh();

    std::vector<SnapshotOffer> offers() const override;
    ledger::Result<ledger::SnapshotManifest> manifest(const ledger::Hash& id) const override;
    ledger::Result<ledger::Bytes> chunk(const ledger::Hash& id, std::size_t index) const override;

private:
    struct Book {
        ledger::Height height;
        std::size_t chunks;
    };
    const ledger::SnapshotShelf& shelf_;
    std::map<ledger::Hash, Book> books_;
};

}  // namespace node
