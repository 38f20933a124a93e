#include "samples/clustering/kmeans.hpp"

#include "ledger/base/draws.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace samples {
namespace {

using ledger::Draws;
using ledger::invalid;
using ledger::Result;

/// One run of the algorithm.
class Run {
public:
    Run(const Points& points, std::size_t clusters, Draws draws)
        : points_{points},
          count_{clusters},
          draws_{draws},
          nearest_(points.size(), std::numeric_limits<double>::infinity())
    {
        made_.width = points.width;
        made_.of.resize(points.size());
    }

    /// Empty where there are fewer different points.
    std::optional<Clusters> fit(std::size_t iterations)
    {
        if (!start()) return {};
        assign();
        for (std::size_t i = 0; i < iterations; ++i) {
            move();
            if (!assign()) break;
        }
        order();
        for (const auto square : nearest_) made_.squares += square;
        made_.radius = std::sqrt(*std::ranges::max_element(nearest_));
        return std::move(made_);
    }

private:
    std::span<float> centroid(std::size_t cluster)
    {
        return std::span{made_.centroids}.subspan(cluster * points_.width, points_.width);
    }
    void add_centroid(std::size_t point)
    {
        const auto at = points_[point];
        made_.centroids.insert(made_.centroids.end(), at.begin(), at.end());
    }

    /// k-means++: each next centroid is a point drawn by its squared distance to those before.
    bool start()
    {
        made_.centroids.reserve(count_ * points_.width);
        add_centroid(draws_.below(points_.size()));
        while (made_.size() < count_) {
            const auto last = centroid(made_.size() - 1);
            double sum = 0;
            for (std::size_t i = 0; i < points_.size(); ++i) {
                nearest_[i] = std::min(nearest_[i], squared_distance(points_[i], last));
                sum += nearest_[i];
            }
            if (sum <= 0) return false;
            auto left = draws_.unit() * sum;
            std::optional<std::size_t> chosen;
            for (std::size_t i = 0; i < points_.size() && (!chosen || left >= 0); ++i) {
                if (nearest_[i] <= 0) continue;
                chosen = i;
                left -= nearest_[i];
                if (left < 0) break;
            }
            add_centroid(*chosen);
        }
        return true;
    }

    /// Whether a point changed its cluster.
    bool assign()
    {
        bool changed = false;
        for (std::size_t i = 0; i < points_.size(); ++i) {
            auto best = std::numeric_limits<double>::infinity();
            std::uint32_t of = 0;
            for (std::size_t k = 0; k < count_; ++k) {
                const auto distance = squared_distance(points_[i], centroid(k));
                if (distance >= best) continue;
                best = distance;
                of = static_cast<std::uint32_t>(k);
            }
            changed = changed || made_.of[i] != of;
            made_.of[i] = of;
            nearest_[i] = best;
        }
        return changed;
    }

    void move()
    {
        std::vector<double> sums(made_.centroids.size());
        std::vector<std::size_t> members(count_);
        for (std::size_t i = 0; i < points_.size(); ++i) {
            ++members[made_.of[i]];
            const auto at = points_[i];
            auto* sum = sums.data() + made_.of[i] * points_.width;
            for (std::size_t j = 0; j < points_.width; ++j) sum[j] += static_cast<double>(at[j]);
        }
        for (std::size_t k = 0; k < count_; ++k) {
            if (members[k] == 0) {
                take_farthest(k);
                continue;
            }
            auto to = centroid(k);
            for (std::size_t j = 0; j < points_.width; ++j)
                to[j] = static_cast<float>(sums[k * points_.width + j] /
                                           static_cast<double>(members[k]));
        }
    }

    void take_farthest(std::size_t cluster)
    {
        const auto farthest = std::ranges::max_element(nearest_);
        const auto point = static_cast<std::size_t>(farthest - nearest_.begin());
        std::ranges::copy(points_[point], centroid(cluster).begin());
        *farthest = 0;  // another empty cluster takes another point
    }

    void order()
    {
        constexpr auto unseen = std::numeric_limits<std::uint32_t>::max();
        std::vector<std::uint32_t> place(count_, unseen);
        std::uint32_t next = 0;
        for (const auto of : made_.of)
            if (place[of] == unseen) place[of] = next++;
        for (auto& each : place)
            if (each == unseen) each = next++;
        auto centroids = made_.centroids;
        for (std::size_t k = 0; k < count_; ++k)
            std::ranges::copy(centroid(k), centroids.begin() + static_cast<std::ptrdiff_t>(
                                                                   place[k] * points_.width));
        made_.centroids = std::move(centroids);
        for (auto& of : made_.of) of = place[of];
    }

    const Points& points_;
    std::size_t count_;
    Draws draws_;
    Clusters made_;
    std::vector<double> nearest_;  ///< of each point, the squared distance to its centroid
};

}  // namespace

Result<Clusters> fit_kmeans(const Points& points, const KMeansOptions& options)
{
    if (options.clusters < 1 || options.clusters > points.size())
        return invalid(std::to_string(points.size()) + " points make no " +
                       std::to_string(options.clusters) + " clusters");
    std::optional<Clusters> best;
    for (std::size_t start = 0; start < std::max<std::size_t>(options.starts, 1); ++start) {
        auto made = Run{points, options.clusters, Draws::stream(options.seed, start)}.fit(
            options.iterations);
        if (!made)
            return invalid("there are fewer than " + std::to_string(options.clusters) +
                           " different points");
        if (!best || made->squares < best->squares) best = std::move(made);
    }
    return std::move(*best);
}

Result<ClusterChoice> choose_kmeans(const Points& points, std::size_t least, std::size_t most,
                                    const KMeansOptions& options)
{
    if (least < 2 || most < least)
        return invalid("a choice of clusters is between numbers from 2 on, the smaller first");
    ClusterChoice choice;
    double best = -2;
    for (auto count = least; count <= most; ++count) {
        auto each = options;
        each.clusters = count;
        auto made = fit_kmeans(points, each);
        if (!made) return made.error();
        const auto value = silhouette(points, *made, options.seed);
        choice.silhouettes.emplace_back(count, value);
        if (value <= best) continue;
        best = value;
        choice.clusters = std::move(*made);
    }
    return choice;
}

}  // namespace samples
