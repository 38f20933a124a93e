#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"

#include <cstdint>
#include <functional>
#include <vector>

/// `history_root` of a header: the RFC 6962 tree head over the ids of all blocks before it, so
/// that the newest header proves every old block. `merkle_verify(root, merkle_leaf(id), height,
/// count, path)` of ledger/crypto/merkle.hpp checks a path.
namespace ledger {

/// The hash over leaves [index << level, (index + 1) << level). Level 0 is a leaf's own hash,
/// merkle_leaf(block id). Once complete it never changes.
struct HistoryNode {
    std::uint8_t level;
    std::uint64_t index;
    Hash hash;
    friend bool operator==(const HistoryNode&, const HistoryNode&) = default;
};

/// The growing tree, kept as its frontier: the complete subtrees that make it up, at most 64.
class HistoryTree {
public:
    HistoryTree() = default;

    /// The block at height `size()`. Returns the nodes this completes, level 0 first; whoever
    /// wants to prove old blocks in O(log n) stores those from level 1 on, one for each block on
    /// average.
    std::vector<HistoryNode> append(const BlockId& id);
    /// How many blocks it is over.
    std::uint64_t size() const { return size_; }
    /// SHA-256 of nothing when empty, as RFC 6962 has it.
    Hash root() const;

    /// The complete subtrees, the largest and oldest first.
    std::vector<HistoryNode> frontier() const;

    /// u64 size, then the frontier's hashes, the largest subtree first.
    Bytes encode() const;
    /// `invalid` when the bytes are no such thing.
    static Result<HistoryTree> decode(ByteView bytes);

    friend bool operator==(const HistoryTree&, const HistoryTree&) = default;

private:
    std::uint64_t size_ = 0;
    std::vector<Hash> frontier_;
};

/// Where complete nodes are read from.
class HistoryNodes {
public:
    virtual ~HistoryNodes() = default;
    virtual Result<Hash> node(std::uint8_t level, std::uint64_t index) const = 0;
};

/// Computes nodes from the block ids alone: 2^level ids for one node, so only for short
/// histories and low levels.
class HistoryFromIds final : public HistoryNodes {
public:
    using IdAt = std::function<Result<BlockId>(std::uint64_t height)>;
    explicit HistoryFromIds(IdAt id_at) : id_at_{std::move(id_at)} {}
    Result<Hash> node(std::uint8_t level, std::uint64_t index) const override;

private:
    IdAt id_at_;
};

/// The path from the block at height `index` to the root over the first `count` blocks, lowest
/// sibling first. `invalid` unless index < count.
Result<std::vector<Hash>> history_path(const HistoryNodes& nodes, std::uint64_t index,
                                       std::uint64_t count);

}  // namespace ledger
