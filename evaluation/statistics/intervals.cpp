#include "evaluation/statistics/intervals.hpp"

#include "evaluation/statistics/distributions.hpp"

#include <algorithm>
#include <cmath>

namespace evaluation {

Interval clopper_pearson(std::uint64_t hits, std::uint64_t n)
{
    constexpr double tail = (1 - confidence_level) / 2;
    Interval interval{0, clopper_pearson_upper(hits, n, 1 - tail)};
    if (hits > 0) interval.low = beta_quantile(real(hits), real(n - hits) + 1, tail);
    return interval;
}

double clopper_pearson_upper(std::uint64_t hits, std::uint64_t n, double level)
{
    return hits < n ? beta_quantile(real(hits) + 1, real(n - hits), level) : 1;
}

Interval wilson(std::uint64_t hits, std::uint64_t n)
{
    if (n == 0) return {0, 1};
    constexpr double square = normal_bound * normal_bound;
    const auto share = real(hits) / real(n);
    const auto centre = share + square / (2 * real(n));
    const auto spread =
        normal_bound * std::sqrt((share * (1 - share) + square / (4 * real(n))) / real(n));
    const auto scale = 1 + square / real(n);
    return {std::max(0.0, (centre - spread) / scale), std::min(1.0, (centre + spread) / scale)};
}

Measure proportion(std::uint64_t hits, std::uint64_t n)
{
    return {n == 0 ? 0 : real(hits) / real(n), n, clopper_pearson(hits, n),
            Method::clopper_pearson};
}

Moments moments(std::span<const double> values)
{
    Moments found;
    if (values.empty()) return found;
    for (const auto value : values) found.mean += value;
    found.mean /= real(values.size());
    if (values.size() < 2) return found;
    for (const auto value : values) found.variance += (value - found.mean) * (value - found.mean);
    found.variance /= real(values.size() - 1);
    return found;
}

Measure mean(std::span<const double> values)
{
    const auto found = moments(values);
    Measure measure{found.mean, values.size(), {}, Method::none};
    if (values.size() < 2) return measure;
    const auto spread =
        student_bound(values.size() - 1) * std::sqrt(found.variance / real(values.size()));
    measure.interval = Interval{found.mean - spread, found.mean + spread};
    measure.method = Method::student_t;
    return measure;
}

Measure delta(double value, std::span<const double> influence, double least, double most)
{
    Measure measure{value, influence.size(), {}, Method::none};
    const auto variance = moments(influence).variance;
    if (!(variance > 0)) return measure;
    const auto spread = normal_bound * std::sqrt(variance / real(influence.size()));
    measure.interval = Interval{std::max(least, value - spread), std::min(most, value + spread)};
    measure.method = Method::delta;
    return measure;
}

}  // namespace evaluation
