#pragma once

#include "node/blobs/batch_counts.hpp"
#include "node/blobs/store/batch_store.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace node {

struct ScrubLimits {
    std::uint64_t bytes_per_second = std::uint64_t{4} << 20;  ///< 0: none is read
    std::uint64_t step_chunks = 8;
    std::chrono::seconds rest{60};  ///< after all batches, and where there are none
};

/// Reads all batches over and over, slowly, so that damage is found while others still have what
/// was lost.
class Scrubber {
public:
    /// Told, on the scrubber's thread, where something was thrown away. The referred-to must
    /// outlive this.
    using Lost = std::function<void(const ledger::Hash& root)>;
    Scrubber(BatchStore& store, BatchCounts& counts, const ScrubLimits& limits, Lost lost);
    /// As stop().
    ~Scrubber();

    void start();
    void stop();

    /// One step of the round; how long to wait before the next. For the thread, and for tests.
    std::chrono::nanoseconds step();

private:
    void run();

    BatchStore& store_;
    BatchCounts& counts_;
    const ScrubLimits limits_;
    const Lost lost_;
    std::optional<ledger::Hash> root_;  ///< that is being read
    std::optional<ledger::Hash> last_;  ///< that was read before
    std::uint64_t next_ = 0;
    bool is_lost_ = false;  ///< something of this batch
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace node
