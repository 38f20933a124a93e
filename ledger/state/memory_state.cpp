#include "ledger/state/memory_state.hpp"

namespace ledger {

void MemoryState::apply(const StateDiff& diff)
{
    for (const auto& [key, value] : diff) {
        if (value) {
            entries_.insert_or_assign(key, *value);
        } else {
            entries_.erase(key);
        }
    }
}

std::optional<Bytes> MemoryState::get(ByteView key) const
{
    const auto at = entries_.find(key);
    if (at == entries_.end()) return {};
    return at->second;
}

void MemoryState::scan_from(ByteView prefix, ByteView start, const Visit& visit) const
{
    auto at = entries_.lower_bound(BytewiseLess{}(start, prefix) ? prefix : start);
    for (; at != entries_.end() && starts_with(at->first, prefix); ++at) {
        if (!visit(at->first, at->second)) return;
    }
}

}  // namespace ledger
