#include "evaluation/metrics/class_measures.hpp"

#include "evaluation/statistics/intervals.hpp"

#include <algorithm>
#include <cmath>

namespace evaluation {
namespace {

std::size_t bin_of(double confidence)
{
    const auto up = std::ceil(confidence * real(reliability_bins)) - 1;
    return static_cast<std::size_t>(std::clamp(up, 0.0, real(reliability_bins - 1)));
}

double error_of(const Reliability& bins)
{
    double sum = 0, n = 0;
    for (const auto& bin : bins) {
        sum += std::abs(real(bin.right) - bin.confidence);
        n += real(bin.n);
    }
    return n == 0 ? 0 : sum / n;
}

template <class Of>
Measure mean_of(std::span<const ClassAnswer> answers, Of of)
{
    std::vector<double> values;
    values.reserve(answers.size());
    for (const auto& answer : answers) values.push_back(of(answer));
    return mean(values);
}

}  // namespace

Measure top_k(std::span<const ClassAnswer> answers, std::uint32_t k)
{
    const auto hits = std::count_if(answers.begin(), answers.end(),
                                    [&](const ClassAnswer& answer) { return answer.rank < k; });
    return proportion(static_cast<std::uint64_t>(hits), answers.size());
}

Measure log_loss(std::span<const ClassAnswer> answers)
{
    return mean_of(answers, [](const ClassAnswer& answer) {
        return -std::log(std::clamp(answer.label_probability, 1e-15, 1.0));
    });
}

Measure brier(std::span<const ClassAnswer> answers)
{
    return mean_of(answers, [](const ClassAnswer& answer) { return answer.brier; });
}

Reliability reliability(std::span<const ClassAnswer> answers)
{
    Reliability bins;
    for (const auto& answer : answers) {
        auto& bin = bins[bin_of(answer.confidence)];
        ++bin.n;
        bin.confidence += answer.confidence;
        if (answer.is_right()) ++bin.right;
    }
    return bins;
}

Measure calibration_error(std::span<const ClassAnswer> answers)
{
    return {error_of(reliability(answers)), answers.size(), {}, Method::none};
}

}  // namespace evaluation
