#include "inference/architectures/graph_writer.hpp"

#include "inference/model/tensor.hpp"

#include <bit>
#include <cmath>

namespace inference::architectures {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

void describe(onnx::ValueInfoProto& value, const std::string& name, const Shape& rest,
              onnx::TensorProto::DataType type)
{
    value.set_name(name);
    auto& tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    tensor.mutable_shape()->add_dim()->set_dim_param("n");
    for (const auto size : rest) tensor.mutable_shape()->add_dim()->set_dim_value(size);
}

onnx::AttributeProto& attribute(onnx::NodeProto& node, const std::string& name,
                                onnx::AttributeProto::AttributeType type)
{
    auto& made = *node.add_attribute();
    made.set_name(name);
    made.set_type(type);
    return made;
}

}  // namespace

Spread Spread::before_relu(std::int64_t inputs)
{
    return {std::sqrt(6.0 / static_cast<double>(inputs))};
}

Spread Spread::elsewhere(std::int64_t inputs, std::int64_t outputs)
{
    return {std::sqrt(6.0 / static_cast<double>(inputs + outputs))};
}

GraphWriter::GraphWriter(const std::string& name, std::uint64_t seed, std::uint64_t most_parameters)
    : seed_{seed}, room_{most_parameters}
{
    model_.set_ir_version(8);
    auto& opset = *model_.add_opset_import();
    opset.set_domain("");
    opset.set_version(17);
    model_.mutable_graph()->set_name(name);
}

void GraphWriter::input(const std::string& name, const Shape& rest)
{
    take_name(name);
    describe(*model_.mutable_graph()->add_input(), name, rest, onnx::TensorProto::FLOAT);
}

void GraphWriter::output(const std::string& name, const Shape& rest,
                         onnx::TensorProto::DataType type)
{
    describe(*model_.mutable_graph()->add_output(), name, rest, type);
}

onnx::NodeProto& GraphWriter::node(const std::string& op, const std::vector<std::string>& inputs,
                                   const std::string& output)
{
    take_name(output);
    auto& node = *model_.mutable_graph()->add_node();
    node.set_op_type(op);
    node.set_name(output);
    for (const auto& input : inputs) node.add_input(input);
    node.add_output(output);
    return node;
}

void GraphWriter::set(onnx::NodeProto& node, const std::string& name, std::int64_t value)
{
    attribute(node, name, onnx::AttributeProto::INT).set_i(value);
}

void GraphWriter::set(onnx::NodeProto& node, const std::string& name, float value)
{
    attribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
}

void GraphWriter::set(onnx::NodeProto& node, const std::string& name, const Ints& values)
{
    auto& made = attribute(node, name, onnx::AttributeProto::INTS);
    for (const auto value : values) made.add_ints(value);
}

std::optional<std::size_t> GraphWriter::room_for(const Shape& shape)
{
    const auto count = element_count(shape, room_);
    if (!count || *count > room_) {
        fits_ = false;
        return {};
    }
    room_ -= *count;
    return static_cast<std::size_t>(*count);
}

void GraphWriter::weights(const std::string& name, const Shape& shape, Spread spread)
{
    // A stream for each tensor: what one has does not depend on how large others are.
    auto draws = ledger::Draws::stream(seed_, tensors_++);
    const auto count = room_for(shape);
    if (!count) return;
    std::vector<float> numbers(*count);
    const auto bound = static_cast<float>(spread.bound);
    for (auto& number : numbers) number = bound * draws.next_float();
    add(name, shape, numbers);
}

void GraphWriter::constant_weights(const std::string& name, const Shape& shape, float value)
{
    if (const auto count = room_for(shape)) add(name, shape, std::vector<float>(*count, value));
}

void GraphWriter::values(const std::string& name, const Shape& shape,
                         const std::vector<float>& values)
{
    if (room_for(shape)) add(name, shape, values);
}

void GraphWriter::add(const std::string& name, const Shape& shape, const std::vector<float>& values)
{
    take_name(name);
    auto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const auto size : shape) tensor.add_dims(size);
    tensor.set_raw_data(values.data(), values.size() * sizeof(float));
}

void GraphWriter::take_name(const std::string& name)
{
    if (!names_.insert(name).second) has_own_names_ = false;
}

void GraphWriter::constant(const std::string& name, const Ints& values)
{
    set(node("Constant", {}, name), "value_ints", values);
}

ledger::Bytes GraphWriter::bytes() const
{
    ledger::Bytes file(model_.ByteSizeLong());
    model_.SerializeToArray(file.data(), static_cast<int>(file.size()));
    return file;
}

}  // namespace inference::architectures
