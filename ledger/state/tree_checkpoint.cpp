#include "ledger/state/tree_work.hpp"

#include <utility>

namespace ledger {
namespace {

/// The unsaved nodes of a subtree, each under the key it is about to be saved as. Below a saved
/// node everything is saved.
void collect_unsaved(const TreeNode& node, Height version, const TreePath& path,
                     std::map<Bytes, Bytes>& nodes)
{
    for (unsigned nibble = 0; nibble < 16; ++nibble) {
        const auto* link = node.at(nibble).link();
        if (link && link->version() == unsaved) {
            collect_unsaved(*link->node, version, path.child(nibble), nodes);
        }
    }
    nodes.emplace(tree_node_key(version, path), node.encode(version));
}

}  // namespace

Result<void> StateTree::Work::collect_stale(const TreeSlot& old, const TreeSlot& now,
                                            const TreePath& path,
                                            std::vector<std::pair<Height, TreePath>>& stale)
{
    if (!old.link()) return {};
    const auto version = old.link()->version();
    if (now.link() && now.link()->version() == version) return {};
    stale.emplace_back(version, path);

    const auto before = load(old, path);
    if (!before) return before.error();
    Result<TreeNodePtr> after{TreeNodePtr{}};
    if (now.link()) after = load(now, path);
    if (!after) return after.error();
    for (unsigned nibble = 0; nibble < 16; ++nibble) {
        const auto below =
            collect_stale((*before)->at(nibble), *after ? (*after)->at(nibble) : TreeSlot{},
                          path.child(nibble), stale);
        if (!below) return below;
    }
    return {};
}

void StateTree::Work::mark_saved(TreeNode& node, Height version, const TreePath& path)
{
    node.saved_as(version);
    for (unsigned nibble = 0; nibble < 16; ++nibble) {
        if (!node.at(nibble).link() || !node.at(nibble).link()->node) continue;
        const auto below = path.child(nibble);
        auto slot = node.at(nibble);
        auto& link = *slot.link();
        if (link.version() == unsaved) mark_saved(*link.node, version, below);
        link.stored = link.version();
        if (below.length > TreeCache::kept_length) {
            // From now on the cache decides how long it stays in memory.
            caches[below.nibbles[0] >> 4].put(link.stored, below,
                                              std::exchange(link.node, nullptr));
        }
        node.set(nibble, std::move(slot));
    }
}

Result<TreeChanges> StateTree::take_changes()
{
    TreeChanges changes{.nodes = {}, .stale = {}, .version = head_.version_, .root = head_.root_};
    if (saved_ && saved_->version_ == head_.version_) return changes;

    // Every checkpoint writes a root of its own version, so that `open` needs no index.
    if (head_.node_->version() != unsaved) head_.node_ = head_.node_->copy();

    std::vector<std::pair<Height, TreePath>> stale;
    if (saved_) {
        const auto collected = work_->collect_stale(TreeSlot::link(saved_->node_),
                                                    TreeSlot::link(head_.node_), {}, stale);
        if (!collected) return collected.error();
    }
    collect_unsaved(*head_.node_, head_.version_, {}, changes.nodes);
    work_->mark_saved(*head_.node_, head_.version_, {});
    for (const auto& [version, path] : stale) {
        changes.stale.push_back(tree_node_key(version, path));
        work_->caches[path.nibbles[0] >> 4].erase(version, path);
    }
    saved_ = head_;
    return changes;
}

}  // namespace ledger
