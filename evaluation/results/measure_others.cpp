#include "evaluation/results/part.hpp"
#include "evaluation/statistics/intervals.hpp"

#include <algorithm>
#include <cmath>

namespace evaluation {
namespace {

struct BoxMetric {
    const char* name;
    DetectionQuestion question;
    bool is_recall;
};
const std::vector<BoxMetric>& box_metric_list()
{
    static const std::vector<BoxMetric> list{
        {"map", {}, false},
        {"ap50", {AreaRange::all, 100, 0, {}}, false},
        {"ap75", {AreaRange::all, 100, 5, {}}, false},
        {"ap_small", {AreaRange::small, 100, {}, {}}, false},
        {"ap_medium", {AreaRange::medium, 100, {}, {}}, false},
        {"ap_large", {AreaRange::large, 100, {}, {}}, false},
        {"ar1", {AreaRange::all, 1, {}, {}}, true},
        {"ar10", {AreaRange::all, 10, {}, {}}, true},
        {"ar100", {AreaRange::all, 100, {}, {}}, true},
        {"ar_small", {AreaRange::small, 100, {}, {}}, true},
        {"ar_medium", {AreaRange::medium, 100, {}, {}}, true},
        {"ar_large", {AreaRange::large, 100, {}, {}}, true},
    };
    return list;
}

/// n = 0 where no true box is asked about.
Measure box_measure(const Answers& answers, const Part& part, const DetectionQuestion& question,
                    bool is_recall, const Bootstrap& how)
{
    const auto value_of = [&](std::span<const std::uint32_t> drawn) {
        const auto counts = image_counts(answers, part, drawn);
        return is_recall ? answers.matches.average_recall(question, counts)
                         : answers.matches.average_precision(question, counts);
    };
    const std::vector<std::uint32_t> once(part.samples.size(), 1);
    const auto value = value_of(once);
    if (std::isnan(value)) return {};
    Measure measure{value, part.samples.size(), {}, Method::none};
    measure.interval =
        bootstrap_interval(part.samples.size(), how, image_cost(answers, part), value_of);
    if (measure.interval) measure.method = Method::bootstrap;
    return measure;
}

}  // namespace

std::vector<NamedMeasure> number_metrics(const Answers& answers, const Part& part)
{
    std::vector<NumberAnswer> found;
    for (const auto sample : part.samples) found.push_back(answers.numbers[sample]);
    std::vector<NamedMeasure> metrics{{"mae", mean_absolute_error(found)},
                                      {"rmse", root_mean_square_error(found)}};
    if (answers.kept.empty()) return metrics;
    std::vector<float> targets;
    for (const auto sample : part.samples) {
        const auto from =
            answers.targets.begin() + static_cast<std::ptrdiff_t>(sample * answers.width);
        targets.insert(targets.end(), from, from + static_cast<std::ptrdiff_t>(answers.width));
    }
    const auto share = r_squared(found, targets, answers.width);
    if (share.n > 0) metrics.push_back({"r2", share});
    return metrics;
}

std::vector<NamedMeasure> cluster_metrics(const Answers& answers, const Part& part)
{
    if (answers.silhouettes.empty()) return {};
    std::vector<double> values;
    for (const auto at : part.kept) values.push_back(answers.silhouettes[at]);
    return {{"silhouette", mean(values)}};
}

std::vector<std::uint32_t> image_counts(const Answers& answers, const Part& part,
                                        std::span<const std::uint32_t> drawn)
{
    std::vector<std::uint32_t> counts(answers.samples);
    for (std::size_t i = 0; i < drawn.size(); ++i) counts[part.samples[i]] = drawn[i];
    return counts;
}

std::uint64_t image_cost(const Answers& answers, const Part& part)
{
    const auto steps = answers.samples + overlap_steps * answers.matches.found();
    return 1 + steps / std::max<std::size_t>(part.samples.size(), 1);
}

std::vector<NamedMeasure> box_metrics(const Answers& answers, const Part& part,
                                      const MeasureOptions& options)
{
    std::vector<NamedMeasure> metrics;
    for (const auto& [name, question, is_recall] : box_metric_list()) {
        auto measure = box_measure(answers, part, question, is_recall, options.bootstrap);
        if (measure.n > 0) metrics.push_back({name, std::move(measure)});
    }
    return metrics;
}

void add_box_details(const Answers& answers, const MeasureOptions& options, Results& to)
{
    const auto part = all_of(answers);
    for (const auto label : answers.matches.labels()) {
        ClassResult row{std::to_string(label), answers.matches.boxes(label), {}};
        const auto measure = [&](std::optional<std::size_t> step) {
            return box_measure(answers, part, {AreaRange::all, 100, step, label}, false,
                               options.bootstrap);
        };
        row.measures = {{"ap", measure({})}, {"ap50", measure(0)}};
        to.classes.push_back(std::move(row));
    }
}

}  // namespace evaluation
