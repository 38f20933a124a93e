#include "ledger/base/ensure.hpp"
#include "ledger/crypto/random.hpp"
#include "ledger/state/state_tree.hpp"
#include "ledger/store/block_store.hpp"
#include "ledger/store/folder_lock.hpp"
#include "ledger/store/rocks_common.hpp"
#include "ledger/store/rocks_state.hpp"
#include "ledger/store/rocks_tables.hpp"
#include "ledger/store/state_cache.hpp"

#include <rocksdb/write_batch.h>

#include <atomic>
#include <limits>
#include <mutex>
#include <numeric>

namespace ledger {
namespace {

class RocksStore final : public BlockStore {
public:
    RocksStore(const StoreOptions& options, std::unique_ptr<FolderLock> lock)
        : options_{options},
          lock_{std::move(lock)},
          cache_{options.state_cache_bytes, SystemRandom{}.next_u64()}
    {
    }

    ~RocksStore() override
    {
        cached_state_.reset();
        tip_state_.reset();
        for (auto* table : tables_) db_->DestroyColumnFamilyHandle(table);
        if (db_) db_->Close().PermitUncheckedError();  // what was not synced, the log has
    }

    Result<void> open(const std::filesystem::path& folder)
    {
        auto opened = open_rocks(folder, store_db_options(), store_tables(options_, filter_));
        if (!opened) return opened.error();
        db_ = std::move(opened->db);
        tables_ = std::move(opened->tables);
        tip_state_ = std::make_unique<RocksState>(*db_, table(Table::state), nullptr);
        cached_state_ = std::make_unique<CachedState>(*tip_state_, cache_);
        return read_marks();
    }

    std::optional<Height> tip() const override
    {
        const auto blocks = blocks_.load();
        if (blocks == 0) return {};
        return Height{blocks - 1};
    }

    Result<void> append(const BlockCommit& commit) override
    {
        const auto height = commit.block.height.value;
        ensure(height == blocks_, "blocks are appended in order");
        ensure(commit.applied_seq >= applied_seq_, "the log is applied in order");
        if (broken_) return *broken_;
        rocksdb::WriteBatch batch;
        put_block(batch, commit);
        if (const auto done = put_state(batch, commit.state, height); !done) return remember(done);
        put(batch, Table::meta, meta_tip, big_u64(height) + big_u64(commit.applied_seq));
        const auto status = db_->Write(careful_write(), &batch);
        if (!status.ok()) return remember(to_error(status));
        for (const auto& [key, value] : commit.state) cache_.put(key, value);
        applied_seq_ = commit.applied_seq;
        blocks_ = height + 1;
        return {};
    }

    Result<void> checkpoint(const TreeChanges& changes, std::uint64_t applied_seq) override
    {
        ensure(changes.version.value < blocks_, "a checkpoint is of a block that is there");
        ensure(applied_seq <= applied_seq_, "a checkpoint claims only what was applied");
        if (broken_) return *broken_;
        rocksdb::WriteBatch batch;
        for (const auto& [key, node] : changes.nodes) {
            batch.Put(table(Table::jmt), slice(key), slice(node)).PermitUncheckedError();
        }
        const auto version = big_u64(changes.version.value);
        std::uint64_t row = 0;
        for (std::span left{changes.stale}; !left.empty(); ++row) {
            const auto some = left.first(std::min(stale_in_a_row, left.size()));
            put(batch, Table::jmt_stale, version + big_u64(row), encode_stale(some));
            left = left.subspan(some.size());
        }
        const Checkpoint made{changes.version, changes.root, applied_seq};
        put(batch, Table::meta, meta_checkpoint,
            version + std::string{as_text(changes.root.view())} + big_u64(applied_seq));
        const auto floor = std::max(floor_.load(), oldest_wanted(changes.version.value));
        put(batch, Table::meta, meta_floor, big_u64(floor));
        const auto pruned = drop_stale_nodes(batch, floor);
        if (!pruned) return remember(pruned.error());
        auto status = db_->Write(careful_write(), &batch);
        if (status.ok()) status = db_->FlushWAL(true);
        if (!status.ok()) return remember(to_error(status));
        floor_ = floor;
        filter_.floor = floor;  // durable now: no restart stands before it
        pruned_through_ = *pruned;
        const std::lock_guard lock{checkpoint_mutex_};
        checkpoint_ = made;
        return {};
    }

