#pragma once

#include "inference/model/content_id.hpp"

#include <onnx/onnx_pb.h>

namespace inference {

/// `canonicalise` for a model that has already passed `read_onnx`.
CanonicalModel canonical_of(onnx::ModelProto model, WeightBytes weights);

}  // namespace inference
