#include "ledger/store/rocks_store.hpp"

#include "ledger/store/pruning.hpp"

#include <limits>

namespace ledger {

Result<StoredBlock> RocksStore::block(Height height) const
{
    if (height.value >= blocks_) return Error{ErrorKind::not_found, "block"};
    auto found = read_block(height);
    // A checkpoint may drop it while it is read.
    if (is_pruned(height)) return pruned_error(height, {base_.load()});
    return found;
}

Result<Height> RocksStore::height_of(const BlockId& id) const
{
    const auto found = get(Table::tx_index, index_key(index_block, id.view()));
    if (!found) return found.error();
    if (!*found) return Error{ErrorKind::not_found, "block"};
    if ((*found)->size() != 8) return Error{ErrorKind::corrupt, "block index"};
    const Height height{read_big_u64(**found, 0)};
    if (is_pruned(height)) return pruned_error(height, {base_.load()});
    return height;
}

Result<TxLocation> RocksStore::find_tx(const TxId& id) const
{
    const auto found = get(Table::tx_index, index_key(index_transaction, id.view()));
    if (!found) return found.error();
    if (!*found) return Error{ErrorKind::not_found, "transaction"};
    if ((*found)->size() != 16) return Error{ErrorKind::corrupt, "transaction index"};
    const Height height{read_big_u64(**found, 0)};
    if (is_pruned(height)) return pruned_error(height, {base_.load()});
    return TxLocation{height, static_cast<std::uint32_t>(read_big_u64(**found, 8))};
}

Result<std::unique_ptr<StateView>> RocksStore::snapshot() const
{
    return std::unique_ptr<StateView>{
        std::make_unique<RocksState>(*db_, table(Table::state), db_->GetSnapshot())};
}

Result<std::optional<Bytes>> RocksStore::state_at(ByteView key, Height height) const
{
    const auto blocks = blocks_.load();
    if (height.value >= blocks) return Error{ErrorKind::not_found, "block"};
    rocksdb::ManagedSnapshot moment{db_.get()};
    auto found = read_history(key, height.value, moment.snapshot());
    // Blocks that came meanwhile may have let a compaction drop what was needed.
    if (height.value < oldest_kept()) return Error{ErrorKind::not_found, "history not kept"};
    return found;
}

Result<std::optional<Hash>> RocksStore::history_node(std::uint8_t level, std::uint64_t index) const
{
    const auto found = get(Table::headers, history_node_key(level, index));
    if (!found) return found.error();
    if (!*found) return std::optional<Hash>{};
    if ((*found)->size() != Hash::size) return Error{ErrorKind::corrupt, "history node"};
    return std::optional{Hash::of(**found)};
}

Result<std::optional<Bytes>> RocksStore::tree_node(ByteView node_key) const
{
    return get(Table::jmt, as_text(node_key));
}

std::optional<Checkpoint> RocksStore::last_checkpoint() const
{
    const std::lock_guard lock{checkpoint_mutex_};
    return checkpoint_;
}

Result<std::optional<Bytes>> RocksStore::get_meta(std::string_view name) const
{
    return get(Table::meta, meta_named + std::string{name});
}

Result<std::optional<Bytes>> RocksStore::get(Table which, std::string_view key) const
{
    rocksdb::PinnableSlice value;
    const auto status = db_->Get({}, table(which), rocksdb::Slice{key.data(), key.size()}, &value);
    if (status.IsNotFound()) return std::optional<Bytes>{};
    if (!status.ok()) return to_error(status);
    return std::optional{to_bytes(view(value))};
}

Result<Bytes> RocksStore::must_get(Table which, std::string_view key) const
{
    auto found = get(which, key);
    if (!found) return found.error();
    if (!*found) {
        return Error{ErrorKind::corrupt, "table " + table(which)->GetName() + " lacks height " +
                                             std::to_string(read_big_u64(as_bytes(key), 0))};
    }
    return std::move(**found);
}

Result<StoredBlock> RocksStore::read_block(Height height) const
{
    const auto key = big_u64(height.value);
    const auto header = must_get(Table::headers, key);
    if (!header) return header.error();
    const auto body = must_get(Table::bodies, key);
    if (!body) return body.error();
    auto certificate = must_get(Table::fin, key);
    if (!certificate) return certificate.error();
    return decode_block(height, *header, *body, std::move(*certificate));
}

Result<std::optional<Bytes>> RocksStore::read_history(ByteView key, std::uint64_t height,
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

}  // namespace ledger
