#include "node/sync/snapshot_sync.hpp"

#include <algorithm>

/// Which snapshot to take: lists, manifests, and what they prove.
namespace node {

using namespace ledger;
using Kind = SnapshotAction::Kind;

void SnapshotSync::ask_list(const PublicKey& name, Peer& peer, std::uint64_t now_ms,
                            SnapshotActions& actions) const
{
    peer.list_deadline = now_ms + limits_.reply_ms;
    actions.push_back({.kind = Kind::ask,
                       .peer = name,
                       .message = message::get_snapshot,
                       .bytes = encode(GetSnapshot{})});
}

/// A peer's list takes the place of its last one.
void SnapshotSync::take_list(const PublicKey& from, const SnapshotList& list)
{
    std::set<Hash> offered;
    for (const auto& [id, height] : list.offers) {
        if (height <= above_) continue;
        const auto [at, added] = candidates_.try_emplace(id);
        if (added) at->second.height = height;
        // Another height than others gave: its manifest will show who is wrong.
        at->second.providers.insert(from);
        offered.insert(id);
    }
    for (auto at = candidates_.begin(); at != candidates_.end();) {
        const auto id = (at++)->first;
        if (!offered.contains(id)) no_longer_offered(id, from);
    }
}

void SnapshotSync::ask_manifests(std::uint64_t now_ms, SnapshotActions& actions)
{
    std::set<Hash> asked;
    for (const auto& [name, peer] : peers_)
        if (peer.manifest_asked) asked.insert(*peer.manifest_asked);

    std::vector<std::pair<Height, Hash>> wanted;
    for (const auto& [id, candidate] : candidates_)
        if (!candidate.manifest && !asked.contains(id)) wanted.emplace_back(candidate.height, id);
    std::ranges::sort(wanted, std::greater{});
    auto running = asked.size();
    for (const auto& [height, id] : wanted) {
        if (running >= limits_.manifests) return;
        for (const auto& name : candidates_.at(id).providers) {
            auto& peer = peers_.at(name);
            if (peer.manifest_asked || !peer.free(now_ms)) continue;
            peer.manifest_asked = id;
            peer.manifest_deadline = now_ms + limits_.reply_ms;
            actions.push_back({.kind = Kind::ask,
                               .peer = name,
                               .message = message::get_snapshot,
                               .bytes = encode(GetSnapshot{id})});
            ++running;
            break;
        }
    }
}

void SnapshotSync::take_manifest(const PublicKey& from, SnapshotManifestReply reply,
                                 std::uint64_t now_ms, SnapshotActions& actions)
{
    auto& peer = peers_.at(from);
    if (peer.manifest_asked != reply.id) return;
    peer.manifest_asked.reset();
    if (!reply.manifest) return no_longer_offered(reply.id, from);
    if (snapshot_id(reply.manifest->content) != reply.id)
        return drop(from, "snapshot: not the one it was asked for", actions);
    const auto at = candidates_.find(reply.id);
    if (at == candidates_.end() || at->second.manifest) return;
    auto& candidate = at->second;
    candidate.height = reply.manifest->content.height;
    candidate.manifest = std::move(*reply.manifest);
    candidate.manifest_from = from;
    if (candidate.height <= above_) {
        candidates_.erase(at);
        return drop(from, "snapshot: not of the height it was offered at", actions);
    }
    if (verify(candidate, now_ms, actions)) return;
    candidate.manifest.reset();
    forget(from);
}

bool SnapshotSync::usable(const Candidate& candidate, std::uint64_t now_ms) const
{
    return std::ranges::any_of(candidate.providers, [&](const auto& name) {
        return peers_.at(name).alone_until <= now_ms;
    });
}

bool SnapshotSync::has_proven(std::uint64_t now_ms) const
{
    return std::ranges::any_of(candidates_, [&](const auto& each) {
        return each.second.verified && usable(each.second, now_ms);
    });
}

bool SnapshotSync::verify(Candidate& candidate, std::uint64_t now_ms, SnapshotActions& actions)
{
    const auto& from = candidate.manifest_from;
    const auto number = candidate.manifest->finality.path.front().epoch;
    const auto epoch = epochs_.epoch(number);
    if (!epoch) {
        actions.push_back({.kind = Kind::need_epoch, .peer = from, .number = number});
        return true;
    }
    const auto good = check_manifest(*candidate.manifest, *epoch, checker_);
    if (!good) {
        // Its finality may be what is wrong, and another peer's right: the peer is refuted, not
        // the snapshot.
        actions.push_back({.kind = Kind::drop, .peer = from, .why = good.error().detail});
        return false;
    }
    candidate.verified = true;
    candidate.verified_at = now_ms;
    return true;
}

/// The highest one that is proven, once nobody can still show a higher one or has had the time.
void SnapshotSync::choose(std::uint64_t now_ms, SnapshotActions& actions)
{
    const Hash* best = nullptr;
    Height highest{};
    for (const auto& [id, candidate] : candidates_) {
        if (!candidate.verified || !usable(candidate, now_ms) ||
            (best != nullptr && candidate.height <= highest))
            continue;
        best = &id;
        highest = candidate.height;
    }
    if (best == nullptr) return;
    const bool waits = now_ms < candidates_.at(*best).verified_at + limits_.gather_ms;
    const bool higher_open = std::ranges::any_of(candidates_, [&](const auto& each) {
        return !each.second.verified && each.second.height > highest;
    });
    const bool lists_open = std::ranges::any_of(
        peers_, [](const auto& each) { return each.second.list_deadline.has_value(); });
    if (waits && (higher_open || lists_open)) return;
    chosen_ = *best;
    started_ = false;
    actions.push_back({.kind = Kind::chosen});
}

}  // namespace node
