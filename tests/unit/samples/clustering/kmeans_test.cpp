#include "samples/clustering/kmeans.hpp"

#include "ledger/base/draws.hpp"
#include "samples/open.hpp"
#include "tests/unit/samples/files.hpp"

#include <cmath>

namespace samples {
namespace {

/// `each` points within 1 of each corner of a square of side 10.
Points four_heaps(std::size_t each, std::uint64_t seed = 1)
{
    ledger::Draws draws{seed};
    Points points{2, {}};
    for (std::size_t i = 0; i < each; ++i)
        for (const float x : {0.0F, 10.0F})
            for (const float y : {0.0F, 10.0F}) {
                points.values.push_back(x + draws.next_float());
                points.values.push_back(y + draws.next_float());
            }
    return points;
}

TEST(KMeans, FindsHeaps)
{
    const auto points = four_heaps(50);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto found = fit_kmeans(points, {.clusters = 4, .seed = seed});
        ASSERT_TRUE(found) << found.error().detail;
        // Ordered by their first point.
        for (std::uint32_t i = 0; i < points.size(); ++i) EXPECT_EQ(found->of[i], i % 4);
        EXPECT_NEAR(found->centroids[2], 0, 0.5);
        EXPECT_NEAR(found->centroids[3], 10, 0.5);
        EXPECT_LT(found->radius, 1.6);
        EXPECT_GT(found->radius, 0.5);
    }
}

TEST(KMeans, FollowsFromItsSeed)
{
    const auto points = four_heaps(30);
    const auto fitted = [&](std::uint64_t seed) {
        return fit_kmeans(points, {.clusters = 7, .seed = seed, .starts = 1})->centroids;
    };
    EXPECT_EQ(fitted(3), fitted(3));
    EXPECT_NE(fitted(3), fitted(4));
}

TEST(KMeans, HasAsManyClustersAsAskedForOrSaysThatItCannot)
{
    const Points twice{1, {1, 1, 2, 2, 3, 3}};
    const auto three = fit_kmeans(twice, {.clusters = 3});
    ASSERT_TRUE(three) << three.error().detail;
    EXPECT_EQ(three->of, (std::vector<std::uint32_t>{0, 0, 1, 1, 2, 2}));
    EXPECT_EQ(three->squares, 0);
    EXPECT_EQ(fit_kmeans(twice, {.clusters = 4}).error().detail,
              "there are fewer than 4 different points");
    EXPECT_EQ(fit_kmeans(twice, {.clusters = 7}).error().detail, "6 points make no 7 clusters");
    EXPECT_FALSE(fit_kmeans(twice, {.clusters = 0}));
    EXPECT_EQ(fit_kmeans(twice, {.clusters = 1})->centroids, (std::vector<float>{2}));
}

TEST(Silhouette, IsWhatIsWorkedOutByHand)
{
    const Points points{1, {0, 1, 5, 6, 20}};
    Clusters clusters{1, {0.5F, 5.5F, 20}, {0, 0, 1, 1, 2}, 0, 0};
    // 0: inside 1, next 5.5; 1: 1 and 4.5; 5: 1 and 4.5; 6: 1 and 5.5; 20 is alone.
    const auto expected = (2 * (4.5 / 5.5) + 2 * (3.5 / 4.5) + 0) / 5;
    EXPECT_NEAR(silhouette(points, clusters, 0), expected, 1e-12);
}

TEST(Silhouette, ChoosesTheNumberOfHeaps)
{
    const auto choice = choose_kmeans(four_heaps(40), 2, 8, {.seed = 5});
    ASSERT_TRUE(choice) << choice.error().detail;
    EXPECT_EQ(choice->clusters.size(), 4u);
    ASSERT_EQ(choice->silhouettes.size(), 7u);
    EXPECT_EQ(choice->silhouettes[2].first, 4u);
    EXPECT_GT(choice->silhouettes[2].second, 0.8);
    EXPECT_FALSE(choose_kmeans(four_heaps(40), 1, 8, {}));
    EXPECT_FALSE(choose_kmeans(four_heaps(40), 3, 2, {}));
}

TEST(Silhouette, OfManyPointsIsNearThatOfAll)
{
    const auto points = four_heaps(600);
    const auto clusters = *fit_kmeans(points, {.clusters = 4});
    const auto whole = silhouette(points, clusters, 0, 10'000);
    EXPECT_NEAR(silhouette(points, clusters, 1, 300), whole, 0.03);
}

TEST(Points, AreReadFromASource)
{
    OpenOptions options;
    options.items = in_memory({{"rows.csv", bytes_of("a,b,label\n1,2,0.5\n3,4,1\n")}});
    const auto source = open(options, model_of(inference::DataType::FP32, {-1, 2}));
    ASSERT_TRUE(source) << source.error().detail;
    const auto points = points_of(**source);
    ASSERT_TRUE(points) << points.error().detail;
    EXPECT_EQ(points->values, (std::vector<float>{1, 2, 3, 4}));
    EXPECT_EQ(points->size(), 2u);
    EXPECT_EQ(points_of(**source, 15).error().kind, ledger::ErrorKind::full);
    const auto whole = open(options, model_of(inference::DataType::INT64, {-1, 2}));
    ASSERT_TRUE(whole);
    EXPECT_FALSE(points_of(**whole));
}

}  // namespace
}  // namespace samples
