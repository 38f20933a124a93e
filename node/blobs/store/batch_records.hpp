#pragma once

#include "node/blobs/store/batch_store.hpp"

#include <array>

/// The bytes of a stored batch beside its leaves and chunks. Integers big-endian, sums CRC-32C.
///
///   manifest  "MRBATCH1" | u32 length | batch.json | u32 sum
///   marks     mark, mark, page...
///   mark      "MRMARK1\0" | u64 number | u64 used_ms | u8 holders | (u8 length | name)... | zeros
///   |
///             u32 sum: the one with the higher number counts
///   page      bits of 4,032 chunks, the lowest bit first | zeros to byte 508 | u32 sum
///
/// Marks and pages fill one sector of 512 bytes each, which a disk writes whole or not at all.
namespace node {

inline constexpr std::size_t sector_bytes = 512;
inline constexpr std::uint64_t page_chunks = 504 * 8;
inline constexpr std::uint64_t first_page_at = 2 * sector_bytes;

ledger::Bytes encode_manifest(const BatchManifest& manifest);
/// `corrupt` for anything else.
ledger::Result<BatchManifest> decode_manifest(ledger::ByteView bytes);
inline constexpr std::size_t manifest_record_bytes = 16 + ledger::transfer::manifest_bytes;

struct BatchMark {
    std::uint64_t number{};
    std::uint64_t used_ms{};
    std::vector<std::string> holders;
    friend bool operator==(const BatchMark&, const BatchMark&) = default;
};
ledger::Bytes encode_mark(const BatchMark& mark);
ledger::Result<BatchMark> decode_mark(ledger::ByteView sector);

/// Filled with zeros and summed; at most 508 bytes.
ledger::Bytes whole_sector(ledger::Bytes bytes);
bool sum_holds(ledger::ByteView sector);

inline std::uint64_t page_of(std::uint64_t chunk)
{
    return chunk / page_chunks;
}
ledger::Bytes encode_page(const ChunkSet& have, std::uint64_t page);
/// Sets what the page says is there; `corrupt` when it says nothing that makes sense, also about
/// chunks that the batch has not got.
ledger::Result<void> decode_page(ledger::ByteView sector, std::uint64_t page, ChunkSet& have);

}  // namespace node
