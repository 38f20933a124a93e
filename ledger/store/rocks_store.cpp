#include "ledger/store/rocks_store.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/random.hpp"
#include "ledger/state/state_tree.hpp"

#include <numeric>

namespace ledger {

RocksStore::RocksStore(const StoreOptions& options, std::unique_ptr<FolderLock> lock)
    : options_{options},
      lock_{std::move(lock)},
      cache_{options.state_cache_bytes, SystemRandom{}.next_u64()}
{
}

RocksStore::~RocksStore()
{
    cached_state_.reset();
    tip_state_.reset();
    for (auto* table : tables_) db_->DestroyColumnFamilyHandle(table);
    if (db_) db_->Close().PermitUncheckedError();  // what was not synced, the log has
}

Result<void> RocksStore::open(const std::filesystem::path& folder)
{
    auto opened =
        open_rocks(folder, store_db_options(), store_tables(options_, filter_, index_filter_));
    if (!opened) return opened.error();
    db_ = std::move(opened->db);
    tables_ = std::move(opened->tables);
    tip_state_ = std::make_unique<RocksState>(*db_, table(Table::state), nullptr);
    cached_state_ = std::make_unique<CachedState>(*tip_state_, cache_);
    return read_marks();
}

std::optional<Height> RocksStore::tip() const
{
    const auto blocks = blocks_.load();
    if (blocks == 0) return {};
    return Height{blocks - 1};
}

std::optional<Height> RocksStore::base() const
{
    if (blocks_.load() == 0) return {};
    return Height{base_.load()};
}

Result<void> RocksStore::append(const BlockCommit& commit)
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

Result<void> RocksStore::checkpoint(const TreeChanges& changes, std::uint64_t applied_seq)
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
    const auto base = drop_blocks(batch, changes.version.value);
    auto status = db_->Write(careful_write(), &batch);
    if (status.ok()) status = db_->FlushWAL(true);
    if (status.ok()) status = free_blocks(base);
    if (!status.ok()) return remember(to_error(status));
    floor_ = floor;
    filter_.floor = floor;  // durable now: no restart stands before it
    pruned_through_ = *pruned;
    const std::lock_guard lock{checkpoint_mutex_};
    checkpoint_ = made;
    return {};
}

Result<void> RocksStore::put_meta(std::string_view name, ByteView value)
{
    if (broken_) return *broken_;
    rocksdb::WriteBatch batch;
    put(batch, Table::meta, meta_named + std::string{name}, as_text(value));
    const auto status = db_->Write(careful_write(), &batch);
    if (!status.ok()) return remember(to_error(status));
    return {};
}

rocksdb::ColumnFamilyHandle* RocksStore::table(Table which) const
{
    return tables_[static_cast<std::size_t>(which)];
}

void RocksStore::put(rocksdb::WriteBatch& batch, Table which, std::string_view key,
                     std::string_view value)
{
    const auto status = batch.Put(table(which), rocksdb::Slice{key.data(), key.size()},
                                  rocksdb::Slice{value.data(), value.size()});
    ensure(status.ok(), "a batch takes what it is given");
}

void RocksStore::put_block(rocksdb::WriteBatch& batch, const BlockCommit& commit)
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

Result<void> RocksStore::put_state(rocksdb::WriteBatch& batch, const StateDiff& diff,
                                   std::uint64_t height)
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

Result<std::vector<std::optional<Bytes>>> RocksStore::values_now(const StateDiff& diff)
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
    db_->MultiGet({}, table(Table::state), keys.size(), keys.data(), found.data(), statuses.data(),
                  sorted);
    for (i = 0; i < keys.size(); ++i) {
        if (statuses[i].ok())
            values[unknown[i]] = to_bytes(view(found[i]));
        else if (!statuses[i].IsNotFound())
            return to_error(statuses[i]);
    }
    return values;
}

Result<void> RocksStore::read_marks()
{
    const auto tip = get(Table::meta, meta_tip);
    const auto checkpoint = get(Table::meta, meta_checkpoint);
    const auto floor = get(Table::meta, meta_floor);
    const auto base = get(Table::meta, meta_base);
    for (const auto* mark : {&tip, &checkpoint, &floor, &base}) {
        if (!*mark) return mark->error();
    }
    if (*base) {
        if ((*base)->size() != 8) return Error{ErrorKind::corrupt, "base"};
        base_ = read_big_u64(**base, 0);
        index_filter_.base = base_.load();
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

std::uint64_t RocksStore::oldest_wanted(std::uint64_t height) const
{
    return options_.archive || height < options_.keep_versions ? 0
                                                               : height - options_.keep_versions;
}

std::uint64_t RocksStore::oldest_kept() const
{
    const auto blocks = blocks_.load();
    return std::max(floor_.load(), oldest_wanted(blocks == 0 ? 0 : blocks - 1));
}

Result<void> RocksStore::remember(Result<void> failed)
{
    broken_ = failed.error();
    return failed;
}

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
