#include "node/core/block_tree.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>

namespace node {

using namespace ledger;

bool ExecutedBlock::uses(const ReplayKey& key)
{
    if (!is_sorted) std::sort(used.begin(), used.end());
    is_sorted = true;
    return std::binary_search(used.begin(), used.end(), key);
}

void StateAfter::add(const StateDiff& diff)
{
    top_ = &layers_.emplace_back(*top_, diff);
}

const StateDiff& MergedDiff::of(const std::vector<ExecutedBlock*>& path)
{
    const auto last = path.size() - 1;
    const bool is_known = tip_ == path[last]->id;
    const bool follows = last > 0 && tip_ == path[last - 1]->id;
    // What was final long ago is in the state below: not to be carried along for ever.
    const bool is_stale = blocks_ > 4 * path.size() + 64;
    if ((is_known || follows) && !is_stale) {
        if (follows) add(*path[last]);
        return diff_;
    }
    clear();
    for (const auto* block : path) add(*block);
    return diff_;
}

void MergedDiff::add(const ExecutedBlock& block)
{
    for (const auto& [key, value] : block.diff) diff_.insert_or_assign(key, value);
    tip_ = block.id;
    ++blocks_;
}

void MergedDiff::clear()
{
    tip_.reset();
    blocks_ = 0;
    diff_.clear();
}

ExecutedBlock* BlockTree::find(const BlockId& id)
{
    const auto found = blocks_.find(id);
    return found == blocks_.end() ? nullptr : &found->second;
}

ExecutedBlock& BlockTree::add(ExecutedBlock block)
{
    const auto id = block.id;
    children_[block.header.parent_id].insert(id);
    return blocks_.insert_or_assign(id, std::move(block)).first->second;
}

std::optional<std::vector<ExecutedBlock*>> BlockTree::path(const BlockId& id)
{
    std::vector<ExecutedBlock*> path;
    for (auto at = id; at != root_;) {
        auto* const block = find(at);
        if (block == nullptr) return {};
        path.push_back(block);
        at = block->header.parent_id;
    }
    std::reverse(path.begin(), path.end());
    return path;
}

void BlockTree::drop(const BlockId& id)
{
    std::vector<BlockId> gone{id};
    while (!gone.empty()) {
        const auto at = gone.back();
        gone.pop_back();
        blocks_.erase(at);
        if (const auto children = children_.extract(at))
            gone.insert(gone.end(), children.mapped().begin(), children.mapped().end());
    }
}

ExecutedBlock BlockTree::advance(BlockId id)
{
    auto taken = blocks_.extract(id);
    ensure(!taken.empty() && taken.mapped().header.parent_id == root_,
           "what becomes final stands on what is final");
    // Whatever stands beside the new root goes, and all that stands on it.
    auto beside = std::move(children_[root_]);
    children_.erase(root_);
    beside.erase(id);
    for (const auto& other : beside) drop(other);
    root_ = id;
    return std::move(taken.mapped());
}

}  // namespace node
