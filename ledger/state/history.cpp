#include "ledger/state/history.hpp"

#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/merkle.hpp"
#include "ledger/state/tree_path.hpp"

#include <bit>

namespace ledger {
namespace {

/// The root over leaves [first, first + count); `first` is a multiple of every power of two that
/// the splits make.
Result<Hash> range_root(const HistoryNodes& nodes, std::uint64_t first, std::uint64_t count)
{
    if (std::has_single_bit(count)) {
        const auto level = static_cast<std::uint8_t>(std::countr_zero(count));
        return nodes.node(level, first >> level);
    }
    const auto left_count = std::bit_floor(count);
    const auto left = range_root(nodes, first, left_count);
    if (!left) return left;
    const auto right = range_root(nodes, first + left_count, count - left_count);
    if (!right) return right;
    return merkle_node(*left, *right);
}

}  // namespace

std::vector<HistoryNode> HistoryTree::append(const BlockId& id)
{
    std::vector<HistoryNode> completed{{0, size_, merkle_leaf(id.view())}};
    for (auto left = size_; (left & 1) != 0; left >>= 1) {
        const auto& [level, index, hash] = completed.back();
        completed.push_back({static_cast<std::uint8_t>(level + 1), index >> 1,
                             merkle_node(frontier_.back(), hash)});
        frontier_.pop_back();
    }
    frontier_.push_back(completed.back().hash);
    ++size_;
    return completed;
}

Hash HistoryTree::root() const
{
    if (frontier_.empty()) return sha256({});
    Hash root = frontier_.back();
    for (auto i = frontier_.size() - 1; i-- > 0;) root = merkle_node(frontier_[i], root);
    return root;
}

std::vector<HistoryNode> HistoryTree::frontier() const
{
    std::vector<HistoryNode> nodes;
    std::uint64_t first = 0;
    for (const auto& hash : frontier_) {
        const auto leaves = std::bit_floor(size_ - first);
        const auto level = static_cast<std::uint8_t>(std::countr_zero(leaves));
        nodes.push_back({level, first >> level, hash});
        first += leaves;
    }
    return nodes;
}

Bytes HistoryTree::encode() const
{
    Bytes out;
    append_big_endian(out, size_);
    for (const auto& hash : frontier_) ledger::append(out, hash.view());
    return out;
}

Result<HistoryTree> HistoryTree::decode(ByteView bytes)
{
    if (bytes.size() < 8) return Error{ErrorKind::invalid, "history: cut short"};
    HistoryTree tree;
    tree.size_ = read_big_endian<std::uint64_t>(bytes);
    bytes = bytes.subspan(8);
    if (bytes.size() != static_cast<std::size_t>(std::popcount(tree.size_)) * Hash::size) {
        return Error{ErrorKind::invalid, "history: the frontier does not fit the size"};
    }
    for (; !bytes.empty(); bytes = bytes.subspan(Hash::size)) {
        tree.frontier_.push_back(Hash::of(bytes.first(Hash::size)));
    }
    return tree;
}

Result<Hash> HistoryFromIds::node(std::uint8_t level, std::uint64_t index) const
{
    if (level == 0) {
        const auto id = id_at_(index);
        if (!id) return id.error();
        return merkle_leaf(id->view());
    }
    const auto below = static_cast<std::uint8_t>(level - 1);
    const auto left = node(below, 2 * index);
    if (!left) return left;
    const auto right = node(below, 2 * index + 1);
    if (!right) return right;
    return merkle_node(*left, *right);
}

Result<std::vector<Hash>> history_path(const HistoryNodes& nodes, std::uint64_t index,
                                       std::uint64_t count)
{
    if (index >= count) return Error{ErrorKind::invalid, "no such block in this history"};
    // From the root down: the side we do not go to is the next sibling.
    std::vector<Hash> path;
    std::uint64_t first = 0;
    while (count > 1) {
        const auto left_count = std::bit_floor(count - 1);
        const bool left = index - first < left_count;
        const auto sibling = left ? range_root(nodes, first + left_count, count - left_count)
                                  : range_root(nodes, first, left_count);
        if (!sibling) return sibling.error();
        path.insert(path.begin(), *sibling);
        if (!left) first += left_count;
        count = left ? left_count : count - left_count;
    }
    return path;
}

}  // namespace ledger
