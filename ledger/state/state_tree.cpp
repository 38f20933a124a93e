#include "ledger/state/state_tree.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/state/tree_work.hpp"

#include <algorithm>
#include <utility>

namespace ledger {

StateTree::StateTree(std::unique_ptr<Work> work, TreeHead head)
    : work_{std::move(work)}, head_{std::move(head)}
{
}

StateTree::StateTree(const TreeNodes& nodes, TreeOptions options)
    : work_{std::make_unique<Work>(nodes, std::move(options))},
      head_{Height{0}, empty_state_root(), std::make_shared<TreeNode>()}
{
}

StateTree::~StateTree() = default;
StateTree::StateTree(StateTree&&) noexcept = default;
StateTree& StateTree::operator=(StateTree&&) noexcept = default;

Result<StateTree> StateTree::open(const TreeNodes& nodes, Height version, const Hash& root,
                                  TreeOptions options)
{
    auto node = read_node(nodes, version, {}, root);
    if (!node) return node.error();
    StateTree tree{std::make_unique<Work>(nodes, std::move(options)),
                   TreeHead{version, root, std::move(*node)}};
    tree.saved_ = tree.head_;
    return tree;
}

void StateTree::run_with(RunTasks run_all)
{
    work_->options.run_all = std::move(run_all);
}

Result<TreeHead> StateTree::ahead(const TreeHead& base, Height version, const StateDiff& diff)
{
    ensure(!saved_ || (base.version() >= saved_->version() && version > saved_->version()),
           "blocks are added above the last checkpoint");
    ensure(version >= base.version(), "a block stands above the one before it");
    auto node = work_->update_root(base.node_, work_->hash_all(diff));
    if (!node) return node.error();
    const Hash root = (*node)->hash();
    return TreeHead{version, root, std::move(*node)};
}

void StateTree::adopt(TreeHead head)
{
    ensure(head.version() >= head_.version(), "a tree never goes back");
    head_ = std::move(head);
}

Result<Hash> StateTree::apply(Height version, const StateDiff& diff)
{
    auto next = ahead(head_, version, diff);
    if (!next) return next.error();
    adopt(std::move(*next));
    return head_.root();
}

std::size_t StateTree::cached_bytes() const
{
    std::size_t bytes = 0;
    for (const auto& cache : work_->caches) bytes += cache.bytes();
    return bytes;
}

void MemoryTreeNodes::apply(const TreeChanges& changes, bool remove_stale)
{
    for (const auto& [key, bytes] : changes.nodes) nodes_.insert_or_assign(key, bytes);
    if (!remove_stale) return;
    for (const auto& key : changes.stale) nodes_.erase(key);
}

Result<std::optional<Bytes>> MemoryTreeNodes::node(ByteView node_key) const
{
    const auto at = nodes_.find(node_key);
    if (at == nodes_.end()) return std::optional<Bytes>{};
    return std::optional{at->second};
}

}  // namespace ledger
