#include "evaluation/metrics/roc.hpp"

#include "evaluation/statistics/distributions.hpp"
#include "evaluation/statistics/intervals.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace evaluation {
namespace {

std::vector<std::size_t> by_score(std::span<const double> scores)
{
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return scores[a] < scores[b] || (scores[a] == scores[b] && a < b);
    });
    return order;
}

/// For each sample the share of the other group that it is on the right side of.
struct Placements {
    std::vector<double> of;
    std::uint64_t positives = 0, negatives = 0;
};
Placements placements(std::span<const double> scores, std::span<const std::uint8_t> is_positive)
{
    Placements placed{std::vector<double>(scores.size())};
    for (const auto one : is_positive) (one != 0 ? placed.positives : placed.negatives) += 1;
    const auto order = by_score(scores);
    std::uint64_t positives_below = 0, negatives_below = 0;
    for (std::size_t begin = 0; begin < order.size();) {
        auto end = begin;
        std::uint64_t positives = 0, negatives = 0;
        for (; end < order.size() && scores[order[end]] == scores[order[begin]]; ++end)
            (is_positive[order[end]] != 0 ? positives : negatives) += 1;
        const auto above_negatives = real(negatives_below) + real(negatives) / 2;
        const auto below_positives =
            real(placed.positives - positives_below - positives) + real(positives) / 2;
        for (; begin < end; ++begin)
            placed.of[order[begin]] = is_positive[order[begin]] != 0
                                          ? above_negatives / real(placed.negatives)
                                          : below_positives / real(placed.positives);
        positives_below += positives;
        negatives_below += negatives;
    }
    return placed;
}

}  // namespace

RocArea roc_area(std::span<const double> scores, std::span<const std::uint8_t> is_positive)
{
    const auto placed = placements(scores, is_positive);
    RocArea roc;
    if (placed.positives == 0 || placed.negatives == 0) {
        roc.area.interval = Interval{0, 1};
        return roc;
    }
    std::vector<double> groups[2];
    for (std::size_t i = 0; i < scores.size(); ++i)
        groups[is_positive[i] != 0 ? 1 : 0].push_back(placed.of[i]);
    const auto of_positives = moments(groups[1]), of_negatives = moments(groups[0]);
    const auto area = of_positives.mean;
    const auto variance = of_positives.variance / real(placed.positives) +
                          of_negatives.variance / real(placed.negatives);
    roc.area = {area, scores.size(), {}, Method::delong};
    const bool tells = placed.positives >= 2 && placed.negatives >= 2;
    if (variance > 0 && tells) {
        const auto spread = normal_bound * std::sqrt(variance);
        roc.area.interval = Interval{std::max(0.0, area - spread), std::min(1.0, area + spread)};
    } else {
        const auto group = std::min(placed.positives, placed.negatives);
        roc.area.interval =
            clopper_pearson(static_cast<std::uint64_t>(std::llround(area * real(group))), group);
        roc.area.method = Method::smaller_group;
    }
    if (!tells) return roc;
    const auto n = real(scores.size());
    roc.influence.reserve(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const auto group = is_positive[i] != 0 ? placed.positives : placed.negatives;
        roc.influence.push_back((placed.of[i] - area) * n / real(group));
    }
    return roc;
}

void MeanArea::add(const RocArea& roc)
{
    if (roc.area.n == 0) return;
    sum_ += roc.area.value;
    ++count_;
    samples_ = roc.area.n;
    is_bounded_ = is_bounded_ && !roc.influence.empty();
    if (!is_bounded_) return;
    influence_.resize(roc.influence.size());
    for (std::size_t i = 0; i < influence_.size(); ++i) influence_[i] += roc.influence[i];
}

Measure MeanArea::measure() const
{
    if (count_ == 0) return {0, 0, Interval{0, 1}, Method::none};
    if (!is_bounded_) return {sum_ / real(count_), samples_, {}, Method::none};
    auto influence = influence_;
    for (auto& effect : influence) effect /= real(count_);
    return delta(sum_ / real(count_), influence, 0, 1);
}

std::vector<RocPoint> roc_curve(std::span<const double> scores,
                                std::span<const std::uint8_t> is_positive, std::size_t most)
{
    std::uint64_t positives = 0, negatives = 0;
    for (const auto one : is_positive) (one != 0 ? positives : negatives) += 1;
    if (positives == 0 || negatives == 0) return {};
    const auto order = by_score(scores);
    std::vector<RocPoint> points{{0, 0}};
    std::uint64_t hits = 0, alarms = 0;
    for (auto i = order.size(); i-- > 0;) {
        (is_positive[order[i]] != 0 ? hits : alarms) += 1;
        if (i > 0 && scores[order[i - 1]] == scores[order[i]]) continue;
        points.push_back({real(alarms) / real(negatives), real(hits) / real(positives)});
    }
    if (points.size() <= most) return points;
    std::vector<RocPoint> fewer;
    for (std::size_t i = 0; i < most; ++i)
        fewer.push_back(points[i * (points.size() - 1) / (most - 1)]);
    return fewer;
}

}  // namespace evaluation
