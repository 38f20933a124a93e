#pragma once

#include "ledger/base/result.hpp"
#include "ledger/store/journal.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ledger {

struct GroupLimits {
    std::size_t queued_batches = 65536;
    std::size_t queued_bytes = std::size_t{256} << 20;
    /// How long a commit waits for as many batches as lately came together. A sync costs the
    /// processor as much as several small batches, so callers who are many share one; a caller who
    /// is alone never waits (PostgreSQL's commit_delay and commit_siblings).
    std::chrono::microseconds gather{1000};
};

/// Lets many threads share a sync: its own thread commits everything that was queued while the
/// last commit ran and, where several were, shortly after it; then it tells each of them.
class GroupCommitter {
public:
    using Done = std::function<void(Result<void>)>;

    /// `journal` must outlive this, and nobody else may commit to it.
    explicit GroupCommitter(Journal& journal, const GroupLimits& limits = {});
    /// Commits what is queued, calls every `done`, then ends.
    ~GroupCommitter();
    GroupCommitter(const GroupCommitter&) = delete;
    GroupCommitter& operator=(const GroupCommitter&) = delete;

    /// Any thread, never waits. Batches are committed in the order of the calls. `done` is called
    /// once, on the committer's thread, in that order too: with success when the batch is durable,
    /// with `full` when the queue is (then on the caller's thread, nothing having been queued),
    /// with the journal's error otherwise. It should be short and must not throw.
    void commit(JournalBatch batch, Done done);

    /// The same, waiting.
    [[nodiscard]] Result<void> commit_and_wait(JournalBatch batch);

private:
    void run();

    Journal& journal_;
    GroupLimits limits_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<JournalBatch> batches_;  ///< batches_[i] belongs to dones_[i]
    std::vector<Done> dones_;
    std::size_t bytes_ = 0;
    std::size_t awaited_ = 1;  ///< that many batches are worth a sync at once
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace ledger
