#pragma once

#include "ledger/store/log.hpp"

#include <string>
#include <vector>

namespace ledger {

/// The name of the segment that begins with this record.
std::string log_segment_name(std::uint64_t first_seq);

struct LogContents {
    std::vector<std::uint64_t>
        segments;                ///< their first numbers, ascending; empty: there is no log
    std::uint64_t next_seq = 1;  ///< one after the last record
    std::size_t torn_bytes = 0;  ///< behind it, of no record
    Bytes newest;                ///< the last segment
    std::vector<LogRecord> newest_records;  ///< point into `newest`
};

/// Reads every record that is in `folder` and changes nothing there. `on_record` may be empty, and
/// is not told of the log's own records. `corrupt`, naming file and offset, when a record is bad
/// that had been synced, a number is missing, or a segment is; also when a log that is there begins
/// after the record behind `applied_seq`, or ends before it.
Result<LogContents> read_log_segments(Disk& disk, const std::string& folder,
                                      const LogLimits& limits, std::uint64_t applied_seq,
                                      const OnLogRecord& on_record);

}  // namespace ledger
