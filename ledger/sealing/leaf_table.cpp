#include "ledger/sealing/leaf_table.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/merkle.hpp"

namespace ledger::sealing {
namespace {

Leaf leaf_at(ByteView encoded, std::uint64_t index)
{
    const auto entry = encoded.subspan(index * LeafTable::entry_bytes, LeafTable::entry_bytes);
    return {Hash::of(entry.first(Hash::size)), Hash::of(entry.subspan(Hash::size))};
}

}  // namespace

Result<void> check_sizes(std::uint64_t chunks, std::uint64_t sealed_bytes)
{
    if (chunks == 0 || chunks > most_chunks)
        return invalid("a batch has 1 to " + std::to_string(most_chunks) + " chunks");
    const auto full = (chunks - 1) * sealed_chunk_bytes;
    // Only a batch of nothing has an empty chunk.
    const auto least = full + tag_bytes + (chunks > 1 ? 1 : 0);
    if (sealed_bytes < least || sealed_bytes > full + sealed_chunk_bytes)
        return invalid(std::to_string(chunks) + " chunks cannot have " +
                       std::to_string(sealed_bytes) + " bytes");
    return {};
}

std::size_t sealed_size(const BatchSummary& summary, std::uint64_t index)
{
    ensure(index < summary.chunks, "a chunk of the batch is asked for");
    if (index + 1 < summary.chunks) return sealed_chunk_bytes;
    return summary.bytes - (summary.chunks - 1) * sealed_chunk_bytes;
}

Result<LeafTable> LeafTable::check(Bytes encoded, const BatchSummary& summary)
{
    if (const auto fits = check_sizes(summary.chunks, summary.bytes); !fits) return fits.error();
    if (encoded.size() != summary.chunks * entry_bytes)
        return invalid("the leaf table has " + std::to_string(encoded.size()) +
                       " bytes; the batch has " + std::to_string(summary.chunks) + " chunks");
    MerkleBuilder tree;
    for (std::uint64_t i = 0; i < summary.chunks; ++i)
        tree.append(leaf_hash(i, leaf_at(encoded, i)));
    if (tree.root() != summary.root)
        return invalid("the leaf table is not the one that the batch commits to");
    return LeafTable{std::move(encoded)};
}

void LeafTable::append(Bytes& to, const Leaf& leaf)
{
    ledger::append(to, leaf.key_hash.view());
    ledger::append(to, leaf.chunk_hash.view());
}

Leaf LeafTable::at(std::uint64_t index) const
{
    ensure(index < size(), "a leaf of the table is asked for");
    return leaf_at(encoded_, index);
}

std::vector<Hash> LeafTable::path(std::uint64_t index) const
{
    std::vector<Hash> hashes;
    hashes.reserve(size());
    for (std::uint64_t i = 0; i < size(); ++i) hashes.push_back(leaf_hash(i, at(i)));
    return merkle_path(hashes, index);
}

}  // namespace ledger::sealing
