#include "inference/run_control.hpp"

#include <utility>

namespace inference {

std::optional<InferError> death_of(const RunControl& control,
                                   std::chrono::steady_clock::time_point now)
{
    if (control.stop.stop_requested())
        return InferError{InferErrorKind::cancelled, "the request was cancelled"};
    if (control.deadline && now >= *control.deadline)
        return InferError{InferErrorKind::deadline, "the request was not done in time"};
    return {};
}

std::optional<InferError> request_fault(const ModelIo& io, std::span<const Tensor> inputs,
                                        std::span<const std::string> outputs)
{
    if (auto fault = fault_of(inputs, io))
        return InferError{InferErrorKind::invalid_input, std::move(*fault)};
    for (const auto& name : outputs)
        if (io.output(name) == nullptr)
            return InferError{InferErrorKind::invalid_input,
                              "the model has no output '" + name + "'"};
    return {};
}

}  // namespace inference
