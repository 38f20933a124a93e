#include "ledger/store/log_format.hpp"

#include "ledger/base/big_endian.hpp"
#include "ledger/crypto/crc32c.hpp"

#include <boost/endian/conversion.hpp>

#include <array>
#include <limits>
#include <optional>

namespace ledger {
namespace {

constexpr std::array<std::uint8_t, 8> magic{'M', 'R', 'L', 'O', 'G', 0, 0, 1};
constexpr std::size_t summed_head_bytes = log_record_head_bytes - 8;

/// A sum over `salt`, one more number and the bytes.
std::uint32_t salted(std::uint64_t salt, std::uint32_t more, ByteView bytes)
{
    std::array<std::uint8_t, 12> prefix{};
    boost::endian::store_big_u64(prefix.data(), salt);
    boost::endian::store_big_u32(prefix.data() + 8, more);
    return crc32c(prefix, bytes);
}

struct RecordHead {
    std::uint32_t length;
    std::uint8_t type;
    std::uint64_t seq;
    std::uint64_t synced;
    std::uint32_t head_crc;
    std::uint32_t body_crc;
};

/// `at` has at least `log_record_head_bytes`.
RecordHead decode_head(const std::uint8_t* at)
{
    using boost::endian::load_big_u32;
    using boost::endian::load_big_u64;
    return {load_big_u32(at),      at[4],
            load_big_u64(at + 5),  load_big_u64(at + 13),
            load_big_u32(at + 21), load_big_u32(at + 25)};
}

bool head_holds(const RecordHead& head, ByteView at, std::uint64_t salt)
{
    return salted(salt, 0, at.first(summed_head_bytes)) == head.head_crc;
}

/// Where behind `from` a record begins that was written after `expected` had been synced. Its
/// head is proof enough. The search fails only when there is none.
std::optional<std::size_t> later_record(ByteView bytes, std::size_t from, std::uint64_t expected,
                                        std::uint64_t salt)
{
    for (auto at = from; bytes.size() - at >= log_record_head_bytes; ++at) {
        const auto head = decode_head(bytes.data() + at);
        if (head.synced < expected || head.synced >= head.seq) continue;
        if (head.seq - expected > std::numeric_limits<std::uint32_t>::max()) continue;
        if (head_holds(head, bytes.subspan(at, log_record_head_bytes), salt)) return at;
    }
    return {};
}

Error corrupt(const std::string& name, std::size_t offset, const std::string& what)
{
    return {ErrorKind::corrupt, name + " at byte " + std::to_string(offset) + ": " + what};
}

/// Up to the last that is not zero.
std::size_t used_bytes(ByteView bytes)
{
    while (!bytes.empty() && bytes.back() == 0) bytes = bytes.first(bytes.size() - 1);
    return bytes.size();
}

}  // namespace

Bytes encode_log_head(const LogSegmentHead& head)
{
    Bytes bytes(magic.begin(), magic.end());
    append_big_endian(bytes, head.first_seq);
    append_big_endian(bytes, head.born_bytes);
    append_big_endian(bytes, head.salt);
    append_big_endian(bytes, crc32c(bytes));
    return bytes;
}

void append_log_record(Bytes& to, const LogRecord& record, std::uint64_t synced, std::uint64_t salt)
{
    const auto start = to.size();
    append_big_endian(to, static_cast<std::uint32_t>(record.payload.size()));
    to.push_back(record.type);
    append_big_endian(to, record.seq);
    append_big_endian(to, synced);
    const auto head_crc = salted(salt, 0, ByteView{to}.subspan(start, summed_head_bytes));
    append_big_endian(to, head_crc);
    append_big_endian(to, salted(salt, head_crc, record.payload));
    append(to, record.payload);
}

Result<LogSegmentScan> scan_log_segment(ByteView bytes, const std::string& name,
                                        std::size_t max_record_bytes, bool last,
                                        const OnLogRecord& on_record)
{
    if (bytes.size() < log_segment_head_bytes) return corrupt(name, 0, "no segment head");
    const auto head_bytes = bytes.first(log_segment_head_bytes);
    const LogSegmentHead head{boost::endian::load_big_u64(bytes.data() + 8),
                              boost::endian::load_big_u64(bytes.data() + 16),
                              boost::endian::load_big_u64(bytes.data() + 24)};
    if (!std::equal(magic.begin(), magic.end(), bytes.begin()) ||
        crc32c(head_bytes.first(32)) != boost::endian::load_big_u32(bytes.data() + 32)) {
        return corrupt(name, 0, "bad segment head");
    }
    if (head.first_seq == 0 || head.born_bytes > bytes.size() - log_segment_head_bytes) {
        return corrupt(name, 0, "senseless segment head");
    }

    LogSegmentScan scan{head, head.first_seq, log_segment_head_bytes, 0};
    bool closed = false;
    const auto born_end = log_segment_head_bytes + static_cast<std::size_t>(head.born_bytes);
    while (bytes.size() - scan.records_end >= log_record_head_bytes) {
        const auto rest = bytes.subspan(scan.records_end);
        const auto record = decode_head(rest.data());
        if (!head_holds(record, rest, head.salt)) break;
        if (record.seq != scan.next_seq) {
            return corrupt(name, scan.records_end,
                           "record " + std::to_string(record.seq) + " where " +
                               std::to_string(scan.next_seq) + " belongs");
        }
        if (record.length > max_record_bytes) {
            return corrupt(name, scan.records_end, "record longer than allowed");
        }
        if (record.length > rest.size() - log_record_head_bytes) break;
        const auto payload = rest.subspan(log_record_head_bytes, record.length);
        if (salted(head.salt, record.head_crc, payload) != record.body_crc) break;
        if (on_record) {
            const auto taken = on_record({record.seq, record.type, payload});
            if (!taken) return taken.error();
        }
        // A mark that was there when the segment was born closed the log before.
        closed = record.type == log_mark && scan.records_end >= born_end;
        scan.records_end += log_record_head_bytes + record.length;
        ++scan.next_seq;
    }

    if (scan.records_end < born_end) return corrupt(name, scan.records_end, "bad record");
    const auto rest = bytes.subspan(scan.records_end);
    scan.torn_bytes = used_bytes(rest);
    if (scan.torn_bytes == 0) return scan;
    if (!last) return corrupt(name, scan.records_end, "bad record before a later segment");
    if (const auto later = later_record(bytes, scan.records_end, scan.next_seq, head.salt)) {
        return corrupt(name, scan.records_end,
                       "bad record, yet a later one stands at byte " + std::to_string(*later));
    }
    if (closed) return corrupt(name, scan.records_end, "bytes behind the end of a closed log");
    return scan;
}

Result<LogSegmentScan> recover_log(ByteView bytes, const OnLogRecord& on_record)
{
    constexpr std::size_t max_record_bytes = std::size_t{16} << 20;
    return scan_log_segment(bytes, "log", max_record_bytes, true, on_record);
}

}  // namespace ledger
