#pragma once

#include "inference/model/tensor.hpp"

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace training {

using Shape = std::vector<std::int64_t>;
using Ints = std::vector<std::int64_t>;
using Floats = std::vector<float>;
using Texts = std::vector<std::string>;

/// One operator with its attributes as a model of one node, and something to feed it.
struct OperatorCase {
    std::string name;  ///< "Conv: groups"
    std::string op;
    onnx::ModelProto model;
    std::vector<inference::Tensor> inputs;
    double relative = 1e-5;
    double absolute = 1e-6;
    bool gradient = true;  ///< whether finite differences have a meaning here
};

/// Puts a case together: inputs in order, then attributes. What is random follows from the name.
class Case {
public:
    Case(std::string op, const std::string& what);

    Case& opset(std::int64_t version);
    /// Fed: FP32 within these bounds.
    Case& floats(const Shape& shape, double low = -1, double high = 1);
    Case& values(const Shape& shape, const Floats& numbers);
    Case& typed(inference::DataType type, const Shape& shape, const std::vector<double>& numbers);
    Case& ints(const Shape& shape, const Ints& numbers);
    Case& bools(const Shape& shape, const Ints& numbers);
    /// Part of the model.
    Case& fixed(const Shape& shape, const Ints& numbers);
    Case& fixed_floats(const Shape& shape, const Floats& numbers);
    Case& fixed_typed(inference::DataType type, const Shape& shape,
                      const std::vector<double>& numbers);
    Case& left_out();

    Case& set(const std::string& name, std::int64_t value);
    Case& set(const std::string& name, int value);
    Case& set(const std::string& name, double value);
    Case& set(const std::string& name, const char* value);
    Case& set(const std::string& name, const Ints& value);
    Case& set(const std::string& name, const Floats& value);
    Case& set(const std::string& name, const Texts& value);
    Case& tensor(const std::string& name, const inference::Tensor& value);

    Case& outputs(int count);
    /// Where the shape does not follow from the model.
    Case& gives(inference::DataType type, int rank);
    Case& within(double relative, double absolute);
    Case& no_gradient();

    OperatorCase made();

private:
    void feed(inference::Tensor tensor);
    void keep(inference::Tensor tensor);
    onnx::AttributeProto& attribute(const std::string& name,
                                    onnx::AttributeProto::AttributeType type);
    onnx::NodeProto& node();
    std::string next_name();

    OperatorCase case_;
    std::uint64_t random_;
    int outputs_ = 1;
    std::vector<std::pair<inference::DataType, int>> given_;
};

/// Bytes of `numbers` in that type.
inference::Tensor tensor_of(inference::DataType type, const Shape& shape,
                            const std::vector<double>& numbers);
/// Writes `tensor` the way a model keeps it.
void write_proto(const inference::Tensor& tensor, onnx::TensorProto& to);

}  // namespace training
