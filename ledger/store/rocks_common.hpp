#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/slice.h>
#include <rocksdb/status.h>
#include <boost/endian/conversion.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What the files that speak RocksDB share.
namespace ledger {

inline rocksdb::Slice slice(ByteView view)
{
    return {reinterpret_cast<const char*>(view.data()), view.size()};
}

inline ByteView view(const rocksdb::Slice& slice)
{
    return {reinterpret_cast<const std::uint8_t*>(slice.data()), slice.size()};
}

inline Bytes to_bytes(ByteView from)
{
    return {from.begin(), from.end()};
}

inline void put_big_u64(std::string& to, std::uint64_t value)
{
    std::uint8_t bytes[8];
    boost::endian::store_big_u64(bytes, value);
    to.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

inline std::string big_u64(std::uint64_t value)
{
    std::string made;
    put_big_u64(made, value);
    return made;
}

/// `from` has at least `offset` + 8 bytes.
inline std::uint64_t read_big_u64(ByteView from, std::size_t offset)
{
    return boost::endian::load_big_u64(from.data() + offset);
}

/// The first key behind all those that begin with `prefix`; empty when there is none.
inline std::string after_prefix(std::string_view prefix)
{
    std::string next{prefix};
    while (!next.empty() && static_cast<unsigned char>(next.back()) == 0xff) next.pop_back();
    if (!next.empty()) next.back() = static_cast<char>(next.back() + 1);
    return next;
}

/// `status` is not ok. The text names the file when RocksDB knows it.
Error to_error(const rocksdb::Status& status);

/// The settings of ledger.md: every file, block, record and write carries sums that are checked.
rocksdb::DBOptions careful_db_options();
rocksdb::ColumnFamilyOptions careful_table_options(std::size_t write_buffer_bytes);
rocksdb::WriteOptions careful_write();

struct OpenedRocks {
    std::unique_ptr<rocksdb::DB> db;
    std::vector<rocksdb::ColumnFamilyHandle*> tables;  ///< belong to `db`: destroy before it
};

/// Opens the database in `folder`/db with the tables named, making it when `folder` has none. A
/// folder that has lost the file CURRENT is `corrupt`: RocksDB alone would begin anew there.
Result<OpenedRocks> open_rocks(const std::filesystem::path& folder,
                               const rocksdb::DBOptions& options,
                               const std::vector<rocksdb::ColumnFamilyDescriptor>& tables);

/// Opens the database in `folder`/db as it lies, to read it only: no file is written. `corrupt`,
/// naming the file, also for what RocksDB itself would pass over: a list of files that ends within
/// a record.
Result<OpenedRocks> open_rocks_read_only(
    const std::filesystem::path& folder, const rocksdb::DBOptions& options,
    const std::vector<rocksdb::ColumnFamilyDescriptor>& tables);

/// Reads every file of `db` and checks every sum.
Result<void> verify_rocks(rocksdb::DB& db);

}  // namespace ledger
