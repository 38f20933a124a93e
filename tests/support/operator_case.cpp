#include "tests/support/operator_case.hpp"

#include "inference/model/onnx_reader.hpp"
#include "tests/support/tiny_models.hpp"

#include <onnx/shape_inference/implementation.h>

#include <cstring>

namespace training {
namespace {

using inference::DataType;

template <class Number>
void write(inference::Bytes& to, double value)
{
    const auto number = static_cast<Number>(value);
    std::uint8_t bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    to.insert(to.end(), bytes, bytes + sizeof number);
}

void write_as(DataType type, inference::Bytes& to, double value)
{
    switch (type) {
        case DataType::BOOL:
        case DataType::UINT8:
            return write<std::uint8_t>(to, value);
        case DataType::INT8:
            return write<std::int8_t>(to, value);
        case DataType::INT32:
            return write<std::int32_t>(to, value);
        case DataType::INT64:
            return write<std::int64_t>(to, value);
        case DataType::FP64:
            return write<double>(to, value);
        default:
            return write<float>(to, value);
    }
}

std::vector<double> widened(const Ints& numbers)
{
    return {numbers.begin(), numbers.end()};
}

std::vector<double> widened(const Floats& numbers)
{
    return {numbers.begin(), numbers.end()};
}

}  // namespace

inference::Tensor tensor_of(DataType type, const Shape& shape, const std::vector<double>& numbers)
{
    inference::Tensor tensor{"", type, shape, {}};
    for (const auto number : numbers) write_as(type, tensor.data, number);
    return tensor;
}

void write_proto(const inference::Tensor& tensor, onnx::TensorProto& to)
{
    to.set_name(tensor.name);
    to.set_data_type(inference::onnx_type_of(tensor.type));
    for (const auto size : tensor.shape) to.add_dims(size);
    to.set_raw_data(tensor.data.data(), tensor.data.size());
}

Case::Case(std::string op, const std::string& what) : random_{14695981039346656037ULL}
{
    case_.name = op + ": " + what;
    case_.op = op;
    case_.model = inference::tiny::empty_model();
    case_.model.mutable_graph()->add_node()->set_op_type(op);
    for (const auto letter : case_.name)
        random_ = (random_ ^ static_cast<std::uint8_t>(letter)) * 1099511628211ULL;
}

Case& Case::opset(std::int64_t version)
{
    case_.model.mutable_opset_import(0)->set_version(version);
    return *this;
}

onnx::NodeProto& Case::node()
{
    return *case_.model.mutable_graph()->mutable_node(0);
}

std::string Case::next_name()
{
    return "in" + std::to_string(node().input_size());
}

void Case::feed(inference::Tensor tensor)
{
    tensor.name = next_name();
    node().add_input(tensor.name);
    inference::tiny::add_input(case_.model, tensor.name, tensor.type, tensor.shape);
    case_.inputs.push_back(std::move(tensor));
}

void Case::keep(inference::Tensor tensor)
{
    tensor.name = next_name();
    node().add_input(tensor.name);
    write_proto(tensor, *case_.model.mutable_graph()->add_initializer());
}

Case& Case::floats(const Shape& shape, double low, double high)
{
    std::vector<double> numbers(*inference::element_count(shape));
    for (auto& number : numbers) {
        random_ = random_ * 6364136223846793005ULL + 1442695040888963407ULL;
        number =
            low + (high - low) * static_cast<double>(random_ >> 40) / static_cast<double>(1 << 24);
    }
    feed(tensor_of(DataType::FP32, shape, numbers));
    return *this;
}

Case& Case::values(const Shape& shape, const Floats& numbers)
{
    return typed(DataType::FP32, shape, widened(numbers));
}

Case& Case::typed(DataType type, const Shape& shape, const std::vector<double>& numbers)
{
    feed(tensor_of(type, shape, numbers));
    return *this;
}

Case& Case::ints(const Shape& shape, const Ints& numbers)
{
    return typed(DataType::INT64, shape, widened(numbers));
}

Case& Case::bools(const Shape& shape, const Ints& numbers)
{
    return typed(DataType::BOOL, shape, widened(numbers));
}

Case& Case::fixed(const Shape& shape, const Ints& numbers)
{
    return fixed_typed(DataType::INT64, shape, widened(numbers));
}

Case& Case::fixed_floats(const Shape& shape, const Floats& numbers)
{
    return fixed_typed(DataType::FP32, shape, widened(numbers));
}

Case& Case::fixed_typed(DataType type, const Shape& shape, const std::vector<double>& numbers)
{
    keep(tensor_of(type, shape, numbers));
    return *this;
}

Case& Case::left_out()
{
    node().add_input("");
    return *this;
}

onnx::AttributeProto& Case::attribute(const std::string& name,
                                      onnx::AttributeProto::AttributeType type)
{
    auto& made = *node().add_attribute();
    made.set_name(name);
    made.set_type(type);
    return made;
}

Case& Case::set(const std::string& name, std::int64_t value)
{
    attribute(name, onnx::AttributeProto::INT).set_i(value);
    return *this;
}

Case& Case::set(const std::string& name, int value)
{
    return set(name, std::int64_t{value});
}

Case& Case::set(const std::string& name, double value)
{
    attribute(name, onnx::AttributeProto::FLOAT).set_f(static_cast<float>(value));
    return *this;
}

Case& Case::set(const std::string& name, const char* value)
{
    attribute(name, onnx::AttributeProto::STRING).set_s(value);
    return *this;
}

Case& Case::set(const std::string& name, const Ints& value)
{
    auto& made = attribute(name, onnx::AttributeProto::INTS);
    for (const auto each : value) made.add_ints(each);
    return *this;
}

Case& Case::set(const std::string& name, const Floats& value)
{
    auto& made = attribute(name, onnx::AttributeProto::FLOATS);
    for (const auto each : value) made.add_floats(each);
    return *this;
}

Case& Case::set(const std::string& name, const Texts& value)
{
    auto& made = attribute(name, onnx::AttributeProto::STRINGS);
    for (const auto& each : value) made.add_strings(each);
    return *this;
}

Case& Case::tensor(const std::string& name, const inference::Tensor& value)
{
    write_proto(value, *attribute(name, onnx::AttributeProto::TENSOR).mutable_t());
    return *this;
}

Case& Case::outputs(int count)
{
    outputs_ = count;
    return *this;
}

Case& Case::gives(DataType type, int rank)
{
    given_.emplace_back(type, rank);
    return *this;
}

Case& Case::within(double relative, double absolute)
{
    case_.relative = relative;
    case_.absolute = absolute;
    return *this;
}

Case& Case::no_gradient()
{
    case_.gradient = false;
    return *this;
}

OperatorCase Case::made()
{
    for (int i = 0; i < outputs_; ++i) {
        const auto name = "out" + std::to_string(i);
        node().add_output(name);
        const auto place = static_cast<std::size_t>(i);
        if (place < given_.size())
            inference::tiny::add_output(case_.model, name, given_[place].first,
                                        Shape(static_cast<std::size_t>(given_[place].second), -1));
        else
            case_.model.mutable_graph()->add_output()->set_name(name);
    }
    if (given_.empty()) onnx::shape_inference::InferShapes(case_.model);
    return std::move(case_);
}

}  // namespace training
