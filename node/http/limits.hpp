#pragma once

#include <chrono>
#include <cstddef>

namespace node {

/// What a stranger can make the HTTP server do.
struct HttpLimits {
    std::size_t head_bytes = 16 * 1024;  ///< request line and fields: 431 above
    std::size_t head_fields = 100;       ///< 431 above
    std::chrono::milliseconds head_time{
        10'000};  ///< from the first byte of a head to its last: 408
    std::chrono::milliseconds idle_time{60'000};  ///< between requests: closed

    /// A body may take `body_grace` and one second per `body_bytes_per_second` received: 408.
    /// The same rule bounds how slowly an answer may be taken: the connection is closed.
    std::chrono::milliseconds body_grace{10'000};
    std::size_t body_bytes_per_second = 64 * 1024;

    std::size_t drain_bytes = 1024 * 1024;  ///< of a body that nobody reads, after the answer
    std::chrono::milliseconds drain_time{2'000};

    std::size_t connections = 1024;             ///< 503 and closed above
    std::size_t connections_per_address = 256;  ///< the same; an IPv6 /64 counts as one address
    /// Above seven eighths of `connections` each newcomer ends the one that has been idle the
    /// longest, but none that has been for less than this.
    std::chrono::milliseconds spared{1'000};

    /// Requests answered out of one read before other connections have their turn. How many can
    /// wait is bounded by head_bytes: nothing is read while a request is being handled.
    std::size_t pipelined_at_once = 16;

    std::size_t websocket_message_bytes = 64 * 1024;  ///< from the caller
};

}  // namespace node
