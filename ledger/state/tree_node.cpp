#include "ledger/state/tree_node.hpp"

#include "ledger/base/ensure.hpp"

#include <bit>

namespace ledger {
namespace {

constexpr std::uint8_t node_format = 1;
constexpr std::size_t dense_from = 5;  ///< with fewer slots, hashing anew is about as cheap

const TreeSlot& empty_slot()
{
    static const TreeSlot slot;
    return slot;
}

/// The slots under a place, as bits.
std::uint16_t slots_under(unsigned place)
{
    const auto level = static_cast<unsigned>(std::bit_width(place)) - 1;
    const unsigned width = 16U >> level;
    const unsigned first = (place - (1U << level)) * width;
    return static_cast<std::uint16_t>(((1U << width) - 1) << first);
}

unsigned count(unsigned bits)
{
    return static_cast<unsigned>(std::popcount(bits));
}

Error corrupt_node(const char* why)
{
    return {ErrorKind::corrupt, std::string{"state tree node: "} + why};
}

}  // namespace

const TreeSlot& TreeNode::at(unsigned nibble) const
{
    if ((present_ >> nibble & 1) == 0) return empty_slot();
    return slots_[index_of(nibble)];
}

void TreeNode::set(unsigned nibble, TreeSlot slot)
{
    const auto bit = static_cast<std::uint16_t>(1U << nibble);
    const auto at = slots_.begin() + static_cast<std::ptrdiff_t>(index_of(nibble));
    const bool there = (present_ & bit) != 0;
    links_ = static_cast<std::uint16_t>(slot.link() ? links_ | bit : links_ & ~bit);
    if (slot.empty()) {
        if (there) slots_.erase(at);
        present_ = static_cast<std::uint16_t>(present_ & ~bit);
    } else if (there) {
        *at = std::move(slot);
    } else {
        slots_.insert(at, std::move(slot));
        present_ |= bit;
    }
}

TreeNodePtr TreeNode::copy() const
{
    auto fresh = std::make_shared<TreeNode>(*this);
    fresh->version_ = unsaved;
    return fresh;
}

void TreeNode::rehash(std::uint16_t changed)
{
    if (slots_.size() < dense_from) {
        places_.clear();
    } else if (places_.empty()) {
        places_.resize(16);
        changed = 0xffff;
    }
    hash_ = compute(1, changed);
}

const TreeSlot* TreeNode::place_end(unsigned place) const
{
    const unsigned here = present_ & slots_under(place);
    if (here == 0) return &empty_slot();
    if (count(here) > 1 || (links_ & here) != 0) return nullptr;
    return &at(static_cast<unsigned>(std::countr_zero(here)));
}

Hash TreeNode::compute(unsigned place, std::uint16_t changed)
{
    if (place >= 16) return at(place - 16).hash;
    if (const auto* end = place_end(place)) return end->hash;
    // A place that ended in a leaf or in nothing has no hash kept, but it cannot have stopped
    // doing so without a change below.
    if (!places_.empty() && (changed & slots_under(place)) == 0) return places_[place];
    const Hash hash = state_node_hash(compute(2 * place, changed), compute(2 * place + 1, changed));
    if (!places_.empty()) places_[place] = hash;
    return hash;
}

Hash TreeNode::place_hash(unsigned place) const
{
    if (place >= 16) return at(place - 16).hash;
    if (const auto* end = place_end(place)) return end->hash;
    if (!places_.empty()) return places_[place];
    return state_node_hash(place_hash(2 * place), place_hash(2 * place + 1));
}

std::size_t TreeNode::bytes() const
{
    return sizeof(TreeNode) + slots_.capacity() * sizeof(TreeSlot) +
           places_.capacity() * sizeof(Hash);
}

Bytes TreeNode::encode() const
{
    Bytes out;
    out.reserve(5 + slots_.size() * 64);
    out.push_back(node_format);
    append_big_endian(out, present_);
    append_big_endian(out, static_cast<std::uint16_t>(present_ & ~links_));
    for (const auto& slot : slots_) {
        if (const auto* leaf = slot.leaf()) {
            append(out, leaf->key_hash.view());
            append(out, leaf->value_hash.view());
        } else {
            const auto version = slot.link()->version();
            ensure(version != unsaved, "a node is stored after those below it");
            append_big_endian(out, version.value);
            append(out, slot.hash.view());
        }
    }
    return out;
}

Result<TreeNodePtr> TreeNode::decode(ByteView bytes, const TreePath& path, const Hash& expected)
{
    if (bytes.size() < 5 || bytes[0] != node_format) return corrupt_node("unknown format");
    const auto present = read_big_endian<std::uint16_t>(bytes.subspan(1));
    const auto leaves = read_big_endian<std::uint16_t>(bytes.subspan(3));
    if ((leaves & ~present) != 0) return corrupt_node("leaves that are not present");
    bytes = bytes.subspan(5);
    if (bytes.size() != count(leaves) * 64 + count(present & ~unsigned{leaves}) * 40) {
        return corrupt_node("wrong length");
    }
    auto node = std::make_shared<TreeNode>();
    node->present_ = present;
    node->links_ = static_cast<std::uint16_t>(present & ~leaves);
    node->slots_.reserve(count(present));
    for (unsigned i = 0; i < 16; ++i) {
        if ((present >> i & 1) == 0) continue;
        if ((leaves >> i & 1) != 0) {
            const auto key_hash = Hash::of(bytes.first(32));
            if (!path.child(i).leads_to(key_hash)) return corrupt_node("a leaf out of place");
            node->slots_.push_back(TreeSlot::leaf(key_hash, Hash::of(bytes.subspan(32, 32))));
            bytes = bytes.subspan(64);
        } else {
            const Height version{read_big_endian<std::uint64_t>(bytes)};
            node->slots_.push_back({Hash::of(bytes.subspan(8, 32)), TreeLink{version, nullptr}});
            bytes = bytes.subspan(40);
        }
    }
    node->rehash();
    if (node->hash() != expected) return corrupt_node("the hash differs from its parent's");
    return node;
}

}  // namespace ledger
