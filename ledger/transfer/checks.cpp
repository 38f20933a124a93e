#include "ledger/transfer/checks.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/hash.hpp"

namespace ledger::transfer {
namespace {

constexpr auto leaf_bytes = sealing::LeafTable::entry_bytes;

}  // namespace

std::uint64_t range_bytes(const sealing::BatchSummary& batch, const ChunkRange& range)
{
    ensure(range.count != 0 && range.end() <= batch.chunks, "chunks of the batch are asked for");
    return (range.count - 1) * sealing::sealed_chunk_bytes + sealed_size(batch, range.end() - 1);
}

Result<ChunkRange> chunks_in(const sealing::BatchSummary& batch, std::uint64_t first,
                             std::uint64_t bytes)
{
    if (first >= batch.chunks) return invalid("the batch has no chunk " + std::to_string(first));
    const auto count = (bytes + sealing::sealed_chunk_bytes - 1) / sealing::sealed_chunk_bytes;
    const ChunkRange range{first, count};
    if (count == 0 || count > batch.chunks - first || range_bytes(batch, range) != bytes)
        return invalid("the bytes are not whole chunks of the batch");
    return range;
}

std::uint64_t good_chunks(const sealing::BatchSummary& batch, const ChunkRange& range,
                          ByteView bytes, ByteView leaves)
{
    ensure(bytes.size() == range_bytes(batch, range), "as many bytes as the chunks have");
    ensure(leaves.size() == range.count * leaf_bytes, "a leaf for each of them");
    for (std::uint64_t i = 0; i < range.count; ++i) {
        const auto chunk = bytes.first(sealed_size(batch, range.first + i));
        bytes = bytes.subspan(chunk.size());
        const auto promised = leaves.subspan(i * leaf_bytes + Hash::size, Hash::size);
        if (sha256(chunk) != Hash::of(promised)) return i;
    }
    return range.count;
}

Result<void> TableCheck::add(ByteView leaves)
{
    if (leaves.size() % leaf_bytes != 0) return invalid("a leaf has 64 bytes");
    if (leaves.size() / leaf_bytes > batch_.chunks - tree_.size())
        return invalid("there are more leaves than the batch has chunks");
    for (; !leaves.empty(); leaves = leaves.subspan(leaf_bytes)) {
        const auto entry = leaves.first(leaf_bytes);
        tree_.append(sealing::leaf_hash(tree_.size(), {Hash::of(entry.first(Hash::size)),
                                                       Hash::of(entry.subspan(Hash::size))}));
    }
    return {};
}

}  // namespace ledger::transfer
