#include "evaluation/labelling/agreement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace evaluation {
namespace {

using Labels = std::vector<std::uint32_t>;

/// Labels of two annotators who meet so often in each of two classes.
std::optional<double> kappa_of(std::size_t both_0, std::size_t only_a_0, std::size_t only_b_0,
                               std::size_t both_1)
{
    Labels a(both_0 + only_a_0, 0), b(both_0, 0);
    a.resize(a.size() + only_b_0 + both_1, 1);
    b.resize(b.size() + only_a_0, 1);
    b.resize(b.size() + only_b_0, 0);
    b.resize(b.size() + both_1, 1);
    return cohen_kappa(a, b);
}

TEST(Agreement, KappaIsWhatIsAboveChance)
{
    // Observed 0.7, by chance 0.5.
    EXPECT_NEAR(*kappa_of(20, 5, 10, 15), 0.4, 1e-15);
    // As often observed (0.6), less and more of it by chance (0.54, 0.46).
    EXPECT_NEAR(*kappa_of(45, 15, 25, 15), 0.06 / 0.46, 1e-15);
    EXPECT_NEAR(*kappa_of(25, 35, 5, 35), 0.14 / 0.54, 1e-15);
}

TEST(Agreement, KappaIsOneForTheSameAndBelowZeroForTheOpposite)
{
    EXPECT_EQ(kappa_of(5, 0, 0, 5), 1);
    EXPECT_EQ(kappa_of(0, 5, 5, 0), -1);
    EXPECT_EQ(kappa_of(1, 1, 1, 1), 0);
}

TEST(Agreement, KappaSaysNothingOfASingleClassOrOfNothing)
{
    EXPECT_FALSE(kappa_of(9, 0, 0, 0));
    EXPECT_FALSE(kappa_of(0, 0, 0, 0));
    EXPECT_EQ(kappa_of(0, 9, 0, 0), 0);
}

/// One row for each annotator, 0 where he said nothing.
std::vector<Vote> votes_of(const std::vector<Labels>& rows)
{
    std::vector<Vote> votes;
    for (std::uint32_t annotator = 0; annotator < rows.size(); ++annotator)
        for (std::uint32_t item = 0; item < rows[annotator].size(); ++item)
            if (const auto label = rows[annotator][item]) votes.push_back({item, annotator, label});
    return votes;
}

TEST(Agreement, AlphaOfKrippendorffsFourObserversIsHis)
{
    // Computing Krippendorff's Alpha-Reliability (2011), example C: 0.743.
    auto votes = votes_of({{1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0},
                           {1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3},
                           {0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0},
                           {1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0}});
    const auto alpha = krippendorff_alpha(votes);
    EXPECT_NEAR(*alpha, 0.743, 0.0005);
    std::reverse(votes.begin(), votes.end());
    EXPECT_EQ(krippendorff_alpha(votes), alpha);
}

TEST(Agreement, AlphaOfTwoObserversIsHis)
{
    // Examples A and B there: 0.095 of two classes, 0.692 of five.
    EXPECT_NEAR(*krippendorff_alpha(
                    votes_of({{1, 2, 1, 1, 1, 1, 1, 1, 2, 1}, {2, 2, 2, 1, 1, 2, 1, 1, 1, 1}})),
                0.095, 0.0005);
    EXPECT_NEAR(*krippendorff_alpha(votes_of(
                    {{1, 1, 2, 2, 4, 3, 3, 3, 5, 4, 4, 1}, {2, 1, 2, 2, 2, 3, 3, 3, 5, 4, 4, 4}})),
                0.692, 0.0005);
}

TEST(Agreement, AlphaIsOneWhereAllAgree)
{
    EXPECT_EQ(krippendorff_alpha(votes_of({{1, 2, 3}, {1, 2, 3}, {1, 0, 3}})), 1);
}

TEST(Agreement, AlphaNeedsPairsAndMoreThanOneClass)
{
    EXPECT_FALSE(krippendorff_alpha({}));
    EXPECT_FALSE(krippendorff_alpha(votes_of({{1, 0, 2}, {0, 1, 0}})));
    EXPECT_FALSE(krippendorff_alpha(votes_of({{3, 3}, {3, 3}})));
}

}  // namespace
}  // namespace evaluation
