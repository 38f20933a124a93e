#include "evaluation/metrics/silhouette.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace evaluation {
namespace {

using Clusters = std::vector<std::uint32_t>;

TEST(Silhouette, IsWhatTheDefinitionGives)
{
    const std::vector<float> points{0, 1, 10, 12};
    const auto found = silhouettes(points, 1, Clusters{5, 5, 2, 2});
    const std::vector<double> expected{10.0 / 11, 0.9, 7.5 / 9.5, 9.5 / 11.5};
    ASSERT_EQ(found.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(found[i], expected[i], 1e-15);
}

TEST(Silhouette, MeasuresInAllDimensions)
{
    // (0,0) and (3,4) are 5 apart; the others are 13 and 8 away from the first.
    const std::vector<float> points{0, 0, 3, 4, 5, 12, 0, 8};
    const auto found = silhouettes(points, 2, Clusters{0, 0, 1, 1});
    EXPECT_NEAR(found[0], (10.5 - 5) / 10.5, 1e-12);
}

TEST(Silhouette, APointAloneIsNeither)
{
    const std::vector<float> points{0, 1, 10};
    EXPECT_EQ(silhouettes(points, 1, Clusters{0, 0, 1})[2], 0);
}

TEST(Silhouette, PointsThatCoincideAreNeither)
{
    const std::vector<float> points{1, 1, 1, 1};
    EXPECT_EQ(silhouettes(points, 1, Clusters{0, 0, 1, 1})[0], 0);
}

TEST(Silhouette, OneClusterHasNone)
{
    const std::vector<float> points{1, 2};
    EXPECT_TRUE(silhouettes(points, 1, Clusters{3, 3}).empty());
}

TEST(Silhouette, LiesBetweenMinusOneAndOneAndKnowsNoNames)
{
    std::vector<float> points;
    Clusters clusters, renamed;
    for (std::uint32_t i = 0; i < 60; ++i) {
        points.push_back(static_cast<float>((i * 37) % 53));
        clusters.push_back(i % 3);
        renamed.push_back(9 - i % 3);
    }
    const auto found = silhouettes(points, 1, clusters);
    EXPECT_EQ(found, silhouettes(points, 1, renamed));
    for (const auto value : found) {
        EXPECT_GE(value, -1);
        EXPECT_LE(value, 1);
    }
}

TEST(Silhouette, TakesSoManyPointsAsTheStepsAllow)
{
    EXPECT_EQ(silhouette_points(4, 40'000), 100U);
    EXPECT_EQ(silhouette_points(0, 100), 10U);
}

}  // namespace
}  // namespace evaluation
