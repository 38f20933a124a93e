#include "ledger/store/rocks_common.hpp"

#include "ledger/disk/disk.hpp"

#include <rocksdb/file_checksum.h>

namespace ledger {

Error to_error(const rocksdb::Status& status)
{
    auto kind = ErrorKind::io;
    if (status.IsCorruption()) kind = ErrorKind::corrupt;
    if (status.IsNoSpace()) kind = ErrorKind::full;
    // A file that RocksDB had written and cannot find again.
    if (status.IsPathNotFound() || status.IsNotFound()) kind = ErrorKind::corrupt;
    return {kind, "RocksDB: " + status.ToString()};
}

rocksdb::DBOptions careful_db_options()
{
    rocksdb::DBOptions options;
    options.paranoid_checks = true;
    options.track_and_verify_wals_in_manifest = true;
    options.verify_sst_unique_id_in_manifest = true;
    options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
    options.recycle_log_file_num = 0;
    options.max_open_files = -1;
    options.max_background_jobs = 2;
    options.bytes_per_sync = 1 << 20;
    options.max_total_wal_size = std::uint64_t{256} << 20;
    options.info_log_level = rocksdb::WARN_LEVEL;
    options.keep_log_file_num = 4;
    options.max_log_file_size = 16 << 20;
    return options;
}

rocksdb::ColumnFamilyOptions careful_table_options(std::size_t write_buffer_bytes)
{
    rocksdb::ColumnFamilyOptions options;
    options.paranoid_file_checks = true;
    options.memtable_protection_bytes_per_key = 8;
    options.write_buffer_size = write_buffer_bytes;
    options.compression = rocksdb::kNoCompression;
    return options;
}

rocksdb::WriteOptions careful_write()
{
    rocksdb::WriteOptions options;
    options.protection_bytes_per_key = 8;
    return options;
}

namespace {

Result<OpenedRocks> open_at(const std::filesystem::path& path, const rocksdb::DBOptions& options,
                            const std::vector<rocksdb::ColumnFamilyDescriptor>& tables)
{
    OpenedRocks opened;
    rocksdb::DB* db = nullptr;
    const auto status = rocksdb::DB::Open(options, path.string(), tables, &opened.tables, &db);
    if (!status.ok()) return to_error(status);
    opened.db.reset(db);
    return opened;
}

/// Makes an empty database under another name first: one under its own name is always whole.
Result<void> make_database(const std::filesystem::path& folder, rocksdb::DBOptions options,
                           const std::vector<rocksdb::ColumnFamilyDescriptor>& tables)
{
    const auto unfinished = folder / "db.new";
    std::error_code error;
    std::filesystem::remove_all(unfinished, error);
    if (!error) std::filesystem::create_directories(unfinished, error);
    if (error) return Error{ErrorKind::io, unfinished.string() + ": " + error.message()};
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    auto made = open_at(unfinished, options, tables);
    if (!made) return made.error();
    for (auto* table : made->tables) made->db->DestroyColumnFamilyHandle(table);
    const auto closed = made->db->Close();
    if (!closed.ok()) return to_error(closed);
    PosixDisk disk;
    const auto renamed = disk.rename(unfinished.string(), (folder / "db").string());
    return renamed ? disk.sync_folder(folder.string()) : renamed;
}

}  // namespace

Result<OpenedRocks> open_rocks(const std::filesystem::path& folder,
                               const rocksdb::DBOptions& options,
                               const std::vector<rocksdb::ColumnFamilyDescriptor>& tables)
{
    const auto path = folder / "db";
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        if (const auto made = make_database(folder, options, tables); !made) return made.error();
    } else if (!std::filesystem::exists(path / "CURRENT", error)) {
        return Error{ErrorKind::corrupt, (path / "CURRENT").string() + " is missing"};
    }
    return open_at(path, options, tables);
}

Result<void> verify_rocks(rocksdb::DB& db)
{
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    auto status = db.VerifyFileChecksums(options);
    if (status.ok()) status = db.VerifyChecksum(options);
    if (!status.ok()) return to_error(status);
    return {};
}

}  // namespace ledger
