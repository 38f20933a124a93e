#include "evaluation/comparison/paired.hpp"

#include "evaluation/statistics/distributions.hpp"
#include "evaluation/statistics/intervals.hpp"

#include <algorithm>
#include <cmath>

namespace evaluation {

PairedTest paired_t(std::span<const double> gains)
{
    PairedTest test{mean(gains)};
    if (gains.size() < 2) return test;
    const auto variance = moments(gains).variance;
    if (variance == 0) {
        test.p = test.gain.value == 0 ? 1 : 0;
        return test;
    }
    test.p = student_two_sided(test.gain.value / std::sqrt(variance / real(gains.size())),
                               gains.size() - 1);
    return test;
}

PairedTest paired_bootstrap(
    double gain, std::size_t n, const Bootstrap& how, std::uint64_t each,
    const std::function<double(std::span<const std::uint32_t> drawn)>& gain_of)
{
    PairedTest test{{gain, n, {}, Method::none}};
    std::uint64_t above = 0, below = 0, made = 0;
    test.gain.interval =
        bootstrap_interval(n, how, each, [&](std::span<const std::uint32_t> drawn) {
            const auto value = gain_of(drawn);
            if (std::isnan(value)) return value;
            ++made;
            if (value >= 0) ++above;
            if (value <= 0) ++below;
            return value;
        });
    if (!test.gain.interval) return test;
    test.gain.method = Method::bootstrap;
    const auto less = std::max<std::uint64_t>(1, std::min(above, below));
    test.p = std::min(1.0, 2 * real(less) / real(made));
    return test;
}

}  // namespace evaluation
