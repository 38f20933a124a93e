#pragma once

#include "evaluation/metrics/class_answer.hpp"
#include "evaluation/statistics/measure.hpp"

#include <array>

/// Measures of answers and of the probabilities that came with them.
namespace evaluation {

/// Share of the samples whose label is among the `k` best classes; exact bounds.
Measure top_k(std::span<const ClassAnswer> answers, std::uint32_t k);

/// Mean of -ln(probability of the label), which is taken for 1e-15 where it is less.
Measure log_loss(std::span<const ClassAnswer> answers);

/// Mean of ClassAnswer::brier: from 0 to 2. For two classes it is twice what is also called so.
Measure brier(std::span<const ClassAnswer> answers);

/// Answers of like confidence: (b / 15, (b + 1) / 15] for bin b, the first with 0.
struct ReliabilityBin {
    std::uint64_t n = 0;
    std::uint64_t right = 0;
    double confidence = 0;  ///< the sum
};
inline constexpr std::size_t reliability_bins = 15;
using Reliability = std::array<ReliabilityBin, reliability_bins>;
Reliability reliability(std::span<const ClassAnswer> answers);

/// Expected calibration error (Naeini et al. 2015; Guo et al. 2017): the mean over samples of
/// |share right - mean confidence| of their bin. Bins of equal width. Without bounds: a resample
/// scatters more than its samples do, so that all of its errors lie too high.
Measure calibration_error(std::span<const ClassAnswer> answers);

}  // namespace evaluation
