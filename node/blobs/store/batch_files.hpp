#pragma once

#include "node/blobs/store/batch_records.hpp"

/// What the sources of StoredBatch share.
namespace node::batch_files {

inline constexpr std::string_view manifest_file = ".batch", marks_file = ".marks",
                                  leaves_file = ".leaves", chunks_file = ".chunks",
                                  gone_file = ".gone", unfinished = ".new";
inline constexpr auto leaf_bytes = ledger::sealing::LeafTable::entry_bytes;

inline std::uint64_t marks_bytes(const BatchSummary& batch)
{
    return first_page_at + (page_of(batch.chunks - 1) + 1) * sector_bytes;
}

/// Bytes of the chunks that are there.
inline std::uint64_t bytes_in(const BatchSummary& batch, const ChunkSet& have)
{
    const auto last = batch.chunks - 1;
    const auto short_by = ledger::sealing::sealed_chunk_bytes - sealed_size(batch, last);
    return have.count() * ledger::sealing::sealed_chunk_bytes - (have.has(last) ? short_by : 0);
}

inline ledger::Error gone()
{
    return {ledger::ErrorKind::not_found, "the batch is not there any more"};
}

}  // namespace node::batch_files
