#pragma once

#include "evaluation/statistics/measure.hpp"

namespace evaluation {

/// How two models answered the same samples.
struct PairedCounts {
    std::uint64_t both = 0;    ///< right
    std::uint64_t only_a = 0;  ///< A right, B wrong
    std::uint64_t only_b = 0;
    std::uint64_t neither = 0;
    std::uint64_t total() const { return both + only_a + only_b + neither; }
};

/// McNemar's test, two-sided: were the samples on which one alone is right shared out like coins?
/// The exact p is never too small; the mid-p (Fagerland, Lydersen, Laake 2013) hardly ever, and
/// sees more.
struct McNemar {
    double exact = 1;
    double mid_p = 1;
};
McNemar mcnemar(const PairedCounts& counts);

/// The exact p can be below 0.05 from so many samples on, on which one alone is right.
inline constexpr std::uint64_t least_discordant = 6;

/// Accuracy of B minus that of A. Bounds as in Newcombe 1998 (Statistics in Medicine 17, 2635),
/// method 10: Wilson's bounds of both, squared and added, with their correlation.
Measure accuracy_gain(const PairedCounts& counts);

}  // namespace evaluation
