#pragma once

#include "ledger/consensus/signing.hpp"
#include "node/sync/snapshot_messages.hpp"
#include "node/transport/channels.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace node {

struct SnapshotSyncLimits {
    std::size_t peers = 128;
    std::size_t manifests = 4;             ///< asked for at once
    std::size_t window = 8;                ///< chunks asked for at once
    std::size_t window_of_peer = 2;        //
    std::size_t strikes = 3;               ///< unanswered questions before a peer is left alone...
    std::uint64_t alone_ms = 60'000;       ///< ...for this long
    std::uint64_t reply_ms = 5'000;        ///< for a list or a manifest
    std::uint64_t chunk_ms = 20'000;       //
    std::uint64_t busy_ms = 1'000;         ///< before a busy peer is asked again
    std::size_t busy_answers = 30;         ///< without a chunk, before it is left alone
    std::uint64_t gather_ms = 3'000;       ///< a good snapshot waits so long for a higher one
    std::uint64_t list_again_ms = 30'000;  //
};

/// What to do next.
struct SnapshotAction {
    enum class Kind {
        ask,         ///< send `bytes` to `peer` as a message of kind `message`
        drop,        ///< `peer` has sent what it must not: `why`
        need_epoch,  ///< ask `peer` for the seals that lead to epoch `number`
        chosen,      ///< this is the snapshot now; call `start` with the chunks already here
        keep,  ///< `bytes` are chunk `number` of the one chosen last, checked: to disk with them
        complete,  ///< every chunk was given out to be kept
    };
    Kind kind{};
    ledger::PublicKey peer = {};
    MessageKind message = {};
    std::uint64_t number = 0;
    ledger::Bytes bytes = {};
    std::string why = {};
};
using SnapshotActions = std::vector<SnapshotAction>;

/// Where trusted epochs come from: the genesis, and chains of seals from it.
class TrustedEpochs {
public:
    virtual ~TrustedEpochs() = default;
    /// Null as long as it is not known.
    virtual std::shared_ptr<const ledger::consensus::Epoch> epoch(std::uint64_t number) const = 0;
};

/// Fetches a snapshot from peers of whom none is trusted: takes the highest one whose block is
/// proven final, asks several peers at once for its chunks, checks each, asks elsewhere when
/// nobody answers, and drops who sends what is wrong. Pure: `now_ms` never goes back. One thread;
/// `epochs` and `verifier` must outlive it.
class SnapshotSync {
public:
    /// Wants a snapshot above this height.
    SnapshotSync(SnapshotSyncLimits limits, ledger::Height above, const TrustedEpochs& epochs,
                 const ledger::consensus::Verifier& verifier);

    SnapshotActions add_peer(const ledger::PublicKey& peer, std::uint64_t now_ms);
    SnapshotActions remove_peer(const ledger::PublicKey& peer, std::uint64_t now_ms);
    /// Payloads of message::snapshot and message::snapshot_chunk.
    SnapshotActions on_snapshot(const ledger::PublicKey& from, ledger::ByteView payload,
                                std::uint64_t now_ms);
    SnapshotActions on_chunk(const ledger::PublicKey& from, ledger::ByteView payload,
                             std::uint64_t now_ms);
    /// Call it after TrustedEpochs has learned of more.
    SnapshotActions epochs_changed(std::uint64_t now_ms);
    /// The answer to `chosen`: which chunks an earlier attempt has left.
    SnapshotActions start(const std::vector<bool>& present, std::uint64_t now_ms);
    /// A chunk that was kept is damaged on disk.
    SnapshotActions lost(std::size_t chunk, std::uint64_t now_ms);
    /// Call it a few times a second.
    SnapshotActions tick(std::uint64_t now_ms);

    /// Null before one is chosen, and when nobody is left to ask for it, until one is again.
    const ledger::SnapshotManifest* chosen() const;
    /// One is proven, and somebody who has it may be asked; it is chosen within `gather_ms`.
    bool has_proven(std::uint64_t now_ms) const;
    std::size_t chunks_missing() const { return missing_; }
    std::size_t chunks_asked() const { return asked_.size(); }
    bool complete() const { return complete_; }

private:
    struct Peer {
        std::optional<std::uint64_t> list_deadline;  ///< of a question that is not answered
        std::uint64_t list_again = 0;
        std::optional<ledger::Hash> manifest_asked;
        std::uint64_t manifest_deadline = 0;
        std::size_t chunks_asked = 0;
        std::size_t strikes = 0;
        std::size_t busy_answers = 0;
        std::uint64_t busy_until = 0;
        std::uint64_t alone_until = 0;
        bool free(std::uint64_t now_ms) const
        {
            return busy_until <= now_ms && alone_until <= now_ms;
        }
    };
    /// A snapshot that somebody offers.
    struct Candidate {
        ledger::Height height;
        std::set<ledger::PublicKey> providers;
        std::optional<ledger::SnapshotManifest> manifest;
        ledger::PublicKey manifest_from;
        bool verified = false;
        std::uint64_t verified_at = 0;
    };
    struct AskedChunk {
        ledger::PublicKey peer;
        std::uint64_t deadline = 0;
    };

    void advance(std::uint64_t now_ms, SnapshotActions& actions);
    void ask_list(const ledger::PublicKey& name, Peer& peer, std::uint64_t now_ms,
                  SnapshotActions& actions) const;
    void ask_manifests(std::uint64_t now_ms, SnapshotActions& actions);
    void choose(std::uint64_t now_ms, SnapshotActions& actions);
    void ask_chunks(std::uint64_t now_ms, SnapshotActions& actions);
    const ledger::PublicKey* best_provider(std::uint64_t now_ms) const;
    void take_list(const ledger::PublicKey& from, const SnapshotList& list);
    void take_manifest(const ledger::PublicKey& from, SnapshotManifestReply reply,
                       std::uint64_t now_ms, SnapshotActions& actions);
    /// False, with a drop, when the manifest is proven wrong.
    bool verify(Candidate& candidate, std::uint64_t now_ms, SnapshotActions& actions);
    /// Whether somebody who has it may be asked.
    bool usable(const Candidate& candidate, std::uint64_t now_ms) const;
    void strike(Peer& peer, std::uint64_t now_ms) const;
    void leave_alone(Peer& peer, std::uint64_t now_ms) const;
    void drop(const ledger::PublicKey& name, std::string why, SnapshotActions& actions);
    void forget(const ledger::PublicKey& name);
    void no_longer_offered(const ledger::Hash& id, const ledger::PublicKey& name);
    void release_chunks_of(const ledger::PublicKey& name);
    void give_up_chosen();

    SnapshotSyncLimits limits_;
    ledger::Height above_;
    const TrustedEpochs& epochs_;
    ledger::consensus::CertificateChecker checker_;
    std::map<ledger::PublicKey, Peer> peers_;
    std::map<ledger::Hash, Candidate> candidates_;
    std::optional<ledger::Hash> chosen_;
    bool started_ = false;
    std::vector<bool> have_;  ///< chunks given out to be kept
    std::map<std::size_t, AskedChunk> asked_;
    std::size_t missing_ = 0;
    bool complete_ = false;
};

}  // namespace node
