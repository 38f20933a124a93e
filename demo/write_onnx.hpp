#pragma once

#include "demo/perceptron.hpp"

#include <string>

namespace demo {

/// The net as an ONNX file (opset 17): input "image" FP32 [n,1,28,28] from 0 (paper) to 1 (ink),
/// output "probabilities" FP32 [n,10].
std::string to_onnx(const Perceptron& net);

}  // namespace demo
