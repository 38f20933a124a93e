#include "wallet/cli/new_clusters.hpp"

#include "inference/architectures/kmeans.hpp"
#include "ledger/codec/json.hpp"
#include "samples/clustering/kmeans.hpp"
#include "samples/numbers.hpp"
#include "samples/open.hpp"

namespace wallet::cli {
namespace {

struct Range {
    std::size_t least = 2;
    std::size_t most = 10;
};

/// "5" or "2..10".
Range range_of(const std::string& text)
{
    const auto dots = text.find("..");
    const auto least = ledger::codec::parse_decimal(text.substr(0, dots));
    const auto most =
        dots == std::string::npos ? least : ledger::codec::parse_decimal(text.substr(dots + 2));
    if (!least || !most || *least < 1 || *most > 4096 || *least > *most ||
        (dots != std::string::npos && *least < 2))
        fail(Fault::usage,
             "--clusters is a number up to 4096, or two from 2 on as 2..10, not " + text);
    return {static_cast<std::size_t>(*least), static_cast<std::size_t>(*most)};
}

std::unique_ptr<samples::Source> source_of(const ClusterOptions& options)
{
    if (options.data.empty()) fail(Fault::usage, "--data is needed: what the clusters are of");
    inference::TensorSpec input{"input", inference::DataType::FP32, {-1}};
    if (options.input.empty()) input.shape.push_back(-1);
    input.shape.insert(input.shape.end(), options.input.begin(), options.input.end());
    samples::OpenOptions open;
    open.path = options.data;
    open.table.target = samples::TargetKind::none;
    open.table.ignored = options.ignored;
    return must(samples::open(open, {{input}, {}}));
}

samples::Clusters clusters_of(const samples::Points& points, const ClusterOptions& options,
                              json& document)
{
    const auto range = range_of(options.count);
    samples::KMeansOptions fit;
    fit.seed = options.seed;
    if (range.least == range.most) {
        fit.clusters = range.least;
        return must(samples::fit_kmeans(points, fit));
    }
    auto choice = must(samples::choose_kmeans(points, range.least, range.most, fit));
    for (const auto& [count, value] : choice.silhouettes)
        document["silhouettes"].push_back({{"clusters", count}, {"silhouette", value}});
    return std::move(choice.clusters);
}

}  // namespace

ledger::Bytes cluster_model(const ClusterOptions& options, json& document)
{
    static_cast<void>(range_of(options.count));  // before the data are read
    std::optional<double> threshold;
    if (!options.threshold.empty() && options.threshold != "seen") {
        threshold = samples::number_of(options.threshold);
        if (!threshold || *threshold < 0)
            fail(Fault::usage, "--threshold is a distance or seen, not " + options.threshold);
    }
    const auto source = source_of(options);
    const auto points = must(samples::points_of(*source));
    const auto clusters = clusters_of(points, options, document);
    if (options.threshold == "seen") threshold = clusters.radius;
    document["clusters"] = clusters.size();
    document["radius"] = clusters.radius;
    document["samples"] = points.size();
    inference::KMeansModel model{source->inputs()[0].shape, clusters.centroids, {}, "input"};
    if (threshold) model.threshold = static_cast<float>(*threshold);
    return must(inference::write_kmeans(model));
}

}  // namespace wallet::cli
