#include "evaluation/metrics/silhouette.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace evaluation {

std::vector<double> silhouettes(std::span<const float> points, std::size_t width,
                                std::span<const std::uint32_t> clusters)
{
    std::map<std::uint32_t, std::uint64_t> sizes;
    for (const auto cluster : clusters) ++sizes[cluster];
    if (sizes.size() < 2) return {};
    std::map<std::uint32_t, std::size_t> places;
    for (const auto& [cluster, size] : sizes) places.emplace(cluster, places.size());
    std::vector<std::size_t> place;
    for (const auto cluster : clusters) place.push_back(places[cluster]);

    std::vector<double> values(clusters.size()), sums(sizes.size());
    for (std::size_t i = 0; i < clusters.size(); ++i) {
        std::fill(sums.begin(), sums.end(), 0);
        const auto* here = points.data() + i * width;
        for (std::size_t j = 0; j < clusters.size(); ++j) {
            const auto* there = points.data() + j * width;
            double square = 0;
            for (std::size_t k = 0; k < width; ++k) {
                const auto off = static_cast<double>(here[k]) - static_cast<double>(there[k]);
                square += off * off;
            }
            sums[place[j]] += std::sqrt(square);
        }
        const auto own = sizes[clusters[i]];
        if (own < 2) continue;
        const auto within = sums[place[i]] / real(own - 1);
        auto next = std::numeric_limits<double>::infinity();
        for (const auto& [cluster, size] : sizes)
            if (cluster != clusters[i]) next = std::min(next, sums[places[cluster]] / real(size));
        const auto larger = std::max(within, next);
        values[i] = larger > 0 ? (next - within) / larger : 0;
    }
    return values;
}

std::size_t silhouette_points(std::size_t width, std::uint64_t steps)
{
    return static_cast<std::size_t>(std::sqrt(real(steps) / real(std::max<std::size_t>(width, 1))));
}

}  // namespace evaluation
