#pragma once

#include "inference/infer_error.hpp"
#include "inference/model/inspect.hpp"
#include "inference/model/tensor.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

namespace inference {

/// When to give up on a run.
struct RunControl {
    std::optional<std::chrono::steady_clock::time_point> deadline;
    std::stop_token stop;
};

/// Why a request should not run any more: cancelled, or its time is over.
std::optional<InferError> death_of(const RunControl& control,
                                   std::chrono::steady_clock::time_point now);

/// Why a model with this io cannot run these: inputs that it does not take, or an output that it
/// does not have.
std::optional<InferError> request_fault(const ModelIo& io, std::span<const Tensor> inputs,
                                        std::span<const std::string> outputs);

}  // namespace inference
