#include "node/peers/ban_list.hpp"

#include <algorithm>

namespace node {

void BanList::ban(const ledger::PublicKey& peer, ledger::TimeMs until, std::string reason)
{
    const auto same =
        std::find_if(bans_.begin(), bans_.end(), [&](const Ban& ban) { return ban.peer == peer; });
    if (same != bans_.end()) {
        if (same->until >= until) return;
        bans_.erase(same);
    }
    if (bans_.size() >= limit) bans_.erase(bans_.begin());
    reason.resize(std::min(reason.size(), reason_limit));
    Ban made{peer, until, std::move(reason)};
    const auto place =
        std::upper_bound(bans_.begin(), bans_.end(), made,
                         [](const Ban& a, const Ban& b) { return a.until < b.until; });
    bans_.insert(place, std::move(made));
}

void BanList::lift(const ledger::PublicKey& peer)
{
    std::erase_if(bans_, [&](const Ban& ban) { return ban.peer == peer; });
}

std::optional<Ban> BanList::find(const ledger::PublicKey& peer, ledger::TimeMs now) const
{
    for (const auto& ban : bans_)
        if (ban.peer == peer && ban.until > now) return ban;
    return {};
}

std::vector<Ban> BanList::current(ledger::TimeMs now) const
{
    std::vector<Ban> held;
    for (const auto& ban : bans_)
        if (ban.until > now) held.push_back(ban);
    return held;
}

}  // namespace node
