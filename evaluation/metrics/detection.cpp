#include "evaluation/metrics/detection.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace evaluation {
namespace {

constexpr std::size_t most_found = 100;

double area_of(const Box& box)
{
    return (box.right - box.left) * (box.bottom - box.top);
}

bool is_outside(double area, std::size_t range)
{
    constexpr std::array<Interval, area_ranges> bounds{
        {{0, 1e10}, {0, 32 * 32}, {32 * 32, 96 * 96}, {96 * 96, 1e10}}};
    return area < bounds[range].low || area > bounds[range].high;
}

// Computed as numpy's linspace does: a recall that meets its threshold exactly is judged alike.
double overlap_at(std::size_t step)
{
    if (step + 1 == overlap_steps) return 0.95;
    return 0.5 + real(step) * ((0.95 - 0.5) / real(overlap_steps - 1));
}

}  // namespace

/// Hits and false alarms after each counted box, best first.
struct DetectionMatches::Curve {
    double boxes = 0;
    std::vector<double> hits, alarms;
};

double overlap(const Box& found, const TrueBox& box)
{
    const auto width = std::min(found.right, box.box.right) - std::max(found.left, box.box.left);
    const auto height = std::min(found.bottom, box.box.bottom) - std::max(found.top, box.box.top);
    if (width <= 0 || height <= 0) return 0;
    const auto common = width * height;
    return common / (box.is_crowd ? area_of(found) : area_of(found) + area_of(box.box) - common);
}

void DetectionMatches::add_image(std::span<const TrueBox> boxes, std::span<const FoundBox> found)
{
    std::set<std::uint32_t> labels;
    for (const auto& box : boxes) labels.insert(box.label);
    for (const auto& box : found) labels.insert(box.label);
    for (const auto label : labels) {
        std::vector<const TrueBox*> here;
        for (const auto& box : boxes)
            if (box.label == label) here.push_back(&box);
        std::vector<const FoundBox*> best;
        for (const auto& box : found)
            if (box.label == label) best.push_back(&box);
        std::stable_sort(best.begin(), best.end(),
                         [](const auto* a, const auto* b) { return a->score > b->score; });
        best.resize(std::min(best.size(), most_found));
        add(classes_[label], here, best);
    }
    ++images_;
}

void DetectionMatches::add(OfClass& to, std::span<const TrueBox* const> boxes,
                           std::span<const FoundBox* const> found)
{
    const auto image = static_cast<std::uint32_t>(images_);
    Truth truth{image};
    std::vector<Found> matches;
    for (const auto* box : found)
        matches.push_back({box->score, image, static_cast<std::uint32_t>(matches.size())});
    for (std::size_t range = 0; range < area_ranges; ++range) {
        // Those that count come first: a box that may match one of them never takes another.
        std::vector<const TrueBox*> order;
        std::vector<const TrueBox*> ignored;
        for (const auto* box : boxes)
            (box->is_crowd || is_outside(area_of(box->box), range) ? ignored : order)
                .push_back(box);
        const auto counted = order.size();
        truth.count[range] = static_cast<std::uint32_t>(counted);
        order.insert(order.end(), ignored.begin(), ignored.end());

        std::vector<double> overlaps;
        for (const auto* box : found)
            for (const auto* with : order) overlaps.push_back(overlap(box->box, *with));
        for (std::size_t step = 0; step < overlap_steps; ++step) {
            const auto bit = static_cast<std::uint16_t>(1U << step);
            std::vector<bool> taken(order.size());
            for (std::size_t d = 0; d < found.size(); ++d) {
                auto best = std::min(overlap_at(step), 1 - 1e-10);
                std::optional<std::size_t> match;
                for (std::size_t g = 0; g < order.size(); ++g) {
                    if (taken[g] && !order[g]->is_crowd) continue;
                    if (match && *match < counted && g >= counted) break;
                    if (overlaps[d * order.size() + g] < best) continue;
                    best = overlaps[d * order.size() + g];
                    match = g;
                }
                if (match) {
                    taken[*match] = true;
                    matches[d].matched[range] |= bit;
                }
                if (match ? *match >= counted : is_outside(area_of(found[d]->box), range))
                    matches[d].ignored[range] |= bit;
            }
        }
    }
    if (!boxes.empty()) to.truth.push_back(truth);
    to.found.insert(to.found.end(), matches.begin(), matches.end());
}

