#pragma once

#include "inference/engine.hpp"
#include "inference/pool_options.hpp"
#include "inference/statistics.hpp"
#include "node/app/config.hpp"

#include <memory>

namespace node {

/// How a configured model is run.
inference::PoolOptions pool_options(const ModelConfig&);
/// How it is loaded, as part of what all models may hold.
inference::LoadOptions load_options(const ModelConfig&, std::shared_ptr<inference::ModelMemory>);
/// What models may hold together: as configured, or half of the machine's memory.
std::shared_ptr<inference::ModelMemory> model_memory(const HostConfig&);

/// One line for people about a pool that was opened.
std::string description(const inference::LoadFacts&, const ModelConfig&);

}  // namespace node
