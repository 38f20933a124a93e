#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace inference {

/// How a pool came to be.
struct LoadFacts {
    std::chrono::nanoseconds load{};       ///< reading the file and making every copy
    std::chrono::nanoseconds warm_up{};    ///< the first runs
    std::chrono::nanoseconds self_test{};  ///< whether requests may share a run
    std::uint64_t memory_bytes = 0;        ///< of all copies, beside what runs need
    std::string provider;                  ///< what runs it: "cpu", "cuda"; empty: not known
    std::uint64_t batch_rows = 1;          ///< most rows of requests that share a run; 1: none do
    std::string why_not_more;              ///< where batch_rows is below what was asked for
};

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
    /// For each request, of the whole run where it shared one.
    Duration queue, compute_input, compute_infer, compute_output;
    std::uint64_t inference_count = 0;  ///< items: a request with a batch of 8 counts 8
    std::uint64_t execution_count = 0;  ///< runs
    std::uint64_t rejected = 0;         ///< queue full, or waited longer than is allowed
    std::uint64_t cancelled = 0;        ///< stopped by the caller, before or while running
    std::uint64_t expired = 0;          ///< deadline over, before or while running
    std::size_t waiting = 0, running = 0;
    std::optional<std::chrono::steady_clock::time_point> last_inference;

    struct Runs {
        Duration compute_input, compute_infer, compute_output;
    };
    /// Runs by their rows, as `counted_rows` names them.
    std::map<std::uint64_t, Runs> batches;
    LoadFacts loading;

    /// Callers choose the rows, so sizes above 256 are counted under the next power of two.
    static std::uint64_t counted_rows(std::uint64_t rows)
    {
        if (rows <= 256) return rows;
        return std::bit_ceil(std::min(rows, std::uint64_t{1} << 62));
    }
};

}  // namespace inference
