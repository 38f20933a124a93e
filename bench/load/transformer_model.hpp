#pragma once

#include <onnx/onnx_pb.h>

namespace bench {

/// Two encoder layers of four heads on "image" [-1,32,64], a mean over the steps and a dense layer
/// to "y" [-1,10]; what hand_written_transformer is in C++.
onnx::ModelProto transformer_model();

}  // namespace bench
