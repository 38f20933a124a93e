#include "ledger/store/log.hpp"

#include "ledger/base/ensure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace ledger {
namespace {

constexpr std::string_view prefix = "log-";
constexpr std::size_t name_length = prefix.size() + 16;
constexpr std::string_view unfinished = "log.new";

std::string segment_name(std::uint64_t first_seq)
{
    return fmt::format("{}{:016x}", prefix, first_seq);
}

std::optional<std::uint64_t> first_seq_of(std::string_view name)
{
    if (name.size() != name_length || !name.starts_with(prefix)) return {};
    std::uint64_t seq = 0;
    const auto* end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + prefix.size(), end, seq, 16);
    if (read.ec != std::errc{} || read.ptr != end || segment_name(seq) != name) return {};
    return seq;
}

Error corrupt(const std::string& what)
{
    return {ErrorKind::corrupt, what};
}

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
    const auto names = disk_.list(folder_);
    if (!names) return names.error();
    std::vector<std::uint64_t> found;
    for (const auto& name : *names) {
        if (const auto seq = first_seq_of(name)) found.push_back(*seq);
    }
    if (found.empty()) {
        if (start.applied_seq > 0 && !start.begin_anew) {
            return corrupt(fmt::format("{}: the log is missing, the store has applied record {}",
                                       folder_, start.applied_seq));
        }
        next_seq_ = start.applied_seq + 1;
        synced_seq_ = start.applied_seq;
        return begin_segment(next_seq_, {});
    }

    if (found.front() > start.applied_seq + 1) {
        return corrupt(fmt::format("{}: the log begins at record {}, {} is missing", folder_,
                                   found.front(), start.applied_seq + 1));
    }
    const auto longest = std::max({limits_.segment_bytes, limits_.batch_bytes, limits_.record_bytes,
                                   std::size_t{1} << 30}) +
                         log_segment_head_bytes + log_record_head_bytes;
    Bytes newest;  // the last segment's bytes, which `survivors` point into
    std::vector<LogRecord> survivors;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const bool last = i + 1 == found.size();
        const auto path = folder_ + "/" + segment_name(found[i]);
        auto file = disk_.open(path, OpenMode::existing);
        if (!file) return file.error();
        const auto size = (*file)->size();
        if (!size) return size.error();
        if (*size > longest) return corrupt(path + ": longer than any segment");
        auto bytes = (*file)->read(0, static_cast<std::size_t>(*size));
        if (!bytes) return bytes.error();
        newest = std::move(*bytes);
        const auto scan = scan_log_segment(
            newest, path, limits_.record_bytes, last, [&](const LogRecord& record) -> Result<void> {
                if (last) survivors.push_back(record);
                return on_record && record.type != log_mark ? on_record(record) : Result<void>{};
            });
        if (!scan) return scan.error();
        if (scan->head.first_seq != found[i]) {
            return corrupt(path + " at byte 8: another segment's head");
        }
        if (!last && scan->next_seq != found[i + 1]) {
            return corrupt(fmt::format("{} at byte {}: record {} is missing", path,
                                       scan->records_end, scan->next_seq));
        }
        next_seq_ = scan->next_seq;
    }
    if (next_seq_ <= start.applied_seq) {
        return corrupt(fmt::format("{}: the log ends before record {}, which the store has applied",
                                   folder_, start.applied_seq));
    }
    synced_seq_ = next_seq_ - 1;
    segments_.assign(found.begin(), found.end() - 1);
    return begin_segment(found.back(), survivors);
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
    const auto path = folder_ + "/" + segment_name(first_seq);
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
        const auto path = folder_ + "/" + segment_name(segments_.front());
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
