#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/disk/disk.hpp"

#include <cstdint>

/// The records of which every file of a queue is made, one after another:
///
///   "MLRQ" | u8 type | u8 0 (3) | u32 seq | u32 length | u8 head sum (8) | body | u8 body sum (8)
///
/// The sums are the beginnings of tagged SHA-256 over which file it is and what stands before them:
/// they find accidents and records of other files. `seq` counts the records of a file from 0.
namespace edge {

enum class RecordType : std::uint8_t {
    begin = 1,     ///< of a batch
    piece = 2,     ///< what one sync added to it
    close = 3,     ///< its root and the device's signature
    identity = 4,  ///< whose queue it is
    counts = 5,
    taken = 6,  ///< items that were taken already
};

inline constexpr std::size_t record_head_bytes = 24;
inline constexpr std::size_t record_sum_bytes = 8;
inline constexpr std::size_t record_frame_bytes = record_head_bytes + record_sum_bytes;
/// The longest body: an item as large as may be, and what is said of it.
inline constexpr std::uint32_t most_record_bytes = std::uint32_t{80} << 20;

/// `file` is the number of the batch, or 0 for the files that are one of a kind.
ledger::Bytes encode_record(std::uint64_t file, RecordType type, std::uint32_t seq,
                            ledger::ByteView body);

struct RecordPlace {
    RecordType type{};
    std::uint64_t offset{};  ///< of its first byte
    std::uint32_t length{};  ///< of its body
    std::uint64_t body() const { return offset + record_head_bytes; }
    std::uint64_t end() const { return body() + length + record_sum_bytes; }
};

/// Finds the records of a file, whatever its bytes are, holding 64 KiB of them at a time.
class RecordScan {
public:
    enum class Found {
        record,
        end,
        torn,     ///< what follows is no record, and nothing was written after it
        damaged,  ///< what follows is no record, but a later one is
    };

    /// `file` must outlive the scan.
    static ledger::Result<RecordScan> of(const ledger::File& file, std::uint64_t number);

    ledger::Result<Found> next();
    /// The record found last.
    const RecordPlace& place() const { return place_; }
    /// Behind it.
    std::uint64_t offset() const { return offset_; }

private:
    RecordScan(const ledger::File& file, std::uint64_t number, std::uint64_t size)
        : file_{&file}, number_{number}, size_{size}
    {
    }
    /// The body of a record at `offset_` with this head is as it was written.
    ledger::Result<bool> body_holds(ledger::ByteView head, std::uint32_t length) const;
    ledger::Result<bool> is_later_record_behind(std::uint64_t offset) const;

    const ledger::File* file_;
    std::uint64_t number_;
    std::uint64_t size_;
    std::uint64_t offset_ = 0;
    std::uint32_t seq_ = 0;
    RecordPlace place_;
};

}  // namespace edge
