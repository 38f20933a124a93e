#include "evaluation/results/compare.hpp"

#include "evaluation/comparison/paired.hpp"
#include "evaluation/results/part.hpp"
#include "evaluation/statistics/intervals.hpp"

#include <algorithm>
#include <cmath>

namespace evaluation {

using ledger::invalid;
using ledger::Result;
namespace {

class Comparer {
public:
    Comparer(const Answers& a, const Answers& b, const CompareOptions& options)
        : a_{a}, b_{b}, options_{options}
    {
    }

    std::vector<PairedResult> results(const Part& part) const
    {
        switch (a_.plan.task) {
            case Task::classification:
                return classes(part);
            case Task::regression:
                return numbers(part);
            case Task::clustering:
                return clusters(part);
            case Task::detection:
                return boxes(part);
        }
        return {};
    }

    PairedCounts counts(const Part& part) const
    {
        PairedCounts counts;
        for (const auto i : part.samples) {
            const auto a = a_.classified[i].is_right(), b = b_.classified[i].is_right();
            ++(a ? (b ? counts.both : counts.only_a) : (b ? counts.only_b : counts.neither));
        }
        return counts;
    }

private:
    PairedResult judged(PairedResult result, bool can_show, double margin) const
    {
        auto rules = options_.rules;
        rules.margin = result.margin = margin;
        result.verdict = verdict_of(result.gain, result.p, can_show, rules);
        result.non_inferiority = non_inferiority(result.gain, rules);
        return result;
    }

    /// By what B has more than A for each sample; of an error, less.
    template <class Of>
    PairedResult by_means(const std::string& name, const std::vector<std::size_t>& samples,
                          bool is_error, Of of) const
    {
        std::vector<double> as, bs, gains;
        for (const auto i : samples) {
            as.push_back(of(a_, i));
            bs.push_back(of(b_, i));
            gains.push_back(is_error ? as.back() - bs.back() : bs.back() - as.back());
        }
        const auto test = paired_t(gains);
        PairedResult result{name,      moments(as).mean, moments(bs).mean,
                            test.gain, "paired_t",       test.p};
        const auto margin = options_.rules.margin * (is_error ? result.a : 1);
        return judged(std::move(result), true, margin);
    }

    std::vector<PairedResult> classes(const Part& part) const
    {
        const auto of = counts(part);
        const auto n = std::max<double>(real(of.total()), 1);
        const auto test = mcnemar(of);
        const auto can_show = of.only_a + of.only_b >= least_discordant;
        PairedResult accuracy{"accuracy",
                              real(of.both + of.only_a) / n,
                              real(of.both + of.only_b) / n,
                              accuracy_gain(of),
                              "mcnemar",
                              test.exact,
                              test.mid_p};
        std::vector<PairedResult> results{
            judged(std::move(accuracy), can_show, options_.rules.margin)};
        if (a_.has_probabilities && b_.has_probabilities)
            results.push_back(
                by_means("log_loss", part.samples, true, [](const Answers& from, std::size_t i) {
                    return -std::log(std::clamp(from.classified[i].label_probability, 1e-15, 1.0));
                }));
        return results;
    }

    std::vector<PairedResult> numbers(const Part& part) const
    {
        return {
            by_means("mae", part.samples, true,
                     [](const Answers& from, std::size_t i) { return from.numbers[i].absolute; }),
            by_means("mse", part.samples, true,
                     [](const Answers& from, std::size_t i) { return from.numbers[i].squared; })};
    }

    std::vector<PairedResult> clusters(const Part& part) const
    {
        return {by_means("silhouette", part.kept, false,
                         [](const Answers& from, std::size_t i) { return from.silhouettes[i]; })};
    }

    std::vector<PairedResult> boxes(const Part& part) const
    {
        const auto of = [&](const Answers& from, std::span<const std::uint32_t> drawn) {
            return from.matches.average_precision({}, image_counts(from, part, drawn));
        };
        const std::vector<std::uint32_t> once(part.samples.size(), 1);
        PairedResult result{"map", of(a_, once), of(b_, once), {}, "paired_bootstrap"};
        if (std::isnan(result.a)) return {};  // none of the images has a box
        const auto test = paired_bootstrap(
            result.b - result.a, part.samples.size(), options_.bootstrap,
            image_cost(a_, part) + image_cost(b_, part),
            [&](std::span<const std::uint32_t> drawn) { return of(b_, drawn) - of(a_, drawn); });
        result.gain = test.gain;
        result.p = test.p;
        return {judged(std::move(result), true, options_.rules.margin)};
    }

    const Answers& a_;
    const Answers& b_;
    const CompareOptions& options_;
};

bool have_same_targets(const Answers& a, const Answers& b)
{
    const auto same_label = [](const ClassAnswer& x, const ClassAnswer& y) {
        return x.label == y.label;
    };
    return std::equal(a.classified.begin(), a.classified.end(), b.classified.begin(),
                      b.classified.end(), same_label) &&
           a.targets == b.targets && a.slices == b.slices && a.slice_names == b.slice_names &&
           a.matches.labels() == b.matches.labels();
}

}  // namespace

Result<Comparison> compare(const Answers& a, const Answers& b, const CompareOptions& options)
{
    if (a.plan.task != b.plan.task) return invalid("the two models answer different questions");
    if (a.samples != b.samples || !have_same_targets(a, b))
        return invalid("the two models were measured on different samples");
    if (a.plan.task == Task::regression && a.kept.empty() && a.dataset_root != b.dataset_root)
        return invalid("the targets are too many to see whether they are the same");
    if (a.plan.task == Task::clustering &&
        (a.silhouettes.empty() || b.silhouettes.empty() || a.kept != b.kept))
        return invalid("the silhouettes of the two models are not of the same samples");
    const Comparer comparer{a, b, options};
    const auto all = all_of(a);
    Comparison made{a.plan.task, a.samples, {}, comparer.results(all), {}};
    if (made.results.empty()) return invalid("there is nothing to compare: no image has a box");
    if (made.task == Task::classification) made.counts = comparer.counts(all);
    if (!options.by_slice) return made;
    const auto parts = parts_of(a);
    for (std::size_t i = 0; i < parts.size(); ++i)
        made.slices.push_back(
            {a.slice_names[i], parts[i].samples.size(), comparer.results(parts[i])});
    return made;
}

}  // namespace evaluation
