#pragma once

#include "evaluation/run/answers.hpp"
#include "inference/model/tensor.hpp"

#include <functional>

namespace evaluation {

/// Runs the model once: named outputs, in the order asked for.
using Infer = std::function<ledger::Result<std::vector<inference::Tensor>>(
    std::span<const inference::Tensor> inputs, std::span<const std::string> outputs)>;

struct CollectOptions {
    PlanOptions plan;
    std::size_t batch = 32;  ///< samples of a run, where the model leaves it open
    std::uint64_t seed = 1;  ///< of what is chosen where not all can be kept
    CollectLimits limits;
    std::function<void(std::uint64_t done)> progress;  ///< after each run; may be empty
};

/// Puts every sample of `source` to a model with this `io`, in their order, one batch after the
/// other: never are more than a batch in memory. Errors name the sample: one that cannot be read,
/// a run that fails, an answer that is not finite or of another shape. `full` where a limit is
/// reached.
ledger::Result<Answers> collect(const samples::Source& source, const inference::ModelIo& io,
                                const Infer& infer, const CollectOptions& options);

}  // namespace evaluation
