#pragma once

#include "node/transport/peer_network.hpp"
#include "node/transport/session.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

/// The inside of PeerNetwork, for its own sources.
namespace node {

/// Everything but what is marked otherwise belongs to the network's thread.
struct PeerNetwork::Parts : SessionHost {
    Parts(PeerNetworkConfig config_given, ledger::SecretKey peer_key, const Clock& clock_given,
          ledger::Random& random_given, PeerHandler& handler_given)
        : config{std::move(config_given)},
          secret{std::move(peer_key)},
          key{ledger::public_key(secret)},
          clock{clock_given},
          random{random_given},
          handler{handler_given},
          nonce{random.next_u64()},
          manager{config.peer_limits, key, config.genesis, random},
          gate{config.limits.handshakes},
          budget{std::make_shared<InboundBudget>(config.limits.inbound_bytes)},
          steady_start{clock.now()},
          wall_start{clock.wall()}
    {
        for (const auto& peer : config.peers) manager.add_fixed(peer.key, peer.address);
    }

    // SessionHost
    Hello our_hello(const Session& session) const override;
    std::optional<DropReason> admit(Session& session) override;
    void ready(Session& session) override;
    void received(Session& session, InboundFrame frame) override;
    void measured(Session& session, std::chrono::milliseconds round_trip) override;
    void ended(Session& session) override;

    ledger::Result<void> listen();
    void load_file();
    void save_file();
    asio::awaitable<void> accept();
    void begin(Session::Socket socket, const NetAddress& address, std::optional<DialOrder> dial);
    void tick();
    void schedule_tick();
    void misbehaved(Session& session, DropReason reason);
    void leave(Session& session, DropReason reason);
    std::optional<DropReason> handle_addresses(Session& session, const Frame& frame);
    void count(DropReason reason) { ++ended_by[static_cast<std::size_t>(reason)]; }
    void take_snapshot();
    bool post_frame(SharedFrame frame, std::function<void(const SharedFrame&)> action);
    /// The wall clock of the start and the steady time since: it never goes back.
    ledger::TimeMs now() const
    {
        const auto passed =
            std::chrono::duration_cast<std::chrono::milliseconds>(clock.now() - steady_start);
        return {wall_start.value + static_cast<std::uint64_t>(passed.count())};
    }
    Session* find(const ledger::PublicKey& peer)
    {
        const auto found = by_key.find(peer);
        return found == by_key.end() ? nullptr : found->second;
    }

    PeerNetworkConfig config;
    ledger::SecretKey secret;
    ledger::PublicKey key;
    const Clock& clock;
    ledger::Random& random;
    PeerHandler& handler;
    std::uint64_t nonce;
    std::uint64_t epoch = 0;
    PeerManager manager;
    HandshakeGate gate;
    std::shared_ptr<InboundBudget> budget;
    Clock::Steady steady_start;
    ledger::TimeMs wall_start;
    NetAddress local;
    std::optional<AddressRecord> own_record;

    asio::io_context io{1};
    asio::ip::tcp::acceptor acceptor{io};
    asio::steady_timer ticks{io};
    std::shared_ptr<TlsContext> tls;
    std::map<std::uint64_t, std::shared_ptr<Session>> sessions;
    std::map<ledger::PublicKey, Session*> by_key;
    std::uint64_t next_id = 1;
    Clock::Steady next_dials{}, next_snapshot{}, next_save{};
    bool stopping = false;
    std::thread thread;

    std::array<std::atomic<std::uint64_t>, drop_reasons> ended_by{};
    std::atomic<std::uint64_t> accepted{0}, dialled{0}, connected{0}, refused_sends{0},
        not_announced{0}, not_served{0};
    std::atomic<std::size_t> outbox{0};
    mutable std::mutex mutex;  ///< of what follows
    std::vector<PeerInfo> snapshot;
    bool alarm = false;
    std::optional<ledger::Error> problem;
};

}  // namespace node
