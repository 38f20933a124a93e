#pragma once

#include "inference/engine.hpp"

#include <functional>

namespace inference {

struct PoolRequest {
    std::vector<Tensor> inputs;
    std::vector<std::string> outputs;  ///< none means all
    RunControl control;
    std::uint64_t priority = 0;  ///< 1 is the highest level, 0 the default
};

struct PoolAnswer {
    Result<std::vector<Tensor>, InferError> outcome;
    std::chrono::nanoseconds queue{};      ///< from submit to the start of the run
    RunTiming timing = {};                 ///< of the whole run, whoever else was in it
    std::chrono::nanoseconds own_infer{};  ///< the part of timing.infer that its rows stand for
    /// Rows of the run, in one answer of each run that succeeded; 0 in its other answers.
    std::uint64_t run_rows = 0;
};

using PoolDone = std::function<void(PoolAnswer)>;

}  // namespace inference
