#include "ledger/state/overlay.hpp"

#include <utility>

namespace ledger {
namespace {

/// Where to write `key`: a copy of the key is made only when it is new.
std::optional<Bytes>& place(StateDiff& diff, ByteView key)
{
    const auto at = diff.lower_bound(key);
    if (at != diff.end() && std::ranges::equal(at->first, key)) return at->second;
    return diff.emplace_hint(at, Bytes(key.begin(), key.end()), std::nullopt)->second;
}

}  // namespace

std::optional<Bytes> DiffView::get(ByteView key) const
{
    const auto at = diff_->find(key);
    return at != diff_->end() ? at->second : below_->get(key);
}

void DiffView::scan_from(ByteView prefix, ByteView start, const Visit& visit) const
{
    const auto first = BytewiseLess{}(start, prefix) ? prefix : start;
    auto mine = diff_->lower_bound(first);
    const auto mine_left = [&] { return mine != diff_->end() && starts_with(mine->first, prefix); };
    const auto visit_mine = [&] {
        const auto& [key, value] = *mine++;
        return !value || visit(key, *value);
    };

    bool stopped = false;
    below_->scan_from(prefix, first, [&](ByteView key, ByteView value) {
        while (mine_left() && BytewiseLess{}(mine->first, key)) {
            if (stopped = !visit_mine(); stopped) return false;
        }
        const bool hidden = mine_left() && std::ranges::equal(mine->first, key);
        stopped = hidden ? !visit_mine() : !visit(key, value);
        return !stopped;
    });
    while (!stopped && mine_left()) stopped = !visit_mine();
}

void Overlay::put(ByteView key, ByteView value)
{
    place(diff_, key) = Bytes(value.begin(), value.end());
}

void Overlay::erase(ByteView key)
{
    place(diff_, key).reset();
}

void Overlay::apply(const StateDiff& diff)
{
    for (const auto& [key, value] : diff) place(diff_, key) = value;
}

StateDiff Overlay::effective_diff() const
{
    StateDiff changed;
    for (const auto& [key, value] : diff_) {
        if (below_->get(key) != value) changed.emplace_hint(changed.end(), key, value);
    }
    return changed;
}

StateDiff Overlay::take()
{
    return std::exchange(diff_, {});
}

}  // namespace ledger
