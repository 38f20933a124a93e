#include "inference/architectures/parts.hpp"

#include <cmath>

namespace inference::architectures {
namespace {

class Encoder {
public:
    Encoder(GraphWriter& graph, const NewModelOptions& options) : graph_{graph}, options_{options}
    {
    }

    std::string block(const std::string& from, std::size_t index)
    {
        name_ = "block" + std::to_string(index + 1);
        const auto attended =
            add(from, attention(normalised(from, name_ + ".norm1")), name_ + ".attended");
        return add(attended, feed_forward(normalised(attended, name_ + ".norm2")),
                   name_ + ".output");
    }

    std::string normalised(const std::string& from, const std::string& name)
    {
        graph_.constant_weights(name + ".weight", {options_.width}, 1);
        graph_.constant_weights(name + ".bias", {options_.width}, 0);
        auto& node =
            graph_.node("LayerNormalization", {from, name + ".weight", name + ".bias"}, name);
        GraphWriter::set(node, "axis", std::int64_t{-1});
        GraphWriter::set(node, "epsilon", 1e-5F);
        return name;
    }

    /// Dense for each step: [n,T,inputs] to [n,T,outputs]. Weights are [inputs,outputs] here.
    std::string linear(const std::string& from, const std::string& name, std::int64_t inputs,
                       std::int64_t outputs, Spread spread)
    {
        graph_.weights(name + ".weight", {inputs, outputs}, spread);
        graph_.constant_weights(name + ".bias", {outputs}, 0);
        graph_.node("MatMul", {from, name + ".weight"}, name + ".product");
        return add(name + ".product", name + ".bias", name);
    }

    std::string add(const std::string& left, const std::string& right, const std::string& to)
    {
        graph_.node("Add", {left, right}, to);
        return to;
    }

private:
    std::string attention(const std::string& from)
    {
        const auto each = options_.width / options_.heads;
        graph_.constant(name_ + ".split", {0, 0, options_.heads, each});
        graph_.constant(name_ + ".joined", {0, 0, options_.width});
        const auto query = heads(from, "query", {0, 2, 1, 3});
        const auto key = heads(from, "key", {0, 2, 3, 1});
        const auto value = heads(from, "value", {0, 2, 1, 3});
        const auto scores = name_ + ".scores";
        graph_.node("MatMul", {query, key}, scores + ".product");
        graph_.values(name_ + ".scale", {}, {1.0F / std::sqrt(static_cast<float>(each))});
        graph_.node("Mul", {scores + ".product", name_ + ".scale"}, scores);
        GraphWriter::set(graph_.node("Softmax", {scores}, name_ + ".shares"), "axis",
                         std::int64_t{-1});
        graph_.node("MatMul", {name_ + ".shares", value}, name_ + ".mixed");
        auto& back = graph_.node("Transpose", {name_ + ".mixed"}, name_ + ".by_step");
        GraphWriter::set(back, "perm", Ints{0, 2, 1, 3});
        graph_.node("Reshape", {name_ + ".by_step", name_ + ".joined"}, name_ + ".heads");
        return square(name_ + ".heads", "attention");
    }

    std::string heads(const std::string& from, const std::string& what, const Ints& order)
    {
        const auto all = square(from, what);
        graph_.node("Reshape", {all, name_ + ".split"}, all + ".split");
        GraphWriter::set(graph_.node("Transpose", {all + ".split"}, all + ".heads"), "perm", order);
        return all + ".heads";
    }

    std::string square(const std::string& from, const std::string& what)
    {
        const auto width = options_.width;
        return linear(from, name_ + "." + what, width, width, Spread::elsewhere(width, width));
    }

    std::string feed_forward(const std::string& from)
    {
        const auto width = options_.width;
        const auto wide =
            linear(from, name_ + ".fc1", width, 4 * width, Spread::before_relu(width));
        return linear(relu(graph_, wide), name_ + ".fc2", 4 * width, width,
                      Spread::elsewhere(4 * width, width));
    }

    GraphWriter& graph_;
    const NewModelOptions& options_;
    std::string name_;
};

}  // namespace

void write_transformer(GraphWriter& graph, const NewModelOptions& options)
{
    graph.input(options.input_name, options.input);
    const auto steps = options.input[0];
    const auto width = options.width;
    Encoder encoder{graph, options};
    const auto embedded = encoder.linear(options.input_name, "embedding", options.input[1], width,
                                         Spread::elsewhere(options.input[1], width));
    graph.weights("position.weight", {steps, width}, {0.02});
    auto value = encoder.add(embedded, "position.weight", "placed");
    for (std::size_t i = 0; i < static_cast<std::size_t>(options.blocks); ++i)
        value = encoder.block(value, i);
    auto& mean = graph.node("ReduceMean", {encoder.normalised(value, "norm")}, "mean");
    GraphWriter::set(mean, "axes", Ints{1});
    GraphWriter::set(mean, "keepdims", std::int64_t{0});
    head(graph, "mean", "fc", width, options);
}

}  // namespace inference::architectures
