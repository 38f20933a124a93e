#include "ledger/base/ensure.hpp"
#include "samples/clustering/kmeans.hpp"
#include "samples/split.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace samples {
namespace {

/// Of one point among `chosen`.
double silhouette_of(const Points& points, const Clusters& clusters,
                     const std::vector<std::size_t>& chosen, std::size_t point)
{
    std::vector<double> sums(clusters.size());
    std::vector<std::size_t> members(clusters.size());
    for (const auto other : chosen) {
        if (other == point) continue;
        sums[clusters.of[other]] += std::sqrt(squared_distance(points[point], points[other]));
        ++members[clusters.of[other]];
    }
    const auto own = clusters.of[point];
    if (members[own] == 0) return 0;
    auto next = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < clusters.size(); ++k)
        if (k != own && members[k] > 0)
            next = std::min(next, sums[k] / static_cast<double>(members[k]));
    if (std::isinf(next)) return 0;
    const auto inside = sums[own] / static_cast<double>(members[own]);
    const auto larger = std::max(inside, next);
    return larger > 0 ? (next - inside) / larger : 0;
}

}  // namespace

double silhouette(const Points& points, const Clusters& clusters, std::uint64_t seed,
                  std::size_t most)
{
    ledger::ensure(clusters.size() >= 2 && clusters.of.size() == points.size(),
                   "a Silhouette is of two clusters at least");
    auto chosen = shuffled(points.size(), seed, 0);
    if (chosen.size() > most) chosen.resize(most);
    double sum = 0;
    for (const auto point : chosen) sum += silhouette_of(points, clusters, chosen, point);
    return chosen.empty() ? 0 : sum / static_cast<double>(chosen.size());
}

}  // namespace samples
