#include "evaluation/labelling/consensus.hpp"

#include "evaluation/statistics/measure.hpp"
#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace evaluation {
namespace {

/// A product of many probabilities, value * 2^(500 scale): no number of votes makes it 0.
struct Product {
    double value = 0;
    std::int64_t scale = 0;

    void times(double factor)
    {
        value *= factor;
        if (value == 0 || value >= 0x1p-500) return;
        value *= 0x1p500;
        --scale;
    }
    double at(std::int64_t greatest) const
    {
        const auto below = greatest - scale;
        return below > 3 ? 0 : std::ldexp(value, static_cast<int>(-500 * below));
    }
};

/// Divides by the sum; all alike where that is 0.
void make_shares(std::span<double> values)
{
    double sum = 0;
    for (const auto value : values) sum += value;
    for (auto& value : values) value = sum > 0 ? value / sum : 1 / real(values.size());
}

/// While it runs, `confusions` holds the matrices without slips.
class Estimation {
public:
    Estimation(const Panel& panel, std::span<const Vote> votes, double slips)
        : classes_{panel.classes},
          kept_{1 - slips},
          slip_{slips / real(std::max<std::size_t>(panel.classes, 1))},
          votes_(votes.begin(), votes.end()),
          voted_(panel.items),
          judged_(panel.classes)
    {
        std::sort(votes_.begin(), votes_.end());
        found_.panel = panel;
        found_.posteriors.resize(panel.items * classes_);
        // All alike, so that the first matrices are shares of the votes alone.
        found_.confusions.assign(panel.annotators * classes_ * classes_, 1);
        for (const auto& vote : votes_) {
            ++of_item(vote.item)[vote.label];
            voted_[vote.item] = true;
        }
        for (std::size_t item = 0; item < panel.items; ++item) make_shares(of_item(item));
        learn();
    }

    void run(const ConsensusRules& rules)
    {
        while (found_.iterations < rules.iterations && !found_.is_settled) {
            ++found_.iterations;
            found_.is_settled = judge() <= rules.tolerance;
            learn();
        }
    }

    Consensus answer()
    {
        for (std::size_t item = 0; item < voted_.size(); ++item)
            if (!voted_[item]) std::ranges::copy(found_.prior, of_item(item).begin());
        for (auto& probability : found_.confusions) probability = kept_ * probability + slip_;
        found_.annotators.resize(found_.panel.annotators);
        for (const auto& vote : votes_) {
            auto& quality = found_.annotators[vote.annotator];
            ++quality.votes;
            quality.accuracy += of_item(vote.item)[vote.label];
        }
        const auto chance = 1 / real(std::max<std::size_t>(classes_, 1));
        for (auto& quality : found_.annotators) {
            if (quality.votes == 0) continue;
            quality.accuracy = std::min(1.0, quality.accuracy / real(quality.votes));
            quality.weight = classes_ == 1
                                 ? quality.accuracy
                                 : std::max(0.0, (quality.accuracy - chance) / (1 - chance));
        }
        return std::move(found_);
    }

private:
    std::span<double> of_item(std::size_t item)
    {
        return std::span{found_.posteriors}.subspan(item * classes_, classes_);
    }
    std::size_t place(const Vote& vote, std::size_t is) const
    {
        return (vote.annotator * classes_ + is) * classes_ + vote.label;
    }

    /// Prior and matrices that follow from the posteriors.
    void learn()
    {
        found_.prior.assign(classes_, 0);
        for (std::size_t item = 0; item < voted_.size(); ++item)
            for (std::size_t c = 0; voted_[item] && c < classes_; ++c)
                found_.prior[c] += of_item(item)[c];
        make_shares(found_.prior);
        std::vector<double> counts(found_.confusions.size());
        for (const auto& vote : votes_)
            for (std::size_t c = 0; c < classes_; ++c) {
                const auto meant = kept_ * found_.confusions[place(vote, c)];
                if (meant > 0)
                    counts[place(vote, c)] += of_item(vote.item)[c] * meant / (meant + slip_);
            }
        for (std::size_t row = 0; row < counts.size(); row += classes_)
            make_shares(std::span{counts}.subspan(row, classes_));
        found_.confusions = std::move(counts);
    }

    /// Posteriors that follow from prior and matrices; how far the one that moves most does.
    double judge()
    {
        double moved = 0;
        std::vector<Product> products(classes_);
        for (auto vote = votes_.begin(); vote != votes_.end();) {
            const auto item = vote->item;
            for (std::size_t c = 0; c < classes_; ++c) products[c] = {found_.prior[c], 0};
            for (; vote != votes_.end() && vote->item == item; ++vote)
                for (std::size_t c = 0; c < classes_; ++c)
                    products[c].times(kept_ * found_.confusions[place(*vote, c)] + slip_);
            auto greatest = std::numeric_limits<std::int64_t>::min();
            for (const auto& product : products)
                if (product.value > 0) greatest = std::max(greatest, product.scale);
            for (std::size_t c = 0; c < classes_; ++c)
                judged_[c] = products[c].value > 0 ? products[c].at(greatest) : 0;
            make_shares(judged_);
            for (std::size_t c = 0; c < classes_; ++c)
                moved = std::max(moved, std::abs(judged_[c] - of_item(item)[c]));
            std::ranges::copy(judged_, of_item(item).begin());
        }
        return moved;
    }

    std::size_t classes_;
    double kept_, slip_;
    std::vector<Vote> votes_;
    std::vector<bool> voted_;
    std::vector<double> judged_;
    Consensus found_;
};

}  // namespace

Choice Consensus::best(std::size_t item) const
{
    const auto shares = of_item(item);
    const auto best = std::max_element(shares.begin(), shares.end());
    return {static_cast<std::uint32_t>(best - shares.begin()), *best};
}

bool fits(const Panel& panel, std::size_t votes, const ConsensusLimits& limits)
{
    const auto& [items, annotators, classes] = panel;
    const auto cells = limits.cells / std::max<std::size_t>(classes, 1);
    return classes <= limits.cells && items <= cells && votes <= cells && annotators <= cells &&
           (classes == 0 || annotators <= cells / classes);
}

Consensus consensus(const Panel& panel, std::span<const Vote> votes, const ConsensusRules& rules)
{
    ledger::ensure(fits(panel, votes.size()), "a consensus is of bounded size");
    ledger::ensure(rules.slips >= 0 && rules.slips < 1, "not every vote is a slip");
    for (const auto& [item, annotator, label] : votes)
        ledger::ensure(item < panel.items && annotator < panel.annotators && label < panel.classes,
                       "a vote is by one of the panel on one of its items");
    Estimation estimation{panel, votes, rules.slips};
    estimation.run(rules);
    return estimation.answer();
}

}  // namespace evaluation
