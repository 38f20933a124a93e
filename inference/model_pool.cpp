#include "inference/model_pool.hpp"

#include "inference/joined_run.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <utility>

namespace inference {
namespace {

using PoolClock = std::chrono::steady_clock;

InferError pool_closed()
{
    return {InferErrorKind::closed, "the model is being taken down"};
}

void count_failure(PoolStats& stats, InferErrorKind kind)
{
    if (kind == InferErrorKind::deadline) ++stats.expired;
    if (kind == InferErrorKind::cancelled) ++stats.cancelled;
    if (kind == InferErrorKind::busy) ++stats.rejected;
}

}  // namespace

ModelPool::ModelPool(std::vector<std::unique_ptr<Model>> models, const PoolOptions& options,
                     LoadFacts facts)
    : models_{std::move(models)}, options_{options}, queue_{options}
{
    ledger::ensure(!models_.empty(), "a pool has a model");
    stats_.loading = std::move(facts);
    stats_.loading.batch_rows = std::max<std::uint64_t>(options_.batch.max_rows, 1);
    if (options_.batch.max_rows > 1) watchdog_.emplace();
    const auto workers = std::max(1u, options_.workers);
    for (unsigned i = 0; i < workers; ++i)
        workers_.emplace_back([this, i] { work(*models_[i % models_.size()]); });
}

ModelPool::~ModelPool()
{
    close();
}

Result<void, InferError> ModelPool::submit(PoolRequest request, Done done)
{
    PoolJob job{std::move(request), std::move(done), {}};
    const auto& io = models_.front()->io();
    if (options_.batch.max_rows > 1)
        job.part = batch_part(job.request.inputs, job.request.outputs, io);
    job.rows = job.part ? job.part->rows : batch_items(job.request.inputs, io);
    Ended ended;
    bool taken = false;
    {
        const std::lock_guard lock{mutex_};
        if (closing_) return pool_closed();
        const auto now = PoolClock::now();
        taken = queue_.add(job, now, ended);
        if (!taken) ++stats_.rejected;
        for (const auto& one : ended) count_ended(one, now);
    }
    if (taken) changed_.notify_one();
    answer_ended(ended);
    if (!taken)
        return InferError{InferErrorKind::busy, "all " + std::to_string(options_.queue_slots) +
                                                    " places in the queue are taken"};
    return {};
}

void ModelPool::close()
{
    Ended ended;
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
        for (auto& job : queue_.take_all()) ended.push_back({std::move(job), pool_closed()});
    }
    changed_.notify_all();
    answer_ended(ended);
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
        Ended ended;
        auto jobs = next(ended);
        answer_ended(ended);
        if (jobs.size() > 1) {
            run_joined(model, std::move(jobs));
        } else if (!jobs.empty()) {
            run_alone(model, std::move(jobs.front()));
        } else {
            const std::lock_guard lock{mutex_};
            if (closing_) return;
        }
    }
}

// Empty when the dead should be answered first, or the pool closes.
std::vector<PoolJob> ModelPool::next(Ended& ended)
{
    std::unique_lock lock{mutex_};
    while (!closing_) {
        const auto now = PoolClock::now();
        auto [jobs, wake] = queue_.take(now, ended);
        for (const auto& one : ended) count_ended(one, now);
        stats_.running += jobs.size();
        if (!jobs.empty() || !ended.empty()) {
            // What is left may be ready too, and whoever was woken for it may have come too early.
            if (queue_.size() != 0) changed_.notify_one();
            return std::move(jobs);
        }
        if (wake)
            changed_.wait_until(lock, *wake);
        else
            changed_.wait(lock);
    }
    return {};
}

void ModelPool::run_alone(Model& model, PoolJob job)
{
    const auto started = PoolClock::now();
    auto result = model.run(job.request.inputs, job.request.outputs, job.request.control);
    if (!result) {
        answer(std::move(job), std::move(result.error()), started, {}, 0, false);
        return;
    }
    const auto rows = job.rows;
    count_run(rows, result->timing);
    answer(std::move(job), std::move(result->tensors), started, result->timing, rows, true);
}

void ModelPool::run_joined(Model& model, std::vector<PoolJob> jobs)
{
    const auto started = PoolClock::now();
    std::vector<const std::vector<Tensor>*> requests;
    std::vector<std::uint64_t> rows;
    std::uint64_t all_rows = 0;
    for (const auto& job : jobs) {
        requests.push_back(&job.request.inputs);
        rows.push_back(job.rows);
        all_rows += job.rows;
    }
    const auto joined = join(requests, model.io());
    const auto outputs = jobs.front().request.outputs;
    const auto joining = PoolClock::now() - started;
    JoinedRun run{std::move(jobs), *watchdog_, [this, started](PoolJob job, InferError why) {
                      answer(std::move(job), std::move(why), started, {}, 0, false);
                  }};
    auto result = model.run(joined, outputs, {{}, run.stop()});
    const auto splitting = PoolClock::now();
    auto parts = result ? split(result->tensors, rows) : std::nullopt;
    auto living = run.end();
    if (!parts) {
        for (auto& [index, job] : living) run_alone(model, std::move(job));
        return;
    }
    auto timing = result->timing;
    timing.input += joining;
    timing.output += PoolClock::now() - splitting;
    count_run(all_rows, timing);
    bool first = true;
    for (auto& [index, job] : living) {
        answer(std::move(job), std::move((*parts)[index]), started, timing, all_rows, first);
        first = false;
    }
}

void ModelPool::answer(PoolJob job, Result<std::vector<Tensor>, InferError> outcome,
                       Instant started, const RunTiming& timing, std::uint64_t run_rows, bool first)
{
    const auto now = PoolClock::now();
    {
        const std::lock_guard lock{mutex_};
        --stats_.running;
        stats_.queue.add(started - job.submitted);
        if (outcome) {
            stats_.success.add(now - job.submitted);
            stats_.compute_input.add(timing.input);
            stats_.compute_infer.add(timing.infer);
            stats_.compute_output.add(timing.output);
            stats_.inference_count += job.rows;
        } else {
            stats_.fail.add(now - job.submitted);
            count_failure(stats_, outcome.error().kind);
        }
    }
    PoolAnswer answer{std::move(outcome), started - job.submitted, timing};
    answer.own_infer = timing.infer;
    // Shared runs have few rows; a request alone may claim any number.
    if (job.rows != run_rows && run_rows != 0)
        answer.own_infer = timing.infer * static_cast<std::int64_t>(job.rows) /
                           static_cast<std::int64_t>(run_rows);
    if (first) answer.run_rows = run_rows;
    job.done(std::move(answer));
}

void ModelPool::count_run(std::uint64_t rows, const RunTiming& timing)
{
    const std::lock_guard lock{mutex_};
    ++stats_.execution_count;
    stats_.last_inference = PoolClock::now();
    auto& size = stats_.batches[PoolStats::counted_rows(rows)];
    size.compute_input.add(timing.input);
    size.compute_infer.add(timing.infer);
    size.compute_output.add(timing.output);
}

void ModelPool::count_ended(const BatchQueue::Ended& ended, Instant now)
{
    count_failure(stats_, ended.why.kind);
    stats_.fail.add(now - ended.job.submitted);
}

void ModelPool::answer_ended(Ended& ended)
{
    const auto now = PoolClock::now();
    for (auto& [job, why] : ended) job.done({std::move(why), now - job.submitted});
    ended.clear();
}

}  // namespace inference
