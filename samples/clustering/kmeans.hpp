#pragma once

#include "samples/clustering/points.hpp"

namespace samples {

struct KMeansOptions {
    std::size_t clusters = 2;
    std::uint64_t seed = 0;
    std::size_t starts = 4;        ///< the best of so many
    std::size_t iterations = 300;  ///< of each, at most
};

struct Clusters {
    std::size_t width = 0;
    std::vector<float> centroids;   ///< row by row
    std::vector<std::uint32_t> of;  ///< for each point, its cluster
    double squares = 0;             ///< the sum over all points of the squared distance
    /// The largest distance of a point to its centroid.
    double radius = 0;

    std::size_t size() const { return width == 0 ? 0 : centroids.size() / width; }
};

/// Lloyd's algorithm from the starts of k-means++ (Arthur and Vassilvitskii, 2007). The same
/// points, options and program give the same clusters; a cluster that loses all its points takes
/// the one that is farthest from its own. Clusters are ordered by their first point.
/// `invalid` where there are not as many different points as clusters.
ledger::Result<Clusters> fit_kmeans(const Points& points, const KMeansOptions& options);

/// Rousseeuw's Silhouette, 1987: from -1 to 1, how much nearer points are to their own cluster
/// than to the next. Over `most` points at most, drawn by the seed; a point that is alone in its
/// cluster counts 0. Needs two clusters.
double silhouette(const Points& points, const Clusters& clusters, std::uint64_t seed,
                  std::size_t most = 2'000);

struct ClusterChoice {
    Clusters clusters;
    /// What each number of clusters came to, in order.
    std::vector<std::pair<std::size_t, double>> silhouettes;
};

/// Fits each number of clusters from `least` (2 or more) to `most` and keeps that with the largest
/// Silhouette, the smaller number of two alike.
ledger::Result<ClusterChoice> choose_kmeans(const Points& points, std::size_t least,
                                            std::size_t most, const KMeansOptions& options);

}  // namespace samples
