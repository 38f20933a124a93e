#pragma once

#include "ledger/state/tree_node.hpp"

#include <cstddef>
#include <list>
#include <unordered_map>

/// Saved nodes of the newest tree, so that they need not be read again. Only for the sources of
/// this folder.
namespace ledger {

class TreeCache {
public:
    /// Nodes at most this deep are kept whatever the budget: 16 + 256 + 4,096 of them.
    static constexpr std::size_t kept_length = 3;

    explicit TreeCache(std::size_t budget_bytes) : budget_{budget_bytes} {}

    /// Null when it is not here.
    TreeNodePtr find(Height version, const TreePath& path);
    void put(Height version, const TreePath& path, TreeNodePtr node);
    void erase(Height version, const TreePath& path);
    /// What the evictable ones occupy, never above the budget after a `put`.
    std::size_t bytes() const { return bytes_; }

private:
    struct Name {
        Height version;
        TreePath path;
        friend bool operator==(const Name&, const Name&) = default;
    };
    struct HashName {
        std::size_t operator()(const Name& name) const;
    };
    struct Entry {
        Name name;
        TreeNodePtr node;
        std::size_t bytes;
    };
    void drop(std::list<Entry>::iterator entry);

    std::size_t budget_;
    std::size_t bytes_ = 0;
    std::list<Entry> entries_;  ///< the last used first
    std::unordered_map<Name, std::list<Entry>::iterator, HashName> found_;
    std::unordered_map<Name, TreeNodePtr, HashName> kept_;
};

}  // namespace ledger
