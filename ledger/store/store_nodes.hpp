#pragma once

#include "ledger/state/state_tree.hpp"
#include "ledger/store/block_store.hpp"

namespace ledger {

/// The nodes of the state tree as the store keeps them. `store` must outlive this.
class StoreNodes final : public TreeNodes {
public:
    explicit StoreNodes(const BlockStore& store) : store_{store} {}
    Result<std::optional<Bytes>> node(ByteView node_key) const override
    {
        return store_.tree_node(node_key);
    }

private:
    const BlockStore& store_;
};

}  // namespace ledger
