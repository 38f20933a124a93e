#pragma once

#include "node/blobs/store/batch_store.hpp"

#include <algorithm>

namespace node {

/// The holder by whose name the operator keeps a batch.
inline constexpr const char* operator_holder = "operator";

/// Which batches anybody may bring: every byte is checked against the root, so that all a stranger
/// can do is to fill in what is wanted, and to begin its table anew while that is not whole.
class WantedRoots {
public:
    virtual ~WantedRoots() = default;
    /// Cheap and any thread: asked before a body is read.
    virtual bool wants(const ledger::Hash& root) const = 0;
};

/// Those that the operator has announced to this node.
class AnnouncedRoots final : public WantedRoots {
public:
    /// `store` must outlive this.
    explicit AnnouncedRoots(BatchStore& store) : store_{store} {}
    bool wants(const ledger::Hash& root) const override
    {
        const auto known = store_.info(root);
        return known && std::ranges::find(known->holders, operator_holder) != known->holders.end();
    }

private:
    BatchStore& store_;
};

}  // namespace node
