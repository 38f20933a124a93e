#pragma once

#include "training/batches/batch.hpp"
#include "training/batches/order.hpp"
#include "training/recipe/recipe.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace training {

/// Reads and augments the batches of the next steps on a thread of its own, so that computing does
/// not wait for files. `source` must outlive it. One caller at a time.
class Prefetch {
public:
    struct Options {
        AugmentOptions augment;
        std::uint64_t seed = 1;
        std::size_t ahead = 4;  ///< batches held at most, at least 1
        /// Each batch is cut into so many shards, in the order of its samples: shard r of k has
        /// those from size * r / k up to size * (r + 1) / k, and may be empty.
        std::uint32_t shards = 1;
        std::optional<std::uint32_t> only;  ///< no other shard is read
    };

    /// The batches of steps from `first` up to and without `end`.
    Prefetch(const samples::Source& source, Order order, Options options, std::uint64_t first,
             std::uint64_t end);
    ~Prefetch();
    Prefetch(const Prefetch&) = delete;
    Prefetch& operator=(const Prefetch&) = delete;

    /// The batch of the next step, as the shards that were asked for; waits for it. After an error,
    /// and after the last, the same error again.
    ledger::Result<std::vector<Batch>> next();
    /// How long `next` has waited in all: what reading costs a training.
    std::chrono::steady_clock::duration waited() const { return waited_; }

private:
    void work();
    ledger::Result<std::vector<Batch>> made(std::uint64_t step);
    ledger::Result<Batch> shard(std::span<const std::uint64_t> which, std::uint64_t epoch) const;

    const samples::Source& source_;
    Order order_;
    Options options_;
    std::uint64_t next_;
    std::uint64_t end_;
    std::chrono::steady_clock::duration waited_{};

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<ledger::Result<std::vector<Batch>>> ready_;
    bool stops_ = false;
    bool ended_ = false;
    std::thread thread_;
};

}  // namespace training
