#pragma once

#include "evaluation/comparison/mcnemar.hpp"
#include "evaluation/comparison/verdict.hpp"
#include "evaluation/results/results.hpp"

namespace evaluation {

/// One measure of two models on the same samples.
struct PairedResult {
    std::string name;
    double a = 0;
    double b = 0;
    Measure gain;      ///< of B over A: above 0 is better, for errors as well
    std::string test;  ///< "mcnemar", "paired_t", "paired_bootstrap"
    double p = 1;      ///< two-sided, what the verdict goes by
    std::optional<double> mid_p = {};
    Verdict verdict = Verdict::not_enough_data;
    double margin = 0;  ///< in the measure's own unit
    NonInferiority non_inferiority = NonInferiority::undecided;
};

struct SliceComparison {
    std::string name;
    std::uint64_t samples = 0;
    std::vector<PairedResult> results;
};

struct Comparison {
    Task task = Task::classification;
    std::uint64_t samples = 0;
    std::optional<PairedCounts> counts;  ///< of a classification
    std::vector<PairedResult> results;   ///< the first is what the models are judged by
    std::vector<SliceComparison> slices;
    Verdict verdict() const { return results.front().verdict; }
};

struct CompareOptions {
    /// The margin is of accuracy, silhouette and average precision; of an error it is that share
    /// of A's error.
    VerdictRules rules;
    Bootstrap bootstrap;
    bool by_slice = false;
};

/// Accuracy by McNemar's exact test, then log loss; mean absolute and squared error, and the
/// silhouette, by Student's t for pairs; average precision by a paired bootstrap over images.
/// `invalid` where the two were not asked the same: another task, other targets, other samples.
ledger::Result<Comparison> compare(const Answers& a, const Answers& b,
                                   const CompareOptions& options);

}  // namespace evaluation
