#pragma once

#include "inference/model/datatype.hpp"
#include "ledger/base/bytes.hpp"

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

/// Small ONNX models built in memory, for tests and benches. All weights follow from a seed.
namespace inference::tiny {

using Shape = std::vector<std::int64_t>;  ///< -1 is a size the caller chooses

/// An empty model of the newest format we take, to be filled or spoilt.
onnx::ModelProto empty_model();
void add_input(onnx::ModelProto& model, const std::string& name, DataType type, const Shape& shape);
void add_output(onnx::ModelProto& model, const std::string& name, DataType type,
                const Shape& shape);
onnx::NodeProto& add_node(onnx::GraphProto& graph, const std::string& op,
                          const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs);
/// An initializer of `shape` with raw_data.
onnx::TensorProto& add_floats(onnx::ModelProto& model, const std::string& name, const Shape& shape,
                              const std::vector<float>& values);
onnx::TensorProto& add_ints(onnx::ModelProto& model, const std::string& name, const Shape& shape,
                            const std::vector<std::int64_t>& values);
ledger::Bytes to_bytes(const onnx::ModelProto& model);

/// out = in, for every type. Names: "in", "out".
onnx::ModelProto identity(DataType type, const Shape& shape);
/// sum = a + b, FP32.
onnx::ModelProto add(const Shape& shape);
/// "image" [-1,inputs] -> Gemm, Relu, Gemm, Softmax -> "probabilities" [-1,outputs].
onnx::ModelProto mlp(std::uint64_t seed = 1, std::int64_t inputs = 784, std::int64_t hidden = 128,
                     std::int64_t outputs = 10);
/// "image" [-1,1,28,28] -> two convolutions with pooling, Gemm, Softmax -> "probabilities" [-1,10].
onnx::ModelProto cnn(std::uint64_t seed = 1);
/// y = x·w·w·…: "x" and "y" [size,size] FP32, `rounds` products in a Loop: takes as long as asked.
onnx::ModelProto slow(std::int64_t rounds, std::int64_t size = 256);
/// "size" INT64 [1] -> "zeros" FP32 [size]: as large an answer as the caller wants.
onnx::ModelProto growing();

}  // namespace inference::tiny
