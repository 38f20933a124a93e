#include "evaluation/results/part.hpp"

namespace evaluation {
namespace {

std::vector<ClassAnswer> answers_in(const Answers& answers, const Part& part)
{
    std::vector<ClassAnswer> found;
    found.reserve(part.samples.size());
    for (const auto sample : part.samples) found.push_back(answers.classified[sample]);
    return found;
}

/// The scores of one class, and which samples are of it.
struct OneAgainstRest {
    std::vector<double> scores;
    std::vector<std::uint8_t> is_positive;
};
OneAgainstRest against_rest(const Answers& answers, const Part& part, std::size_t of)
{
    OneAgainstRest made;
    made.scores.reserve(part.kept.size());
    made.is_positive.reserve(part.kept.size());
    for (const auto at : part.kept) {
        made.scores.push_back(answers.probabilities[at * answers.classes.size() + of]);
        const auto is_it = answers.classified[answers.kept[at]].label == of;
        made.is_positive.push_back(is_it ? 1 : 0);
    }
    return made;
}

RocArea area_of(const Answers& answers, const Part& part, std::size_t of)
{
    const auto one = against_rest(answers, part, of);
    return roc_area(one.scores, one.is_positive);
}

/// Of two classes the second against the first; of more the mean of each against the rest.
NamedMeasure area_metric(const Answers& answers, const Part& part)
{
    if (answers.classes.size() == 2) return {"auc", area_of(answers, part, 1).area};
    MeanArea mean;
    for (std::size_t c = 0; c < answers.classes.size(); ++c) mean.add(area_of(answers, part, c));
    return {"macro_auc", mean.measure()};
}

}  // namespace

std::vector<NamedMeasure> class_metrics(const Answers& answers, const Part& part,
                                        const MeasureOptions& options)
{
    const auto found = answers_in(answers, part);
    const ConfusionMatrix matrix{answers.classes.size(), found};
    std::vector<NamedMeasure> metrics{{"accuracy", accuracy(matrix)}};
    if (answers.has_probabilities)
        for (const auto k : options.top_k)
            if (k > 1 && k < answers.classes.size())
                metrics.push_back({"top" + std::to_string(k), top_k(found, k)});
    const auto macro = average_measures(matrix, Average::macro);
    const auto weighted = average_measures(matrix, Average::weighted);
    metrics.push_back({"macro_precision", macro.precision});
    metrics.push_back({"macro_recall", macro.recall});
    metrics.push_back({"macro_f1", macro.f1});
    metrics.push_back({"weighted_precision", weighted.precision});
    metrics.push_back({"weighted_f1", weighted.f1});
    if (!answers.has_probabilities) return metrics;
    auto area = area_metric(answers, part);
    if (area.measure.n > 0) metrics.push_back(std::move(area));
    metrics.push_back({"log_loss", log_loss(found)});
    metrics.push_back({"brier", brier(found)});
    metrics.push_back({"ece", calibration_error(found)});
    return metrics;
}

void add_class_details(const Answers& answers, const MeasureOptions& options, Results& to)
{
    const auto part = all_of(answers);
    ConfusionMatrix matrix{answers.classes.size(), answers.classified};
    for (std::size_t c = 0; c < answers.classes.size(); ++c) {
        const auto of = class_measures(matrix, c);
        ClassResult row{answers.classes[c],
                        of.support,
                        {{"precision", of.precision}, {"recall", of.recall}, {"f1", of.f1}}};
        if (answers.has_probabilities) {
            const auto one = against_rest(answers, part, c);
            const auto area = roc_area(one.scores, one.is_positive).area;
            if (area.n > 0) row.measures.push_back({"auc", area});
            // The curve of the first of two classes is the other one's, turned round.
            const auto is_shown =
                answers.classes.size() == 2 ? c == 1 : answers.classes.size() <= options.curves;
            if (area.n > 0 && is_shown)
                to.curves.push_back({answers.classes[c],
                                     roc_curve(one.scores, one.is_positive, options.curve_points)});
        }
        to.classes.push_back(std::move(row));
    }
    to.class_names = answers.classes;
    to.confusion = std::move(matrix);
    if (answers.has_probabilities) to.reliability = reliability(answers.classified);
}

}  // namespace evaluation
