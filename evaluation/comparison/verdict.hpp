#pragma once

#include "evaluation/statistics/measure.hpp"

#include <string_view>

/// What a difference between two models, A and then B, on the same samples says. A gain is what B
/// does better: above 0 when B is right more often, or errs less.
namespace evaluation {

enum class Verdict {
    better,               ///< B is, and chance would hardly show it
    worse,                ///< B is
    no_difference_shown,  ///< either could be better
    not_enough_data,      ///< so few samples that no outcome, or hardly any, could have shown one
};
/// "better" and so on.
std::string_view name_of(Verdict);

enum class NonInferiority {
    shown,      ///< the lower bound of the gain is at least -margin
    refuted,    ///< the upper bound is below it
    undecided,  ///< neither
};
std::string_view name_of(NonInferiority);

struct VerdictRules {
    double significance = 0.05;        ///< of a two-sided p
    std::uint64_t least_samples = 30;  ///< below that, not_enough_data
    /// A loss that is small enough to be borne, as the measure's own number.
    double margin = 0.01;
};

/// `p` belongs to `gain`. `can_show` is false where no outcome could have brought p below the
/// significance; that is not held against a gain that lies within the margin on both sides.
Verdict verdict_of(const Measure& gain, double p, bool can_show, const VerdictRules& rules);

NonInferiority non_inferiority(const Measure& gain, const VerdictRules& rules);

}  // namespace evaluation
