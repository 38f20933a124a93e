#pragma once

#include "node/transport/handshake_gate.hpp"
#include "node/transport/token_bucket.hpp"
#include "node/transport/write_queues.hpp"

#include <chrono>
#include <cstddef>

namespace node {

/// What peers can make the network do.
struct NetworkLimits {
    HandshakeLimits handshakes = {};
    PeerRates rates = {};
    WriteLimits writes = {};
    std::chrono::milliseconds handshake_time{5'000};  ///< from the first byte to the Hello
    /// A frame, in or out, may take `frame_grace` and a second per `bytes_per_second`.
    std::chrono::milliseconds frame_grace{10'000};
    std::size_t bytes_per_second = 64 * 1024;
    std::chrono::milliseconds idle_time{20'000};    ///< nothing received: ping
    std::chrono::milliseconds pong_time{20'000};    ///< for its answer
    std::size_t inbound_bytes = 256 * 1024 * 1024;  ///< of all peers together
    std::size_t inbound_bytes_of_peer = 24 * 1024 * 1024;
    std::size_t frame_overhead = 256;               ///< what a frame costs beside its payload
    std::chrono::milliseconds goodbye_time{1'000};  ///< to write our last word and see it taken
    std::chrono::milliseconds room_time{10'000};    ///< waiting for inbound memory
    std::size_t outbox_bytes = 64 * 1024 * 1024;    ///< handed to `send`, not yet queued
    std::chrono::milliseconds dial_period{500};     ///< between looks for peers to dial
    std::chrono::milliseconds save_period{300'000};
};

}  // namespace node
