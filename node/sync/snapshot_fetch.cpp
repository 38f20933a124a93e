#include "node/sync/snapshot_fetch.hpp"

#include <algorithm>
#include <utility>

namespace node {

using namespace ledger;
using consensus::EpochProof;
using Kind = SnapshotAction::Kind;
using Weight = SnapshotFetch::Port::Weight;

SnapshotFetch::SnapshotFetch(Disk& disk, RestorePlace place, SealChain& seals,
                             std::uint64_t least_epoch, const consensus::Verifier& verifier,
                             Port port)
    : disk_{disk},
      place_{std::move(place)},
      seals_{seals},
      port_{std::move(port)},
      sync_{SnapshotSyncLimits{}, Height{0}, seals, verifier},
      wanted_epoch_{least_epoch}
{
}

SnapshotFetch::Progress SnapshotFetch::progress() const
{
    Progress shown;
    if (chunks_) {
        shown.height = chunks_->manifest().content.height.value;
        shown.chunks = chunks_->present().size();
        shown.missing = chunks_->missing();
    }
    shown.epoch = seals_.newest().number();
    shown.refuted = refuted_.size();
    shown.peers = peers_.size();
    shown.is_chosen = chunks_ && sync_.chosen() != nullptr;
    return shown;
}

void SnapshotFetch::connected(const PublicKey& peer, std::uint64_t now_ms)
{
    if (outcome_) return;
    peers_.insert(peer);
    if (!give_up_ms_) give_up_ms_ = now_ms + patience_ms;
    if (!refuted_.contains(peer)) perform(sync_.add_peer(peer, now_ms), now_ms);
}

void SnapshotFetch::gone(const PublicKey& peer, std::uint64_t now_ms)
{
    if (outcome_) return;
    peers_.erase(peer);
    perform(sync_.remove_peer(peer, now_ms), now_ms);
}

void SnapshotFetch::received(const PublicKey& from, MessageKind kind, ByteView payload,
                             std::uint64_t now_ms)
{
    if (outcome_) return;
    if (kind == message::snapshot)
        perform(sync_.on_snapshot(from, payload, now_ms), now_ms);
    else if (kind == message::snapshot_chunk)
        perform(sync_.on_chunk(from, payload, now_ms), now_ms);
}

void SnapshotFetch::take_seal(const PublicKey& from, EpochProof proof, std::uint64_t now_ms)
{
    if (outcome_) return;
    const auto added = seals_.add(std::move(proof));
    if (!added) return refute(from, added.error().detail);
    if (!*added) return;
    seals_asked_ms_.reset();
    perform(sync_.epochs_changed(now_ms), now_ms);
}

void SnapshotFetch::refute(const PublicKey& peer, const std::string& why)
{
    if (refuted_.size() < refuted_peers) refuted_.insert(peer);
    port_.misbehaved(peer, why);
}

void SnapshotFetch::tick(std::uint64_t now_ms)
{
    if (outcome_) return;
    perform(sync_.tick(now_ms), now_ms);
    if (outcome_) return;
    ask_for_seals(now_ms);
    give_up_in_time(now_ms);
}

/// Peers answer a status of an epoch that is over with the proof of its end.
void SnapshotFetch::ask_for_seals(std::uint64_t now_ms)
{
    const auto newest = seals_.newest().number();
    if (newest >= wanted_epoch_) return;
    if (seals_asked_ms_ && now_ms < *seals_asked_ms_ + seal_every_ms) return;
    seals_asked_ms_ = now_ms;
    consensus::Status status;
    status.epoch = newest;
    const auto bytes = consensus::encode_message(consensus::Message{status});
    for (const auto& peer : peers_)
        if (!refuted_.contains(peer)) port_.send(peer, message::status, bytes);
}

/// Only while nothing is here: a part of a snapshot is worth waiting for, as somebody had it. Nor
/// when one is proven that is chosen in a moment.
void SnapshotFetch::give_up_in_time(std::uint64_t now_ms)
{
    if (chunks_ || !give_up_ms_ || now_ms < *give_up_ms_ || sync_.has_proven(now_ms)) return;
    std::error_code error;
    if (std::filesystem::exists(place_.chunks(), error)) {
        give_up_ms_.reset();
        return;
    }
    port_.say(Weight::warning, "no peer has a snapshot that proves itself: going on with blocks");
    end(clear_staging(disk_, place_));
}

void SnapshotFetch::perform(SnapshotActions actions, std::uint64_t now_ms)
{
    for (auto& action : actions) {
        if (outcome_) return;
        switch (action.kind) {
            case Kind::ask:
                port_.send(action.peer, action.message, action.bytes);
                break;
            case Kind::drop:
                refute(action.peer, action.why);
                break;
            case Kind::need_epoch:
                wanted_epoch_ = std::max(wanted_epoch_, action.number);
                break;
            case Kind::chosen:
                begin_chosen(now_ms);
                break;
            case Kind::keep:
                if (!chunks_) break;
                if (const auto done = chunks_->keep(action.number, action.bytes); !done)
                    return end(done);
                break;
            case Kind::complete:
                finish(now_ms);
                break;
        }
    }
}

void SnapshotFetch::begin_chosen(std::uint64_t now_ms)
{
    const auto* manifest = sync_.chosen();
    if (manifest == nullptr) return;
    chunks_.reset();
    auto opened = SnapshotCollection::open(disk_, place_.chunks().string(), *manifest);
    if (!opened) return end(opened.error());
    chunks_.emplace(std::move(*opened));
    const auto count = manifest->content.ends.size();
    port_.say(Weight::info, "fetching the snapshot of block " +
                                std::to_string(manifest->content.height.value) + ": " +
                                std::to_string(count - chunks_->missing()) + " of " +
                                std::to_string(count) + " chunks are here");
    perform(sync_.start(chunks_->present(), now_ms), now_ms);
}

void SnapshotFetch::finish(std::uint64_t now_ms)
{
    if (!chunks_) return;
    const auto epoch = chunks_->manifest().finality.path.front().epoch;
    const auto& all = seals_.seals();
    const std::vector<EpochProof> seals(all.begin(),
                                        all.begin() + static_cast<std::ptrdiff_t>(epoch));
    const auto done = port_.restore(*chunks_, seals);
    if (!done && done.error().kind == ErrorKind::corrupt && chunks_->missing() != 0) {
        port_.say(Weight::warning,
                  "a chunk is damaged on disk and fetched again: " + done.error().detail);
        const auto present = chunks_->present();
        for (std::size_t chunk = 0; chunk < present.size(); ++chunk)
            if (!present[chunk]) perform(sync_.lost(chunk, now_ms), now_ms);
        return;
    }
    if (done)
        port_.say(Weight::info, "the ledger begins with the snapshot of block " +
                                    std::to_string(chunks_->manifest().content.height.value));
    end(done);
}

void SnapshotFetch::end(Result<void> how)
{
    if (!outcome_) outcome_ = std::move(how);
}

}  // namespace node
