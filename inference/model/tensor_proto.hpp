#pragma once

#include "inference/model/limits.hpp"
#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <onnx/onnx_pb.h>

namespace inference {

/// Checks one tensor of a model file: known type, bounded shape, no external data, and exactly as
/// much data as the shape says, in exactly one of the places ONNX allows.
/// Adds its elements to `all_elements`.
ledger::Result<void> check_tensor(const onnx::TensorProto& tensor, const ModelLimits& limits,
                                  std::uint64_t& all_elements);

/// The elements, little-endian and row-major, wherever the file keeps them; strings each with
/// their length in 4 bytes. The tensor must have passed `check_tensor`.
ledger::Bytes raw_bytes(const onnx::TensorProto& tensor);

/// Moves typed data (float_data, int64_data, ...) into raw_data and drops the documentation, so
/// that one tensor has one spelling. Strings stay in string_data: raw_data cannot hold them.
void make_raw(onnx::TensorProto& tensor);

}  // namespace inference
