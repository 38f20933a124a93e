#pragma once

#include "ledger/transfer/batch_manifest.hpp"
#include "ledger/transfer/provider.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

namespace wallet {

/// A sealed batch that is being fetched into FOLDER: until it is whole it stands in FOLDER.partial,
/// where the next run of the program goes on from. Which chunks are there is told by hashing them,
/// so that no note about it can be wrong.
class PartialBatch final : public ledger::transfer::BatchSink {
public:
    /// Makes the partial folder or takes it up again. `denied` when FOLDER is there, or the partial
    /// one is of another batch or in use by another program; `io`, `full`.
    static ledger::Result<std::unique_ptr<PartialBatch>> open(
        const std::filesystem::path& folder, const ledger::transfer::BatchManifest& manifest);
    ~PartialBatch() override;

    /// Reads what is there; `progress` is told the bytes. Before anything else.
    ledger::Result<void> look(const std::function<void(std::uint64_t)>& progress);
    bool has_table() const { return has_table_; }
    const ledger::transfer::ChunkSet& have() const { return have_; }

    ledger::Result<void> begin_table() override;
    ledger::Result<void> add_leaves(std::uint64_t first, ledger::ByteView leaves) override;
    ledger::Result<bool> finish_table() override;
    ledger::Result<std::uint64_t> keep(const ledger::transfer::ChunkRange& range,
                                       ledger::ByteView bytes) override;
    ledger::Result<void> sync() override;

    /// Gives the folder its name; everything is on the disk then.
    ledger::Result<void> commit();

private:
    PartialBatch(std::filesystem::path folder, const ledger::transfer::BatchManifest& manifest)
        : folder_{std::move(folder)},
          partial_{folder_.string() + ".partial"},
          batch_{manifest.summary()},
          have_{manifest.chunks},
          check_{batch_}
    {
    }

    ledger::Result<void> open_files(const ledger::transfer::BatchManifest& manifest);
    ledger::Result<void> look_at_table();
    ledger::Result<ledger::Bytes> read(int file, std::uint64_t offset, std::size_t bytes) const;
    ledger::Result<void> write(int file, std::uint64_t offset, ledger::ByteView bytes);

    std::filesystem::path folder_;
    std::filesystem::path partial_;
    ledger::sealing::BatchSummary batch_;
    int leaves_ = -1;
    int sealed_ = -1;
    ledger::transfer::ChunkSet have_;
    ledger::transfer::TableCheck check_;
    bool has_table_ = false;
};

}  // namespace wallet
