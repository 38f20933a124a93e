#include "evaluation/results/part.hpp"

#include <numeric>

namespace evaluation {
namespace {

std::vector<NamedMeasure> metrics_of(const Answers& answers, const Part& part,
                                     const MeasureOptions& options)
{
    switch (answers.plan.task) {
        case Task::classification:
            return class_metrics(answers, part, options);
        case Task::regression:
            return number_metrics(answers, part);
        case Task::clustering:
            return cluster_metrics(answers, part);
        case Task::detection:
            return box_metrics(answers, part, options);
    }
    return {};
}

}  // namespace

Part all_of(const Answers& answers)
{
    Part part;
    part.samples.resize(answers.samples);
    std::iota(part.samples.begin(), part.samples.end(), std::size_t{0});
    part.kept.resize(answers.kept.size());
    std::iota(part.kept.begin(), part.kept.end(), std::size_t{0});
    return part;
}

std::vector<Part> parts_of(const Answers& answers)
{
    std::vector<Part> parts(answers.slice_names.size());
    for (std::size_t i = 0; i < answers.slices.size(); ++i)
        parts[answers.slices[i]].samples.push_back(i);
    for (std::size_t i = 0; i < answers.kept.size() && !answers.slices.empty(); ++i)
        parts[answers.slices[answers.kept[i]]].kept.push_back(i);
    return parts;
}

Results measure(const Answers& answers, const MeasureOptions& options)
{
    Results results;
    results.task = answers.plan.task;
    results.samples = answers.samples;
    results.notes = answers.notes;
    results.metrics = metrics_of(answers, all_of(answers), options);
    if (results.task == Task::classification) add_class_details(answers, options, results);
    if (results.task == Task::detection) add_box_details(answers, options, results);
    if (!options.by_slice) return results;
    const auto parts = parts_of(answers);
    for (std::size_t i = 0; i < parts.size(); ++i)
        results.slices.push_back({answers.slice_names[i], parts[i].samples.size(),
                                  metrics_of(answers, parts[i], options)});
    return results;
}

}  // namespace evaluation
