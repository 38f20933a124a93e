#pragma once

#include "evaluation/results/compare.hpp"
#include "inference/model/content_id.hpp"

#include <nlohmann/json.hpp>

namespace evaluation {

struct MeasuredModel {
    std::string file;  ///< its name, for people
    inference::ContentId content_id;
    ledger::Hash dataset_root;  ///< of the samples as this model is fed with them
};

/// What computed the answers.
struct Environment {
    std::string program;   ///< "millrace 0.1.0"
    std::string engine;    ///< "ONNX Runtime 1.21.0"
    std::string provider;  ///< "cpu"
};

/// What was asked; two reports with the same of this and of model and data say the same.
struct Settings {
    std::uint64_t seed = 1;
    std::vector<std::uint32_t> top_k;
    std::string scores;  ///< "logits" or "probabilities", as they were taken; empty: none
    bool by_slice = false;
    std::optional<double> margin;  ///< of a comparison
};

struct Report {
    MeasuredModel model;
    std::string data;       ///< its name, for people
    std::string evaluator;  ///< address of who signs for it; empty: nobody
    Environment environment;
    Settings settings;
    Results results;
};

struct ComparisonReport {
    MeasuredModel a, b;
    std::string data;
    Environment environment;
    Settings settings;
    Comparison comparison;
};

/// Formats "millrace/evaluation/v1" and "millrace/comparison/v1" (docs/evaluation.md). What is not
/// UTF-8 is replaced; what is no finite number is null.
nlohmann::json to_json(const Report& report);
nlohmann::json to_json(const ComparisonReport& report);

/// The one text of a report: members in bytewise order, no blanks, each number in the fewest digits
/// that give the same double. Its SHA-256 is the report's hash.
std::string canonical_text(const nlohmann::json& report);
ledger::Hash hash_of(const nlohmann::json& report);

/// What was measured, whoever did it and however it came out: the data, the task and how it is
/// asked. `suite_hash` of a ModelEval is its hash.
nlohmann::json suite_of(const Report& report);

/// Tables for people. Names from data and models cannot break out of them.
std::string to_markdown(const Report& report);
std::string to_markdown(const ComparisonReport& report);

/// One picture that needs nothing else: metrics with their bounds; of a classification the matrix
/// (up to 40 classes), the reliability diagram and ROC curves; groups, where they were measured.
std::string to_svg(const Report& report);

}  // namespace evaluation
