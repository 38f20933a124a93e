#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/state/state_proof.hpp"
#include "ledger/state/tree_path.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <variant>
#include <vector>

/// The 16-ary node of the state tree: four levels of the binary tree in one record. Only for the
/// sources of this folder.
namespace ledger {

class TreeNode;
/// Nodes are shared between heads and never change once they are in a tree, but for the version
/// and the links that a checkpoint fills in.
using TreeNodePtr = std::shared_ptr<TreeNode>;

/// The version of a node no checkpoint has written yet.
inline constexpr Height unsaved{std::numeric_limits<std::uint64_t>::max()};

/// The only key of a subtree stands in the lowest node that has other keys too.
struct TreeLeaf {
    Hash key_hash;
    Hash value_hash;
};
/// A subtree of two keys or more. In memory when `node` is set, else stored under `version`.
struct TreeLink {
    Height stored{unsaved};
    TreeNodePtr node;
    Height version() const;
};
struct TreeSlot {
    Hash hash = empty_state_root();
    std::variant<std::monostate, TreeLeaf, TreeLink> what;

    static TreeSlot leaf(const Hash& key_hash, const Hash& value_hash)
    {
        return {state_leaf_hash(key_hash, value_hash), TreeLeaf{key_hash, value_hash}};
    }
    static TreeSlot link(TreeNodePtr node);
    const TreeLeaf* leaf() const { return std::get_if<TreeLeaf>(&what); }
    const TreeLink* link() const { return std::get_if<TreeLink>(&what); }
    TreeLink* link() { return std::get_if<TreeLink>(&what); }
    bool empty() const { return what.index() == 0; }
};

class TreeNode {
public:
    /// Reads a stored node. `corrupt` when the bytes are no node for this path, or not the one
    /// that hashes to `expected`: a flipped bit on the disk never gets into a root or a proof.
    static Result<TreeNodePtr> decode(ByteView bytes, const TreePath& path, const Hash& expected);
    /// What is stored. All links must have a version.
    Bytes encode() const;

    /// The same content, not saved, for changing.
    TreeNodePtr copy() const;
    void set(unsigned nibble, TreeSlot slot);
    /// After `set`: bit i of `changed` says that slot i is new.
    void rehash(std::uint16_t changed = 0xffff);

    const TreeSlot& at(unsigned nibble) const;
    /// For a checkpoint, which names what the link leads to; `nibble` must be one of `links`.
    TreeLink& link_at(unsigned nibble) { return *slots_[index_of(nibble)].link(); }
    /// Bit i says that slot i is not empty.
    std::uint16_t present() const { return present_; }
    /// Bit i says that slot i is a link. Saves looking at the slots, which lie far apart.
    std::uint16_t links() const { return links_; }
    const Hash& hash() const { return hash_; }
    /// The hash of a place of the binary tree inside: 1 is the whole node, 2i and 2i+1 the halves
    /// of i, 16...31 the slots.
    Hash place_hash(unsigned place) const;
    /// What stands there when it is nothing or a single leaf, else null.
    const TreeSlot* place_end(unsigned place) const;

    Height version() const { return version_; }
    void saved_as(Height version) { version_ = version; }
    /// Roughly what it occupies in memory.
    std::size_t bytes() const;

private:
    std::size_t index_of(unsigned nibble) const
    {
        return static_cast<std::size_t>(std::popcount(present_ & ((1U << nibble) - 1)));
    }
    Hash compute(unsigned place, std::uint16_t changed);

    Height version_ = unsaved;
    std::uint16_t present_ = 0;
    std::uint16_t links_ = 0;
    Hash hash_ = empty_state_root();
    std::vector<TreeSlot> slots_;  ///< the present ones, ascending
    /// Hashes of places 1...15 where the node is dense enough for keeping them to pay, else none.
    std::vector<Hash> places_;
};

inline Height TreeLink::version() const
{
    return node ? node->version() : stored;
}
inline TreeSlot TreeSlot::link(TreeNodePtr node)
{
    const Hash hash = node->hash();
    return {hash, TreeLink{unsaved, std::move(node)}};
}

}  // namespace ledger
