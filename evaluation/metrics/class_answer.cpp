#include "evaluation/metrics/class_answer.hpp"

#include <algorithm>
#include <cmath>

namespace evaluation {

bool are_probabilities(std::span<const double> scores)
{
    double sum = 0;
    for (const auto score : scores) {
        if (!(score >= 0 && score <= 1)) return false;
        sum += score;
    }
    return std::abs(sum - 1) <= 1e-3;
}

ClassAnswer answer_of(std::span<const double> scores, ScoreKind kind, std::uint32_t label)
{
    ClassAnswer answer;
    answer.label = label;
    const auto best = std::max_element(scores.begin(), scores.end());
    answer.predicted = static_cast<std::uint32_t>(best - scores.begin());
    // Softmax is computed from the greatest score down, so that nothing overflows.
    double sum = 0;
    if (kind == ScoreKind::logits)
        for (const auto score : scores) sum += std::exp(score - *best);
    const auto probability = [&](double score) {
        return kind == ScoreKind::logits ? std::exp(score - *best) / sum : score;
    };
    for (std::uint32_t i = 0; i < scores.size(); ++i) {
        const auto miss = probability(scores[i]) - (i == label ? 1 : 0);
        answer.brier += miss * miss;
        if (scores[i] > scores[label] || (scores[i] == scores[label] && i < label)) ++answer.rank;
    }
    answer.label_probability = probability(scores[label]);
    answer.confidence = probability(*best);
    return answer;
}

double logistic(double logit)
{
    if (logit >= 0) return 1 / (1 + std::exp(-logit));
    const auto power = std::exp(logit);
    return power / (1 + power);
}

}  // namespace evaluation
