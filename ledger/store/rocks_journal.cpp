#include "ledger/crypto/random.hpp"
#include "ledger/disk/folder_lock.hpp"
#include "ledger/state/view.hpp"
#include "ledger/store/journal.hpp"
#include "ledger/store/log.hpp"
#include "ledger/store/rocks_flushes.hpp"
#include "ledger/store/rocks_journal_format.hpp"

#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>

// Batches that are committed together are one record of a log of ours, whose sync writes into space
// that is there already; RocksDB, which has no log here, takes them afterwards. A start reads from
// the log what RocksDB had not yet put into its files.
namespace ledger {
namespace {

/// Batches are put together into one record up to here; a single one may be larger.
constexpr std::size_t together_bytes = std::size_t{4} << 20;

class RocksJournal final : public Journal {
public:
    RocksJournal(std::unique_ptr<FolderLock> lock, OpenedRocks opened,
                 std::shared_ptr<RocksFlushes> flushes)
        : lock_{std::move(lock)},
          db_{std::move(opened.db)},
          table_{opened.tables.front()},
          flushes_{std::move(flushes)}
    {
    }

    ~RocksJournal() override
    {
        // Every commit was synced: what fails here is only work for the next start.
        if (log_ && !broken_) (void)log_->close();
        db_->DestroyColumnFamilyHandle(table_);
        db_->Close().PermitUncheckedError();
    }

    /// Gives RocksDB what only the log has.
    Result<void> recover(const std::string& folder, const JournalStart& wanted)
    {
        const auto applied = read_journal_applied(*db_, table_);
        if (!applied) return applied.error();
        LogStart start;
        start.applied_seq = *applied;
        start.was_made = wanted.was_made;
        start.begin_anew = wanted.begin_log_anew;
        std::uint8_t salt[8];
        SystemRandom{}.fill(salt);
        start.salt = read_big_u64(salt, 0);
        auto log =
            Log::open(disk_, folder, journal_log_limits, start, [&](const LogRecord& record) {
                return record.seq > start.applied_seq ? replay(record) : Result<void>{};
            });
        if (!log) return log.error();
        log_ = std::move(*log);
        if (log_->torn_bytes() > 0 && wanted.on_cut) wanted.on_cut(log_->torn_bytes());
        return {};
    }

    Result<void> commit(std::span<const JournalBatch> batches) override
    {
        if (broken_) return *broken_;
        const auto done = write(batches);
        if (!done) broken_ = done.error();
        return done;
    }

    Result<std::optional<Bytes>> get(std::string_view table, ByteView key) const override
    {
        rocksdb::PinnableSlice value;
        const auto status = db_->Get({}, table_, journal_key(table, key), &value);
        if (status.IsNotFound()) return std::optional<Bytes>{};
        if (!status.ok()) return to_error(status);
        return std::optional{to_bytes(view(value))};
    }

    Result<void> scan(const JournalRange& range, const Visit& visit) const override
    {
        const auto start = journal_key(range.table, range.from.empty() ? range.prefix : range.from);
        const auto end = after_prefix(journal_key(range.table, range.prefix));
        const rocksdb::Slice bound{end};
        rocksdb::ReadOptions options;
        if (!end.empty()) options.iterate_upper_bound = &bound;
        const std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator(options, table_)};
        for (at->Seek(start); at->Valid(); at->Next()) {
            rocksdb::Slice key = at->key();
            key.remove_prefix(1 + range.table.size());
            if (!visit(view(key), view(at->value()))) return {};
        }
        if (!at->status().ok()) return to_error(at->status());
        return {};
    }

private:
    void add(rocksdb::WriteBatch& batch, const JournalBatch& writes) const
    {
        for (const auto& write : writes) {
            const auto key = journal_key(write.table, write.key);
            const auto status = write.value ? batch.Put(table_, key, slice(*write.value))
                                            : batch.Delete(table_, key);
            ensure(status.ok(), "a batch takes what it is given");
        }
    }

    Result<void> append(const rocksdb::WriteBatch& batch)
    {
        const auto bytes = view(batch.Data());
        auto added = log_->append(journal_batch_record, bytes);
        if (!added && added.error().kind == ErrorKind::full) {
            if (const auto done = log_->sync(); !done) return done;
            added = log_->append(journal_batch_record, bytes);
        }
        if (!added) return added.error();
        return {};
    }

    Result<void> write(std::span<const JournalBatch> batches)
    {
        std::vector<rocksdb::WriteBatch> waiting;
        for (const auto& writes : batches) {
            if (writes.empty()) continue;
            if (waiting.empty() || waiting.back().GetDataSize() > together_bytes)
                waiting.emplace_back();
            add(waiting.back(), writes);
        }
        if (waiting.empty()) return {};
        for (const auto& batch : waiting)
            if (const auto done = append(batch); !done) return done;
        if (const auto done = log_->sync(); !done) return done;
        auto seq = log_->synced_seq() - waiting.size();
        for (auto& batch : waiting)
            if (const auto done = apply(batch, ++seq); !done) return done;
        return log_->free_through(flushes_->flushed());
    }

    Result<void> replay(const LogRecord& record)
    {
        if (record.type != journal_batch_record)
            return Error{ErrorKind::corrupt, "the journal's log has a record of no kind"};
        rocksdb::WriteBatch batch{std::string{as_text(record.payload)}};
        return apply(batch, record.seq);
    }

    Result<void> apply(rocksdb::WriteBatch& batch, std::uint64_t seq)
    {
        auto status = batch.Put(table_, journal_applied_key(), big_u64(seq));
        auto options = careful_write();
        options.disableWAL = true;
        if (status.ok()) status = db_->Write(options, &batch);
        if (!status.ok()) return to_error(status);
        flushes_->wrote(db_->GetLatestSequenceNumber(), seq);
        return {};
    }

    std::unique_ptr<FolderLock> lock_;
    PosixDisk disk_;
    std::unique_ptr<rocksdb::DB> db_;
    rocksdb::ColumnFamilyHandle* table_;
    std::shared_ptr<RocksFlushes> flushes_;
    std::unique_ptr<Log> log_;
    std::optional<Error> broken_;
};

}  // namespace

Result<std::unique_ptr<Journal>> open_rocks_journal(const std::filesystem::path& folder,
                                                    const JournalStart& start)
{
    std::error_code unread;
    if (start.was_made && !std::filesystem::exists(folder / "db", unread))
        return Error{ErrorKind::corrupt, (folder / "db").string() + ": the database is missing"};
    auto lock = FolderLock::take(folder);
    if (!lock) return lock.error();
    auto options = careful_db_options();
    auto flushes = std::make_shared<RocksFlushes>();
    options.listeners.push_back(flushes);
    // Nothing stands behind a log of RocksDB's own, where one was left: only a torn end may be
    // dropped, damage is an error.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    auto opened =
        open_rocks(folder, options, {{rocksdb::kDefaultColumnFamilyName, journal_table_options()}});
    if (!opened) return opened.error();
    auto journal = std::make_unique<RocksJournal>(std::move(*lock), std::move(*opened), flushes);
    if (const auto done = journal->recover((folder / "log").string(), start); !done)
        return done.error();
    return std::unique_ptr<Journal>{std::move(journal)};
}

}  // namespace ledger
