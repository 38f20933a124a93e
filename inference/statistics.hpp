#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace inference {

/// The statistics of the Open Inference Protocol (Triton's extension).
struct PoolStats {
    struct Duration {
        std::uint64_t count = 0;
        std::chrono::nanoseconds total{};
        void add(std::chrono::nanoseconds more)
        {
            ++count;
            total += more;
        }
    };
    Duration success, fail;  ///< from submit to the answer
    Duration queue, compute_input, compute_infer, compute_output;
    std::uint64_t inference_count = 0;  ///< items: a request with a batch of 8 counts 8
    std::uint64_t execution_count = 0;  ///< runs
    std::uint64_t rejected = 0;         ///< queue full
    std::uint64_t cancelled = 0;        ///< stopped by the caller, before or while running
    std::uint64_t expired = 0;          ///< deadline over, before or while running
    std::size_t waiting = 0, running = 0;
    std::optional<std::chrono::steady_clock::time_point> last_inference;
};

}  // namespace inference
