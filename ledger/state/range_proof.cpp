#include "ledger/state/range_proof.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/state/tree_work.hpp"

#include <algorithm>

namespace ledger {
namespace {

constexpr std::size_t key_bits = 256;

/// One more than the index of the last bit that is `bit`; 0 when there is none.
std::size_t end_of_bits(const Hash& hash, bool bit)
{
    auto end = key_bits;
    while (end > 0 && bit_of(hash, end - 1) != bit) --end;
    return end;
}

/// Which ends of the range lie within a place of the tree, besides its own.
struct Edges {
    bool first = true;
    bool last = true;
    bool any() const { return first || last; }
};

/// What both sides of a proof agree on: where the walks along the ends of a range lead.
struct Range {
    Range(const Hash& from, const Hash& to)
        : first{from},
          last{to},
          first_end{end_of_bits(from, true)},
          last_end{end_of_bits(to, false)}
    {
    }
    /// Without those ends that coincide with the place's own: nothing is outside of them.
    Edges cut(Edges edges, std::size_t depth) const
    {
        return {edges.first && depth < first_end, edges.last && depth < last_end};
    }
    bool half_is_before(Edges edges, std::size_t depth, bool half) const
    {
        return edges.first && !half && bit_of(first, depth);
    }
    bool half_is_after(Edges edges, std::size_t depth, bool half) const
    {
        return edges.last && half && !bit_of(last, depth);
    }
    Edges half(Edges edges, std::size_t depth, bool half) const
    {
        return {edges.first && bit_of(first, depth) == half,
                edges.last && bit_of(last, depth) == half};
    }

    const Hash& first;
    const Hash& last;
    std::size_t first_end;
    std::size_t last_end;
};

using Entries = std::span<const RangeEntry>;

/// How many of `entries`, which share `depth` bits, have a 0 as the next one.
std::size_t zeros(Entries entries, std::size_t depth)
{
    return static_cast<std::size_t>(
        std::ranges::partition_point(
            entries, [depth](const auto& entry) { return !bit_of(entry.key_hash, depth); }) -
        entries.begin());
}

/// The hash of a place that holds exactly these.
Hash hash_of(Entries entries, std::size_t depth)
{
    if (entries.empty()) return empty_state_root();
    if (entries.size() == 1)
        return state_leaf_hash(entries.front().key_hash, entries.front().value_hash);
    const auto middle = zeros(entries, depth);
    return state_node_hash(hash_of(entries.first(middle), depth + 1),
                           hash_of(entries.subspan(middle), depth + 1));
}

/// Computes the root from the entries and what stands beside them.
class Rebuild {
public:
    Rebuild(const Range& range, const RangeProof& proof) : range_{range}, proof_{proof} {}

    std::optional<Hash> root(Entries entries)
    {
        const auto hash = place(entries, 0, {});
        const bool all_used = before_used_ == proof_.before.size() &&
                              after_used_ == proof_.after.size() &&
                              leaf_before_used_ == proof_.leaf_before.has_value() &&
                              leaf_after_used_ == proof_.leaf_after.has_value();
        if (!good_ || !all_used) return {};
        return hash;
    }

private:
    Hash wrong()
    {
        good_ = false;
        return {};
    }

    Hash place(Entries entries, std::size_t depth, Edges edges)
    {
        if (!good_) return {};
        const auto cut = range_.cut(edges, depth);
        if (edges.first && !cut.first && proof_.first_depth != depth) return wrong();
        if (edges.last && !cut.last && proof_.last_depth != depth) return wrong();
        if (!cut.any()) return hash_of(entries, depth);
        const bool first_ends = cut.first && proof_.first_depth == depth;
        const bool last_ends = cut.last && proof_.last_depth == depth;
        if (first_ends || last_ends) {
            // A place holds one key at most for both walks or for neither.
            if (first_ends != cut.first || last_ends != cut.last) return wrong();
            return end(entries, cut);
        }
        const auto middle = zeros(entries, depth);
        const auto left = half(entries.first(middle), depth, cut, false);
        const auto right = half(entries.subspan(middle), depth, cut, true);
        return state_node_hash(left, right);
    }

    Hash half(Entries entries, std::size_t depth, Edges edges, bool which)
    {
        if (range_.half_is_before(edges, depth, which)) return next(proof_.before, before_used_);
        if (range_.half_is_after(edges, depth, which)) return next(proof_.after, after_used_);
        return place(entries, depth + 1, range_.half(edges, depth, which));
    }

    Hash next(const std::vector<Hash>& hashes, std::size_t& used)
    {
        return used < hashes.size() ? hashes[used++] : wrong();
    }

