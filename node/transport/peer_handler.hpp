#pragma once

#include "node/transport/drop_reason.hpp"
#include "node/transport/inbound_budget.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace node {

/// A frame with the memory it may hold. Keep it as long as its bytes are needed and no longer:
/// a peer whose frames nobody lets go of is not read from.
struct InboundFrame {
    Frame frame;
    InboundBudget::Lease shared = {};
    InboundBudget::Lease own = {};
};

/// A connected peer, as a snapshot.
struct PeerInfo {
    ledger::PublicKey key;
    NetAddress address;
    ConnectionUse use{};
    bool we_dialled{};
    std::uint64_t epoch{};     ///< as its Hello said
    std::uint64_t features{};  //
    std::chrono::milliseconds connected_for{};
    std::optional<std::chrono::milliseconds> round_trip = {};  ///< of the last ping
    std::uint64_t bytes_in{}, bytes_out{};
    std::uint64_t frames_in{}, frames_out{};
    std::uint64_t dropped_in{};   ///< above its allowance
    std::uint64_t dropped_out{};  ///< it read too slowly
    std::size_t queued_bytes{};
    std::int64_t score{};  ///< in thousandths
};

/// A connection that ended, for a log.
struct ConnectionEnd {
    std::optional<ledger::PublicKey> key = {};  ///< where it was proved
    NetAddress address;
    bool we_dialled{};
    bool was_connected{};  ///< `connected` had been called
    DropReason reason{};
    std::string detail = {};  ///< the peer's own word, printable ASCII; may be a lie
};

/// Who hears what peers say. Every call comes from the network's thread and must not block.
class PeerHandler {
public:
    virtual ~PeerHandler() = default;
    virtual void connected(const PeerInfo& peer) = 0;
    virtual void received(const ledger::PublicKey& from, InboundFrame frame) = 0;
    /// Of a connection that `connected` told about, or of one that never came to be.
    virtual void ended(const ConnectionEnd& end) = 0;
};

}  // namespace node
