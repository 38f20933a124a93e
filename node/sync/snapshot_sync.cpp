#include "node/sync/snapshot_sync.hpp"

#include <algorithm>
#include <utility>

namespace node {

using namespace ledger;
using Kind = SnapshotAction::Kind;

SnapshotSync::SnapshotSync(SnapshotSyncLimits limits, Height above, const TrustedEpochs& epochs,
                           const consensus::Verifier& verifier)
    : limits_{limits}, above_{above}, epochs_{epochs}, checker_{verifier}
{
}

const SnapshotManifest* SnapshotSync::chosen() const
{
    return chosen_ ? &*candidates_.at(*chosen_).manifest : nullptr;
}

SnapshotActions SnapshotSync::add_peer(const PublicKey& peer, std::uint64_t now_ms)
{
    SnapshotActions actions;
    if (complete_ || peers_.size() >= limits_.peers) return actions;
    const auto [at, added] = peers_.try_emplace(peer);
    if (added) ask_list(peer, at->second, now_ms, actions);
    return actions;
}

SnapshotActions SnapshotSync::remove_peer(const PublicKey& peer, std::uint64_t now_ms)
{
    SnapshotActions actions;
    forget(peer);
    advance(now_ms, actions);
    return actions;
}

SnapshotActions SnapshotSync::epochs_changed(std::uint64_t now_ms)
{
    SnapshotActions actions;
    std::vector<PublicKey> wrong;
    for (auto& [id, candidate] : candidates_) {
        if (!candidate.manifest || candidate.verified) continue;
        if (verify(candidate, now_ms, actions)) continue;
        candidate.manifest.reset();
        wrong.push_back(candidate.manifest_from);
    }
    for (const auto& name : wrong) forget(name);
    advance(now_ms, actions);
    return actions;
}

SnapshotActions SnapshotSync::start(const std::vector<bool>& present, std::uint64_t now_ms)
{
    SnapshotActions actions;
    if (!chosen_ || started_ || complete_) return actions;
    have_ = present;
    have_.resize(chosen()->content.ends.size());
    missing_ = static_cast<std::size_t>(std::ranges::count(have_, false));
    started_ = true;
    advance(now_ms, actions);
    return actions;
}

SnapshotActions SnapshotSync::lost(std::size_t chunk, std::uint64_t now_ms)
{
    SnapshotActions actions;
    if (!chosen_ || chunk >= have_.size() || !have_[chunk]) return actions;
    have_[chunk] = false;
    ++missing_;
    complete_ = false;
    advance(now_ms, actions);
    return actions;
}

SnapshotActions SnapshotSync::on_snapshot(const PublicKey& from, ByteView payload,
                                          std::uint64_t now_ms)
{
    SnapshotActions actions;
    const auto peer = peers_.find(from);
    if (peer == peers_.end()) return actions;
    auto reply = decode_snapshot_reply(payload);
    if (!reply) {
        drop(from, reply.error().detail, actions);
    } else if (const auto* list = std::get_if<SnapshotList>(&*reply)) {
        if (peer->second.list_deadline) {
            peer->second.list_deadline.reset();
            peer->second.list_again = now_ms + limits_.list_again_ms;
            take_list(from, *list);
        }
    } else {
        take_manifest(from, std::get<SnapshotManifestReply>(std::move(*reply)), now_ms, actions);
    }
    advance(now_ms, actions);
    return actions;
}

SnapshotActions SnapshotSync::on_chunk(const PublicKey& from, ByteView payload,
                                       std::uint64_t now_ms)
{
    SnapshotActions actions;
    const auto peer = peers_.find(from);
    if (peer == peers_.end() || !chosen_) return actions;
    auto reply = decode_chunk_reply(payload);
    if (!reply) {
        drop(from, reply.error().detail, actions);
        advance(now_ms, actions);
        return actions;
    }
    // What nobody asked for, or asked for too long ago, is not looked at.
    const auto asked = asked_.find(reply->index);
    if (reply->id != *chosen_ || asked == asked_.end() || asked->second.peer != from)
        return actions;
    asked_.erase(asked);
    --peer->second.chunks_asked;
    switch (reply->kind) {
        case ChunkReplyKind::busy:
            peer->second.busy_until = now_ms + limits_.busy_ms;
            if (++peer->second.busy_answers >= limits_.busy_answers)
                leave_alone(peer->second, now_ms);
            break;
        case ChunkReplyKind::missing:
            no_longer_offered(*chosen_, from);
            break;
        case ChunkReplyKind::here:
            if (const auto good = check_chunk(chosen()->content, reply->index, reply->bytes);
                !good) {
                drop(from, good.error().detail, actions);
                break;
            }
            peer->second.strikes = 0;
            peer->second.busy_answers = 0;
            peer->second.alone_until = 0;
            have_[reply->index] = true;
            --missing_;
            actions.push_back({.kind = Kind::keep,
                               .peer = from,
                               .number = reply->index,
                               .bytes = std::move(reply->bytes)});
            break;
    }
    advance(now_ms, actions);
    return actions;
}

SnapshotActions SnapshotSync::tick(std::uint64_t now_ms)
{
    SnapshotActions actions;
    if (complete_) return actions;
    for (auto& [name, peer] : peers_) {
        if (peer.list_deadline && *peer.list_deadline <= now_ms) {
            peer.list_deadline.reset();
            peer.list_again = now_ms + limits_.list_again_ms;
            strike(peer, now_ms);
        }
        if (peer.manifest_asked && peer.manifest_deadline <= now_ms) {
            no_longer_offered(*std::exchange(peer.manifest_asked, std::nullopt), name);
            strike(peer, now_ms);
        }
        if (!peer.list_deadline && peer.list_again <= now_ms && peer.free(now_ms))
            ask_list(name, peer, now_ms, actions);
    }
    for (auto asked = asked_.begin(); asked != asked_.end();) {
        if (asked->second.deadline > now_ms) {
            ++asked;
            continue;
        }
        auto& peer = peers_.at(asked->second.peer);
        --peer.chunks_asked;
        strike(peer, now_ms);
        asked = asked_.erase(asked);
    }
    advance(now_ms, actions);
    return actions;
}

void SnapshotSync::advance(std::uint64_t now_ms, SnapshotActions& actions)
{
    if (complete_) return;
    if (chosen_ && !usable(candidates_.at(*chosen_), now_ms)) give_up_chosen();
    if (!chosen_) {
        ask_manifests(now_ms, actions);
        choose(now_ms, actions);
    }
    if (!chosen_ || !started_) return;
    if (missing_ == 0) {
        complete_ = true;
        actions.push_back({.kind = Kind::complete});
        return;
    }
    ask_chunks(now_ms, actions);
}

void SnapshotSync::ask_chunks(std::uint64_t now_ms, SnapshotActions& actions)
{
    for (std::size_t chunk = 0; chunk < have_.size() && asked_.size() < limits_.window; ++chunk) {
        if (have_[chunk] || asked_.contains(chunk)) continue;
        const auto* name = best_provider(now_ms);
        if (name == nullptr) return;
        ++peers_.at(*name).chunks_asked;
        asked_[chunk] = {*name, now_ms + limits_.chunk_ms};
        actions.push_back(
            {.kind = Kind::ask,
             .peer = *name,
             .message = message::get_snapshot_chunk,
             .bytes = encode(GetSnapshotChunk{*chosen_, static_cast<std::uint32_t>(chunk)})});
    }
}

/// The one with the fewest questions and strikes; null when all have enough.
const PublicKey* SnapshotSync::best_provider(std::uint64_t now_ms) const
{
    const PublicKey* best = nullptr;
    std::pair<std::size_t, std::size_t> least;
    for (const auto& name : candidates_.at(*chosen_).providers) {
        const auto& peer = peers_.at(name);
        if (peer.chunks_asked >= limits_.window_of_peer || !peer.free(now_ms)) continue;
        const std::pair load{peer.strikes, peer.chunks_asked};
        if (best != nullptr && !(load < least)) continue;
        best = &name;
        least = load;
    }
    return best;
}

void SnapshotSync::strike(Peer& peer, std::uint64_t now_ms) const
{
    if (++peer.strikes >= limits_.strikes) leave_alone(peer, now_ms);
}

void SnapshotSync::leave_alone(Peer& peer, std::uint64_t now_ms) const
{
    peer.strikes = 0;
    peer.busy_answers = 0;
    peer.alone_until = now_ms + limits_.alone_ms;
}

void SnapshotSync::drop(const PublicKey& name, std::string why, SnapshotActions& actions)
{
    actions.push_back({.kind = Kind::drop, .peer = name, .why = std::move(why)});
    forget(name);
}

void SnapshotSync::forget(const PublicKey& name)
{
    if (!peers_.contains(name)) return;
    release_chunks_of(name);
    peers_.erase(name);
    for (auto at = candidates_.begin(); at != candidates_.end();) {
        const auto id = (at++)->first;
        no_longer_offered(id, name);
    }
}

void SnapshotSync::release_chunks_of(const PublicKey& name)
{
    const auto of_it = [&name](const auto& asked) { return asked.second.peer == name; };
    const auto released = std::erase_if(asked_, of_it);
    peers_.at(name).chunks_asked -= released;
}

void SnapshotSync::no_longer_offered(const Hash& id, const PublicKey& name)
{
    const auto at = candidates_.find(id);
    if (at == candidates_.end()) return;
    at->second.providers.erase(name);
    if (at->second.providers.empty() && chosen_ != id) candidates_.erase(at);
}

/// Nobody has it any more; what was kept of it serves again when somebody does.
void SnapshotSync::give_up_chosen()
{
    for (auto& [name, peer] : peers_) peer.chunks_asked = 0;
    asked_.clear();
    const auto at = candidates_.find(*chosen_);
    if (at->second.providers.empty()) candidates_.erase(at);
    chosen_.reset();
    started_ = false;
    have_.clear();
    missing_ = 0;
}

}  // namespace node
