#pragma once

#include "node/blobs/store/batch_store.hpp"
#include "node/env/clock.hpp"

#include <map>
#include <mutex>

namespace node {

/// Batches in memory, gone with the process: for tests of what uses a store.
class MemoryBatches final : public BatchStore {
public:
    /// `clock` must outlive this.
    MemoryBatches(const Clock& clock, const BatchLimits& limits) : clock_{clock}, limits_{limits} {}

    ledger::Result<void> create(const BatchManifest&,
                                const std::optional<std::string>& holder) override;
    ledger::Result<void> put_leaves(const ledger::Hash& root, std::uint64_t first,
                                    ledger::ByteView leaves) override;
    ledger::Result<std::uint64_t> put_chunks(const ledger::Hash& root, std::uint64_t first,
                                             ledger::ByteView bytes) override;
    ledger::Result<void> sync(const ledger::Hash& root) override;
    ledger::Result<BatchManifest> manifest(const ledger::Hash& root) override;
    ledger::Result<BatchInfo> info(const ledger::Hash& root) override;
    ledger::Result<ChunkSet> have(const ledger::Hash& root) override;
    ledger::Result<ledger::Bytes> leaves(const ledger::Hash& root, const ChunkRange&) override;
    ledger::Result<ledger::Bytes> chunks(const ledger::Hash& root, const ChunkRange&) override;
    ledger::Result<void> pin(const ledger::Hash& root, const std::string& holder) override;
    ledger::Result<void> unpin(const ledger::Hash& root, const std::string& holder) override;
    ledger::Result<void> remove(const ledger::Hash& root) override;
    ledger::Result<ScrubStep> scrub(const ledger::Hash& root, std::uint64_t from,
                                    std::uint64_t most) override;
    ledger::Result<std::uint64_t> collect(std::uint64_t bytes) override;
    StoreUsage usage() override;
    std::vector<ledger::Hash> list(const std::optional<ledger::Hash>& after,
                                   std::size_t most) override;

    /// Flips a bit of a chunk that is there.
    void damage(const ledger::Hash& root, std::uint64_t chunk);

private:
    struct Batch {
        BatchManifest manifest;
        ledger::Bytes leaves;
        bool has_table = false;
        std::map<std::uint64_t, ledger::Bytes> chunks;
        std::vector<std::string> holders;
        ChunkSet have;
        std::vector<ChunkRange> unsynced;
        std::uint64_t used_ms{};

        std::uint64_t bytes() const;
    };

    ledger::Result<Batch*> find(const ledger::Hash& root);
    bool make_room(std::uint64_t bytes, bool may_collect);
    std::uint64_t total() const;
    ledger::ByteView leaf_part(const Batch&, const ChunkRange&) const;

    const Clock& clock_;
    const BatchLimits limits_;
    std::mutex mutex_;
    std::map<ledger::Hash, Batch> batches_;
};

}  // namespace node