void DetectionMatches::sort()
{
    for (auto& [label, of] : classes_)
        std::stable_sort(of.found.begin(), of.found.end(),
                         [](const Found& a, const Found& b) { return a.score > b.score; });
}

std::size_t DetectionMatches::found() const
{
    std::size_t count = 0;
    for (const auto& [label, of] : classes_) count += of.found.size();
    return count;
}

std::vector<std::uint32_t> DetectionMatches::labels() const
{
    std::vector<std::uint32_t> labels;
    for (const auto& [label, of] : classes_)
        if (!of.truth.empty()) labels.push_back(label);
    return labels;
}

std::uint64_t DetectionMatches::boxes(std::uint32_t label) const
{
    std::uint64_t count = 0;
    if (const auto of = classes_.find(label); of != classes_.end())
        for (const auto& truth : of->second.truth) count += truth.count[0];
    return count;
}

DetectionMatches::Curve DetectionMatches::curve(const OfClass& of,
                                                const DetectionQuestion& question, std::size_t step,
                                                std::span<const std::uint32_t> drawn)
{
    const auto times = [&](std::uint32_t image) { return drawn.empty() ? 1 : drawn[image]; };
    const auto range = static_cast<std::size_t>(question.area);
    Curve curve;
    for (const auto& truth : of.truth)
        curve.boxes += real(std::uint64_t{times(truth.image)} * truth.count[range]);
    if (curve.boxes == 0) return curve;
    double hits = 0, alarms = 0;
    for (const auto& found : of.found) {
        const auto count = times(found.image);
        if (count == 0 || found.rank >= question.most) continue;
        if ((found.ignored[range] >> step & 1) != 0) continue;
        ((found.matched[range] >> step & 1) != 0 ? hits : alarms) += count;
        curve.hits.push_back(hits);
        curve.alarms.push_back(alarms);
    }
    return curve;
}

template <class Of>
double DetectionMatches::mean_over(const DetectionQuestion& question,
                                   std::span<const std::uint32_t> drawn, Of of) const
{
    double sum = 0, count = 0;
    for (const auto& [label, one] : classes_) {
        if (question.label && *question.label != label) continue;
        for (std::size_t step = 0; step < overlap_steps; ++step) {
            if (question.step && *question.step != step) continue;
            const auto found = curve(one, question, step, drawn);
            if (found.boxes == 0) break;
            sum += of(found);
            ++count;
        }
    }
    return count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / count;
}

double DetectionMatches::average_precision(const DetectionQuestion& question,
                                           std::span<const std::uint32_t> drawn) const
{
    return mean_over(question, drawn, [](const Curve& curve) {
        constexpr int recalls = 101;
        // From the last box back: the best precision at this recall or a greater one.
        double sum = 0, best = 0;
        auto threshold = recalls - 1;
        for (auto i = curve.hits.size(); i-- > 0;) {
            const auto recall = curve.hits[i] / curve.boxes;
            for (; threshold >= 0 && threshold * 0.01 > recall; --threshold) sum += best;
            best = std::max(best, curve.hits[i] / (curve.hits[i] + curve.alarms[i]));
        }
        if (!curve.hits.empty()) sum += best * (threshold + 1);
        return sum / recalls;
    });
}

double DetectionMatches::average_recall(const DetectionQuestion& question,
                                        std::span<const std::uint32_t> drawn) const
{
    return mean_over(question, drawn, [](const Curve& curve) {
        return curve.hits.empty() ? 0 : curve.hits.back() / curve.boxes;
    });
}

}  // namespace evaluation
