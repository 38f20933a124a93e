#include "evaluation/statistics/bootstrap.hpp"

#include "ledger/base/draws.hpp"

#include <algorithm>
#include <cmath>

namespace evaluation {

std::optional<Interval> bootstrap_interval(
    std::size_t n, const Bootstrap& how, std::uint64_t each,
    const std::function<double(std::span<const std::uint32_t> drawn)>& statistic)
{
    if (n < 2 || n > UINT32_MAX || each == 0) return {};
    const auto affordable = how.draws / each / n;
    const auto resamples =
        static_cast<std::size_t>(std::min<std::uint64_t>(how.resamples, affordable));
    if (resamples < 100) return {};
    ledger::Draws random{how.seed};
    std::vector<double> values;
    values.reserve(resamples);
    std::vector<std::uint32_t> drawn(n);
    for (std::size_t i = 0; i < resamples; ++i) {
        std::fill(drawn.begin(), drawn.end(), 0);
        for (std::size_t k = 0; k < n; ++k) ++drawn[random.below(n)];
        const auto value = statistic(drawn);
        if (!std::isnan(value)) values.push_back(value);
    }
    if (values.size() < 100) return {};
    std::sort(values.begin(), values.end());
    constexpr double tail = (1 - confidence_level) / 2;
    const auto count = real(values.size());
    const auto low = static_cast<std::size_t>(std::floor(tail * count));
    const auto high = static_cast<std::size_t>(std::ceil((1 - tail) * count)) - 1;
    return Interval{values[low], values[high]};
}

std::vector<std::size_t> choose(std::size_t n, std::size_t count, std::uint64_t seed)
{
    ledger::Draws random{seed};
    std::vector<std::size_t> chosen;
    auto wanted = std::min(n, count);
    chosen.reserve(wanted);
    for (std::size_t i = 0; i < n && wanted > 0; ++i) {
        if (n - i > wanted && random.below(n - i) >= wanted) continue;
        chosen.push_back(i);
        --wanted;
    }
    return chosen;
}

}  // namespace evaluation
