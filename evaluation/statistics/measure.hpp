#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace evaluation {

/// All intervals are two-sided and hold with so much confidence.
inline constexpr double confidence_level = 0.95;

/// How an interval was made; docs/evaluation.md says more of each.
enum class Method {
    none,             ///< too few samples, or nothing that holds in general
    clopper_pearson,  ///< exact bounds of a proportion
    overlap,          ///< of an F1: exact bounds of the overlap that it follows from
    smaller_group,    ///< of an area of 0 or 1: exact bounds with the n of the smaller group
    student_t,        ///< of a mean
    delong,           ///< of one area under a curve
    delta,            ///< normal, from what each sample adds to first order
    newcombe,         ///< of the difference of two proportions of the same samples
    bootstrap,        ///< percentiles of seeded resamples
};
/// "clopper_pearson" and so on.
std::string_view name_of(Method);

struct Interval {
    double low = 0;
    double high = 0;
};

/// A measured value, from how many samples, and where the true one lies.
struct Measure {
    double value = 0;
    std::uint64_t n = 0;
    std::optional<Interval> interval;
    Method method = Method::none;
};

/// Counts are below 2^53 everywhere here.
inline double real(std::uint64_t count)
{
    return static_cast<double>(count);
}

}  // namespace evaluation
