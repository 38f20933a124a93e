#include "ledger/crypto/merkle.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/sha256.hpp"

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

void MerkleBuilder::append(const Hash& leaf_hash)
{
    Hash carried = leaf_hash;
    for (std::uint64_t bits = size_++; (bits & 1) != 0; bits >>= 1)
        carried = merkle_node(subtrees_[--height_], carried);
    subtrees_[height_++] = carried;
}

Hash MerkleBuilder::root() const
{
    if (height_ == 0) return sha256({});
    Hash root = subtrees_[height_ - 1];
    for (auto left = height_ - 1; left != 0; --left) root = merkle_node(subtrees_[left - 1], root);
    return root;
}

Hash merkle_root(std::span<const Hash> leaf_hashes)
{
    MerkleBuilder tree;
    for (const auto& leaf : leaf_hashes) tree.append(leaf);
    return tree.root();
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
