#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

/// The bytes of a log segment (consensus.md 5). All integers big-endian.
///
///   segment  "MRLOG\0\0\1" | u64 first_seq | u64 born_bytes | u64 salt | u32 crc | record... |
///   zeros record   u32 length | u8 type | u64 seq | u64 synced | u32 head_crc | u32 body_crc |
///   payload
///
/// `synced` is the last seq that was durable when the record was written. It tells damage from a
/// torn write: a batch goes out in one write, whose sectors may reach the disk in any order, so a
/// valid record behind a bad one means damage only if it was written after the bad one was synced.
/// `born_bytes` of records were synced before the segment got its name. `salt` goes into every
/// sum, so that nobody can make a payload that reads as a record.
namespace ledger {

inline constexpr std::size_t log_segment_head_bytes = 36;
inline constexpr std::size_t log_record_head_bytes = 29;

/// Type 0: written by the log itself when it closes; never handed to `on_record` of a Log.
inline constexpr std::uint8_t log_mark = 0;

/// `payload` lives as long as the bytes it was read from.
struct LogRecord {
    std::uint64_t seq;
    std::uint8_t type;
    ByteView payload;
};

/// Called for each record in order; an error stops the reading and is handed on.
using OnLogRecord = std::function<Result<void>(const LogRecord&)>;

struct LogSegmentHead {
    std::uint64_t first_seq;
    std::uint64_t born_bytes;
    std::uint64_t salt;
};

Bytes encode_log_head(const LogSegmentHead& head);
void append_log_record(Bytes& to, const LogRecord& record, std::uint64_t synced,
                       std::uint64_t salt);

struct LogSegmentScan {
    LogSegmentHead head;
    std::uint64_t next_seq;   ///< one after the last record
    std::size_t records_end;  ///< offset of the first byte behind the last record
    std::size_t torn_bytes;   ///< that follow it and are no record, up to the last that is not zero
};

/// Reads one segment, whatever its bytes are. `name` is for the error; `last` says that no other
/// segment follows, so that a torn end is allowed. `corrupt` names the file and the offset.
Result<LogSegmentScan> scan_log_segment(ByteView bytes, const std::string& name,
                                        std::size_t max_record_bytes, bool last,
                                        const OnLogRecord& on_record);

/// A whole log of one segment, from anywhere: for fuzzing.
Result<LogSegmentScan> recover_log(ByteView bytes, const OnLogRecord& on_record);

}  // namespace ledger
