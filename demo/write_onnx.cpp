#include "demo/write_onnx.hpp"

#include <onnx/onnx_pb.h>

#include <vector>

namespace demo {
namespace {

using Shape = std::vector<std::int64_t>;

void add_weights(onnx::GraphProto& graph, const char* name, const Shape& shape,
                 const std::vector<float>& values)
{
    auto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const auto size : shape) tensor.add_dims(size);
    tensor.set_raw_data(values.data(), values.size() * sizeof(float));
}

// The first dimension is the batch and left to the caller.
void describe(onnx::ValueInfoProto& value, const char* name, const Shape& rest)
{
    value.set_name(name);
    auto& tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(onnx::TensorProto::FLOAT);
    tensor.mutable_shape()->add_dim()->set_dim_param("n");
    for (const auto size : rest) tensor.mutable_shape()->add_dim()->set_dim_value(size);
}

onnx::NodeProto& add_node(onnx::GraphProto& graph, const char* op,
                          const std::vector<const char*>& inputs, const char* output)
{
    auto& node = *graph.add_node();
    node.set_op_type(op);
    for (const auto* input : inputs) node.add_input(input);
    node.add_output(output);
    return node;
}

void set_axis(onnx::NodeProto& node)
{
    auto& attribute = *node.add_attribute();
    attribute.set_name("axis");
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(1);
}

}  // namespace

std::string to_onnx(const Perceptron& net)
{
    onnx::ModelProto model;
    model.set_ir_version(8);
    model.set_producer_name("millrace-demo-digits");
    auto& opset = *model.add_opset_import();
    opset.set_domain("");
    opset.set_version(17);
    auto& graph = *model.mutable_graph();
    graph.set_name("digits");
    describe(*graph.add_input(), "image", {1, image_side, image_side});
    describe(*graph.add_output(), "probabilities", {classes});
    add_weights(graph, "hidden.weight", {image_pixels, hidden_units}, net.w1);
    add_weights(graph, "hidden.bias", {hidden_units}, net.b1);
    add_weights(graph, "output.weight", {hidden_units, classes}, net.w2);
    add_weights(graph, "output.bias", {classes}, net.b2);
    set_axis(add_node(graph, "Flatten", {"image"}, "pixels"));
    add_node(graph, "Gemm", {"pixels", "hidden.weight", "hidden.bias"}, "hidden");
    add_node(graph, "Relu", {"hidden"}, "active");
    add_node(graph, "Gemm", {"active", "output.weight", "output.bias"}, "logits");
    set_axis(add_node(graph, "Softmax", {"logits"}, "probabilities"));
    std::string file;
    model.SerializeToString(&file);
    return file;
}

}  // namespace demo
