#include "ledger/disk/folder_lock.hpp"
#include "ledger/state/view.hpp"
#include "ledger/store/journal.hpp"
#include "ledger/store/log_reader.hpp"
#include "ledger/store/rocks_journal_format.hpp"

#include <rocksdb/sst_file_reader.h>
#include <rocksdb/write_batch.h>

#include <functional>

// A journal read as it lies: the files of RocksDB, and over them, in memory, what only the log has.
namespace ledger {
namespace {

/// What the log has beyond the files; nullopt erases.
using Newer = std::map<std::string, std::optional<std::string>>;

/// Takes a batch of the log apart.
class BatchReader final : public rocksdb::WriteBatch::Handler {
public:
    explicit BatchReader(Newer* newer) : newer_{newer} {}

    rocksdb::Status PutCF(std::uint32_t table, const rocksdb::Slice& key,
                          const rocksdb::Slice& value) override
    {
        return take(table, key, value.ToString());
    }
    rocksdb::Status DeleteCF(std::uint32_t table, const rocksdb::Slice& key) override
    {
        return take(table, key, std::nullopt);
    }

private:
    rocksdb::Status take(std::uint32_t table, const rocksdb::Slice& key,
                         std::optional<std::string> value)
    {
        const auto name_bytes = key.empty() ? 0U : static_cast<unsigned char>(key[0]);
        if (table != 0 || name_bytes == 0 || key.size() <= name_bytes)
            return rocksdb::Status::Corruption("an entry of no table");
        if (newer_) newer_->insert_or_assign(key.ToString(), std::move(value));
        return rocksdb::Status::OK();
    }

    Newer* newer_;  ///< null: the batch is only read
};

class StillJournal final : public Journal {
public:
    StillJournal(std::unique_ptr<FolderLock> lock, OpenedRocks opened)
        : lock_{std::move(lock)}, db_{std::move(opened.db)}, table_{opened.tables.front()}
    {
    }
    ~StillJournal() override
    {
        db_->DestroyColumnFamilyHandle(table_);
        db_->Close().PermitUncheckedError();
    }

    Result<void> read_log(const std::string& folder, CheckedJournal& found)
    {
        const auto applied = read_journal_applied(*db_, table_);
        if (!applied) return applied.error();
        PosixDisk disk;
        std::error_code unread;
        if (!std::filesystem::exists(folder, unread))
            return Error{ErrorKind::corrupt, folder + ": the log is missing"};
        const auto log = read_log_segments(
            disk, folder, journal_log_limits, *applied, [&](const LogRecord& record) {
                ++found.log_records;
                return take(record, folder, record.seq > *applied ? &newer_ : nullptr);
            });
        if (!log) return log.error();
        if (log->segments.empty())
            return Error{ErrorKind::corrupt, folder + ": the log is missing"};
        found.torn_bytes = log->torn_bytes;
        return {};
    }

    Result<void> check_files() const { return verify_rocks(*db_); }

    Result<void> count(std::map<std::string, std::uint64_t>& entries) const
    {
        bool good = true;
        const auto done = walk({}, {}, [&](const rocksdb::Slice& key, const rocksdb::Slice&) {
            if (key == rocksdb::Slice{journal_applied_key()}) return true;
            const auto name_bytes = key.empty() ? 0U : static_cast<unsigned char>(key[0]);
            good = name_bytes != 0 && key.size() >= 1 + name_bytes;
            if (good) ++entries[std::string{key.data() + 1, name_bytes}];
            return good;
        });
        if (done && !good)
            return Error{ErrorKind::corrupt, db_->GetName() + ": an entry of no table"};
        return done;
    }

    Result<void> commit(std::span<const JournalBatch>) override
    {
        return Error{ErrorKind::denied, "this journal is only read"};
    }

    Result<std::optional<Bytes>> get(std::string_view table, ByteView key) const override
    {
        const auto whole = journal_key(table, key);
        if (const auto found = newer_.find(whole); found != newer_.end())
            return found->second ? std::optional{to_bytes(as_bytes(*found->second))} : std::nullopt;
        rocksdb::PinnableSlice value;
        const auto status = db_->Get({}, table_, whole, &value);
        if (status.IsNotFound()) return std::optional<Bytes>{};
        if (!status.ok()) return to_error(status);
        return std::optional{to_bytes(view(value))};
    }

