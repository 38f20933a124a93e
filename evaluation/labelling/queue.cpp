#include "evaluation/labelling/queue.hpp"

#include "evaluation/statistics/measure.hpp"
#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <tuple>

namespace evaluation {
namespace {

/// a * b <= most, where that may not fit.
bool is_within(std::size_t a, std::size_t b, std::size_t most)
{
    return a == 0 || b <= most / a;
}

/// The greatest less the second of numbers that sum to 1.
double margin(std::span<const double> shares)
{
    double greatest = 0, second = 0;
    for (const auto share : shares) {
        second = std::max(second, std::min(share, greatest));
        greatest = std::max(greatest, share);
    }
    return greatest - second;
}

double distance(const float* here, const float* there, std::size_t width)
{
    double square = 0;
    for (std::size_t k = 0; k < width; ++k) {
        const auto off = static_cast<double>(here[k]) - static_cast<double>(there[k]);
        square += off * off;
    }
    return std::sqrt(square);
}

}  // namespace

bool fits(const Unlabelled& of, std::size_t count, const QueueLimits& limits)
{
    const auto passes =
        std::min(count, of.items) + of.labelled.size() / std::max<std::size_t>(of.width, 1);
    return of.items <= limits.numbers && is_within(of.teachers, of.classes, limits.numbers) &&
           is_within(of.items, of.teachers * of.classes, limits.numbers) &&
           is_within(of.items, of.width, limits.numbers) &&
           is_within(of.items * of.width, passes, limits.steps);
}

std::vector<double> doubts(const Unlabelled& of)
{
    ledger::ensure(fits(of, 0), "a queue is of bounded size");
    ledger::ensure(of.probabilities.size() == of.items * of.teachers * of.classes,
                   "there is a probability of each item, teacher and class");
    std::vector<double> found(of.items);
    if (of.teachers == 0 || of.classes == 0) return found;
    const auto most = 1 - 1 / real(std::min(of.teachers, of.classes));
    std::vector<double> average(of.classes);
    for (std::size_t item = 0; item < of.items; ++item) {
        const auto said =
            of.probabilities.subspan(item * of.teachers * of.classes, of.teachers * of.classes);
        std::fill(average.begin(), average.end(), 0);
        for (std::size_t i = 0; i < said.size(); ++i) average[i % of.classes] += said[i];
        for (auto& share : average) share /= real(of.teachers);
        double apart = 0;
        for (std::size_t i = 0; i < said.size(); ++i) {
            const auto off = said[i] - average[i % of.classes];
            apart += off * off;
        }
        const auto disagreement = most > 0 ? apart / real(of.teachers) / most : 0;
        found[item] = 1 - margin(average) + disagreement;
    }
    return found;
}

std::vector<std::size_t> ask_first(const Unlabelled& of, std::size_t count)
{
    ledger::ensure(fits(of, count), "a queue is of bounded size");
    ledger::ensure(of.features.size() == of.items * of.width, "each item has its features");
    ledger::ensure(of.width == 0 ? of.labelled.empty() : of.labelled.size() % of.width == 0,
                   "what is labelled has features of the same width");
    const auto doubt = doubts(of);
    const auto wanted = std::min(count, of.items);
    std::vector<std::size_t> order;
    if (of.width == 0) {
        for (std::size_t i = 0; i < of.items; ++i) order.push_back(i);
        std::ranges::stable_sort(order, std::ranges::greater{}, [&](auto i) { return doubt[i]; });
        order.resize(wanted);
        return order;
    }
    // As long as there is none to be near to, all are as far away.
    std::vector<double> nearest(of.items, 1);
    auto is_first = true;
    const auto come_near = [&](const float* to) {
        for (std::size_t i = 0; i < of.items; ++i) {
            const auto away = distance(of.features.data() + i * of.width, to, of.width);
            nearest[i] = is_first ? away : std::min(nearest[i], away);
        }
        is_first = false;
    };
    for (std::size_t at = 0; at < of.labelled.size(); at += of.width)
        come_near(of.labelled.data() + at);
    std::vector<bool> is_chosen(of.items);
    while (order.size() < wanted) {
        auto best = of.items;
        const auto rank = [&](std::size_t i) {
            return std::tuple{doubt[i] * nearest[i], doubt[i]};
        };
        for (std::size_t i = 0; i < of.items; ++i)
            if (!is_chosen[i] && (best == of.items || rank(i) > rank(best))) best = i;
        is_chosen[best] = true;
        order.push_back(best);
        come_near(of.features.data() + best * of.width);
    }
    return order;
}

}  // namespace evaluation
