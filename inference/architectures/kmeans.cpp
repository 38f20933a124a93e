#include "inference/architectures/kmeans.hpp"

#include "inference/architectures/parts.hpp"
#include "inference/model/tensor.hpp"

#include <algorithm>
#include <cmath>
#include <exception>

namespace inference {
namespace {

using architectures::GraphWriter;
using architectures::Ints;
using ledger::invalid;

/// The centroids around their mean, as the graph has them.
struct Centred {
    std::vector<float> centre;   ///< [width]
    std::vector<float> columns;  ///< [width,clusters], times -2
    std::vector<float> norms;    ///< [clusters]
};

Centred centred(const KMeansModel& model, std::size_t width, std::size_t clusters)
{
    Centred made;
    made.centre.resize(width);
    made.columns.resize(width * clusters);
    std::vector<double> norms(clusters);
    for (std::size_t i = 0; i < width; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < clusters; ++k)
            sum += static_cast<double>(model.centroids[k * width + i]);
        made.centre[i] = static_cast<float>(sum / static_cast<double>(clusters));
        for (std::size_t k = 0; k < clusters; ++k) {
            const auto value = model.centroids[k * width + i] - made.centre[i];
            made.columns[i * clusters + k] = -2 * value;
            norms[k] += static_cast<double>(value) * static_cast<double>(value);
        }
    }
    for (const auto norm : norms) made.norms.push_back(static_cast<float>(norm));
    return made;
}

void reduce(GraphWriter& graph, const char* op, const char* from, const char* to)
{
    auto& node = graph.node(op, {from}, to);
    if (std::string_view{op} == "ArgMin")
        GraphWriter::set(node, "axis", std::int64_t{1});
    else
        GraphWriter::set(node, "axes", Ints{1});
    GraphWriter::set(node, "keepdims", std::int64_t{0});
}

void write(GraphWriter& graph, const KMeansModel& model, std::size_t width, std::size_t clusters)
{
    const auto centroids = centred(model, width, clusters);
    const auto w = static_cast<std::int64_t>(width);
    const auto k = static_cast<std::int64_t>(clusters);
    graph.values("centre", {w}, centroids.centre);
    graph.values("centroids.weight", {w, k}, centroids.columns);
    graph.values("centroids.norm", {k}, centroids.norms);
    graph.values("zero", {}, {0});

    graph.input(model.input_name, model.input);
    graph.node("Sub", {architectures::flat(graph, model.input_name, model.input), "centre"}, "x");
    graph.node("Mul", {"x", "x"}, "x.squares");
    graph.constant("last", {1});
    graph.node("ReduceSum", {"x.squares", "last"}, "x.norm");
    graph.node("MatMul", {"x", "centroids.weight"}, "products");
    graph.node("Add", {"products", "centroids.norm"}, "partial");
    graph.node("Add", {"partial", "x.norm"}, "squares");
    // Rounding may lead below 0, where there is no root.
    graph.node("Max", {"squares", "zero"}, "squares.positive");
    graph.node("Sqrt", {"squares.positive"}, "distances");
    reduce(graph, "ArgMin", "distances", "label");
    reduce(graph, "ReduceMin", "distances", "distance");
    graph.output("label", {}, onnx::TensorProto::INT64);
    graph.output("distance", {});
    graph.output("distances", {k});
    if (!model.threshold) return;
    graph.values("threshold", {}, {*model.threshold});
    graph.node("Greater", {"distance", "threshold"}, "anomaly");
    graph.output("anomaly", {}, onnx::TensorProto::BOOL);
}

}  // namespace

ledger::Result<ledger::Bytes> write_kmeans(const KMeansModel& model)
{
    const NewModelLimits limits;
    const auto most = static_cast<std::uint64_t>(limits.parameters);
    const auto width = element_count(model.input, most);
    if (!width || *width == 0 || model.input.empty())
        return invalid("a sample of " + to_text(model.input) + " has no room or no numbers");
    if (model.centroids.empty() || model.centroids.size() % *width != 0)
        return invalid(std::to_string(model.centroids.size()) +
                       " numbers are no centroids of samples of " + to_text(model.input));
    const auto finite = [](float value) { return std::isfinite(value); };
    if (!std::ranges::all_of(model.centroids, finite) || !finite(model.threshold.value_or(0)))
        return invalid("centroids and threshold are finite numbers");
    try {
        GraphWriter graph{"kmeans", 0, most};
        write(graph, model, *width, model.centroids.size() / *width);
        if (!graph.fits())
            return ledger::Error{ledger::ErrorKind::full, "the model would have more than " +
                                                              std::to_string(most) + " parameters"};
        if (!graph.has_own_names())
            return invalid("the input cannot be named " + model.input_name +
                           ", which is the name of something else in the graph");
        return graph.bytes();
    } catch (const std::exception& error) {  // protobuf's
        return ledger::Error{ledger::ErrorKind::full,
                             std::string{"the model cannot be written: "} + error.what()};
    }
}

}  // namespace inference
