#pragma once

#include "inference/model/tensor.hpp"

#include <ATen/core/Tensor.h>

#include <optional>

namespace training {

/// The type that libtorch computes in; empty for those it has not (unsigned above 8 bits, strings).
std::optional<at::ScalarType> scalar_type_of(inference::DataType type);
/// By the number that an attribute names a type with (TensorProto.DataType of the format); throws
/// OperatorError for types that libtorch has not.
at::ScalarType scalar_type_numbered(std::int64_t number);
bool has_scalar_type(std::int64_t number);
/// The other way; throws OperatorError for the types that ONNX has not.
inference::DataType datatype_of(at::ScalarType type);

/// A copy of the numbers. Throws OperatorError where the type is not there, or the data is not as
/// long as the shape says.
at::Tensor to_torch(const inference::Tensor& tensor);
inference::Tensor from_torch(const at::Tensor& tensor, std::string name);

}  // namespace training
