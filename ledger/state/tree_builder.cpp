#include "ledger/state/tree_builder.hpp"

#include "ledger/state/tree_path.hpp"

#include <algorithm>
#include <utility>

namespace ledger {
namespace {

std::size_t shared_nibbles(const Hash& a, const Hash& b)
{
    std::size_t count = 0;
    while (count < TreePath::max_length && nibble_of(a, count) == nibble_of(b, count)) ++count;
    return count;
}

}  // namespace

TreeBuilder::TreeBuilder(Height version, Emit emit)
    : version_{version}, emit_{std::move(emit)}, open_(1)
{
}

Result<void> TreeBuilder::add(const Hash& key_hash, const Hash& value_hash)
{
    if (pending_) {
        if (!(pending_->key_hash < key_hash))
            return Error{ErrorKind::invalid, "leaves of a state tree ascend"};
        const auto shared = shared_nibbles(pending_->key_hash, key_hash);
        place_pending(shared);
        shared_with_previous_ = shared;
    }
    pending_ = TreeLeaf{key_hash, value_hash};
    return {};
}

/// A leaf stands in the lowest node that it shares with another one.
void TreeBuilder::place_pending(std::size_t shared_with_next)
{
    const auto depth = std::max(shared_with_previous_, shared_with_next);
    if (open_.size() <= depth) open_.resize(depth + 1);
    open_[depth].set(nibble_of(pending_->key_hash, depth),
                     TreeSlot::leaf(pending_->key_hash, pending_->value_hash));
    close_deeper_than(shared_with_next);
}

void TreeBuilder::close_deeper_than(std::size_t depth)
{
    while (open_.size() > depth + 1) {
        auto node = std::move(open_.back());
        open_.pop_back();
        node.rehash();
        const auto length = open_.size();
        emit_(tree_node_key(version_, TreePath::of(pending_->key_hash, length)), node.encode());
        open_.back().set(nibble_of(pending_->key_hash, length - 1),
                         TreeSlot{node.hash(), TreeLink{version_, nullptr}});
    }
}

Hash TreeBuilder::finish()
{
    if (pending_) place_pending(0);
    auto& root = open_.front();
    root.rehash();
    emit_(tree_node_key(version_, {}), root.encode());
    return root.hash();
}

}  // namespace ledger
