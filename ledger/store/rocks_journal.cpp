#include "ledger/base/ensure.hpp"
#include "ledger/state/view.hpp"
#include "ledger/store/folder_lock.hpp"
#include "ledger/store/journal.hpp"
#include "ledger/store/rocks_common.hpp"

#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>

namespace ledger {
namespace {

/// Length of the table's name, the name, the key: tables lie apart.
std::string key_in(std::string_view table, ByteView key)
{
    ensure(!table.empty() && table.size() <= 255, "a table's name has 1 to 255 bytes");
    std::string made(1, static_cast<char>(table.size()));
    made += table;
    made += as_text(key);
    return made;
}

class RocksJournal final : public Journal {
public:
    RocksJournal(std::unique_ptr<FolderLock> lock, OpenedRocks opened)
        : lock_{std::move(lock)}, db_{std::move(opened.db)}, table_{opened.tables.front()}
    {
    }

    ~RocksJournal() override
    {
        db_->DestroyColumnFamilyHandle(table_);
        db_->Close().PermitUncheckedError();  // every commit was synced
    }

    Result<void> commit(std::span<const JournalBatch> batches) override
    {
        if (broken_) return *broken_;
        rocksdb::WriteBatch all;
        for (const auto& batch : batches) {
            for (const auto& write : batch) {
                const auto key = key_in(write.table, write.key);
                const auto status = write.value ? all.Put(table_, key, slice(*write.value))
                                                : all.Delete(table_, key);
                ensure(status.ok(), "a batch takes what it is given");
            }
        }
        if (all.Count() == 0) return {};
        auto options = careful_write();
        options.sync = true;
        const auto status = db_->Write(options, &all);
        if (!status.ok()) broken_ = to_error(status);
        return broken_ ? Result<void>{*broken_} : Result<void>{};
    }

    Result<std::optional<Bytes>> get(std::string_view table, ByteView key) const override
    {
        rocksdb::PinnableSlice value;
        const auto status = db_->Get({}, table_, key_in(table, key), &value);
        if (status.IsNotFound()) return std::optional<Bytes>{};
        if (!status.ok()) return to_error(status);
        return std::optional{to_bytes(view(value))};
    }

    Result<void> scan(std::string_view table, ByteView prefix, const Visit& visit) const override
    {
        const auto start = key_in(table, prefix);
        const auto end = after_prefix(start);
        const rocksdb::Slice bound{end};
        rocksdb::ReadOptions options;
        if (!end.empty()) options.iterate_upper_bound = &bound;
        const std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator(options, table_)};
        for (at->Seek(start); at->Valid(); at->Next()) {
            rocksdb::Slice key = at->key();
            key.remove_prefix(1 + table.size());
            if (!visit(view(key), view(at->value()))) return {};
        }
        if (!at->status().ok()) return to_error(at->status());
        return {};
    }

private:
    std::unique_ptr<FolderLock> lock_;
    std::unique_ptr<rocksdb::DB> db_;
    rocksdb::ColumnFamilyHandle* table_;
    std::optional<Error> broken_;
};

}  // namespace

Result<std::unique_ptr<Journal>> open_rocks_journal(const std::filesystem::path& folder)
{
    auto lock = FolderLock::take(folder);
    if (!lock) return lock.error();
    auto options = careful_db_options();
    // Nothing stands behind this log: only a torn end may be dropped, damage is an error.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    constexpr std::size_t write_buffer_bytes = std::size_t{16} << 20;
    auto opened = open_rocks(
        folder, options,
        {{rocksdb::kDefaultColumnFamilyName, careful_table_options(write_buffer_bytes)}});
    if (!opened) return opened.error();
    return std::unique_ptr<Journal>{
        std::make_unique<RocksJournal>(std::move(*lock), std::move(*opened))};
}

}  // namespace ledger
