#include "evaluation/labelling/agreement.hpp"

#include "evaluation/statistics/measure.hpp"
#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace evaluation {
namespace {

using LabelCounts = std::map<std::uint32_t, std::uint64_t>;

/// Ordered pairs of two of `total` with different labels.
std::uint64_t unlike_pairs(const LabelCounts& counts, std::uint64_t total)
{
    auto pairs = total * total;
    for (const auto& [label, count] : counts) pairs -= count * count;
    return pairs;
}

constexpr std::size_t most_labels = (std::size_t{1} << 31) - 1;

}  // namespace

std::optional<double> cohen_kappa(std::span<const std::uint32_t> a,
                                  std::span<const std::uint32_t> b)
{
    ledger::ensure(a.size() == b.size(), "two annotators label the same items");
    ledger::ensure(a.size() <= most_labels, "agreement is of a bounded number of labels");
    LabelCounts of_a, of_b;
    std::uint64_t alike = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ++of_a[a[i]];
        ++of_b[b[i]];
        if (a[i] == b[i]) ++alike;
    }
    const std::uint64_t n = a.size();
    std::uint64_t by_chance = 0;
    for (const auto& [label, count] : of_a)
        if (const auto other = of_b.find(label); other != of_b.end())
            by_chance += count * other->second;
    // With shares, (alike / n - chance / n^2) / (1 - chance / n^2): all counts here are exact.
    if (by_chance == n * n) return {};
    return (real(n * alike) - real(by_chance)) / real(n * n - by_chance);
}

std::optional<double> krippendorff_alpha(std::span<const Vote> votes)
{
    ledger::ensure(votes.size() <= most_labels, "agreement is of a bounded number of labels");
    std::vector<Vote> sorted(votes.begin(), votes.end());
    std::sort(sorted.begin(), sorted.end());
    LabelCounts all;
    std::uint64_t n = 0;
    double unlike = 0;
    for (auto first = sorted.begin(); first != sorted.end();) {
        const auto last = std::find_if(first, sorted.end(),
                                       [&](const Vote& vote) { return vote.item != first->item; });
        const auto size = static_cast<std::uint64_t>(last - first);
        if (size > 1) {
            LabelCounts here;
            for (; first != last; ++first) ++here[first->label];
            for (const auto& [label, count] : here) all[label] += count;
            n += size;
            unlike += real(unlike_pairs(here, size)) / real(size - 1);
        }
        first = last;
    }
    const auto expected = unlike_pairs(all, n);
    if (expected == 0) return {};
    return 1 - real(n - 1) * unlike / real(expected);
}

}  // namespace evaluation
