#include "evaluation/metrics/roc.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace evaluation {
namespace {

using Flags = std::vector<std::uint8_t>;

// The example of scikit-learn's roc_auc_score and roc_curve.
const std::vector<double> scores{0.1, 0.4, 0.35, 0.8};
const Flags flags{0, 0, 1, 1};

/// By the definition: pairs of both groups.
double by_pairs(const std::vector<double>& of, const Flags& is_positive)
{
    double sum = 0, pairs = 0;
    for (std::size_t i = 0; i < of.size(); ++i)
        for (std::size_t j = 0; j < of.size(); ++j) {
            if (is_positive[i] == 0 || is_positive[j] != 0) continue;
            ++pairs;
            sum += of[i] > of[j] ? 1 : of[i] == of[j] ? 0.5 : 0;
        }
    return sum / pairs;
}

TEST(Roc, AreaIsThatOfScikitLearn)
{
    EXPECT_DOUBLE_EQ(roc_area(scores, flags).area.value, 0.75);
}

TEST(Roc, BoundsAreDeLongs)
{
    // Placements 0.5 and 1 of the class, 1 and 0.5 of the others: a variance of 0.125 each, halved.
    const auto area = roc_area(scores, flags).area;
    EXPECT_EQ(area.method, Method::delong);
    EXPECT_NEAR(area.interval->low, 0.75 - 1.959963984540054 * std::sqrt(0.125), 1e-12);
    EXPECT_EQ(area.interval->high, 1);
}

TEST(Roc, EqualScoresCountHalf)
{
    EXPECT_DOUBLE_EQ(roc_area(std::vector{1.0, 1.0, 1.0}, Flags{0, 1, 1}).area.value, 0.5);
    EXPECT_DOUBLE_EQ(roc_area(std::vector{1.0, 1.0, 2.0}, Flags{0, 1, 1}).area.value, 0.75);
}

TEST(Roc, AreaIsTheShareOfPairsWithTiesToo)
{
    std::vector<double> many;
    Flags which;
    for (int i = 0; i < 300; ++i) {
        many.push_back((i * 7919) % 23);
        which.push_back((i * 104729) % 3 == 0 ? 1 : 0);
    }
    EXPECT_NEAR(roc_area(many, which).area.value, by_pairs(many, which), 1e-12);
}

TEST(Roc, TurnedRoundScoresGiveTheRestOfTheArea)
{
    std::vector<double> turned;
    for (const auto score : scores) turned.push_back(-score);
    EXPECT_DOUBLE_EQ(roc_area(turned, flags).area.value, 0.25);
}

TEST(Roc, GrowingFunctionsOfScoresChangeNothing)
{
    std::vector<double> other;
    for (const auto score : scores) other.push_back(std::exp(5 * score));
    EXPECT_EQ(roc_area(other, flags).area.value, roc_area(scores, flags).area.value);
    EXPECT_EQ(roc_area(other, flags).area.interval->low,
              roc_area(scores, flags).area.interval->low);
}

TEST(Roc, APerfectAreaIsNoCertainty)
{
    const auto area = roc_area(std::vector{1.0, 2.0, 3.0, 4.0, 5.0}, Flags{0, 0, 0, 1, 1}).area;
    EXPECT_EQ(area.value, 1);
    EXPECT_EQ(area.method, Method::smaller_group);
    EXPECT_NEAR(area.interval->low, 0.15811388300841897, 1e-12);  // sqrt(0.025)
}

TEST(Roc, WithoutOneOfTheGroupsThereIsNoArea)
{
    EXPECT_EQ(roc_area(std::vector{1.0, 2.0}, Flags{1, 1}).area.n, 0U);
    EXPECT_TRUE(roc_curve(std::vector{1.0, 2.0}, Flags{0, 0}, 100).empty());
}

TEST(Roc, CurveIsThatOfScikitLearn)
{
    const auto curve = roc_curve(scores, flags, 100);
    const std::vector<std::pair<double, double>> expected{
        {0, 0}, {0, .5}, {.5, .5}, {.5, 1}, {1, 1}};
    ASSERT_EQ(curve.size(), expected.size());
    for (std::size_t i = 0; i < curve.size(); ++i) {
        EXPECT_EQ(curve[i].false_positives, expected[i].first);
        EXPECT_EQ(curve[i].true_positives, expected[i].second);
    }
}

TEST(Roc, ALongCurveKeepsItsEnds)
{
    std::vector<double> many;
    Flags which;
    for (int i = 0; i < 1000; ++i) {
        many.push_back(i);
        which.push_back(i % 2 == 0 ? 1 : 0);
    }
    const auto curve = roc_curve(many, which, 10);
    ASSERT_EQ(curve.size(), 10U);
    EXPECT_EQ(curve.front().false_positives, 0);
    EXPECT_EQ(curve.back().true_positives, 1);
}

TEST(Roc, MeanOfOneAreaHasNearlyItsBounds)
{
    std::vector<double> many;
    Flags which;
    for (int i = 0; i < 2000; ++i) {
        many.push_back((i * 7919) % 1009 + (i % 2) * 400);
        which.push_back(i % 2 == 0 ? 0 : 1);
    }
    const auto one = roc_area(many, which);
    MeanArea mean;
    mean.add(one);
    mean.add(roc_area(many, Flags(many.size(), 1)));  // a class that has no area does not count
    const auto found = mean.measure();
    EXPECT_DOUBLE_EQ(found.value, one.area.value);
    EXPECT_NEAR(found.interval->low, one.area.interval->low, 1e-4);
    EXPECT_EQ(found.method, Method::delta);
}

}  // namespace
}  // namespace evaluation