    Result<void> scan(const JournalRange& range, const Visit& visit) const override
    {
        const auto start = journal_key(range.table, range.from.empty() ? range.prefix : range.from);
        const auto end = after_prefix(journal_key(range.table, range.prefix));
        return walk(start, end, [&](rocksdb::Slice key, const rocksdb::Slice& value) {
            key.remove_prefix(1 + range.table.size());
            return visit(view(key), view(value));
        });
    }

private:
    using VisitSlices = std::function<bool(const rocksdb::Slice&, const rocksdb::Slice&)>;

    static Result<void> take(const LogRecord& record, const std::string& folder, Newer* newer)
    {
        rocksdb::Status status = rocksdb::Status::Corruption("a record of no kind");
        if (record.type == journal_batch_record) {
            BatchReader reader{newer};
            status = rocksdb::WriteBatch{std::string{as_text(record.payload)}}.Iterate(&reader);
        }
        if (status.ok()) return {};
        return Error{ErrorKind::corrupt,
                     folder + ": record " + std::to_string(record.seq) + ": " + status.ToString()};
    }

    /// Ascending from `start` up to before `end`, or to the last where that is empty.
    Result<void> walk(const std::string& start, const std::string& end,
                      const VisitSlices& visit) const
    {
        const rocksdb::Slice bound{end};
        rocksdb::ReadOptions options;
        options.fill_cache = false;
        if (!end.empty()) options.iterate_upper_bound = &bound;
        const std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator(options, table_)};
        at->Seek(start);
        auto newer = newer_.lower_bound(start);
        const auto newer_end = end.empty() ? newer_.end() : newer_.lower_bound(end);
        while (at->Valid() || newer != newer_end) {
            const bool from_log =
                newer != newer_end &&
                (!at->Valid() || rocksdb::Slice{newer->first}.compare(at->key()) <= 0);
            if (!from_log) {
                if (!visit(at->key(), at->value())) return {};
                at->Next();
                continue;
            }
            if (at->Valid() && at->key() == rocksdb::Slice{newer->first}) at->Next();
            if (newer->second && !visit(newer->first, *newer->second)) return {};
            ++newer;
        }
        if (!at->status().ok()) return to_error(at->status());
        return {};
    }

    std::unique_ptr<FolderLock> lock_;
    std::unique_ptr<rocksdb::DB> db_;
    rocksdb::ColumnFamilyHandle* table_;
    Newer newer_;
};

/// RocksDB blames its MANIFEST where a table file does not open: names that file, where one is
/// found that is damaged by itself.
Error named(const Error& error, const std::filesystem::path& db)
{
    std::error_code unread;
    for (const auto& file : std::filesystem::directory_iterator{db, unread}) {
        if (file.path().extension() != ".sst") continue;
        rocksdb::SstFileReader reader{rocksdb::Options{}};
        auto status = reader.Open(file.path().string());
        if (status.ok()) status = reader.VerifyChecksum();
        if (!status.ok())
            return {ErrorKind::corrupt, file.path().string() + ": " + status.ToString()};
    }
    return error;
}

}  // namespace

Result<CheckedJournal> check_rocks_journal(const std::filesystem::path& folder, bool with_log)
{
    std::error_code unread;
    if (!std::filesystem::exists(folder, unread))
        return Error{ErrorKind::not_found, folder.string() + " is missing"};
    auto lock = FolderLock::take(folder);
    if (!lock) return lock.error();
    auto opened =
        open_rocks_read_only(folder, careful_db_options(),
                             {{rocksdb::kDefaultColumnFamilyName, journal_table_options()}});
    if (!opened) return named(opened.error(), folder / "db");
    auto journal = std::make_unique<StillJournal>(std::move(*lock), std::move(*opened));
    CheckedJournal found;
    if (const auto good = journal->check_files(); !good) return good.error();
    if (with_log) {
        const auto good = journal->read_log((folder / "log").string(), found);
        if (!good) return good.error();
    }
    if (const auto good = journal->count(found.entries); !good) return good.error();
    found.journal = std::move(journal);
    return found;
}

}  // namespace ledger
