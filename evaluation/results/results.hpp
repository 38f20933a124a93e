#pragma once

#include "evaluation/metrics/class_measures.hpp"
#include "evaluation/metrics/confusion.hpp"
#include "evaluation/metrics/roc.hpp"
#include "evaluation/run/answers.hpp"

namespace evaluation {

/// Names are those that docs/evaluation.md lists, and that the ledger keeps: "macro_f1".
struct NamedMeasure {
    std::string name;
    Measure measure;
};

struct ClassResult {
    std::string name;
    std::uint64_t support = 0;  ///< samples of it; of a detection, boxes
    std::vector<NamedMeasure> measures;
};

struct SliceResult {
    std::string name;
    std::uint64_t samples = 0;
    std::vector<NamedMeasure> metrics;
};

struct RocCurve {
    std::string name;  ///< of the class against the others
    std::vector<RocPoint> points;
};

/// All that was measured of one model on one set of samples.
struct Results {
    Task task = Task::classification;
    std::uint64_t samples = 0;
    std::vector<NamedMeasure> metrics;
    std::vector<ClassResult> classes;
    std::vector<SliceResult> slices;
    std::optional<ConfusionMatrix> confusion;
    std::vector<std::string> class_names;  ///< of its rows
    std::optional<Reliability> reliability;
    std::vector<RocCurve> curves;
    std::vector<std::string> notes;
};

struct MeasureOptions {
    std::vector<std::uint32_t> top_k = {5};  ///< those below the number of classes are measured
    bool by_slice = false;
    Bootstrap bootstrap = {};
    std::size_t curves = 20;         ///< at most: none where there are more classes
    std::size_t curve_points = 200;  ///< of each
};

Results measure(const Answers& answers, const MeasureOptions& options);

}  // namespace evaluation
