#pragma once

#include "ledger/crypto/random.hpp"
#include "node/env/clock.hpp"
#include "node/transport/network_limits.hpp"
#include "node/transport/peer_handler.hpp"

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace node {

/// A peer of the operator's list.
struct FixedPeer {
    ledger::PublicKey key;
    NetAddress address;
};

struct PeerNetworkConfig {
    ledger::ChainId chain_id;
    ledger::BlockId genesis;
    NetAddress listen;  ///< port 0: any free one
    bool listens = true;
    std::vector<NetAddress> advertised = {};  ///< told to others; empty: nobody is told
    std::vector<FixedPeer> peers = {};
    std::filesystem::path file = {};  ///< of addresses, bans, anchors; empty: nothing is kept
    NetworkLimits limits = {};
    PeerLimits peer_limits = {};
    std::uint64_t features = 0;
};

struct NetworkCounters {
    std::array<std::uint64_t, drop_reasons> ended{};  ///< by DropReason
    std::uint64_t accepted = 0;  ///< TCP connections that passed the handshake gate
    std::uint64_t dialled = 0;
    std::uint64_t connected = 0;      ///< that got through TLS, Hello and admission
    std::uint64_t refused_sends = 0;  ///< the outbox was full
    std::uint64_t not_announced = 0;  ///< broadcasts kept from peers with a bad score
    std::uint64_t not_served = 0;     ///< requests of peers with a worse one
    std::uint64_t of(DropReason reason) const { return ended[static_cast<std::size_t>(reason)]; }
};

/// The connections to all peers: listens, dials by the peer manager's orders, checks who is
/// there, moves frames. Owns one thread; every public function may be called from any thread.
/// Handler, clock and random source must outlive it; the random source is used by its thread
/// and, before `start`, by the constructor.
class PeerNetwork {
public:
    PeerNetwork(PeerNetworkConfig config, ledger::SecretKey peer_key, const Clock& clock,
                ledger::Random& random, PeerHandler& handler);
    /// Stops when `stop` was not called.
    ~PeerNetwork();
    PeerNetwork(const PeerNetwork&) = delete;
    PeerNetwork& operator=(const PeerNetwork&) = delete;

    /// Reads the file, binds, listens and starts the thread. Errors: unavailable (port in use),
    /// denied, io. A file that cannot be used is not one: see `file_problem`.
    ledger::Result<void> start();
    /// Why the file of peers was not used or could not be written, the last time.
    std::optional<ledger::Error> file_problem() const;
    /// Where it listens; valid after `start`.
    NetAddress local() const;
    const ledger::PublicKey& key() const;

    /// Queues a message for a peer. False: so much waits already that it was not taken. Nothing
    /// is said about a peer that is not connected, or a queue that overflows later.
    bool send(const ledger::PublicKey& to, MessageKind kind, ledger::ByteView payload);
    /// The same to all but `except` whose Hello has all of `features`; transactions only to peers
    /// that want them and deserve them.
    bool broadcast(MessageKind kind, ledger::ByteView payload,
                   const std::optional<ledger::PublicKey>& except = {}, std::uint64_t features = 0);

    /// What the protocols above saw of a peer.
    void record(const ledger::PublicKey& peer, Deed deed);
    /// For what it signed itself. Peers with a reserved slot are only disconnected.
    void ban(const ledger::PublicKey& peer, std::string reason);
    void disconnect(const ledger::PublicKey& peer);
    void set_validators(std::set<ledger::PublicKey> peer_keys);
    /// Stands in the Hellos from now on.
    void set_epoch(std::uint64_t epoch);
    void add_fixed_peer(const FixedPeer& peer);

    /// As of the last change, or at most a second ago.
    std::vector<PeerInfo> peers() const;
    NetworkCounters counters() const;
    std::size_t inbound_bytes() const;
    /// All peers lie in one netgroup.
    bool eclipse_alarm() const;

    /// Ends all connections, saves the file, joins the thread. Frames given to the handler stay
    /// valid. Not from the handler.
    void stop();

private:
    struct Parts;  // network_parts.hpp
    std::unique_ptr<Parts> parts_;
};

}  // namespace node