    Result<StoredBlock> block(Height height) const override
    {
        if (height.value >= blocks_) return Error{ErrorKind::not_found, "block"};
        const auto key = big_u64(height.value);
        const auto header = must_get(Table::headers, key);
        if (!header) return header.error();
        const auto body = must_get(Table::bodies, key);
        if (!body) return body.error();
        auto certificate = must_get(Table::fin, key);
        if (!certificate) return certificate.error();
        return decode_block(height, *header, *body, std::move(*certificate));
    }

    Result<Height> height_of(const BlockId& id) const override
    {
        const auto found = get(Table::tx_index, index_key(index_block, id.view()));
        if (!found) return found.error();
        if (!*found) return Error{ErrorKind::not_found, "block"};
        if ((*found)->size() != 8) return Error{ErrorKind::corrupt, "block index"};
        return Height{read_big_u64(**found, 0)};
    }

    Result<TxLocation> find_tx(const TxId& id) const override
    {
        const auto found = get(Table::tx_index, index_key(index_transaction, id.view()));
        if (!found) return found.error();
        if (!*found) return Error{ErrorKind::not_found, "transaction"};
        if ((*found)->size() != 16) return Error{ErrorKind::corrupt, "transaction index"};
        return TxLocation{{read_big_u64(**found, 0)},
                          static_cast<std::uint32_t>(read_big_u64(**found, 8))};
    }

    const StateView& state() const override { return *cached_state_; }

    Result<std::unique_ptr<StateView>> snapshot() const override
    {
        return std::unique_ptr<StateView>{
            std::make_unique<RocksState>(*db_, table(Table::state), db_->GetSnapshot())};
    }

    Result<std::optional<Bytes>> state_at(ByteView key, Height height) const override
    {
        const auto blocks = blocks_.load();
        if (height.value >= blocks) return Error{ErrorKind::not_found, "block"};
        rocksdb::ManagedSnapshot moment{db_.get()};
        auto found = read_history(key, height.value, moment.snapshot());
        // Blocks that came meanwhile may have let a compaction drop what was needed.
        if (height.value < oldest_kept()) return Error{ErrorKind::not_found, "history not kept"};
        return found;
    }

    Result<std::optional<Hash>> history_node(std::uint8_t level, std::uint64_t index) const override
    {
        const auto found = get(Table::headers, history_node_key(level, index));
        if (!found) return found.error();
        if (!*found) return std::optional<Hash>{};
        if ((*found)->size() != Hash::size) return Error{ErrorKind::corrupt, "history node"};
        return std::optional{Hash::of(**found)};
    }

    Result<std::optional<Bytes>> tree_node(ByteView node_key) const override
    {
        return get(Table::jmt, as_text(node_key));
    }

    std::optional<Checkpoint> last_checkpoint() const override
    {
        const std::lock_guard lock{checkpoint_mutex_};
        return checkpoint_;
    }

    std::uint64_t applied_seq() const override { return applied_seq_; }

    Result<void> put_meta(std::string_view name, ByteView value) override
    {
        if (broken_) return *broken_;
        rocksdb::WriteBatch batch;
        put(batch, Table::meta, meta_named + std::string{name}, as_text(value));
        const auto status = db_->Write(careful_write(), &batch);
        if (!status.ok()) return remember(to_error(status));
        return {};
    }

    Result<std::optional<Bytes>> get_meta(std::string_view name) const override
    {
        return get(Table::meta, meta_named + std::string{name});
    }

    Result<void> verify_files() const override { return verify_rocks(*db_); }

private:
    rocksdb::ColumnFamilyHandle* table(Table which) const
    {
        return tables_[static_cast<std::size_t>(which)];
    }

    /// A batch is memory: putting into it fails only when memory is out.
    void put(rocksdb::WriteBatch& batch, Table which, std::string_view key, std::string_view value)
    {
        const auto status = batch.Put(table(which), rocksdb::Slice{key.data(), key.size()},
                                      rocksdb::Slice{value.data(), value.size()});
        ensure(status.ok(), "a batch takes what it is given");
    }

    Result<std::optional<Bytes>> get(Table which, std::string_view key) const
    {
        rocksdb::PinnableSlice value;
        const auto status =
            db_->Get({}, table(which), rocksdb::Slice{key.data(), key.size()}, &value);
        if (status.IsNotFound()) return std::optional<Bytes>{};
        if (!status.ok()) return to_error(status);
        return std::optional{to_bytes(view(value))};
    }

