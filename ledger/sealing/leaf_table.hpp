#pragma once

#include "ledger/sealing/chunk.hpp"

#include <string>
#include <vector>

namespace ledger::sealing {

/// What is public of a sealed batch and fits the ledger.
struct BatchSummary {
    PublicKey point;  ///< K of the batch's key
    Hash root;        ///< over the leaves
    std::uint64_t chunks{};
    std::uint64_t bytes{};  ///< of ciphertext
    friend bool operator==(const BatchSummary&, const BatchSummary&) = default;
};

/// At most this many chunks in a batch (1 TiB): a leaf table of 2 GiB.
inline constexpr std::uint64_t most_chunks = std::uint64_t{1} << 25;

/// `invalid` unless the numbers fit together: at least one chunk, all but the last full.
Result<void> check_sizes(std::uint64_t chunks, std::uint64_t sealed_bytes);
/// Length of the sealed chunk `index` of a batch with these sizes.
std::size_t sealed_size(const BatchSummary& summary, std::uint64_t index);

/// The leaves of a batch, published beside its ciphertext: 64 bytes each, key hash first. Checked
/// against the root as a whole before anything is fetched or paid for.
class LeafTable {
public:
    static constexpr std::size_t entry_bytes = 2 * Hash::size;

    /// `invalid` when it is not the table that the summary's root commits to.
    static Result<LeafTable> check(Bytes encoded, const BatchSummary& summary);
    static void append(Bytes& to, const Leaf& leaf);

    std::uint64_t size() const { return encoded_.size() / entry_bytes; }
    /// `index` is below the size.
    Leaf at(std::uint64_t index) const;
    /// From leaf to root, as a preview or a dispute shows it; at most 64 hashes.
    std::vector<Hash> path(std::uint64_t index) const;
    const Bytes& encoded() const { return encoded_; }

private:
    explicit LeafTable(Bytes encoded) : encoded_{std::move(encoded)} {}
    Bytes encoded_;
};

}  // namespace ledger::sealing
