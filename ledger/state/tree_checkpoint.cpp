#include "ledger/state/tree_work.hpp"

#include <bit>
#include <utility>

namespace ledger {
namespace {

/// Calls `visit` with each nibble whose bit is set, ascending.
template <class Visit>
void each_nibble(unsigned bits, const Visit& visit)
{
    for (; bits != 0; bits &= bits - 1) visit(static_cast<unsigned>(std::countr_zero(bits)));
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
    Result<void> result;
    each_nibble((*before)->links(), [&](unsigned nibble) {
        if (!result) return;
        result = collect_stale((*before)->at(nibble), *after ? (*after)->at(nibble) : TreeSlot{},
                               path.child(nibble), stale);
    });
    return result;
}

void StateTree::Work::save(TreeNode& node, Height version, const TreePath& path, Saved& saved)
{
    each_nibble(node.links(), [&](unsigned nibble) {
        auto& link = node.link_at(nibble);
        if (!link.node) return;
        // Below a saved node everything is saved.
        if (link.version() == unsaved) save(*link.node, version, path.child(nibble), saved);
        link.stored = link.version();
        if (path.length >= TreeCache::kept_length) {
            // From now on the cache decides how long it stays in memory.
            const auto below = path.child(nibble);
            caches[below.nibbles[0] >> 4].put(link.stored, below,
                                              std::exchange(link.node, nullptr));
        }
    });
    saved[path.length].emplace_back(tree_node_key(version, path), node.encode());
    node.saved_as(version);
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
    Work::Saved saved;
    work_->save(*head_.node_, head_.version_, {}, saved);
    for (auto& of_length : saved) {
        for (auto& [key, bytes] : of_length) {
            changes.nodes.emplace_hint(changes.nodes.end(), std::move(key), std::move(bytes));
        }
    }
    for (const auto& [version, path] : stale) {
        changes.stale.push_back(tree_node_key(version, path));
        work_->caches[path.nibbles[0] >> 4].erase(version, path);
    }
    saved_ = head_;
    return changes;
}

}  // namespace ledger
