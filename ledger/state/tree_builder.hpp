#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/state/tree_node.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace ledger {

/// Builds the stored nodes of a whole state tree from its leaves in one pass, all under one
/// version; memory for one path of nodes. For restoring a state whose leaves arrive in order.
class TreeBuilder {
public:
    /// Told each node with its key, those below before those above.
    using Emit = std::function<void(Bytes node_key, Bytes node)>;

    TreeBuilder(Height version, Emit emit);

    /// `invalid` unless the key hash is above every one before.
    Result<void> add(const Hash& key_hash, const Hash& value_hash);
    /// Emits what is left, the root node last; `StateTree::open` finds it. Gives the root hash.
    Hash finish();

private:
    void place_pending(std::size_t shared_with_next);
    void close_deeper_than(std::size_t depth);

    Height version_;
    Emit emit_;
    std::vector<TreeNode> open_;  ///< along the path of `pending_`, the root first
    std::optional<TreeLeaf> pending_;
    std::size_t shared_with_previous_ = 0;  ///< nibbles of `pending_` and the leaf before it
};

}  // namespace ledger
