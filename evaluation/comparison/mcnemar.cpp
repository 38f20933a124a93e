#include "evaluation/comparison/mcnemar.hpp"

#include "evaluation/statistics/distributions.hpp"
#include "evaluation/statistics/intervals.hpp"

#include <algorithm>
#include <cmath>

namespace evaluation {
namespace {

/// The correlation of the two, taken towards 0 by half a sample where it is positive.
double correlation(const PairedCounts& counts)
{
    const auto a = real(counts.both), b = real(counts.only_a), c = real(counts.only_b),
               d = real(counts.neither);
    const auto scale = (a + b) * (c + d) * (a + c) * (b + d);
    if (scale == 0) return 0;
    auto product = a * d - b * c;
    if (product > 0) product = std::max(0.0, product - (a + b + c + d) / 2);
    return product / std::sqrt(scale);
}

}  // namespace

McNemar mcnemar(const PairedCounts& counts)
{
    const auto n = counts.only_a + counts.only_b;
    if (n == 0) return {};
    const auto less = std::min(counts.only_a, counts.only_b);
    const auto tails = 2 * coins_at_most(less, n);
    return {std::min(1.0, tails), std::min(1.0, tails - coins_exactly(less, n))};
}

Measure accuracy_gain(const PairedCounts& counts)
{
    const auto n = counts.total();
    Measure gain{0, n, {}, Method::none};
    if (n == 0) return gain;
    const auto right_a = counts.both + counts.only_a, right_b = counts.both + counts.only_b;
    const auto share_a = real(right_a) / real(n), share_b = real(right_b) / real(n);
    const auto a = wilson(right_a, n), b = wilson(right_b, n);
    const auto together = correlation(counts);
    // Of b - a: below lie b's lower and a's upper bound, above the others.
    const auto spread = [&](double of_b, double of_a) {
        return std::sqrt(std::max(0.0, of_b * of_b - 2 * together * of_b * of_a + of_a * of_a));
    };
    gain.value = share_b - share_a;
    gain.interval = Interval{gain.value - spread(share_b - b.low, a.high - share_a),
                             gain.value + spread(b.high - share_b, share_a - a.low)};
    gain.method = Method::newcombe;
    return gain;
}

}  // namespace evaluation
