#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/state/state_proof.hpp"
#include "ledger/state/view.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace ledger {

/// Where the nodes of checkpointed trees are read from: the store, or memory.
class TreeNodes {
public:
    virtual ~TreeNodes() = default;
    /// The bytes stored under `node_key`, or nullopt; an error when the disk fails. With a
    /// parallel `run_all` it is called from several threads at once.
    virtual Result<std::optional<Bytes>> node(ByteView node_key) const = 0;
};

/// What one checkpoint changes among the stored nodes. Both parts go to disk together, before the
/// next checkpoint is taken.
struct TreeChanges {
    std::map<Bytes, Bytes> nodes;  ///< to write, by node key
    std::vector<Bytes> stale;      ///< no tree from `version` on uses these node keys
    Height version;
    Hash root;
};

/// Runs all tasks and returns when they are done, in any order, on any threads.
using RunTasks = std::function<void(std::vector<std::function<void()>>)>;

struct TreeOptions {
    /// Bound on the saved nodes kept in memory, besides the top levels (about 10 MB) and those
    /// changed since the last checkpoint.
    std::size_t cache_bytes = std::size_t{64} << 20;
    /// By default one after the other. The root is the same either way.
    RunTasks run_all;
};

class TreeNode;

/// The tree as of one block. Cheap to copy; any number may branch off one another.
class TreeHead {
public:
    Height version() const { return version_; }
    const Hash& root() const { return root_; }

private:
    friend class StateTree;
    TreeHead(Height version, const Hash& root, std::shared_ptr<TreeNode> node)
        : version_{version}, root_{root}, node_{std::move(node)}
    {
    }
    Height version_;
    Hash root_;
    std::shared_ptr<TreeNode> node_;
};

/// The authenticated state: a Jellyfish Merkle tree (Gao, Hu, Wu: "Jellyfish Merkle Tree", Diem
/// 2021) of 16-ary nodes over SHA-256(key), with leaves held in their parents. It knows hashes of
/// keys and values only; the values are read elsewhere (StateView). Versions are block heights.
///
/// Nodes get their stored version at the checkpoint, not at the block, so what comes and goes
/// between two checkpoints is never written. One thread owns a tree and all its heads.
class StateTree {
public:
    /// An empty tree, before the first block. `nodes` must outlive it.
    explicit StateTree(const TreeNodes& nodes, TreeOptions options = {});
    /// The tree of a checkpoint. `corrupt` when its nodes are missing or do not hash to `root`;
    /// nodes below are checked the same way when they are read.
    static Result<StateTree> open(const TreeNodes& nodes, Height version, const Hash& root,
                                  TreeOptions options = {});
    ~StateTree();
    StateTree(StateTree&&) noexcept;
    StateTree& operator=(StateTree&&) noexcept;

    const TreeHead& head() const { return head_; }

    /// From now on (TreeOptions::run_all).
    void run_with(RunTasks run_all);

    /// The tree after `diff`, on top of any head not older than the last checkpoint; this tree
    /// stays as it is. For blocks that may never become final. On an error nothing has happened.
    Result<TreeHead> ahead(const TreeHead& base, Height version, const StateDiff& diff);
    /// Makes `head`, which descends from the present one, the head of this tree.
    void adopt(TreeHead head);
    /// Both in one: the root after the block at `version`, which is above every one before.
    Result<Hash> apply(Height version, const StateDiff& diff);

    /// A checkpoint of the head: what the store has to write so that `open` finds it. Nothing to
    /// write when no block came since the last one. On an error nothing has happened.
    Result<TreeChanges> take_changes();

    /// The key's place under the head.
    Result<StateProof> prove(ByteView state_key);

    /// Bytes of saved nodes in the bounded cache.
    std::size_t cached_bytes() const;

private:
    struct Work;
    StateTree(std::unique_ptr<Work> work, TreeHead head);

    std::unique_ptr<Work> work_;
    TreeHead head_;
    std::optional<TreeHead> saved_;  ///< the last checkpoint
};

/// The key's place under a checkpoint whose nodes are still stored. Needs no tree: for any thread
/// that may read `nodes`.
Result<StateProof> prove_at(const TreeNodes& nodes, Height version, const Hash& root,
                            ByteView state_key);

/// Stored nodes in memory: for tests, simulations and what has no disk.
class MemoryTreeNodes final : public TreeNodes {
public:
    /// Writes the new nodes, and removes the stale ones unless they are to be kept.
    void apply(const TreeChanges& changes, bool remove_stale = true);
    std::size_t size() const { return nodes_.size(); }
    Result<std::optional<Bytes>> node(ByteView node_key) const override;

private:
    std::map<Bytes, Bytes, BytewiseLess> nodes_;
};

}  // namespace ledger
