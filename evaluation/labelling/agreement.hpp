#pragma once

#include "evaluation/labelling/vote.hpp"

#include <optional>
#include <span>

/// How far annotators agree beyond what chance would make them: 1 where always, 0 as chance, below
/// that where they differ more often. Nothing where chance alone agrees always, as all labels are
/// the same, or where there are none to compare. Labels are names: no two are nearer than others.
namespace evaluation {

/// Cohen 1960 (Educational and Psychological Measurement 20, 37), of two annotators: `a` and `b`
/// are as many, fewer than 2^31, and label the same items in the same order.
std::optional<double> cohen_kappa(std::span<const std::uint32_t> a,
                                  std::span<const std::uint32_t> b);

/// Krippendorff's alpha (Content Analysis, 2004, chapter 11) with any number of annotators, any of
/// whom may leave out items. Items with a single vote do not count. Sorts a copy; the order of
/// votes does not matter. Fewer than 2^31 votes.
std::optional<double> krippendorff_alpha(std::span<const Vote> votes);

}  // namespace evaluation
