#pragma once

#include "inference/engine.hpp"
#include "inference/onnx_engine_api.hpp"

namespace inference {

/// Wraps `tensor`, which must be sound (tensor.hpp fault_of) and outlive the value: numbers are
/// read in place, strings are copied. Throws Ort::Exception.
Ort::Value to_value(const Tensor& tensor);

/// Copies an output; `bytes_left` is reduced by what it holds. Throws Ort::Exception.
Result<Tensor, InferError> to_tensor(const std::string& name, const Ort::Value& value,
                                     std::uint64_t& bytes_left);

}  // namespace inference
