#include "node/core/block_tree.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <set>

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

ExecutedBlock* BlockTree::find(const BlockId& id)
{
    const auto found = blocks_.find(id);
    return found == blocks_.end() ? nullptr : &found->second;
}

ExecutedBlock& BlockTree::add(ExecutedBlock block)
{
    const auto id = block.id;
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

ExecutedBlock BlockTree::advance(BlockId id)
{
    auto taken = blocks_.extract(id);
    ensure(!taken.empty() && taken.mapped().header.parent_id == root_,
           "what becomes final stands on what is final");
    root_ = id;
    // Whatever cannot be traced to the new root goes.
    std::set<BlockId> kept;
    for (const auto& [at, block] : blocks_)
        if (path(at)) kept.insert(at);
    std::erase_if(blocks_, [&](const auto& item) { return !kept.contains(item.first); });
    return std::move(taken.mapped());
}

}  // namespace node
