#include "evaluation/comparison/verdict.hpp"

namespace evaluation {

std::string_view name_of(Verdict verdict)
{
    switch (verdict) {
        case Verdict::better:
            return "better";
        case Verdict::worse:
            return "worse";
        case Verdict::no_difference_shown:
            return "no difference shown";
        case Verdict::not_enough_data:
            return "not enough data";
    }
    return {};
}

std::string_view name_of(NonInferiority found)
{
    switch (found) {
        case NonInferiority::shown:
            return "shown";
        case NonInferiority::refuted:
            return "refuted";
        case NonInferiority::undecided:
            return "undecided";
    }
    return {};
}

Verdict verdict_of(const Measure& gain, double p, bool can_show, const VerdictRules& rules)
{
    if (gain.n < rules.least_samples || !gain.interval) return Verdict::not_enough_data;
    if (p < rules.significance && gain.value != 0)
        return gain.value > 0 ? Verdict::better : Verdict::worse;
    const auto is_small =
        gain.interval->low >= -rules.margin && gain.interval->high <= rules.margin;
    return can_show || is_small ? Verdict::no_difference_shown : Verdict::not_enough_data;
}

NonInferiority non_inferiority(const Measure& gain, const VerdictRules& rules)
{
    if (!gain.interval) return NonInferiority::undecided;
    if (gain.interval->low >= -rules.margin) return NonInferiority::shown;
    if (gain.interval->high < -rules.margin) return NonInferiority::refuted;
    return NonInferiority::undecided;
}

}  // namespace evaluation
