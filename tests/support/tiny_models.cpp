#include "tests/support/tiny_models.hpp"

#include "inference/model/onnx_reader.hpp"

#include <cmath>
#include <functional>
#include <numeric>
#include <random>

namespace inference::tiny {
namespace {

void fill(onnx::ValueInfoProto& value, const std::string& name, DataType type, const Shape& shape)
{
    value.set_name(name);
    auto& tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(onnx_type_of(type));
    tensor.mutable_shape();
    for (const auto size : shape) {
        auto& dim = *tensor.mutable_shape()->add_dim();
        if (size < 0)
            dim.set_dim_param("n");
        else
            dim.set_dim_value(size);
    }
}

// Uniform in ±sqrt(6/fan_in), which keeps the values of deep nets in range.
std::vector<float> weights(std::mt19937_64& random, const Shape& shape, std::int64_t fan_in)
{
    const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1},
                                       std::multiplies<std::int64_t>{});
    const float most = std::sqrt(6.0F / static_cast<float>(fan_in));
    std::vector<float> values(static_cast<std::size_t>(count));
    for (auto& value : values)
        value = most * (static_cast<float>(random() >> 40) / static_cast<float>(1 << 23) - 1.0F);
    return values;
}

void set_ints(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& to)
{
    auto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const auto value : to) attribute.add_ints(value);
}

void set_int(onnx::NodeProto& node, const std::string& name, std::int64_t to)
{
    auto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(to);
}

template <class Value>
onnx::TensorProto& add_tensor(onnx::ModelProto& model, const std::string& name, DataType type,
                              const Shape& shape, const std::vector<Value>& values)
{
    auto& tensor = *model.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx_type_of(type));
    for (const auto size : shape) tensor.add_dims(size);
    tensor.set_raw_data(values.data(), values.size() * sizeof(Value));
    return tensor;
}

}  // namespace

onnx::ModelProto empty_model()
{
    onnx::ModelProto model;
    model.set_ir_version(8);
    auto& import = *model.add_opset_import();
    import.set_domain("");
    import.set_version(17);
    model.mutable_graph()->set_name("tiny");
    return model;
}

void add_input(onnx::ModelProto& model, const std::string& name, DataType type, const Shape& shape)
{
    fill(*model.mutable_graph()->add_input(), name, type, shape);
}

void add_output(onnx::ModelProto& model, const std::string& name, DataType type, const Shape& shape)
{
    fill(*model.mutable_graph()->add_output(), name, type, shape);
}

onnx::NodeProto& add_node(onnx::GraphProto& graph, const std::string& op,
                          const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs)
{
    auto& node = *graph.add_node();
    node.set_op_type(op);
    for (const auto& input : inputs) node.add_input(input);
    for (const auto& output : outputs) node.add_output(output);
    return node;
}

onnx::TensorProto& add_floats(onnx::ModelProto& model, const std::string& name, const Shape& shape,
                              const std::vector<float>& values)
{
    return add_tensor(model, name, DataType::FP32, shape, values);
}

onnx::TensorProto& add_ints(onnx::ModelProto& model, const std::string& name, const Shape& shape,
                            const std::vector<std::int64_t>& values)
{
    return add_tensor(model, name, DataType::INT64, shape, values);
}

ledger::Bytes to_bytes(const onnx::ModelProto& model)
{
    ledger::Bytes bytes(model.ByteSizeLong());
    model.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
}

onnx::ModelProto identity(DataType type, const Shape& shape)
{
    auto model = empty_model();
    add_input(model, "in", type, shape);
    add_output(model, "out", type, shape);
    add_node(*model.mutable_graph(), "Identity", {"in"}, {"out"});
    return model;
}

onnx::ModelProto add(const Shape& shape)
{
    auto model = empty_model();
    add_input(model, "a", DataType::FP32, shape);
    add_input(model, "b", DataType::FP32, shape);
    add_output(model, "sum", DataType::FP32, shape);
    add_node(*model.mutable_graph(), "Add", {"a", "b"}, {"sum"});
    return model;
}

