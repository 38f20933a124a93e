#include "inference/model_pool.hpp"
#include "inference/self_test.hpp"

#include <algorithm>
#include <utility>

namespace inference {
namespace {

using LoadClock = std::chrono::steady_clock;

RunControl within(std::chrono::milliseconds time)
{
    RunControl control;
    control.deadline = LoadClock::now() + time;
    return control;
}

/// Moves `from` to now, and answers how long that was.
std::chrono::nanoseconds lap(LoadClock::time_point& from)
{
    return LoadClock::now() - std::exchange(from, LoadClock::now());
}

}  // namespace

Result<std::unique_ptr<ModelPool>> ModelPool::open(Engine& engine, ByteView file,
                                                   const PoolOptions& options,
                                                   const LoadOptions& load)
{
    auto began = LoadClock::now();
    const auto copies = options.share_model ? 1 : std::max(1u, options.workers);
    auto models = engine.load_copies(file, copies, load);
    if (!models) return models.error();
    LoadFacts facts;
    facts.load = lap(began);
    const auto control = within(options.test_time);
    for (const auto& model : *models) {
        facts.memory_bytes += model->memory_bytes();
        if (const auto warm = warm_up(*model, options.warm_up_runs, control); !warm)
            return ledger::invalid(warm.error().detail);
    }
    facts.provider = models->front()->provider();
    facts.warm_up = lap(began);
    auto proven = options;
    if (options.batch.max_rows > 1) {
        auto proof = prove_batches(*models->front(), options.batch, within(options.test_time));
        proven.batch.max_rows = proof.rows;
        facts.why_not_more = std::move(proof.why_not_more);
        facts.self_test = lap(began);
    }
    return std::make_unique<ModelPool>(std::move(*models), proven, std::move(facts));
}

}  // namespace inference
