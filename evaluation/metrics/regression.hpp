#pragma once

#include "evaluation/statistics/measure.hpp"

#include <cstddef>
#include <span>

namespace evaluation {

/// How far an answer of one or more numbers is from what it should be, as means over its numbers.
struct NumberAnswer {
    double absolute = 0;
    double squared = 0;
};
/// Both are of the same size, at least 1, and finite.
NumberAnswer answer_of(std::span<const double> predicted, std::span<const float> target);

/// Mean over samples, with Student's t.
Measure mean_absolute_error(std::span<const NumberAnswer> answers);
/// Root of the mean over samples; the bounds are the roots of those of the mean.
Measure root_mean_square_error(std::span<const NumberAnswer> answers);

/// 1 - squared errors / squared deviations of the targets from their mean: each number of an
/// answer has a mean of its own, and the sums go over all. `targets` are `width` numbers for each
/// answer. n = 0 where the targets are all the same; interval by the delta method.
Measure r_squared(std::span<const NumberAnswer> answers, std::span<const float> targets,
                  std::size_t width);

}  // namespace evaluation
