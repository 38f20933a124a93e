#pragma once

#include "evaluation/results/results.hpp"

namespace evaluation {

/// Some of the samples of answers: all, or those of a group.
struct Part {
    std::vector<std::size_t> samples;
    std::vector<std::size_t> kept;  ///< places in Answers::kept whose samples are among them
};
Part all_of(const Answers& answers);
/// One for each of Answers::slice_names.
std::vector<Part> parts_of(const Answers& answers);

/// The metrics of each task, in the order in which they are shown.
std::vector<NamedMeasure> class_metrics(const Answers& answers, const Part& part,
                                        const MeasureOptions& options);
std::vector<NamedMeasure> number_metrics(const Answers& answers, const Part& part);
std::vector<NamedMeasure> cluster_metrics(const Answers& answers, const Part& part);
std::vector<NamedMeasure> box_metrics(const Answers& answers, const Part& part,
                                      const MeasureOptions& options);

/// What only the whole has: classes, curves, matrix.
void add_class_details(const Answers& answers, const MeasureOptions& options, Results& to);
void add_box_details(const Answers& answers, const MeasureOptions& options, Results& to);

/// How often each image counts when those of `part` are drawn so often.
std::vector<std::uint32_t> image_counts(const Answers& answers, const Part& part,
                                        std::span<const std::uint32_t> drawn);
/// What one image of a resample of `part` costs, in draws: all boxes are looked through for each.
std::uint64_t image_cost(const Answers& answers, const Part& part);

}  // namespace evaluation
