#pragma once

#include "ledger/state/view.hpp"

#include <rocksdb/db.h>

namespace ledger {

/// The flat table as a view: of the tip, or with a snapshot, which it then owns, of one moment.
class RocksState final : public StateView {
public:
    RocksState(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* table,
               const rocksdb::Snapshot* snapshot);
    ~RocksState() override;
    RocksState(const RocksState&) = delete;
    RocksState& operator=(const RocksState&) = delete;

    std::optional<Bytes> get(ByteView key) const override;
    void scan_from(ByteView prefix, ByteView start, const Visit& visit) const override;

private:
    rocksdb::DB& db_;
    rocksdb::ColumnFamilyHandle* table_;
    const rocksdb::Snapshot* snapshot_;
};

}  // namespace ledger
