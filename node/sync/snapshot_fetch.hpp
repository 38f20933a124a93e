#pragma once

#include "ledger/snapshot/restore.hpp"
#include "node/sync/seal_chain.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace node {

/// A snapshot on its way into a home without a ledger, from the first peer to the last chunk: what
/// SnapshotSync decides is sent, kept in `place`, and at the end restored. What an earlier one has
/// left there serves again. Knows no clock and no socket; its disk is the home's. One thread;
/// `now_ms` never goes back; everything given must outlive it.
class SnapshotFetch {
public:
    struct Port {
        std::function<void(const ledger::PublicKey& to, MessageKind, ledger::ByteView)> send;
        /// It sent what it must not, and is not asked again, though it may connect.
        std::function<void(const ledger::PublicKey&, const std::string& why)> misbehaved;
        enum class Weight { info, warning };
        std::function<void(Weight, const std::string&)> say;
        /// Makes the ledger of all the chunks and of the seals that lead to their epoch. `corrupt`
        /// where chunks are missing afterwards: they are fetched again.
        std::function<ledger::Result<void>(ledger::SnapshotCollection&,
                                           const std::vector<ledger::consensus::EpochProof>&)>
            restore;
    };
    struct Progress {
        std::uint64_t height = 0;  ///< of the snapshot; 0 before one is chosen
        std::uint64_t chunks = 0;
        std::uint64_t missing = 0;
        std::uint64_t epoch = 0;  ///< the newest that seals lead to
        std::uint64_t refuted = 0;
        std::uint64_t peers = 0;
        bool is_chosen = false;
    };
    /// From when somebody is connected, for one of them to show a snapshot that proves itself.
    static constexpr std::uint64_t patience_ms = 60'000;
    static constexpr std::uint64_t seal_every_ms = 1'000;
    static constexpr std::size_t refuted_peers = 1'024;

    /// Asks for seals up to `least_epoch` before anybody shows that it needs them.
    SnapshotFetch(ledger::Disk& disk, ledger::RestorePlace place, SealChain& seals,
                  std::uint64_t least_epoch, const ledger::consensus::Verifier& verifier,
                  Port port);

    void connected(const ledger::PublicKey& peer, std::uint64_t now_ms);
    void gone(const ledger::PublicKey& peer, std::uint64_t now_ms);
    /// Payloads of message::snapshot and message::snapshot_chunk.
    void received(const ledger::PublicKey& from, MessageKind kind, ledger::ByteView payload,
                  std::uint64_t now_ms);
    void take_seal(const ledger::PublicKey& from, ledger::consensus::EpochProof proof,
                   std::uint64_t now_ms);
    /// Somebody else found that the peer sent what it must not.
    void refute(const ledger::PublicKey& peer, const std::string& why);
    /// Call it a few times a second.
    void tick(std::uint64_t now_ms);

    /// How it ended: the ledger is there, or, with an empty place, no peer had one in time and
    /// blocks have to do. Errors are the disk's. Nothing changes any more once it is there.
    const std::optional<ledger::Result<void>>& outcome() const { return outcome_; }
    Progress progress() const;

private:
    void perform(SnapshotActions, std::uint64_t now_ms);
    void begin_chosen(std::uint64_t now_ms);
    void finish(std::uint64_t now_ms);
    void ask_for_seals(std::uint64_t now_ms);
    void give_up_in_time(std::uint64_t now_ms);
    void end(ledger::Result<void> how);

    ledger::Disk& disk_;
    ledger::RestorePlace place_;
    SealChain& seals_;
    Port port_;
    SnapshotSync sync_;
    std::optional<ledger::SnapshotCollection> chunks_;
    std::uint64_t wanted_epoch_;
    std::optional<std::uint64_t> seals_asked_ms_;
    std::optional<std::uint64_t> give_up_ms_;
    std::set<ledger::PublicKey> peers_;
    std::set<ledger::PublicKey> refuted_;
    std::optional<ledger::Result<void>> outcome_;
};

}  // namespace node
