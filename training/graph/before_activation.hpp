#pragma once

#include "training/graph/plan.hpp"

namespace training {

/// What a model does last to one of its outputs.
enum class LastStep {
    none,         ///< nothing that a loss would undo
    softmax,      ///< over the last axis
    log_softmax,  ///< over the last axis
    sigmoid,
};

/// Makes `output` of `plan.outputs` what goes into the activation that computes it, and says which
/// that was: losses of numbers before the activation keep their precision where those after it are
/// rounded to 0 or 1. The model's file is not touched. A softmax over another axis stays.
LastStep take_before_activation(Plan& plan, std::size_t output);

}  // namespace training
