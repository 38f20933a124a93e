#pragma once

#include "ledger/base/ensure.hpp"
#include "ledger/store/log.hpp"
#include "ledger/store/rocks_common.hpp"

/// How a journal lies on the disk: tables in one RocksDB in `db`, and batches that are committed
/// together as one record of a log of ours in `log`. RocksDB has no log here, and also keeps the
/// number of the last record that it has taken.
namespace ledger {

constexpr std::uint8_t journal_batch_record = 1;
constexpr LogLimits journal_log_limits{.segment_bytes = std::size_t{8} << 20,
                                       .record_bytes = std::size_t{128} << 20,
                                       .batch_bytes = std::size_t{128} << 20};

/// Length of the table's name, the name, the key: tables lie apart.
inline std::string journal_key(std::string_view table, ByteView key)
{
    ensure(!table.empty() && table.size() <= 255, "a table's name has 1 to 255 bytes");
    std::string made(1, static_cast<char>(table.size()));
    made += table;
    made += as_text(key);
    return made;
}

/// Where the number of the last record that RocksDB has taken is kept: in no table.
inline const std::string& journal_applied_key()
{
    static const std::string key(1, '\0');
    return key;
}

/// That number; 0 when it has taken none.
inline Result<std::uint64_t> read_journal_applied(rocksdb::DB& db,
                                                  rocksdb::ColumnFamilyHandle* table)
{
    rocksdb::PinnableSlice value;
    const auto status = db.Get({}, table, journal_applied_key(), &value);
    if (status.IsNotFound()) return std::uint64_t{0};
    if (!status.ok()) return to_error(status);
    if (value.size() != 8) return Error{ErrorKind::corrupt, db.GetName() + ": a bad number"};
    return read_big_u64(view(value), 0);
}

/// Answers and their calls are written once, read seldom and forgotten in the order they came:
/// they lie in files of their own, and compactions move only what says where.
inline rocksdb::ColumnFamilyOptions journal_table_options()
{
    constexpr std::size_t write_buffer_bytes = std::size_t{16} << 20;
    auto options = careful_table_options(write_buffer_bytes);
    options.enable_blob_files = true;
    options.min_blob_size = 256;
    options.blob_file_size = std::uint64_t{64} << 20;
    options.enable_blob_garbage_collection = true;
    return options;
}

}  // namespace ledger
