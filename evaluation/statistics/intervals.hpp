#pragma once

#include "evaluation/statistics/measure.hpp"

#include <span>

namespace evaluation {

/// Clopper and Pearson 1934: exact, so never too narrow. [0, 1] where n is 0; `hits` <= n.
Interval clopper_pearson(std::uint64_t hits, std::uint64_t n);
/// Their upper bound alone, one-sided: the share is at most so large with confidence `level`, above
/// 0 and below 1. 1 where n is 0.
double clopper_pearson_upper(std::uint64_t hits, std::uint64_t n, double level);
/// Wilson 1927: nearer to the nominal level on average; what paired differences are made of.
Interval wilson(std::uint64_t hits, std::uint64_t n);

/// hits / n with exact bounds; 0 where n is 0.
Measure proportion(std::uint64_t hits, std::uint64_t n);

/// The mean with Student's t; without an interval where there are fewer than two values.
Measure mean(std::span<const double> values);

/// `value` give or take what a sum of independent parts varies: `influence` is what each sample
/// adds to the value to first order, times n (its mean is 0). Cut to [least, most]. Without an
/// interval where nothing varies: that says little of other samples.
Measure delta(double value, std::span<const double> influence, double least, double most);

/// Mean and variance with n - 1; the variance of fewer than two values is 0.
struct Moments {
    double mean = 0;
    double variance = 0;
};
Moments moments(std::span<const double> values);

}  // namespace evaluation
