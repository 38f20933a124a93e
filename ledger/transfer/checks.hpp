#pragma once

#include "ledger/crypto/merkle.hpp"
#include "ledger/sealing/leaf_table.hpp"
#include "ledger/transfer/chunk_set.hpp"

namespace ledger::transfer {

/// What travels in one message at most: as many whole chunks, and as many leaves, as fit a MiB.
inline constexpr std::uint64_t piece_chunks = (1U << 20) / sealing::sealed_chunk_bytes;
inline constexpr std::uint64_t piece_leaves = (1U << 20) / sealing::LeafTable::entry_bytes;
inline constexpr std::size_t piece_bytes = std::size_t{1} << 20;

/// Bytes of these chunks, all of the batch.
std::uint64_t range_bytes(const sealing::BatchSummary& batch, const ChunkRange& range);
/// The chunks from `first` on that have so many bytes together; `invalid` when they end within a
/// chunk or beyond the batch, or are none.
Result<ChunkRange> chunks_in(const sealing::BatchSummary& batch, std::uint64_t first,
                             std::uint64_t bytes);

/// How many chunks, from the first of `range` on, are those that `leaves` commits to: `bytes` has
/// the length of all of them, `leaves` their part of the table.
std::uint64_t good_chunks(const sealing::BatchSummary& batch, const ChunkRange& range,
                          ByteView bytes, ByteView leaves);

/// Checks a leaf table that comes in pieces against the batch's root, in memory for 64 hashes.
class TableCheck {
public:
    explicit TableCheck(const sealing::BatchSummary& batch) : batch_{batch} {}

    /// `invalid` for pieces of leaves, and for more of them than the batch has chunks.
    Result<void> add(ByteView leaves);
    std::uint64_t leaves() const { return tree_.size(); }
    /// Whether all of them are there and the root commits to them.
    bool holds() const { return leaves() == batch_.chunks && tree_.root() == batch_.root; }

private:
    sealing::BatchSummary batch_;
    MerkleBuilder tree_;
};

}  // namespace ledger::transfer
