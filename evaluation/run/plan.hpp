#pragma once

#include "evaluation/metrics/class_answer.hpp"
#include "samples/source.hpp"

#include <optional>

namespace evaluation {

enum class Task { classification, regression, clustering, detection };
/// "classification" and so on.
std::string_view name_of(Task);
std::optional<Task> task_named(std::string_view name);

/// What whoever measures knows better than the data and the model tell.
struct PlanOptions {
    std::optional<Task> task;
    std::string output;               ///< the model's that answers; empty to choose
    std::optional<ScoreKind> scores;  ///< of a classification; empty to look at the first batch
};

/// How a model's outputs answer what a source asks.
struct Plan {
    Task task = Task::classification;
    /// One name; of a detection those of boxes, scores and labels.
    std::vector<std::string> outputs;
    bool are_numbers_of_classes = false;  ///< the output says the class itself, not its scores
    /// Of a clustering: the output gives distances to clusters, the least is meant.
    bool are_distances = false;
    std::string points;  ///< of a clustering: the output with the points; empty: the first input
};

/// Targets of classes are answered by an output with a floating number for each class, those named
/// for probabilities first, or one integer; with two classes one number will do. Targets of
/// numbers are answered by the first output of floating numbers, or are boxes where there are
/// outputs "boxes", "scores" and "labels" and a target has 5 or 6 columns. Without targets an
/// output gives a cluster as an integer, or scores, or distances where its name says "distance";
/// the points are the output "embedding" or "features", where there is one. `invalid` says why
/// nothing fits.
ledger::Result<Plan> make_plan(const samples::Target& target, const inference::ModelIo& io,
                               const PlanOptions& options);

}  // namespace evaluation
