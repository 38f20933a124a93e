#include "ledger/state/tree_cache.hpp"

#include <iterator>

namespace ledger {

/// Paths are parts of SHA-256 digests, so folding them is enough of a hash. Nodes deeper than 32
/// nibbles that share those cost an attacker 2^64 digests.
std::size_t TreeCache::HashName::operator()(const Name& name) const
{
    const ByteView path{name.path.nibbles};
    const auto folded =
        read_big_endian<std::uint64_t>(path) ^ read_big_endian<std::uint64_t>(path.subspan(8));
    return static_cast<std::size_t>((folded ^ name.version.value * 0x9e3779b97f4a7c15ULL) +
                                    name.path.length * 0xff51afd7ed558ccdULL);
}

TreeNodePtr TreeCache::find(Height version, const TreePath& path)
{
    if (path.length <= kept_length) {
        const auto at = kept_.find(Name{version, path});
        return at == kept_.end() ? nullptr : at->second;
    }
    const auto at = found_.find(Name{version, path});
    if (at == found_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, at->second);
    return at->second->node;
}

void TreeCache::put(Height version, const TreePath& path, TreeNodePtr node)
{
    if (path.length <= kept_length) {
        kept_.insert_or_assign(Name{version, path}, std::move(node));
        return;
    }
    erase(version, path);
    const auto bytes = node->bytes() + sizeof(Entry) + 96;  // and what list and map add
    entries_.push_front({Name{version, path}, std::move(node), bytes});
    found_.emplace(Name{version, path}, entries_.begin());
    bytes_ += bytes;
    while (bytes_ > budget_) drop(std::prev(entries_.end()));
}

void TreeCache::erase(Height version, const TreePath& path)
{
    if (path.length <= kept_length) {
        kept_.erase(Name{version, path});
    } else if (const auto at = found_.find(Name{version, path}); at != found_.end()) {
        drop(at->second);
    }
}

void TreeCache::drop(std::list<Entry>::iterator entry)
{
    bytes_ -= entry->bytes;
    found_.erase(entry->name);
    entries_.erase(entry);
}

}  // namespace ledger
