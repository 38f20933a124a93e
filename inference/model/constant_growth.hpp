#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>

namespace inference {

/// Whether everything that can be computed from constants alone stays below `most_elements` for
/// each value. A library that does so while loading ("constant folding") would otherwise turn a
/// node of a few bytes, such as ConstantOfShape or a wide broadcast, into gigabytes.
/// Careful rather than clever: an operator it does not know counts as unbounded.
bool constants_stay_small(const onnx::ModelProto& model, std::uint64_t most_elements);

}  // namespace inference
