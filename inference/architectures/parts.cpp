#include "inference/architectures/parts.hpp"

#include "inference/model/tensor.hpp"

namespace inference::architectures {

std::int64_t elements(const Shape& shape)
{
    return static_cast<std::int64_t>(element_count(shape).value_or(0));
}

std::string dense(GraphWriter& graph, const std::string& from, const std::string& name,
                  std::int64_t inputs, std::int64_t outputs, Spread spread, const std::string& to)
{
    graph.weights(name + ".weight", {outputs, inputs}, spread);
    graph.constant_weights(name + ".bias", {outputs}, 0);
    auto result = to.empty() ? name : to;
    auto& node = graph.node("Gemm", {from, name + ".weight", name + ".bias"}, result);
    GraphWriter::set(node, "transB", std::int64_t{1});
    return result;
}

std::string relu(GraphWriter& graph, const std::string& from)
{
    auto to = from + ".relu";
    graph.node("Relu", {from}, to);
    return to;
}

std::string flat(GraphWriter& graph, const std::string& from, const Shape& shape)
{
    if (shape.size() == 1) return from;
    GraphWriter::set(graph.node("Flatten", {from}, "flat"), "axis", std::int64_t{1});
    return "flat";
}

void head(GraphWriter& graph, const std::string& from, const std::string& name, std::int64_t inputs,
          const NewModelOptions& options)
{
    dense(graph, from, name, inputs, options.outputs, Spread::elsewhere(inputs, options.outputs),
          "logits");
    graph.output("logits", {options.outputs});
    if (!options.probabilities) return;
    if (options.outputs == 1)
        graph.node("Sigmoid", {"logits"}, "probabilities");
    else
        GraphWriter::set(graph.node("Softmax", {"logits"}, "probabilities"), "axis",
                         std::int64_t{1});
    graph.output("probabilities", {options.outputs});
}

}  // namespace inference::architectures
