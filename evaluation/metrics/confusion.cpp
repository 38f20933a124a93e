#include "evaluation/metrics/confusion.hpp"

#include "evaluation/statistics/distributions.hpp"
#include "evaluation/statistics/intervals.hpp"

#include <algorithm>
#include <cmath>

namespace evaluation {
namespace {

double ratio(double part, double whole)
{
    return whole == 0 ? 0 : part / whole;
}

/// One of precision, recall and F1, of each class: hits / (a labelled + b predicted) times (a + b).
struct Kind {
    double labelled = 0, predicted = 0;
};
constexpr Kind precision_kind{0, 1}, recall_kind{1, 0}, f1_kind{0.5, 0.5};

/// value = sum over classes of weight * hits / below, where `below` is a mixture of how often the
/// class was labelled and predicted. What a sample of cell (i, j) adds to first order, times n, is
/// [i = j] w_i / d_i - a w_i v_i / d_i - b w_j v_j / d_j, all as shares, and for weights that are
/// shares of labels, v_i - value.
Measure average(const ConfusionMatrix& matrix, Kind kind, Average how,
                const std::vector<std::size_t>& present)
{
    const auto n = real(matrix.total());
    std::vector<double> values(matrix.classes()), scale(matrix.classes());
    double value = 0;
    for (const auto c : present) {
        const auto below =
            kind.labelled * real(matrix.labelled(c)) + kind.predicted * real(matrix.predicted(c));
        const auto weight =
            how == Average::macro ? 1 / real(present.size()) : real(matrix.labelled(c)) / n;
        values[c] = ratio(real(matrix.at(c, c)), below);
        scale[c] = ratio(weight * n, below);
        value += weight * values[c];
    }
    Measure measure{value, matrix.total(), {}, Method::none};
    if (matrix.total() < 2) return measure;
    double sum = 0, squares = 0;
    for (const auto i : present)
        for (const auto j : present) {
            const auto count = real(matrix.at(i, j));
            if (count == 0) continue;
            auto effect =
                -kind.labelled * scale[i] * values[i] - kind.predicted * scale[j] * values[j];
            if (i == j) effect += scale[i];
            if (how == Average::weighted) effect += values[i];
            sum += count * effect;
            squares += count * effect * effect;
        }
    if (matrix.right() == 0 || matrix.right() == matrix.total()) {
        measure.interval = clopper_pearson(matrix.right(), matrix.total());
        measure.method = Method::clopper_pearson;
        return measure;
    }
    const auto variance = std::max(0.0, (squares - sum * sum / n) / (n - 1));
    const auto spread = normal_bound * std::sqrt(variance / n);
    measure.interval = Interval{std::max(0.0, value - spread), std::min(1.0, value + spread)};
    measure.method = Method::delta;
    return measure;
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(std::size_t classes)
    : classes_{classes}, counts_(classes * classes), labelled_(classes), predicted_(classes)
{
}

ConfusionMatrix::ConfusionMatrix(std::size_t classes, std::span<const ClassAnswer> answers)
    : ConfusionMatrix{classes}
{
    for (const auto& answer : answers) add(answer.label, answer.predicted);
}

void ConfusionMatrix::add(std::uint32_t label, std::uint32_t predicted)
{
    ++counts_[label * classes_ + predicted];
    ++labelled_[label];
    ++predicted_[predicted];
    ++total_;
    if (label == predicted) ++right_;
}

ClassMeasures class_measures(const ConfusionMatrix& matrix, std::size_t of)
{
    const auto hits = matrix.at(of, of);
    const auto labelled = matrix.labelled(of), predicted = matrix.predicted(of);
    const auto overlap = clopper_pearson(hits, labelled + predicted - hits);
    const auto f1 = [](double part) { return 2 * part / (1 + part); };
    return {labelled,
            proportion(hits, predicted),
            proportion(hits, labelled),
            {ratio(2 * real(hits), real(labelled + predicted)), labelled + predicted - hits,
             Interval{f1(overlap.low), f1(overlap.high)}, Method::overlap}};
}

AverageMeasures average_measures(const ConfusionMatrix& matrix, Average how)
{
    std::vector<std::size_t> present;
    for (std::size_t c = 0; c < matrix.classes(); ++c)
        if (matrix.labelled(c) + matrix.predicted(c) > 0) present.push_back(c);
    return {average(matrix, precision_kind, how, present),
            average(matrix, recall_kind, how, present), average(matrix, f1_kind, how, present)};
}

Measure accuracy(const ConfusionMatrix& matrix)
{
    return proportion(matrix.right(), matrix.total());
}

}  // namespace evaluation
