#include "node/app/pool_settings.hpp"

#include "node/env/memory.hpp"

#include <fmt/format.h>

#include <utility>

namespace node {

inference::PoolOptions pool_options(const ModelConfig& config)
{
    inference::PoolOptions options;
    options.workers = config.instances;
    options.queue_slots = config.queue;
    options.batch.max_rows = config.batch.max;
    options.batch.preferred.assign(config.batch.preferred.begin(), config.batch.preferred.end());
    options.batch.delay = std::chrono::microseconds{config.batch.delay_us};
    options.priority_levels = config.priorities;
    options.default_level = config.default_priority;
    options.max_age = std::chrono::milliseconds{config.max_age_ms};
    options.warm_up_runs = config.warmup;
    return options;
}

inference::LoadOptions load_options(const ModelConfig& config,
                                    std::shared_ptr<inference::ModelMemory> memory)
{
    inference::LoadOptions options;
    options.memory = std::move(memory);
    options.providers = config.providers;
    return options;
}

std::shared_ptr<inference::ModelMemory> model_memory(const HostConfig& config)
{
    return inference::ModelMemory::make(config.memory_bytes != 0 ? config.memory_bytes
                                                                 : machine_memory_bytes() / 2);
}

std::string description(const inference::LoadFacts& facts, const ModelConfig& config)
{
    const auto ms = [](std::chrono::nanoseconds time) {
        return std::chrono::duration<double, std::milli>(time).count();
    };
    auto text = fmt::format("{} bytes on {}, loaded in {:.1f} ms", facts.memory_bytes,
                            facts.provider, ms(facts.load));
    if (config.warmup != 0) text += fmt::format(", warmed up in {:.1f} ms", ms(facts.warm_up));
    if (config.batch.max > 1)
        text += fmt::format(", runs of up to {} rows (tested in {:.1f} ms)", facts.batch_rows,
                            ms(facts.self_test));
    if (!facts.why_not_more.empty()) text += ", not more: " + facts.why_not_more;
    return text;
}

}  // namespace node
