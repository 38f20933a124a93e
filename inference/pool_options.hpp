#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace inference {

/// Joining requests that wait into one run, along the first dimension.
struct BatchOptions {
    std::uint64_t max_rows = 1;                 ///< of one run; 1: every request runs alone
    std::uint64_t max_bytes = 64u << 20;        ///< of the inputs of one joined run
    std::vector<std::uint64_t> preferred = {};  ///< row counts that go without waiting for more
    /// How long a request may wait for company, and never more than half of the time it has. 0
    /// joins only what waits already, which costs nobody time.
    std::chrono::microseconds delay{};
};

struct PoolOptions {
    unsigned workers = 1;
    /// Requests of one priority that wait, beside those that run.
    std::size_t queue_slots = 64;
    /// One Model for all workers: less memory, and slower for small models.
    bool share_model = false;
    BatchOptions batch = {};
    unsigned priority_levels = 1;
    unsigned default_level = 1;  ///< of requests that name none, or none that there is
    /// Whoever waited longer is answered `busy` instead of being run; 0: no such bound.
    std::chrono::microseconds max_age{};
    /// Of each copy with made-up inputs before the pool is ready; one that fails refuses the load.
    unsigned warm_up_runs = 0;
    /// For warm-up, and again for the test that joined runs give what single runs give.
    std::chrono::milliseconds test_time{30'000};
};

}  // namespace inference
