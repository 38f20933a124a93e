#include "ledger/crypto/merkle.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/hash.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace ledger {

Hash merkle_leaf(ByteView data)
{
    const std::uint8_t leaf = 0;
    Sha256 hasher;
    hasher.update({&leaf, 1});
    hasher.update(data);
    return hasher.finish();
}

Hash merkle_node(const Hash& left, const Hash& right)
{
    std::array<std::uint8_t, 1 + 2 * Hash::size> block;
    block[0] = 1;
    std::memcpy(&block[1], left.bytes.data(), Hash::size);
    std::memcpy(&block[1 + Hash::size], right.bytes.data(), Hash::size);
    return sha256(block);
}

Hash merkle_root(std::span<const Hash> leaf_hashes)
{
    // As in a binary counter: one finished subtree for each bit set in the number of leaves read.
    std::array<Hash, 64> subtrees;
    std::size_t height = 0;
    for (std::uint64_t read = 0; read < leaf_hashes.size(); ++read) {
        Hash carried = leaf_hashes[read];
        for (std::uint64_t bits = read; (bits & 1) != 0; bits >>= 1)
            carried = merkle_node(subtrees[--height], carried);
        subtrees[height++] = carried;
    }
    if (height == 0) return sha256({});
    Hash root = subtrees[--height];
    while (height != 0) root = merkle_node(subtrees[--height], root);
    return root;
}

std::vector<Hash> merkle_path(std::span<const Hash> leaf_hashes, std::size_t index)
{
    ensure(index < leaf_hashes.size(), "a path is asked for a leaf of the tree");
    std::vector<Hash> from_the_top;
    while (leaf_hashes.size() > 1) {
        const std::size_t split = std::bit_floor(leaf_hashes.size() - 1);
        const auto left = leaf_hashes.first(split);
        const auto right = leaf_hashes.subspan(split);
        from_the_top.push_back(merkle_root(index < split ? right : left));
        leaf_hashes = index < split ? left : right;
        if (index >= split) index -= split;
    }
    return {from_the_top.rbegin(), from_the_top.rend()};
}

bool merkle_verify(const Hash& root, const Hash& leaf, std::uint64_t index, std::uint64_t count,
                   std::span<const Hash> path)
{
    if (index >= count) return false;
    std::uint64_t node = index;
    std::uint64_t last = count - 1;
    Hash found = leaf;
    for (const Hash& sibling : path) {
        if (last == 0) return false;  // the path is longer than the tree is high
        if ((node & 1) != 0 || node == last) {
            found = merkle_node(sibling, found);
            // The last node of a level without a partner moves up unchanged.
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            found = merkle_node(found, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && found == root;
}

}  // namespace ledger
