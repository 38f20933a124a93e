#pragma once

#include "ledger/base/ids.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Merkle trees over SHA-256 as in RFC 6962 section 2.1 (and RFC 9162): leaves and inner nodes are
/// told apart by a first byte, and a tree of n leaves splits at the largest power of two below n.
namespace ledger {

/// SHA-256(0x00 || data).
Hash merkle_leaf(ByteView data);
/// SHA-256(0x01 || left || right).
Hash merkle_node(const Hash& left, const Hash& right);

/// The root over what `merkle_leaf` gave for each leaf; SHA-256 of nothing for an empty tree.
Hash merkle_root(std::span<const Hash> leaf_hashes);

/// The same root from leaves that come one by one, in memory for 64 hashes.
class MerkleBuilder {
public:
    void append(const Hash& leaf_hash);
    std::uint64_t size() const { return size_; }
    Hash root() const;

private:
    std::array<Hash, 64> subtrees_;  ///< as in a binary counter: one for each bit set in the size
    std::size_t height_ = 0;
    std::uint64_t size_ = 0;
};

/// What `merkle_verify` needs to find the root from leaf `index`, lowest sibling first; at most
/// 64 hashes. `index` must be below the number of leaves.
std::vector<Hash> merkle_path(std::span<const Hash> leaf_hashes, std::size_t index);

/// True when a tree of `count` leaves with this root has `leaf` at `index` (RFC 9162 section
/// 2.1.3.2). Paths may come from strangers: every length and index is safe to pass.
bool merkle_verify(const Hash& root, const Hash& leaf, std::uint64_t index, std::uint64_t count,
                   std::span<const Hash> path);

}  // namespace ledger
