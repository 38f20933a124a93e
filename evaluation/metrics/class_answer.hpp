#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace evaluation {

/// What a model said of one sample that has a class, in the few numbers that all measures but the
/// area under the ROC curve are made of.
struct ClassAnswer {
    std::uint32_t label = 0;      ///< what it is
    std::uint32_t predicted = 0;  ///< the class of the greatest score, the first of equal ones
    std::uint32_t rank = 0;       ///< classes that come before the label; 0: predicted
    double label_probability = 0;
    double confidence = 0;  ///< the probability of `predicted`
    double brier = 0;       ///< sum over classes of (probability - [class is label])^2
    bool is_right() const { return label == predicted; }
};

enum class ScoreKind { logits, probabilities };

/// Whether the numbers are such as probabilities have: none below 0 or above 1, sum 1 within 0.001.
bool are_probabilities(std::span<const double> scores);

/// The answer that `scores` give, one finite number for each class; `label` is below their number.
/// Logits become probabilities by softmax; probabilities are taken as they are. Equal scores come
/// in the order of their classes.
ClassAnswer answer_of(std::span<const double> scores, ScoreKind kind, std::uint32_t label);

/// The logistic function, for a single logit of two classes.
double logistic(double logit);

}  // namespace evaluation
