#pragma once

#include "ledger/disk/folder_lock.hpp"
#include "ledger/store/block_store.hpp"
#include "ledger/store/rocks_common.hpp"
#include "ledger/store/rocks_state.hpp"
#include "ledger/store/rocks_tables.hpp"
#include "ledger/store/state_cache.hpp"

#include <rocksdb/write_batch.h>

#include <atomic>
#include <mutex>

namespace ledger {

/// The block store on RocksDB; `open_rocks_store` makes one. Only for the sources of this folder.
class RocksStore final : public BlockStore {
public:
    RocksStore(const StoreOptions& options, std::unique_ptr<FolderLock> lock);

    ~RocksStore() override;
    Result<void> open(const std::filesystem::path& folder);

    std::optional<Height> tip() const override;
    std::optional<Height> base() const override;
    Result<void> load(const StorePart& part) override;
    Result<void> begin(const StoreBase& base) override;
    Result<void> append(const BlockCommit& commit) override;
    Result<void> checkpoint(const TreeChanges& changes, std::uint64_t applied_seq) override;
    Result<StoredBlock> block(Height height) const override;
    Result<Height> height_of(const BlockId& id) const override;
    Result<TxLocation> find_tx(const TxId& id) const override;
    const StateView& state() const override { return *cached_state_; }
    Result<std::unique_ptr<StateView>> snapshot() const override;
    Result<std::optional<Bytes>> state_at(ByteView key, Height height) const override;
    Result<std::optional<Hash>> history_node(std::uint8_t level,
                                             std::uint64_t index) const override;
    Result<std::optional<Bytes>> tree_node(ByteView node_key) const override;
    std::optional<Checkpoint> last_checkpoint() const override;
    std::uint64_t applied_seq() const override { return applied_seq_; }
    Result<void> put_meta(std::string_view name, ByteView value) override;
    Result<std::optional<Bytes>> get_meta(std::string_view name) const override;
    Result<void> verify_files() const override { return verify_rocks(*db_); }

private:
    rocksdb::ColumnFamilyHandle* table(Table which) const;

    /// A batch is memory: putting into it fails only when memory is out.
    void put(rocksdb::WriteBatch& batch, Table which, std::string_view key, std::string_view value);

    Result<std::optional<Bytes>> get(Table which, std::string_view key) const;

    Result<Bytes> must_get(Table which, std::string_view key) const;

    bool is_pruned(Height height) const { return height.value != 0 && height.value < base_; }

    Result<StoredBlock> read_block(Height height) const;

    /// Adds to `batch` the removal of blocks that are not to be kept; gives the new base, below
    /// which nobody is answered from now on.
    std::uint64_t drop_blocks(rocksdb::WriteBatch& batch, std::uint64_t checkpoint);

    /// The base is durable: gives the disk back whole files of what is below. What shares a file
    /// with newer blocks goes with its next compaction.
    rocksdb::Status free_blocks(std::uint64_t base);

    void put_block(rocksdb::WriteBatch& batch, const BlockCommit& commit);

    /// The new values, and the old ones under this height.
    Result<void> put_state(rocksdb::WriteBatch& batch, const StateDiff& diff, std::uint64_t height);

    /// The values under the keys of `diff`, in their order; who executed the block has read most.
    Result<std::vector<std::optional<Bytes>>> values_now(const StateDiff& diff);

    /// The oldest change after `height` tells what there was; without one it is still there.
    Result<std::optional<Bytes>> read_history(ByteView key, std::uint64_t height,
                                              const rocksdb::Snapshot* moment) const;

    /// Adds to `batch` the removal of nodes that no version above `floor` needs, a bounded number
    /// at a time; gives the version to go on from.
    Result<std::uint64_t> drop_stale_nodes(rocksdb::WriteBatch& batch, std::uint64_t floor);

    Result<void> read_marks();

    std::uint64_t oldest_wanted(std::uint64_t height) const;

    std::uint64_t oldest_kept() const;

    Result<void> remember(Result<void> failed);

    const StoreOptions options_;
    const std::unique_ptr<FolderLock> lock_;
    HistoryFilter filter_;  // outlives db_, which calls it
    IndexFilter index_filter_;
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> tables_;
    std::unique_ptr<RocksState> tip_state_;
    StateCache cache_;
    std::unique_ptr<CachedState> cached_state_;
    std::atomic<std::uint64_t> blocks_ = 0;
    std::atomic<std::uint64_t> applied_seq_ = 0;
    /// History of blocks up to here may be gone, for good.
    std::atomic<std::uint64_t> floor_ = 0;
    std::uint64_t pruned_through_ = 0;
    std::atomic<std::uint64_t> base_ = 0;  ///< older blocks are gone, but for block 0
    mutable std::mutex checkpoint_mutex_;
    std::optional<Checkpoint> checkpoint_;
    std::optional<Error> broken_;
};

}  // namespace ledger
