#pragma once

#include "inference/batch_queue.hpp"
#include "inference/pool_options.hpp"
#include "inference/pool_request.hpp"
#include "inference/statistics.hpp"
#include "inference/watchdog.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace inference {

/// Runs one model on its own threads behind a bounded queue. Requests that are cancelled or whose
/// deadline is over by the time a worker is free are answered without being run; those that wait
/// and fit together share a run. What a request gets does not depend on who shared its run: a
/// joined run that fails is repeated for each request alone.
class ModelPool {
public:
    using Done = PoolDone;

    /// One model for each worker, or one for all. `models` must not be empty. Joins requests up to
    /// options.batch.max_rows, so they must be known to allow it; open() finds that out.
    ModelPool(std::vector<std::unique_ptr<Model>> models, const PoolOptions& options,
              LoadFacts facts = {});

    /// Loads, warms up, and where joined runs are asked for tests that they give the same bits as
    /// single ones; up to how many rows they did is in the facts, and more are not joined. The
    /// error says what the engine refused, or how the warm-up failed.
    static Result<std::unique_ptr<ModelPool>> open(Engine& engine, ByteView file,
                                                   const PoolOptions& options,
                                                   const LoadOptions& load = {});
    /// As close().
    ~ModelPool();
    ModelPool(const ModelPool&) = delete;
    ModelPool& operator=(const ModelPool&) = delete;

    /// Queues the request, or says `busy` or `closed` at once; then `done` is not called.
    /// Otherwise `done` is called exactly once: on a worker, in a later submit or close, on the
    /// thread that cancels the request while its run is shared, or on a watchdog's. It must be
    /// short and not wait for the pool.
    [[nodiscard]] Result<void, InferError> submit(PoolRequest request, Done done);

    /// Takes no more requests, answers those that wait with `closed` and lets the running ones
    /// finish.
    void close();

    const ModelSummary& summary() const { return models_.front()->summary(); }
    bool ready() const { return models_.front()->ready(); }
    PoolStats stats() const;

private:
    using Instant = PoolJob::Instant;
    using Ended = std::vector<BatchQueue::Ended>;

    void work(Model& model);
    std::vector<PoolJob> next(Ended& ended);
    void run_alone(Model& model, PoolJob job);
    void run_joined(Model& model, std::vector<PoolJob> jobs);
    void answer(PoolJob job, Result<std::vector<Tensor>, InferError> outcome, Instant started,
                const RunTiming& timing, std::uint64_t run_rows, bool first);
    void count_run(std::uint64_t rows, const RunTiming& timing);
    void count_ended(const BatchQueue::Ended& ended, Instant now);
    void answer_ended(Ended& ended);

    const std::vector<std::unique_ptr<Model>> models_;
    const PoolOptions options_;
    std::optional<Watchdog> watchdog_;  ///< where runs are shared
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    BatchQueue queue_;
    PoolStats stats_;
    bool closing_ = false;
    std::mutex joining_;
    std::vector<std::thread> workers_;
};

}  // namespace inference