    Result<Bytes> must_get(Table which, std::string_view key) const
    {
        auto found = get(which, key);
        if (!found) return found.error();
        if (!*found) {
            return Error{ErrorKind::corrupt, "table " + table(which)->GetName() + " lacks height " +
                                                 std::to_string(read_big_u64(as_bytes(key), 0))};
        }
        return std::move(**found);
    }

    void put_block(rocksdb::WriteBatch& batch, const BlockCommit& commit)
    {
        const auto& block = commit.block;
        const auto height = big_u64(block.height.value);
        put(batch, Table::headers, height, encode_header(block));
        put(batch, Table::bodies, height, encode_body(block));
        put(batch, Table::fin, height, as_text(block.certificate));
        put(batch, Table::tx_index, index_key(index_block, block.id.view()), height);
        // Ascending, as they then find their places in memory sooner; equal ones in their order.
        std::vector<std::uint32_t> order(commit.tx_ids.size());
        std::iota(order.begin(), order.end(), 0U);
        std::ranges::stable_sort(order, {}, [&](auto i) { return commit.tx_ids[i]; });
        for (const auto i : order) {
            put(batch, Table::tx_index, index_key(index_transaction, commit.tx_ids[i].view()),
                height + big_u64(i));
        }
        for (const auto& node : commit.history) {
            put(batch, Table::headers, history_node_key(node.level, node.index),
                as_text(node.hash.view()));
        }
    }

    /// The new values, and the old ones under this height.
    Result<void> put_state(rocksdb::WriteBatch& batch, const StateDiff& diff, std::uint64_t height)
    {
        const auto old = values_now(diff);
        if (!old) return old.error();
        auto at = old->begin();
        for (const auto& [key, value] : diff) {
            const auto& before = *at++;
            if (before == value) continue;
            put(batch, Table::hist, history_key(key, height),
                before ? "\1" + std::string{as_text(*before)} : std::string(1, '\0'));
            if (value) {
                put(batch, Table::state, as_text(key), as_text(*value));
            } else {
                batch.Delete(table(Table::state), slice(key)).PermitUncheckedError();
            }
        }
        return {};
    }

    /// The values under the keys of `diff`, in their order; who executed the block has read most.
    Result<std::vector<std::optional<Bytes>>> values_now(const StateDiff& diff)
    {
        std::vector<std::optional<Bytes>> values(diff.size());
        std::vector<rocksdb::Slice> keys;
        std::vector<std::size_t> unknown;
        std::size_t i = 0;
        for (const auto& [key, value] : diff) {
            if (const auto* known = cache_.find(key)) {
                values[i] = *known;
            } else {
                keys.push_back(slice(key));
                unknown.push_back(i);
            }
            ++i;
        }
        std::vector<rocksdb::PinnableSlice> found(keys.size());
        std::vector<rocksdb::Status> statuses(keys.size());
        constexpr bool sorted = true;
        db_->MultiGet({}, table(Table::state), keys.size(), keys.data(), found.data(),
                      statuses.data(), sorted);
        for (i = 0; i < keys.size(); ++i) {
            if (statuses[i].ok())
                values[unknown[i]] = to_bytes(view(found[i]));
            else if (!statuses[i].IsNotFound())
                return to_error(statuses[i]);
        }
        return values;
    }

    /// The oldest change after `height` tells what there was; without one it is still there.
    Result<std::optional<Bytes>> read_history(ByteView key, std::uint64_t height,
                                              const rocksdb::Snapshot* moment) const
    {
        const auto lowest = history_key(key, std::numeric_limits<std::uint64_t>::max());
        const rocksdb::Slice bound{lowest};
        rocksdb::ReadOptions options;
        options.snapshot = moment;
        options.iterate_lower_bound = &bound;
        const std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator(options, table(Table::hist))};
        at->SeekForPrev(history_key(key, height + 1));
        if (at->Valid()) {
            const auto value = view(at->value());
            if (value.empty()) return Error{ErrorKind::corrupt, "history"};
            if (value.front() == 0) return std::optional<Bytes>{};
            return std::optional{to_bytes(value.subspan(1))};
        }
        if (!at->status().ok()) return to_error(at->status());
        options.iterate_lower_bound = nullptr;
        rocksdb::PinnableSlice value;
        const auto status = db_->Get(options, table(Table::state), slice(key), &value);
        if (status.IsNotFound()) return std::optional<Bytes>{};
        if (!status.ok()) return to_error(status);
        return std::optional{to_bytes(view(value))};
    }

