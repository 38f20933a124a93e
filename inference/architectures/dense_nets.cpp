#include "inference/architectures/parts.hpp"

namespace inference::architectures {
namespace {

std::string layer_name(std::size_t index)
{
    return "fc" + std::to_string(index + 1);
}

}  // namespace

void write_mlp(GraphWriter& graph, const NewModelOptions& options)
{
    graph.input(options.input_name, options.input);
    auto value = flat(graph, options.input_name, options.input);
    auto size = elements(options.input);
    for (std::size_t i = 0; i < options.layers.size(); ++i) {
        value = relu(graph, dense(graph, value, layer_name(i), size, options.layers[i],
                                  Spread::before_relu(size)));
        size = options.layers[i];
    }
    head(graph, value, layer_name(options.layers.size()), size, options);
}

void write_autoencoder(GraphWriter& graph, const NewModelOptions& options)
{
    graph.input(options.input_name, options.input);
    const auto whole = elements(options.input);
    const auto flat_input = flat(graph, options.input_name, options.input);
    Shape sizes = options.layers;
    sizes.insert(sizes.end(), options.layers.rbegin() + 1, options.layers.rend());
    auto value = flat_input;
    auto size = whole;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const bool encodes = i < options.layers.size();
        const auto name = (encodes ? "encoder" : "decoder") +
                          std::to_string(encodes ? i + 1 : i + 1 - options.layers.size());
        value = relu(graph, dense(graph, value, name, size, sizes[i], Spread::before_relu(size)));
        size = sizes[i];
    }
    const bool is_flat = options.input.size() == 1;
    const auto row = dense(graph, value, "output", size, whole, Spread::elsewhere(size, whole),
                           is_flat ? "reconstruction" : "row");
    if (!is_flat) {
        Ints shape{-1};
        shape.insert(shape.end(), options.input.begin(), options.input.end());
        graph.constant("shape", shape);
        graph.node("Reshape", {row, "shape"}, "reconstruction");
    }
    graph.output("reconstruction", options.input);
    graph.node("Sub", {row, flat_input}, "difference");
    graph.node("Mul", {"difference", "difference"}, "squared");
    auto& mean = graph.node("ReduceMean", {"squared"}, "error");
    GraphWriter::set(mean, "axes", Ints{1});
    GraphWriter::set(mean, "keepdims", std::int64_t{0});
    graph.output("error", {});
}

}  // namespace inference::architectures
