#pragma once

#include "ledger/base/result.hpp"
#include "node/sync/snapshot_messages.hpp"

#include <map>
#include <vector>

namespace node {

/// The snapshots this node has.
class SnapshotLibrary {
public:
    virtual ~SnapshotLibrary() = default;
    /// The newest first.
    virtual std::vector<SnapshotOffer> offers() const = 0;
    virtual ledger::Result<ledger::SnapshotManifest> manifest(const ledger::Hash& id) const = 0;
    virtual ledger::Result<ledger::Bytes> chunk(const ledger::Hash& id,
                                                std::size_t index) const = 0;
};

struct SnapshotServerLimits {
    std::size_t peers = 1'024;  ///< whose allowance is remembered
    /// Of manifests and chunks, for one peer and for all: who asks for a chunk above that is told
    /// to be busy, and who goes on asking for manifests, that there is none. The burst is of two
    /// seconds, and at least one chunk.
    std::uint64_t peer_bytes_per_s = std::uint64_t{8} << 20;
    std::uint64_t all_bytes_per_s = std::uint64_t{32} << 20;
};

/// Answers what peers ask about snapshots, one answer to each question. Decides only; reading is
/// the library's. One thread; `now_ms` never goes back.
class SnapshotServer {
public:
    SnapshotServer(const SnapshotLibrary& library, SnapshotServerLimits limits)
        : library_{library}, limits_{limits}
    {
    }

    /// The payload of the answer. `invalid` or `full` when the question is none: its sender is at
    /// fault. What the disk refuses looks to peers as if it were not there.
    ledger::Result<ledger::Bytes> on_get_snapshot(const ledger::PublicKey& from,
                                                  ledger::ByteView payload, std::uint64_t now_ms);
    ledger::Result<ledger::Bytes> on_get_chunk(const ledger::PublicKey& from,
                                               ledger::ByteView payload, std::uint64_t now_ms);
    void remove_peer(const ledger::PublicKey& peer) { peers_.erase(peer); }

private:
    /// Bytes that may go out now; refilled by time. Chunks take it below zero by one of them,
    /// manifests by as much as the burst and one of them.
    struct Allowance {
        std::int64_t bytes{};
        std::uint64_t filled_ms{};
    };
    static void refill(Allowance& allowance, std::uint64_t per_s, std::uint64_t now_ms);
    /// The peer's, both refilled; null where too many are remembered.
    Allowance* allowance_of(const ledger::PublicKey& peer, std::uint64_t now_ms);
    void spend(Allowance& peer, std::size_t bytes);

    const SnapshotLibrary& library_;
    SnapshotServerLimits limits_;
    std::map<ledger::PublicKey, Allowance> peers_;
    Allowance all_;
    bool began_ = false;
};

}  // namespace node
