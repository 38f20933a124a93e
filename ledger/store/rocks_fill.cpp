#include "ledger/store/rocks_store.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/store/pruning.hpp"

#include <rocksdb/convenience.h>

/// What is not a block after the other: filling a store that begins at a base, and dropping what
/// is too old.

namespace ledger {

Result<void> RocksStore::load(const StorePart& part)
{
    ensure(blocks_ == 0, "a store is filled before it begins");
    if (broken_) return *broken_;
    rocksdb::WriteBatch batch;
    for (const auto& [key, value] : part.entries)
        put(batch, Table::state, as_text(key), as_text(value));
    for (const auto& [key, node] : part.nodes) put(batch, Table::jmt, as_text(key), as_text(node));
    // `begin` flushes the tables: what is in them needs no log of RocksDB's own.
    auto options = careful_write();
    options.disableWAL = true;
    const auto status = db_->Write(options, &batch);
    if (!status.ok()) return remember(to_error(status));
    return {};
}

Result<void> RocksStore::begin(const StoreBase& base)
{
    ensure(blocks_ == 0, "a store begins once");
    if (broken_) return *broken_;
    auto status = db_->Flush({}, tables_);
    if (!status.ok()) return remember(to_error(status));
    rocksdb::WriteBatch batch;
    put_block(batch, {base.genesis, {}, {}, 0, {}});
    put_block(batch, {base.block, {}, {}, 0, base.history.frontier()});
    const auto height = base.block.height.value;
    const auto text = big_u64(height);
    put(batch, Table::meta, meta_tip, text + big_u64(0));
    put(batch, Table::meta, meta_checkpoint,
        text + std::string{as_text(base.root.view())} + big_u64(0));
    put(batch, Table::meta, meta_floor, text);
    put(batch, Table::meta, meta_base, text);
    put(batch, Table::meta, meta_named + std::string{frontier_meta},
        as_text(base.history.encode()));
    status = db_->Write(careful_write(), &batch);
    if (status.ok()) status = db_->FlushWAL(true);
    if (!status.ok()) return remember(to_error(status));
    cache_.clear();
    return read_marks();
}

Result<std::uint64_t> RocksStore::drop_stale_nodes(rocksdb::WriteBatch& batch, std::uint64_t floor)
{
    if (floor == 0) return pruned_through_;
    constexpr std::size_t most = 200'000;
    const auto end = big_u64(floor + 1);
    const rocksdb::Slice bound{end};
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &bound;
    const std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator(options, table(Table::jmt_stale))};
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

std::uint64_t RocksStore::drop_blocks(rocksdb::WriteBatch& batch, std::uint64_t checkpoint)
{
    const auto old = base_.load();
    const auto base = next_base(options_, old, checkpoint, blocks_ - 1);
    if (base == old) return base;
    const auto first = big_u64(std::max<std::uint64_t>(old, 1));
    const auto end = big_u64(base);
    for (const auto which : {Table::headers, Table::bodies, Table::fin}) {
        batch.DeleteRange(table(which), first, end).PermitUncheckedError();
    }
    put(batch, Table::meta, meta_base, end);
    base_ = base;
    return base;
}

rocksdb::Status RocksStore::free_blocks(std::uint64_t base)
{
    if (index_filter_.base == base) return {};
    index_filter_.base = base;
    const auto first = big_u64(1);
    const auto end = big_u64(base);
    const rocksdb::Slice from{first};
    const rocksdb::Slice to{end};
    for (const auto which : {Table::headers, Table::bodies, Table::fin}) {
        constexpr bool include_end = false;
        auto status = rocksdb::DeleteFilesInRange(db_.get(), table(which), &from, &to, include_end);
        if (!status.ok()) return status;
    }
    return {};
}

}  // namespace ledger
