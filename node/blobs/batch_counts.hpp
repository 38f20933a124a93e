#pragma once

#include <atomic>
#include <cstdint>

namespace node {

/// What moved and what broke since the start, for /metrics. Any thread.
struct BatchCounts {
    std::atomic<std::uint64_t> received_bytes = 0;  ///< of chunks that were put here and good
    std::atomic<std::uint64_t> served_bytes = 0;    ///< of chunks
    std::atomic<std::uint64_t> fetched_bytes = 0;   ///< of chunks, from other nodes
    std::atomic<std::uint64_t> refused_chunks = 0;  ///< put here, and not what their leaf says
    std::atomic<std::uint64_t> scrubbed_bytes = 0;
    std::atomic<std::uint64_t> damaged_chunks = 0;  ///< found by a scrub, and thrown away
};

}  // namespace node
