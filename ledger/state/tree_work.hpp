#pragma once

#include "ledger/state/state_tree.hpp"
#include "ledger/state/tree_cache.hpp"
#include "ledger/state/tree_node.hpp"

#include <array>
#include <span>
#include <utility>
#include <vector>

/// Loading and rewriting of nodes. Only for the sources of this folder.
namespace ledger {

/// One key's change: a new value, or its removal.
struct TreeUpdate {
    Hash key_hash;
    Hash value_hash;
    bool remove = false;
};

/// Reads one node from the store and checks it against the hash its parent has for it.
Result<TreeNodePtr> read_node(const TreeNodes& nodes, Height version, const TreePath& path,
                              const Hash& expected);

struct StateTree::Work {
    /// Nodes to write, by length of their path: within one length a walk meets them in the order
    /// of their keys.
    using Saved = std::array<std::vector<std::pair<Bytes, Bytes>>, TreePath::max_length>;

    Work(const TreeNodes& source, TreeOptions chosen);

    /// The node behind a link, from memory or from the store. Threads may call it at once for
    /// paths that begin with different nibbles, as each first nibble has a cache of its own.
    Result<TreeNodePtr> load(const TreeSlot& slot, const TreePath& path);
    /// The slot at `depth` nibbles after `updates`: ascending by key hash, each there once and
    /// all below this slot. Returns `old` when nothing changes.
    Result<TreeSlot> update(const TreeSlot& old, std::size_t depth,
                            std::span<const TreeUpdate> updates);
    /// The root node after `updates`; the one given when nothing changes.
    Result<TreeNodePtr> update_root(const TreeNodePtr& old, std::span<const TreeUpdate> updates);
    /// Hashes the keys and values of a diff; ascending by key hash.
    std::vector<TreeUpdate> hash_all(const StateDiff& diff) const;
    void run(std::vector<std::function<void()>> tasks) const;

    /// Names the stored nodes of the subtree `old` that the subtree `now` does not use.
    Result<void> collect_stale(const TreeSlot& old, const TreeSlot& now, const TreePath& path,
                               std::vector<std::pair<Height, TreePath>>& stale);
    /// Names the unsaved nodes of a subtree, encodes them, and hands the deeper ones to the cache.
    void save(TreeNode& node, Height version, const TreePath& path, Saved& saved);

    const TreeNodes* nodes;
    TreeOptions options;
    std::vector<TreeCache> caches;  ///< by first nibble
};

}  // namespace ledger
