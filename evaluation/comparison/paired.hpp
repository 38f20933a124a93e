#pragma once

#include "evaluation/statistics/bootstrap.hpp"

namespace evaluation {

/// Whether the mean of `gains`, one for each sample, differs from 0: Student's t for pairs.
struct PairedTest {
    Measure gain;
    double p = 1;  ///< two-sided; 1 where there are fewer than two samples
};
PairedTest paired_t(std::span<const double> gains);

/// The same for a measure of all samples together, of which `gain_of` gives what B has more than A
/// when the samples are drawn so often: percentiles for the bounds, and as p twice the share of
/// resamples on the side of 0 with fewer, at least 2 / resamples.
PairedTest paired_bootstrap(
    double gain, std::size_t n, const Bootstrap& how, std::uint64_t each,
    const std::function<double(std::span<const std::uint32_t> drawn)>& gain_of);

}  // namespace evaluation