    /// A place across an end of the range, with one key or none.
    Hash end(Entries entries, Edges edges)
    {
        std::optional<RangeEntry> only;
        std::size_t count = entries.size();
        if (count == 1) only = entries.front();
        if (edges.first && proof_.leaf_before) {
            only = proof_.leaf_before;
            leaf_before_used_ = true;
            ++count;
            if (!(only->key_hash < range_.first)) return wrong();
        }
        if (edges.last && proof_.leaf_after) {
            only = proof_.leaf_after;
            leaf_after_used_ = true;
            ++count;
            if (!(range_.last < only->key_hash)) return wrong();
        }
        if (count > 1) return wrong();
        return only ? state_leaf_hash(only->key_hash, only->value_hash) : empty_state_root();
    }

    const Range& range_;
    const RangeProof& proof_;
    bool good_ = true;
    std::size_t before_used_ = 0;
    std::size_t after_used_ = 0;
    bool leaf_before_used_ = false;
    bool leaf_after_used_ = false;
};

/// Walks both ends through stored nodes and notes what is beside them.
class Walk {
public:
    Walk(const TreeNodes& nodes, const Range& range) : nodes_{nodes}, range_{range} {}

    Result<void> place(TreeNodePtr node, unsigned at, std::size_t depth, Edges edges)
    {
        const auto cut = range_.cut(edges, depth);
        if (edges.first) proof.first_depth = static_cast<std::uint16_t>(depth);
        if (edges.last) proof.last_depth = static_cast<std::uint16_t>(depth);
        if (!cut.any()) return {};
        if (const auto* only = node->place_end(at)) {
            const auto* leaf = only->leaf();
            if (leaf && cut.first && leaf->key_hash < range_.first)
                proof.leaf_before = {leaf->key_hash, leaf->value_hash};
            if (leaf && cut.last && range_.last < leaf->key_hash)
                proof.leaf_after = {leaf->key_hash, leaf->value_hash};
            return {};
        }
        if (at >= 16) {
            const auto& slot = node->at(at - 16);
            const auto& along = cut.first ? range_.first : range_.last;
            auto below =
                read_node(nodes_, slot.link()->stored, TreePath::of(along, depth / 4), slot.hash);
            if (!below) return below.error();
            node = std::move(*below);
            at = 1;
        }
        for (const bool half : {false, true}) {
            const unsigned child = 2 * at + (half ? 1 : 0);
            if (range_.half_is_before(cut, depth, half)) {
                proof.before.push_back(node->place_hash(child));
            } else if (range_.half_is_after(cut, depth, half)) {
                proof.after.push_back(node->place_hash(child));
            } else {
                const auto inner = range_.half(cut, depth, half);
                if (!inner.any()) continue;
                if (const auto done = place(node, child, depth + 1, inner); !done) return done;
            }
        }
        return {};
    }

    RangeProof proof;

private:
    const TreeNodes& nodes_;
    const Range& range_;
};

}  // namespace

bool verify_range(const Hash& root, const Hash& first, const Hash& last, Entries entries,
                  const RangeProof& proof)
{
    if (last < first) return false;
    if (proof.first_depth > key_bits || proof.last_depth > key_bits) return false;
    if (proof.before.size() > RangeProof::max_siblings ||
        proof.after.size() > RangeProof::max_siblings)
        return false;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (i > 0 && !(entries[i - 1].key_hash < entries[i].key_hash)) return false;
    }
    if (!entries.empty() && (entries.front().key_hash < first || last < entries.back().key_hash))
        return false;
    const Range range{first, last};
    return Rebuild{range, proof}.root(entries) == root;
}

Result<RangeProof> prove_range(const TreeNodes& nodes, Height version, const Hash& root,
                               const Hash& first, const Hash& last)
{
    if (last < first) return Error{ErrorKind::invalid, "a range ends before it begins"};
    auto node = read_node(nodes, version, {}, root);
    if (!node) return node.error();
    const Range range{first, last};
    Walk walk{nodes, range};
    if (const auto done = walk.place(std::move(*node), 1, 0, {}); !done) return done.error();
    return std::move(walk.proof);
}

Bytes encode(const RangeProof& proof)
{
    return codec::encode(proof);
}

Result<RangeProof> decode_range_proof(ByteView bytes)
{
    if (bytes.size() > RangeProof::max_bytes)
        return Error{ErrorKind::full, "range proof: too long"};
    auto proof = codec::decode<RangeProof>(bytes);
    if (!proof) return Error{ErrorKind::invalid, "range proof: " + proof.error().detail};
    if (proof->before.size() > RangeProof::max_siblings ||
        proof->after.size() > RangeProof::max_siblings || proof->first_depth > key_bits ||
        proof->last_depth > key_bits)
        return Error{ErrorKind::invalid, "range proof: longer than a key hash has bits"};
    return proof;
}

}  // namespace ledger
