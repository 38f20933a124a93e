#pragma once

#include "ledger/disk/folder_lock.hpp"
#include "node/app/config.hpp"
#include "node/app/home.hpp"
#include "node/core/snapshots.hpp"
#include "node/env/clock.hpp"
#include "node/http/metrics.hpp"
#include "node/http/server.hpp"
#include "node/sync/snapshot_fetch.hpp"
#include "node/transport/peer_network.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace node {

/// What a node does before it is one, with `consensus.sync` = "snapshot" and a home without a
/// ledger: fetches a proven snapshot from peers, and makes it the ledger. Chunks that are here
/// survive any end of the process. Where no peer has one within a minute, blocks have to do.
///
/// While it runs, HTTP answers /healthz (503), /v1/status and /metrics.
class FirstSync final : private PeerHandler {
public:
    /// Whether there is anything to do; removes what a finished one has left.
    static Result<bool> is_wanted(const Home&, const Config&);
    static Result<std::unique_ptr<FirstSync>> start(const Home&, const Config&);
    /// Ends it; what is there stays.
    ~FirstSync() override;

    /// Waits so long; whether it has ended by itself.
    bool ended(std::chrono::milliseconds wait);
    /// How it ended: with a ledger, or without one that could be had. Errors are the disk's.
    Result<void> outcome() const;
    void stop();

    static constexpr std::size_t waiting_frames = 1'024;

private:
    struct Event {
        enum class Kind { connected, frame, gone } kind{};
        ledger::PublicKey peer;
        InboundFrame frame = {};
    };
    FirstSync(const Home&, const Config&);
    Result<void> open(const Home&, const Config&);
    Result<void> open_http(const Config&);

    void connected(const PeerInfo& peer) override;
    void received(const ledger::PublicKey& from, InboundFrame frame) override;
    void ended(const ConnectionEnd& end) override;
    void post(Event);

    void run();
    void handle(Event&, std::uint64_t now_ms);
    SnapshotFetch::Port fetch_port();
    ledger::Result<void> restore(ledger::SnapshotCollection&,
                                 const std::vector<ledger::consensus::EpochProof>& seals);
    void tell_progress(std::uint64_t now_ms);
    void end(Result<void> how);

    const Home home_;
    SystemClock clock_;
    ledger::SystemRandom random_;
    ledger::PosixDisk disk_;
    ledger::consensus::SchnorrVerifier verifier_;
    std::unique_ptr<ledger::FolderLock> lock_;
    std::unique_ptr<market::Network> network_;
    std::optional<ledger::ConsensusKey> key_;
    ledger::RestorePlace place_;
    std::unique_ptr<SealChain> seals_;
    std::unique_ptr<SnapshotFetch> fetch_;
    std::uint64_t told_ms_ = 0;

    struct Progress {
        std::atomic<std::uint64_t> height, chunks, missing, epoch, refuted;
    } progress_{};
    Metrics metrics_;
    std::unique_ptr<Router> router_;
    std::unique_ptr<Server> server_;
    std::unique_ptr<PeerNetwork> peer_network_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Event> events_;
    bool stopping_ = false;
    std::optional<Result<void>> outcome_;
    std::thread thread_;
};

}  // namespace node
