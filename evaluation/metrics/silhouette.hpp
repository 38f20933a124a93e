#pragma once

#include "evaluation/statistics/measure.hpp"

#include <span>
#include <vector>

namespace evaluation {

/// Rousseeuw 1987: for each point (b - a) / max(a, b), where a is its mean Euclidean distance to
/// the others of its cluster, and b the least of its mean distances to those of another one; 0
/// where it is alone in its cluster. `points` are `width` numbers for each of `clusters`. Empty
/// where there are fewer than two clusters. Takes n * n * width steps.
std::vector<double> silhouettes(std::span<const float> points, std::size_t width,
                                std::span<const std::uint32_t> clusters);

/// The largest n for which that takes at most `steps`.
std::size_t silhouette_points(std::size_t width, std::uint64_t steps);

}  // namespace evaluation
