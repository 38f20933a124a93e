#pragma once

#include "bench/load/ledger_network.hpp"
#include "ledger/disk/disk.hpp"
#include "node/app/peer_bridge.hpp"

#include <condition_variable>
#include <filesystem>
#include <mutex>

namespace bench {

/// What is final on one node; others wait for it.
class Finals {
public:
    void add(std::size_t count, std::uint64_t height);
    void wait_for(std::size_t count);
    bool wait_for_height(std::uint64_t height, std::chrono::seconds patience);
    std::size_t count() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t count_ = 0;
    std::uint64_t height_ = 0;
};

/// A whole node but for HTTP: store and log on disk, the ledger's thread, the peers' thread with
/// TLS on loopback. Checks everything itself.
class NetMember {
public:
    struct Wanted {
        std::filesystem::path folder;
        const ledger::People& people;
        std::uint32_t validators{};
        std::uint32_t index{};  ///< from `validators` on it is a follower
    };
    explicit NetMember(const Wanted&);
    ~NetMember();

    void start();
    void dial(const NetMember&);
    std::size_t peers() const { return network_->peers().size(); }
    std::uint64_t height() const { return service_->head()->header.height.value; }
    void submit(ledger::Bytes, std::atomic<std::size_t>& refused);
    Finals& finals() { return finals_; }
    const market::Network& network() const { return *chain_network_; }
    std::uint64_t bytes_out() const;
    /// What the log has written so far.
    node::LedgerService::Progress progress() const { return service_->progress(); }

private:
    ledger::PosixDisk disk_;
    ledger::SystemRandom random_;
    ledger::SystemRandom peer_random_;
    node::SystemClock clock_;
    std::unique_ptr<ledger::BlockStore> store_;
    std::unique_ptr<market::Network> chain_network_;
    std::unique_ptr<node::Chain> chain_;
    node::PeerBridge bridge_;
    std::unique_ptr<node::PeerNetwork> network_;
    std::unique_ptr<node::LedgerService> service_;
    Finals finals_;
};

}  // namespace bench
