#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ledger::transfer {

/// Neighbouring chunks of a batch, at least one.
struct ChunkRange {
    std::uint64_t first{};
    std::uint64_t count = 1;

    std::uint64_t end() const { return first + count; }
    friend bool operator==(const ChunkRange&, const ChunkRange&) = default;
};

/// "7" or "7-12", both ends included.
std::string to_text(const ChunkRange& range);
/// `invalid` unless it is one of the two forms, ends not before it begins and stays below 2^25.
Result<ChunkRange> parse_range(std::string_view text);

/// Which chunks of a batch are there: one bit each. One thread.
class ChunkSet {
public:
    explicit ChunkSet(std::uint64_t chunks = 0) : chunks_{chunks}, bits_((chunks + 7) / 8) {}

    std::uint64_t chunks() const { return chunks_; }
    std::uint64_t count() const { return count_; }
    bool is_full() const { return count_ == chunks_; }

    /// Everything asked about lies below `chunks()`.
    bool has(std::uint64_t index) const { return (bits_[index / 8] >> (index % 8) & 1) != 0; }
    bool has_all(const ChunkRange& range) const;
    void set(std::uint64_t index);
    void set(const ChunkRange& range);
    void clear(std::uint64_t index);
    void set_all() { set({0, chunks_}); }

    /// The first that is missing from `from` on, with those that follow it and are missing too, at
    /// most `most`; of no chunks when nothing is missing.
    ChunkRange missing(std::uint64_t from, std::uint64_t most) const;
    /// The first chunks from `from` on that are here and not in `without`, at most `most` that
    /// follow each other; of no chunks when there are none. Both are of the same batch.
    ChunkRange first_without(const ChunkSet& without, std::uint64_t from, std::uint64_t most) const;
    /// What is there, in ascending ranges, at most `most` of them from chunk `from` on.
    std::vector<ChunkRange> ranges(std::size_t most, std::uint64_t from = 0) const;

    /// Eight chunks a byte, the lowest bit first.
    ByteView bits() const { return bits_; }

private:
    std::uint64_t chunks_;
    std::uint64_t count_ = 0;
    Bytes bits_;
};

}  // namespace ledger::transfer
