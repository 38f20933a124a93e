#include "ledger/state/tree_work.hpp"

#include "ledger/crypto/hash.hpp"

#include <algorithm>
#include <array>

namespace ledger {
namespace {

/// Below this many changed keys, handing work to other threads costs more than it saves.
constexpr std::size_t parallel_from = 64;

/// The longest run at the start of `items` whose key hashes have the same nibble at `depth`.
template <class Item>
std::span<const Item> first_group(std::span<const Item> items, std::size_t depth)
{
    const auto nibble = nibble_of(items.front().key_hash, depth);
    std::size_t size = 1;
    while (size < items.size() && nibble_of(items[size].key_hash, depth) == nibble) ++size;
    return items.first(size);
}

/// The subtree of nothing but these leaves, ascending by key hash.
TreeSlot build(std::size_t depth, std::span<const TreeLeaf> leaves)
{
    if (leaves.empty()) return {};
    if (leaves.size() == 1) return TreeSlot::leaf(leaves[0].key_hash, leaves[0].value_hash);
    auto node = std::make_shared<TreeNode>();
    while (!leaves.empty()) {
        const auto group = first_group(leaves, depth);
        node->set(nibble_of(group.front().key_hash, depth), build(depth + 1, group));
        leaves = leaves.subspan(group.size());
    }
    node->rehash();
    return TreeSlot::link(std::move(node));
}

/// What is left of at most one leaf after `updates`.
std::vector<TreeLeaf> merge(const TreeLeaf* old, std::span<const TreeUpdate> updates)
{
    std::vector<TreeLeaf> leaves;
    leaves.reserve(updates.size() + 1);
    for (const auto& update : updates) {
        if (old && old->key_hash <= update.key_hash) {
            if (old->key_hash != update.key_hash) leaves.push_back(*old);
            old = nullptr;
        }
        if (!update.remove) leaves.push_back({update.key_hash, update.value_hash});
    }
    if (old) leaves.push_back(*old);
    return leaves;
}

}  // namespace

Result<TreeNodePtr> read_node(const TreeNodes& nodes, Height version, const TreePath& path,
                              const Hash& expected)
{
    const auto bytes = nodes.node(tree_node_key(version, path));
    if (!bytes) return bytes.error();
    if (!*bytes) return Error{ErrorKind::corrupt, "a node of the state tree is missing"};
    auto node = TreeNode::decode(**bytes, path, expected);
    if (node) (*node)->saved_as(version);
    return node;
}

StateTree::Work::Work(const TreeNodes& source, TreeOptions chosen)
    : nodes{&source}, options{std::move(chosen)}, caches(16, TreeCache{options.cache_bytes / 16})
{
}

void StateTree::Work::run(std::vector<std::function<void()>> tasks) const
{
    if (options.run_all && tasks.size() > 1) {
        options.run_all(std::move(tasks));
    } else {
        for (const auto& task : tasks) task();
    }
}

Result<TreeNodePtr> StateTree::Work::load(const TreeSlot& slot, const TreePath& path)
{
    const auto& link = *slot.link();
    if (link.node) return link.node;
    auto& cache = caches[path.nibbles[0] >> 4];
    if (auto node = cache.find(link.stored, path)) return node;
    auto node = read_node(*nodes, link.stored, path, slot.hash);
    if (node) cache.put(link.stored, path, *node);
    return node;
}

Result<TreeSlot> StateTree::Work::update(const TreeSlot& old, std::size_t depth,
                                         std::span<const TreeUpdate> updates)
{
    if (!old.link()) return build(depth, merge(old.leaf(), updates));
    const auto loaded = load(old, TreePath::of(updates.front().key_hash, depth));
    if (!loaded) return loaded.error();
    const TreeNode& node = **loaded;

    TreeNodePtr fresh;
    unsigned changed = 0;
    while (!updates.empty()) {
        const auto group = first_group(updates, depth);
        updates = updates.subspan(group.size());
        const auto nibble = nibble_of(group.front().key_hash, depth);
        auto slot = update(node.at(nibble), depth + 1, group);
        if (!slot) return slot.error();
        if (slot->hash == node.at(nibble).hash) continue;
        if (!fresh) fresh = node.copy();
        fresh->set(nibble, std::move(*slot));
        changed |= 1U << nibble;
    }
    if (!fresh) return old;
    if (const auto* end = fresh->place_end(1)) return *end;
    fresh->rehash(static_cast<std::uint16_t>(changed));
    return TreeSlot::link(std::move(fresh));
}

Result<TreeNodePtr> StateTree::Work::update_root(const TreeNodePtr& old,
                                                 std::span<const TreeUpdate> updates)
{
    const bool parallel = updates.size() >= parallel_from;
    std::array<std::optional<Result<TreeSlot>>, 16> slots;
    std::vector<std::function<void()>> tasks;
    while (!updates.empty()) {
        const auto group = first_group(updates, 0);
        updates = updates.subspan(group.size());
        const auto nibble = nibble_of(group.front().key_hash, 0);
        auto task = [this, &old, &slots, nibble, group] {
            slots[nibble] = update(old->at(nibble), 1, group);
        };
        if (parallel) {
            tasks.emplace_back(std::move(task));
        } else {
            task();
        }
    }
    run(std::move(tasks));

    TreeNodePtr fresh;
    unsigned changed = 0;
    for (unsigned nibble = 0; nibble < 16; ++nibble) {
        auto& slot = slots[nibble];
        if (!slot) continue;
        if (!*slot) return slot->error();
        if ((*slot)->hash == old->at(nibble).hash) continue;
        if (!fresh) fresh = old->copy();
        fresh->set(nibble, std::move(**slot));
        changed |= 1U << nibble;
    }
    if (!fresh) return old;
    fresh->rehash(static_cast<std::uint16_t>(changed));
    return fresh;
}

std::vector<TreeUpdate> StateTree::Work::hash_all(const StateDiff& diff) const
{
    std::vector<TreeUpdate> updates(diff.size());
    const auto hash_some = [&updates](auto entry, std::size_t first, std::size_t last) {
        for (auto i = first; i < last; ++i, ++entry) {
            updates[i] = {sha256(entry->first), entry->second ? sha256(*entry->second) : Hash{},
                          !entry->second};
        }
    };
    const std::size_t parts = diff.size() >= parallel_from ? 16 : 1;
    std::vector<std::function<void()>> tasks;
    auto entry = diff.begin();
    for (std::size_t part = 0; part < parts; ++part) {
        const auto first = diff.size() * part / parts;
        const auto last = diff.size() * (part + 1) / parts;
        tasks.emplace_back([=] { hash_some(entry, first, last); });
        std::advance(entry, last - first);
    }
    run(std::move(tasks));
    std::ranges::sort(updates, {}, &TreeUpdate::key_hash);
    return updates;
}

}  // namespace ledger
