#include "inference/model_pool.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <utility>

namespace inference {
namespace {

using Clock = std::chrono::steady_clock;

std::optional<InferError> dead(const RunControl& control, Clock::time_point now)
{
    if (control.stop.stop_requested())
        return InferError{InferErrorKind::cancelled, "the request was cancelled while it waited"};
    if (control.deadline && now >= *control.deadline)
        return InferError{InferErrorKind::deadline, "the request's time was over while it waited"};
    return {};
}

InferError closed()
{
    return {InferErrorKind::closed, "the model is being taken down"};
}

}  // namespace

ModelPool::ModelPool(std::vector<std::unique_ptr<Model>> models, const PoolOptions& options)
    : models_{std::move(models)}, options_{options}
{
    ledger::ensure(!models_.empty(), "a pool has a model");
    const auto workers = std::max(1u, options_.workers);
    for (unsigned i = 0; i < workers; ++i)
        workers_.emplace_back([this, i] { work(*models_[i % models_.size()]); });
}

Result<std::unique_ptr<ModelPool>> ModelPool::open(Engine& engine, ByteView file,
                                                   const PoolOptions& options,
                                                   const LoadOptions& load)
{
    const auto copies = options.share_model ? 1 : std::max(1u, options.workers);
    auto models = engine.load_copies(file, copies, load);
    if (!models) return models.error();
    return std::make_unique<ModelPool>(std::move(*models), options);
}

ModelPool::~ModelPool()
{
    close();
}

Result<void, InferError> ModelPool::submit(PoolRequest request, Done done)
{
    std::vector<Ended> ended;
    {
        const std::lock_guard lock{mutex_};
        if (closing_) return closed();
        if (queue_.size() >= options_.queue_slots) take_out_the_dead(ended);
        if (queue_.size() < options_.queue_slots) {
            queue_.push_back({std::move(request), std::move(done), Clock::now()});
        } else {
            ++stats_.rejected;
            return InferError{InferErrorKind::busy, "all " + std::to_string(options_.queue_slots) +
                                                        " places in the queue are taken"};
        }
    }
    changed_.notify_one();
    answer_all(ended);
    return {};
}

void ModelPool::close()
{
    std::vector<Ended> ended;
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
        for (auto& job : queue_) ended.push_back({std::move(job), closed()});
        queue_.clear();
    }
    changed_.notify_all();
    answer_all(ended);
    const std::lock_guard lock{joining_};
    for (auto& worker : workers_)
        if (worker.joinable()) worker.join();
}

PoolStats ModelPool::stats() const
{
    const std::lock_guard lock{mutex_};
    auto stats = stats_;
    stats.waiting = queue_.size();
    return stats;
}

void ModelPool::work(Model& model)
{
    for (;;) {
        std::vector<Ended> ended;
        auto job = next(ended);
        answer_all(ended);
        if (!job) {
            const std::lock_guard lock{mutex_};
            if (closing_) return;
            continue;
        }
        const auto started = Clock::now();
        auto result = model.run(job->request.inputs, job->request.outputs, job->request.control);
        answer(std::move(*job), std::move(result), started);
    }
}

// Empty when the dead should be answered first, or the pool closes.
std::optional<ModelPool::Job> ModelPool::next(std::vector<Ended>& ended)
{
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (closing_) return {};
    auto job = std::move(queue_.front());
    queue_.pop_front();
    if (auto why = dead(job.request.control, Clock::now())) {
        ++(why->kind == InferErrorKind::deadline ? stats_.expired : stats_.cancelled);
        stats_.fail.add(Clock::now() - job.submitted);
        ended.push_back({std::move(job), std::move(*why)});
        return {};
    }
    ++stats_.running;
    return job;
}

void ModelPool::take_out_the_dead(std::vector<Ended>& ended)
{
    const auto now = Clock::now();
    std::deque<Job> living;
    for (auto& job : queue_) {
        if (auto why = dead(job.request.control, now)) {
            ++(why->kind == InferErrorKind::deadline ? stats_.expired : stats_.cancelled);
            stats_.fail.add(now - job.submitted);
            ended.push_back({std::move(job), std::move(*why)});
        } else {
            living.push_back(std::move(job));
        }
    }
    queue_ = std::move(living);
}

void ModelPool::answer(Job job, Result<RunOutput, InferError> result, Clock::time_point started)
{
    const auto now = Clock::now();
    {
        const std::lock_guard lock{mutex_};
        --stats_.running;
        stats_.queue.add(started - job.submitted);
        if (result) {
            stats_.success.add(now - job.submitted);
            stats_.compute_input.add(result->timing.input);
            stats_.compute_infer.add(result->timing.infer);
            stats_.compute_output.add(result->timing.output);
            stats_.inference_count += batch_items(job.request.inputs, models_.front()->io());
            ++stats_.execution_count;
            stats_.last_inference = now;
        } else {
            stats_.fail.add(now - job.submitted);
            if (result.error().kind == InferErrorKind::deadline) ++stats_.expired;
            if (result.error().kind == InferErrorKind::cancelled) ++stats_.cancelled;
        }
    }
    PoolAnswer answer{InferError{InferErrorKind::failed, {}}, started - job.submitted, {}};
    if (result) {
        answer.timing = result->timing;
        answer.outcome = std::move(result->tensors);
    } else {
        answer.outcome = result.error();
    }
    job.done(std::move(answer));
}

void ModelPool::answer_all(std::vector<Ended>& ended)
{
    const auto now = Clock::now();
    for (auto& [job, why] : ended) job.done({std::move(why), now - job.submitted, {}});
    ended.clear();
}

}  // namespace inference
