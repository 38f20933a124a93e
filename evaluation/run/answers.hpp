#pragma once

#include "evaluation/metrics/detection.hpp"
#include "evaluation/metrics/regression.hpp"
#include "evaluation/run/plan.hpp"
#include "ledger/base/ids.hpp"

namespace evaluation {

/// What measuring may cost. Each is checked before memory is taken for what it bounds; together
/// they come to less than 1.5 GiB beside model and data.
struct CollectLimits {
    std::size_t samples = 10'000'000;  ///< 40 bytes each for classes, 16 for numbers
    std::size_t classes = 4096;        ///< 4 bytes for each pair
    std::size_t slices = 1024;
    std::size_t kept_numbers = 32u << 20;             ///< 8 bytes each, see Answers::kept
    std::size_t found_boxes = 8'000'000;              ///< 32 bytes each
    std::uint64_t batch_bytes = 64u << 20;            ///< inputs of one run
    std::uint64_t silhouette_steps = 20'000'000'000;  ///< some 20 seconds
};

/// What a model answered to all samples of a source: all that measures are made of.
struct Answers {
    Plan plan;
    std::uint64_t samples = 0;
    ledger::Hash dataset_root;
    /// What a reader of the measures should know, in sentences.
    std::vector<std::string> notes;

    /// The group of each sample, a number into the names; both empty where there are no groups.
    std::vector<std::uint32_t> slices;
    std::vector<std::string> slice_names;

    /// The samples, in ascending order, whose own numbers are kept too: all, or as many as may be,
    /// chosen by the seed.
    std::vector<std::size_t> kept;

    // --- classification
    std::vector<std::string> classes;
    std::vector<ClassAnswer> classified;
    bool has_probabilities = false;
    ScoreKind scores = ScoreKind::probabilities;
    std::vector<double> probabilities;  ///< of each class, for each of `kept`

    // --- regression
    std::vector<NumberAnswer> numbers;
    std::size_t width = 0;       ///< numbers of a target
    std::vector<float> targets;  ///< `width` for each of `kept`, which are all samples or none

    // --- clustering
    std::vector<double> silhouettes;  ///< of each of `kept`; empty with fewer than two clusters

    // --- detection
    DetectionMatches matches;
};

}  // namespace evaluation