onnx::ModelProto mlp(std::uint64_t seed, std::int64_t inputs, std::int64_t hidden,
                     std::int64_t outputs)
{
    std::mt19937_64 random{seed};
    auto model = empty_model();
    auto& graph = *model.mutable_graph();
    add_input(model, "image", DataType::FP32, {-1, inputs});
    add_output(model, "probabilities", DataType::FP32, {-1, outputs});
    add_floats(model, "w1", {inputs, hidden}, weights(random, {inputs, hidden}, inputs));
    add_floats(model, "b1", {hidden}, weights(random, {hidden}, inputs));
    add_floats(model, "w2", {hidden, outputs}, weights(random, {hidden, outputs}, hidden));
    add_floats(model, "b2", {outputs}, weights(random, {outputs}, hidden));
    add_node(graph, "Gemm", {"image", "w1", "b1"}, {"h1"});
    add_node(graph, "Relu", {"h1"}, {"r1"});
    add_node(graph, "Gemm", {"r1", "w2", "b2"}, {"logits"});
    set_int(add_node(graph, "Softmax", {"logits"}, {"probabilities"}), "axis", 1);
    return model;
}

onnx::ModelProto cnn(std::uint64_t seed)
{
    std::mt19937_64 random{seed};
    auto model = empty_model();
    auto& graph = *model.mutable_graph();
    add_input(model, "image", DataType::FP32, {-1, 1, 28, 28});
    add_output(model, "probabilities", DataType::FP32, {-1, 10});
    std::string from = "image";
    std::int64_t channels = 1;
    for (const std::int64_t filters : {8, 16}) {
        const auto layer = std::to_string(filters);
        const Shape shape{filters, channels, 5, 5};
        add_floats(model, "w" + layer, shape, weights(random, shape, channels * 25));
        add_floats(model, "b" + layer, {filters}, weights(random, {filters}, channels * 25));
        set_ints(add_node(graph, "Conv", {from, "w" + layer, "b" + layer}, {"c" + layer}), "pads",
                 {2, 2, 2, 2});
        add_node(graph, "Relu", {"c" + layer}, {"r" + layer});
        auto& pool = add_node(graph, "MaxPool", {"r" + layer}, {"p" + layer});
        set_ints(pool, "kernel_shape", {2, 2});
        set_ints(pool, "strides", {2, 2});
        from = "p" + layer;
        channels = filters;
    }
    set_int(add_node(graph, "Flatten", {from}, {"flat"}), "axis", 1);
    add_floats(model, "wf", {784, 10}, weights(random, {784, 10}, 784));
    add_floats(model, "bf", {10}, weights(random, {10}, 784));
    add_node(graph, "Gemm", {"flat", "wf", "bf"}, {"logits"});
    set_int(add_node(graph, "Softmax", {"logits"}, {"probabilities"}), "axis", 1);
    return model;
}

onnx::ModelProto slow(std::int64_t rounds, std::int64_t size)
{
    std::mt19937_64 random{1};
    auto model = empty_model();
    add_input(model, "x", DataType::FP32, {size, size});
    add_output(model, "y", DataType::FP32, {size, size});
    add_floats(model, "w", {size, size}, weights(random, {size, size}, 6 * size));
    add_ints(model, "rounds", {}, {rounds});
    auto& loop = add_node(*model.mutable_graph(), "Loop", {"rounds", "", "x"}, {"y"});
    auto& attribute = *loop.add_attribute();
    attribute.set_name("body");
    attribute.set_type(onnx::AttributeProto::GRAPH);
    auto& body = *attribute.mutable_g();
    body.set_name("round");
    fill(*body.add_input(), "number", DataType::INT64, {});
    fill(*body.add_input(), "more", DataType::BOOL, {});
    fill(*body.add_input(), "before", DataType::FP32, {size, size});
    add_node(body, "Identity", {"more"}, {"again"});
    add_node(body, "MatMul", {"before", "w"}, {"after"});
    fill(*body.add_output(), "again", DataType::BOOL, {});
    fill(*body.add_output(), "after", DataType::FP32, {size, size});
    return model;
}

onnx::ModelProto growing()
{
    auto model = empty_model();
    add_input(model, "size", DataType::INT64, {1});
    add_output(model, "zeros", DataType::FP32, {-1});
    add_node(*model.mutable_graph(), "ConstantOfShape", {"size"}, {"zeros"});
    return model;
}

}  // namespace inference::tiny