    /// Adds to `batch` the removal of nodes that no version above `floor` needs, a bounded number
    /// at a time; gives the version to go on from.
    Result<std::uint64_t> drop_stale_nodes(rocksdb::WriteBatch& batch, std::uint64_t floor)
    {
        if (floor == 0) return pruned_through_;
        constexpr std::size_t most = 200'000;
        const auto end = big_u64(floor + 1);
        const rocksdb::Slice bound{end};
        rocksdb::ReadOptions options;
        options.iterate_upper_bound = &bound;
        const std::unique_ptr<rocksdb::Iterator> at{
            db_->NewIterator(options, table(Table::jmt_stale))};
        std::size_t dropped = 0;
        for (at->Seek(big_u64(pruned_through_)); at->Valid(); at->Next()) {
            if (at->key().size() < 8) return Error{ErrorKind::corrupt, "stale tree nodes"};
            if (dropped >= most) return read_big_u64(view(at->key()), 0);
            const auto nodes = decode_stale(view(at->value()));
            if (!nodes) return nodes.error();
            for (const auto node : *nodes)
                batch.Delete(table(Table::jmt), slice(node)).PermitUncheckedError();
            dropped += nodes->size();
            batch.Delete(table(Table::jmt_stale), at->key()).PermitUncheckedError();
        }
        if (!at->status().ok()) return to_error(at->status());
        return floor;
    }

    Result<void> read_marks()
    {
        const auto tip = get(Table::meta, meta_tip);
        const auto checkpoint = get(Table::meta, meta_checkpoint);
        const auto floor = get(Table::meta, meta_floor);
        for (const auto* mark : {&tip, &checkpoint, &floor}) {
            if (!*mark) return mark->error();
        }
        if (*floor) {
            if ((*floor)->size() != 8) return Error{ErrorKind::corrupt, "floor"};
            floor_ = read_big_u64(**floor, 0);
            filter_.floor = floor_.load();
        }
        if (*checkpoint) {
            if ((*checkpoint)->size() != 48) return Error{ErrorKind::corrupt, "checkpoint"};
            const ByteView bytes{**checkpoint};
            checkpoint_ = Checkpoint{
                {read_big_u64(bytes, 0)}, Hash::of(bytes.subspan(8, 32)), read_big_u64(bytes, 40)};
        }
        if (*tip) {
            if ((*tip)->size() != 16) return Error{ErrorKind::corrupt, "tip"};
            blocks_ = read_big_u64(**tip, 0) + 1;
            applied_seq_ = read_big_u64(**tip, 8);
            if (const auto newest = block(*this->tip()); !newest) return newest.error();
        }
        if (checkpoint_ &&
            (checkpoint_->height.value >= blocks_ || checkpoint_->applied_seq > applied_seq_)) {
            return Error{ErrorKind::corrupt, "the store stands before its own checkpoint"};
        }
        return {};
    }

    std::uint64_t oldest_wanted(std::uint64_t height) const
    {
        return options_.archive || height < options_.keep_versions
                   ? 0
                   : height - options_.keep_versions;
    }

    std::uint64_t oldest_kept() const
    {
        const auto blocks = blocks_.load();
        return std::max(floor_.load(), oldest_wanted(blocks == 0 ? 0 : blocks - 1));
    }

    Result<void> remember(Result<void> failed)
    {
        broken_ = failed.error();
        return failed;
    }

    const StoreOptions options_;
    const std::unique_ptr<FolderLock> lock_;
    HistoryFilter filter_;  // outlives db_, which calls it
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
    mutable std::mutex checkpoint_mutex_;
    std::optional<Checkpoint> checkpoint_;
    std::optional<Error> broken_;
};

}  // namespace

Result<std::unique_ptr<BlockStore>> open_rocks_store(const std::filesystem::path& folder,
                                                     const StoreOptions& options)
{
    auto lock = FolderLock::take(folder);
    if (!lock) return lock.error();
    auto store = std::make_unique<RocksStore>(options, std::move(*lock));
    if (const auto opened = store->open(folder); !opened) return opened.error();
    return std::unique_ptr<BlockStore>{std::move(store)};
}

}  // namespace ledger
