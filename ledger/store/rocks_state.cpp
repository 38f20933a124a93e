#include "ledger/store/rocks_state.hpp"

#include "ledger/store/rocks_common.hpp"

namespace ledger {

RocksState::RocksState(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* table,
                       const rocksdb::Snapshot* snapshot)
    : db_{db}, table_{table}, snapshot_{snapshot}
{
}

RocksState::~RocksState()
{
    if (snapshot_ != nullptr) db_.ReleaseSnapshot(snapshot_);
}

std::optional<Bytes> RocksState::get(ByteView key) const
{
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    rocksdb::PinnableSlice value;
    const auto status = db_.Get(options, table_, slice(key), &value);
    if (status.IsNotFound()) return {};
    if (!status.ok()) throw StateFault{to_error(status).detail};
    return to_bytes(view(value));
}

void RocksState::scan_from(ByteView prefix, ByteView start, const Visit& visit) const
{
    const auto end = after_prefix(as_text(prefix));
    const rocksdb::Slice bound{end};
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    if (!end.empty()) options.iterate_upper_bound = &bound;
    const std::unique_ptr<rocksdb::Iterator> at{db_.NewIterator(options, table_)};
    // A start before the prefix means its beginning, one behind it finds nothing.
    at->Seek(slice(BytewiseLess{}(start, prefix) ? prefix : start));
    for (; at->Valid(); at->Next()) {
        if (!starts_with(view(at->key()), prefix)) break;
        if (!visit(view(at->key()), view(at->value()))) return;
    }
    if (!at->status().ok()) throw StateFault{to_error(at->status()).detail};
}

}  // namespace ledger
