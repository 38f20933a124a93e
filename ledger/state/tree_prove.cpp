#include "ledger/crypto/hash.hpp"
#include "ledger/state/tree_work.hpp"

#include <algorithm>

namespace ledger {
namespace {

void end_at(StateProof& proof, const TreeSlot& slot, const Hash& key_hash)
{
    if (const auto* leaf = slot.leaf()) {
        proof.end = leaf->key_hash == key_hash ? StateProof::End::key : StateProof::End::other;
        if (proof.end == StateProof::End::other) {
            proof.other_key_hash = leaf->key_hash;
            proof.other_value_hash = leaf->value_hash;
        }
    }
    std::ranges::reverse(proof.siblings);
}

/// Walks from `node`, the root, along the bits of the key; `load` gives the node behind a link.
template <class Load>
Result<StateProof> walk(TreeNodePtr node, const Hash& key_hash, const Load& load)
{
    StateProof proof;
    for (std::size_t depth = 0; depth < TreePath::max_length; ++depth) {
        const auto nibble = nibble_of(key_hash, depth);
        unsigned place = 1;
        for (unsigned level = 0; level <= 4; ++level) {
            if (const auto* end = node->place_end(place)) {
                end_at(proof, *end, key_hash);
                return proof;
            }
            if (level == 4) break;
            const unsigned half = nibble >> (3 - level) & 1;
            proof.siblings.push_back(node->place_hash(2 * place + (1 - half)));
            place = 2 * place + half;
        }
        auto below = load(node->at(nibble), TreePath::of(key_hash, depth + 1));
        if (!below) return below.error();
        node = std::move(*below);
    }
    return Error{ErrorKind::corrupt, "the state tree is deeper than a key hash has bits"};
}

}  // namespace

Result<StateProof> StateTree::prove(ByteView state_key)
{
    return walk(head_.node_, sha256(state_key), [this](const TreeSlot& slot, const TreePath& path) {
        return work_->load(slot, path);
    });
}

Result<StateProof> prove_at(const TreeNodes& nodes, Height version, const Hash& root,
                            ByteView state_key)
{
    auto node = read_node(nodes, version, {}, root);
    if (!node) return node.error();
    return walk(std::move(*node), sha256(state_key),
                [&nodes](const TreeSlot& slot, const TreePath& path) {
                    return read_node(nodes, slot.link()->stored, path, slot.hash);
                });
}

}  // namespace ledger
