#pragma once

#include "evaluation/statistics/measure.hpp"

#include <span>
#include <vector>

namespace evaluation {

/// The area under the ROC curve: how often a sample that is of the class is scored above one that
/// is not, equal scores counting half.
struct RocArea {
    /// By DeLong, DeLong and Clarke-Pearson 1988, in the order of Sun and Xu 2014 (n log n, ties
    /// by mid-ranks). Where that sees no variance at all, as for an area of 1, or cannot tell it,
    /// as of a single sample, the bounds are the exact ones of a proportion of the smaller group. n
    /// = 0 where a group is empty.
    Measure area;
    /// What each sample adds to the area to first order, times n; empty where a group has fewer
    /// than two.
    std::vector<double> influence;
};
/// `is_positive` says for each score whether its sample is of the class. No score is a NaN.
RocArea roc_area(std::span<const double> scores, std::span<const std::uint8_t> is_positive);

/// The mean of the areas of classes that have one, with the delta method over the samples; each is
/// of the same samples in the same order. No bounds where one of them has a group of a single
/// sample. Takes the memory of one.
class MeanArea {
public:
    void add(const RocArea& roc);
    Measure measure() const;

private:
    double sum_ = 0;
    std::uint64_t count_ = 0;
    std::size_t samples_ = 0;
    bool is_bounded_ = true;
    std::vector<double> influence_;
};

/// One threshold: what share of the others, and of the class, is scored at or above it.
struct RocPoint {
    double false_positives = 0;
    double true_positives = 0;
};
/// From (0, 0) to (1, 1), a point for each different score; at most `most` (>= 2) of them, evenly
/// chosen. Empty where a group is.
std::vector<RocPoint> roc_curve(std::span<const double> scores,
                                std::span<const std::uint8_t> is_positive, std::size_t most);

}  // namespace evaluation
