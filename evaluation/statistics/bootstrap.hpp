#pragma once

#include "evaluation/statistics/measure.hpp"

#include <functional>
#include <span>
#include <vector>

namespace evaluation {

struct Bootstrap {
    std::uint64_t seed = 1;  ///< of ledger::Draws: the same resamples everywhere and for ever
    std::size_t resamples = 1000;
    /// Draws of all resamples together; fewer resamples are made where they would be more, and
    /// none at all where that leaves fewer than 100.
    std::uint64_t draws = 200'000'000;
};

/// Percentiles of `statistic` over resamples of n items (below 2^32) with repetition: it is told
/// how often each item was drawn. Ordered values v of B resamples give v[floor(0.025 B)] and
/// v[ceil(0.975 B) - 1]. `each` is what one item of a resample costs, in draws. NaNs are left out.
std::optional<Interval> bootstrap_interval(
    std::size_t n, const Bootstrap& how, std::uint64_t each,
    const std::function<double(std::span<const std::uint32_t> drawn)>& statistic);

/// `count` different numbers below n in ascending order, each set as likely (Knuth's algorithm S);
/// all of them where count >= n.
std::vector<std::size_t> choose(std::size_t n, std::size_t count, std::uint64_t seed);

}  // namespace evaluation
