#include "ledger/store/log_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace ledger {
namespace {

constexpr std::string_view prefix = "log-";
constexpr std::size_t name_length = prefix.size() + 16;

std::optional<std::uint64_t> first_seq_of(std::string_view name)
{
    if (name.size() != name_length || !name.starts_with(prefix)) return {};
    std::uint64_t seq = 0;
    const auto* end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + prefix.size(), end, seq, 16);
    if (read.ec != std::errc{} || read.ptr != end || log_segment_name(seq) != name) return {};
    return seq;
}

Error corrupt(const std::string& what)
{
    return {ErrorKind::corrupt, what};
}

Result<Bytes> read_segment(Disk& disk, const std::string& path, const LogLimits& limits)
{
    const auto longest = std::max({limits.segment_bytes, limits.batch_bytes, limits.record_bytes,
                                   std::size_t{1} << 30}) +
                         log_segment_head_bytes + log_record_head_bytes;
    const auto file = disk.open(path, OpenMode::existing);
    if (!file) return file.error();
    const auto size = (*file)->size();
    if (!size) return size.error();
    if (*size > longest) return corrupt(path + ": longer than any segment");
    return (*file)->read(0, static_cast<std::size_t>(*size));
}

}  // namespace

std::string log_segment_name(std::uint64_t first_seq)
{
    return fmt::format("{}{:016x}", prefix, first_seq);
}

Result<LogContents> read_log_segments(Disk& disk, const std::string& folder,
                                      const LogLimits& limits, std::uint64_t applied_seq,
                                      const OnLogRecord& on_record)
{
    const auto names = disk.list(folder);
    if (!names) return names.error();
    LogContents contents;
    auto& found = contents.segments;
    for (const auto& name : *names) {
        if (const auto seq = first_seq_of(name)) found.push_back(*seq);
    }
    if (found.empty()) return contents;
    if (found.front() > applied_seq + 1) {
        return corrupt(fmt::format("{}: the log begins at record {}, {} is missing", folder,
                                   found.front(), applied_seq + 1));
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
        const bool last = i + 1 == found.size();
        const auto path = folder + "/" + log_segment_name(found[i]);
        auto bytes = read_segment(disk, path, limits);
        if (!bytes) return bytes.error();
        contents.newest = std::move(*bytes);
        const auto scan = scan_log_segment(
            contents.newest, path, limits.record_bytes, last,
            [&](const LogRecord& record) -> Result<void> {
                if (last) contents.newest_records.push_back(record);
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
        contents.next_seq = scan->next_seq;
        contents.torn_bytes = scan->torn_bytes;
    }
    if (contents.next_seq <= applied_seq) {
        return corrupt(fmt::format("{}: the log ends before record {}, which the store has applied",
                                   folder, applied_seq));
    }
    return contents;
}

}  // namespace ledger
