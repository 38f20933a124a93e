#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/codec/describe.hpp"
#include "ledger/state/state_tree.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// Proofs that a list of entries is all that the state tree holds between two key hashes. Each
/// part of a state can so be checked alone, in any order, against the root in a final header.
namespace ledger {

/// A leaf of the tree: the SHA-256 of a key and of its value.
struct RangeEntry {
    Hash key_hash;
    Hash value_hash;
    friend auto operator<=>(const RangeEntry&, const RangeEntry&) = default;
};
MILLRACE_DESCRIBE(RangeEntry, (key_hash, value_hash))

/// What stands beside the range [first, last], both included. The walk from the root along the
/// bits of `first` ends where no key before `first` shares the place any more, or at a place with
/// at most one key; the same for `last`. Every range under a root has exactly one proof.
struct RangeProof {
    static constexpr std::size_t max_siblings = 256;  ///< on either side
    /// 4 bytes of depths, two leaves, and both lists full.
    static constexpr std::size_t max_bytes = 4 + 2 * 65 + 2 * (4 + max_siblings * 32);

    std::uint16_t first_depth{};  ///< bits walked along `first`
    std::uint16_t last_depth{};   ///< bits walked along `last`
    /// The only key of the place where a walk ends, when it is outside of the range.
    std::optional<RangeEntry> leaf_before;
    std::optional<RangeEntry> leaf_after;
    std::vector<Hash> before;  ///< subtrees wholly before `first`, from the root down
    std::vector<Hash> after;   ///< subtrees wholly behind `last`, from the root down

    friend bool operator==(const RangeProof&, const RangeProof&) = default;
};
MILLRACE_DESCRIBE(RangeProof, (first_depth, last_depth, leaf_before, leaf_after, before, after))

/// Whether `entries`, ascending, are exactly what the tree with this root holds from `first` to
/// `last`. False for whatever does not fit; pure, and safe whoever made the proof: at most 256
/// hashes for each entry and each step of a walk.
bool verify_range(const Hash& root, const Hash& first, const Hash& last,
                  std::span<const RangeEntry> entries, const RangeProof& proof);

/// The proof under a checkpoint whose nodes are still stored; `first` is not above `last`. Reads
/// the nodes along both ends, not those between. Any thread that may read `nodes`.
Result<RangeProof> prove_range(const TreeNodes& nodes, Height version, const Hash& root,
                               const Hash& first, const Hash& last);

Bytes encode(const RangeProof& proof);
/// `invalid` unless the bytes are what `encode` gives for some proof within the bounds.
Result<RangeProof> decode_range_proof(ByteView bytes);

}  // namespace ledger
