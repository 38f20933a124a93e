#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"
#include "ledger/disk/disk.hpp"
#include "ledger/store/log_format.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ledger {

struct LogLimits {
    std::size_t segment_bytes = std::size_t{64} << 20;  ///< preallocated; a big batch may exceed it
    std::size_t record_bytes = std::size_t{16} << 20;   ///< longest payload
    std::size_t batch_bytes = std::size_t{64} << 20;    ///< most that waits for one sync
};

struct LogStart {
    /// What RocksDB has durably applied: a log that begins after the next record, or ends before
    /// this one, has lost something.
    std::uint64_t applied_seq = 0;
    /// Unpredictable for those who write payloads; drawn anew at each start.
    std::uint64_t salt = 0;
    /// With no segment there, begin behind `applied_seq` instead of calling the log missing.
    bool begin_anew = false;
    /// There was a log before: with no segment there it is missing, even if nothing was applied.
    bool was_made = false;
};

/// The write-ahead log: what is synced here has happened, everything else is derived from it.
///
/// Records carry consecutive numbers from 1; closing takes one for itself. A sync makes all or,
/// after a crash, a prefix of the batch durable. After any failure to write or sync the log is
/// broken: every later call gives that error again, for the pages of a failed sync may be gone
/// however a second one answers.
///
/// What cannot be told: damage to the very last batch of a log that was not closed reads as a torn
/// write, and the batch is cut off. Who cares (a voter) asks its peers what it has signed.
/// Threads: one at a time. `disk` must outlive the log.
class Log {
public:
    /// Replays every record kept, then copies the last segment's into a fresh, synced segment. A
    /// torn end is cut off. `corrupt`, naming file and offset, when a record is bad that had been
    /// synced, a number is missing, or a segment is.
    static Result<std::unique_ptr<Log>> open(Disk& disk, const std::string& folder,
                                             const LogLimits& limits, const LogStart& start,
                                             const OnLogRecord& on_record);

    /// Buffers one record of a type from 1 and gives its number. `invalid` when it is too long,
    /// `full` when the batch is: neither breaks the log.
    Result<std::uint64_t> append(std::uint8_t type, ByteView payload);

    /// One write and one fdatasync for everything appended since the last; nothing when there is
    /// nothing.
    [[nodiscard]] Result<void> sync();

    /// Marks the end of everything synced, so that damage there is not mistaken for a torn write.
    /// Nothing can be written after it.
    [[nodiscard]] Result<void> close();

    /// Drops the segments whose records are all numbered `seq` or less; never the newest.
    [[nodiscard]] Result<void> free_through(std::uint64_t seq);

    /// Oldest record kept; equals next_seq when there is none.
    std::uint64_t first_seq() const { return segments_.front(); }
    std::uint64_t next_seq() const { return next_seq_; }
    std::uint64_t synced_seq() const { return synced_seq_; }
    /// Cut off the end at the start: what a killed node had not synced, or damage to its very last
    /// batch.
    std::size_t torn_bytes() const { return torn_bytes_; }
    /// On disk, preallocated space included.
    std::size_t segment_count() const { return segments_.size(); }

private:
    Log(Disk& disk, std::string folder, const LogLimits& limits, std::uint64_t salt);

    Result<void> recover(const LogStart& start, const OnLogRecord& on_record);
    Result<void> begin_segment(std::uint64_t first_seq, std::span<const LogRecord> records);
    Result<void> write_batch();
    Result<void> remember(Result<void> done);

    Disk& disk_;
    std::string folder_;
    LogLimits limits_;
    std::uint64_t salt_;
    std::vector<std::uint64_t> segments_;  ///< their first numbers, ascending; the last is open
    std::unique_ptr<File> file_;
    std::uint64_t end_ = 0;  ///< offset behind the last record written to `file_`
    std::uint64_t next_seq_ = 1;
    std::uint64_t synced_seq_ = 0;
    std::size_t torn_bytes_ = 0;
    Bytes batch_;
    std::optional<Error> broken_;
};

}  // namespace ledger
