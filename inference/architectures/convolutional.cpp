#include "inference/architectures/parts.hpp"

#include <algorithm>

namespace inference::architectures {
namespace {

/// A convolution that keeps the sides, divided by its stride and rounded up.
struct Convolution {
    std::string name;
    std::int64_t inputs = 1;
    std::int64_t outputs = 1;
    Shape kernel;
    std::int64_t stride = 1;
    std::int64_t groups = 1;
    bool bias = true;
};

std::string convolution(GraphWriter& graph, const std::string& from, const Convolution& shape)
{
    Shape weight{shape.outputs, shape.inputs / shape.groups};
    weight.insert(weight.end(), shape.kernel.begin(), shape.kernel.end());
    std::int64_t fan_in = shape.inputs / shape.groups;
    for (const auto side : shape.kernel) fan_in *= side;
    graph.weights(shape.name + ".weight", weight, Spread::before_relu(fan_in));
    std::vector<std::string> inputs{from, shape.name + ".weight"};
    if (shape.bias) {
        graph.constant_weights(shape.name + ".bias", {shape.outputs}, 0);
        inputs.push_back(shape.name + ".bias");
    }
    auto& node = graph.node("Conv", inputs, shape.name);
    Ints pads;
    for (int end = 0; end < 2; ++end)
        for (const auto side : shape.kernel) pads.push_back(side / 2);
    GraphWriter::set(node, "kernel_shape", shape.kernel);
    GraphWriter::set(node, "pads", pads);
    GraphWriter::set(node, "strides", Ints(shape.kernel.size(), shape.stride));
    GraphWriter::set(node, "group", shape.groups);
    return shape.name;
}

std::string batch_normalisation(GraphWriter& graph, const std::string& from,
                                const std::string& name, std::int64_t channels)
{
    graph.constant_weights(name + ".weight", {channels}, 1);
    graph.constant_weights(name + ".bias", {channels}, 0);
    graph.constant_weights(name + ".running_mean", {channels}, 0);
    graph.constant_weights(name + ".running_var", {channels}, 1);
    auto& node = graph.node(
        "BatchNormalization",
        {from, name + ".weight", name + ".bias", name + ".running_mean", name + ".running_var"},
        name);
    GraphWriter::set(node, "epsilon", 1e-5F);
    return name;
}

/// Halves the sides that have two at least.
std::string pool(GraphWriter& graph, const std::string& from, Shape& sides)
{
    if (std::ranges::all_of(sides, [](auto side) { return side < 2; })) return from;
    Ints window;
    for (auto& side : sides) {
        window.push_back(side < 2 ? 1 : 2);
        side /= window.back();
    }
    const auto to = from + ".pool";
    auto& node = graph.node("MaxPool", {from}, to);
    GraphWriter::set(node, "kernel_shape", window);
    GraphWriter::set(node, "strides", window);
    return to;
}

}  // namespace

void write_cnn(GraphWriter& graph, const NewModelOptions& options)
{
    graph.input(options.input_name, options.input);
    Shape sides{options.input.begin() + 1, options.input.end()};
    const Shape kernel(sides.size(), options.kernel);
    auto value = options.input_name;
    auto channels = options.input[0];
    for (std::size_t i = 0; i < options.channels.size(); ++i) {
        const auto number = std::to_string(i + 1);
        value = convolution(graph, value,
                            {"conv" + number, channels, options.channels[i], kernel, 1, 1,
                             !options.batch_normalisation});
        channels = options.channels[i];
        if (options.batch_normalisation)
            value = batch_normalisation(graph, value, "bn" + number, channels);
        value = pool(graph, relu(graph, value), sides);
    }
    Shape shape{channels};
    shape.insert(shape.end(), sides.begin(), sides.end());
    value = flat(graph, value, shape);
    auto size = elements(shape);
    std::size_t layer = 0;
    for (; layer < options.layers.size(); ++layer) {
        value = relu(graph, dense(graph, value, "fc" + std::to_string(layer + 1), size,
                                  options.layers[layer], Spread::before_relu(size)));
        size = options.layers[layer];
    }
    head(graph, value, "fc" + std::to_string(layer + 1), size, options);
}

void write_dscnn(GraphWriter& graph, const NewModelOptions& options)
{
    graph.input(options.input_name, options.input);
    const auto sides = options.input.size() - 1;
    const Shape kernel(sides, options.kernel);
    const Shape point(sides, 1);
    const auto after = [&](const std::string& from, const std::string& name, std::int64_t size) {
        return relu(graph, batch_normalisation(graph, from, name + ".bn", size));
    };
    auto channels = options.channels[0];
    auto value = after(convolution(graph, options.input_name,
                                   {"conv1", options.input[0], channels, kernel, 2, 1, false}),
                       "conv1", channels);
    for (std::size_t i = 1; i < options.channels.size(); ++i) {
        const auto number = std::to_string(i);
        value = after(
            convolution(graph, value,
                        {"depthwise" + number, channels, channels, kernel, 1, channels, false}),
            "depthwise" + number, channels);
        value = after(
            convolution(graph, value,
                        {"pointwise" + number, channels, options.channels[i], point, 1, 1, false}),
            "pointwise" + number, options.channels[i]);
        channels = options.channels[i];
    }
    graph.node("GlobalAveragePool", {value}, "mean");
    head(graph, flat(graph, "mean", {channels, 1}), "fc", channels, options);
}

}  // namespace inference::architectures
