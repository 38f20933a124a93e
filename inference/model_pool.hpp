#pragma once

#include "inference/engine.hpp"
#include "inference/statistics.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace inference {

struct PoolRequest {
    std::vector<Tensor> inputs;
    std::vector<std::string> outputs;  ///< none means all
    RunControl control;
};

struct PoolAnswer {
    Result<std::vector<Tensor>, InferError> outcome;
    std::chrono::nanoseconds queue{};  ///< from submit to the start of the run
    RunTiming timing;
};

struct PoolOptions {
    unsigned workers = 1;
    /// Requests that wait, beside those that run.
    std::size_t queue_slots = 64;
    /// One Model for all workers: less memory, and slower for small models.
    bool share_model = false;
};

/// Runs one model on its own threads behind a bounded queue. Requests that are cancelled or whose
/// deadline is over by the time a worker is free are answered without being run.
class ModelPool {
public:
    using Done = std::function<void(PoolAnswer)>;

    /// One model for each worker, or one for all. `models` must not be empty.
    ModelPool(std::vector<std::unique_ptr<Model>> models, const PoolOptions& options);
    static Result<std::unique_ptr<ModelPool>> open(Engine& engine, ByteView file,
                                                   const PoolOptions& options,
                                                   const LoadOptions& load = {});
    /// As close().
    ~ModelPool();
    ModelPool(const ModelPool&) = delete;
    ModelPool& operator=(const ModelPool&) = delete;

    /// Queues the request, or says `busy` or `closed` at once; then `done` is not called.
    /// Otherwise `done` is called exactly once, on a worker or in a later submit or close.
    [[nodiscard]] Result<void, InferError> submit(PoolRequest request, Done done);

    /// Takes no more requests, answers those that wait with `closed` and lets the running ones
    /// finish.
    void close();

    const ModelSummary& summary() const { return models_.front()->summary(); }
    PoolStats stats() const;

private:
    struct Job {
        PoolRequest request;
        Done done;
        std::chrono::steady_clock::time_point submitted;
    };
    struct Ended {
        Job job;
        InferError why;
    };

    void work(Model& model);
    std::optional<Job> next(std::vector<Ended>& ended);
    void take_out_the_dead(std::vector<Ended>& ended);
    void answer(Job job, Result<RunOutput, InferError> result,
                std::chrono::steady_clock::time_point started);
    static void answer_all(std::vector<Ended>& ended);

    const std::vector<std::unique_ptr<Model>> models_;
    const PoolOptions options_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> queue_;
    PoolStats stats_;
    bool closing_ = false;
    std::mutex joining_;
    std::vector<std::thread> workers_;
};

}  // namespace inference
