#include "ledger/store/log.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/store/log_reader.hpp"

#include <fmt/format.h>

#include <utility>

namespace ledger {
namespace {

constexpr std::string_view unfinished = "log.new";

}  // namespace

Log::Log(Disk& disk, std::string folder, const LogLimits& limits, std::uint64_t salt)
    : disk_{disk}, folder_{std::move(folder)}, limits_{limits}, salt_{salt}
{
}

Result<std::unique_ptr<Log>> Log::open(Disk& disk, const std::string& folder,
                                       const LogLimits& limits, const LogStart& start,
                                       const OnLogRecord& on_record)
{
    std::unique_ptr<Log> log{new Log{disk, folder, limits, start.salt}};
    const auto done = log->recover(start, on_record);
    if (!done) return done.error();
    return log;
}

Result<void> Log::recover(const LogStart& start, const OnLogRecord& on_record)
{
    if (const auto made = disk_.make_folder(folder_); !made) return made;
    const auto contents = read_log_segments(disk_, folder_, limits_, start.applied_seq, on_record);
    if (!contents) return contents.error();
    const auto& found = contents->segments;
    if (found.empty()) {
        if ((start.applied_seq > 0 || start.was_made) && !start.begin_anew) {
            return Error{ErrorKind::corrupt,
                         fmt::format("{}: the log is missing, the store has applied record {}",
                                     folder_, start.applied_seq)};
        }
        next_seq_ = start.applied_seq + 1;
        synced_seq_ = start.applied_seq;
        return begin_segment(next_seq_, {});
    }
    torn_bytes_ = contents->torn_bytes;
    next_seq_ = contents->next_seq;
    synced_seq_ = next_seq_ - 1;
    segments_.assign(found.begin(), found.end() - 1);
    return begin_segment(found.back(), contents->newest_records);
}

/// Makes a segment that holds `records`, syncs it, and only then gives it its name, in place of
/// the segment that had it.
Result<void> Log::begin_segment(std::uint64_t first_seq, std::span<const LogRecord> records)
{
    Bytes body;
    for (const auto& record : records) append_log_record(body, record, synced_seq_, salt_);
    Bytes bytes = encode_log_head({first_seq, body.size(), salt_});
    ledger::append(bytes, body);

    const auto temporary = folder_ + "/" + std::string{unfinished};
    auto file = disk_.open(temporary, OpenMode::fresh);
    if (!file) return file.error();
    file_ = std::move(*file);
    end_ = bytes.size();
    if (const auto done = file_->write(0, bytes); !done) return done;
    if (const auto done = file_->preallocate(limits_.segment_bytes); !done) return done;
    if (const auto done = file_->sync(); !done) return done;
    const auto path = folder_ + "/" + log_segment_name(first_seq);
    if (const auto done = disk_.rename(temporary, path); !done) return done;
    if (const auto done = disk_.sync_folder(folder_); !done) return done;
    segments_.push_back(first_seq);
    return {};
}

Result<std::uint64_t> Log::append(std::uint8_t type, ByteView payload)
{
    ensure(type != log_mark, "record type 0 belongs to the log");
    if (broken_) return *broken_;
    if (payload.size() > limits_.record_bytes) {
        return Error{ErrorKind::invalid, fmt::format("a record of {} bytes, {} at most",
                                                     payload.size(), limits_.record_bytes)};
    }
    if (!batch_.empty() &&
        batch_.size() + payload.size() + log_record_head_bytes > limits_.batch_bytes) {
        return Error{ErrorKind::full, "the log's batch is full, sync first"};
    }
    append_log_record(batch_, {next_seq_, type, payload}, synced_seq_, salt_);
    return next_seq_++;
}

Result<void> Log::sync()
{
    if (broken_) return *broken_;
    if (batch_.empty()) return {};
    return remember(write_batch());
}

Result<void> Log::write_batch()
{
    const bool begun = end_ > log_segment_head_bytes;
    if (begun && end_ + batch_.size() > limits_.segment_bytes) {
        if (const auto done = begin_segment(synced_seq_ + 1, {}); !done) return done;
    }
    if (const auto done = file_->write(end_, batch_); !done) return done;
    if (const auto done = file_->sync(); !done) return done;
    end_ += batch_.size();
    batch_.clear();
    synced_seq_ = next_seq_ - 1;
    return {};
}

Result<void> Log::close()
{
    if (broken_) return *broken_;
    append_log_record(batch_, {next_seq_++, log_mark, {}}, synced_seq_, salt_);
    const auto done = sync();
    if (done) broken_ = Error{ErrorKind::unavailable, folder_ + ": the log is closed"};
    return done;
}

Result<void> Log::free_through(std::uint64_t seq)
{
    if (broken_) return *broken_;
    while (segments_.size() > 1 && segments_[1] - 1 <= seq) {
        // One at a time and oldest first: a crash must not bring one back beyond a hole.
        const auto path = folder_ + "/" + log_segment_name(segments_.front());
        if (const auto done = remember(disk_.remove(path)); !done) return done;
        if (const auto done = remember(disk_.sync_folder(folder_)); !done) return done;
        segments_.erase(segments_.begin());
    }
    return {};
}

Result<void> Log::remember(Result<void> done)
{
    if (!done) broken_ = done.error();
    return done;
}

}  // namespace ledger
