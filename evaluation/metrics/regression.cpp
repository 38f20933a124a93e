#include "evaluation/metrics/regression.hpp"

#include "evaluation/statistics/intervals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace evaluation {
namespace {

Measure mean_of(std::span<const NumberAnswer> answers, double NumberAnswer::*which)
{
    std::vector<double> values;
    values.reserve(answers.size());
    for (const auto& answer : answers) values.push_back(answer.*which);
    return mean(values);
}

}  // namespace

NumberAnswer answer_of(std::span<const double> predicted, std::span<const float> target)
{
    NumberAnswer answer;
    for (std::size_t i = 0; i < target.size(); ++i) {
        const auto miss = predicted[i] - static_cast<double>(target[i]);
        answer.absolute += std::abs(miss);
        answer.squared += miss * miss;
    }
    answer.absolute /= real(target.size());
    answer.squared /= real(target.size());
    return answer;
}

Measure mean_absolute_error(std::span<const NumberAnswer> answers)
{
    auto measure = mean_of(answers, &NumberAnswer::absolute);
    if (measure.interval) measure.interval->low = std::max(0.0, measure.interval->low);
    return measure;
}

Measure root_mean_square_error(std::span<const NumberAnswer> answers)
{
    auto measure = mean_of(answers, &NumberAnswer::squared);
    measure.value = std::sqrt(measure.value);
    if (measure.interval)
        measure.interval = Interval{std::sqrt(std::max(0.0, measure.interval->low)),
                                    std::sqrt(measure.interval->high)};
    return measure;
}

Measure r_squared(std::span<const NumberAnswer> answers, std::span<const float> targets,
                  std::size_t width)
{
    const auto n = answers.size();
    if (n == 0 || width == 0) return {};
    std::vector<double> means(width), deviations(n), influence(n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < width; ++k)
            means[k] += static_cast<double>(targets[i * width + k]) / real(n);
    double errors = 0, spread = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < width; ++k) {
            const auto off = static_cast<double>(targets[i * width + k]) - means[k];
            deviations[i] += off * off / real(width);
        }
        errors += answers[i].squared / real(n);
        spread += deviations[i] / real(n);
    }
    if (spread == 0) return {};
    // The mean itself moves the deviations in second order only.
    for (std::size_t i = 0; i < n; ++i)
        influence[i] = errors * deviations[i] / (spread * spread) - answers[i].squared / spread;
    return delta(1 - errors / spread, influence, -std::numeric_limits<double>::infinity(), 1);
}

}  // namespace evaluation
