#include "evaluation/labelling/queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace evaluation {
namespace {

using Order = std::vector<std::size_t>;

/// Items of which `teachers` say, one after the other, how likely each of two classes is.
struct Items {
    std::vector<double> probabilities;
    std::vector<float> features;
    std::size_t teachers = 1, classes = 2, width = 0;
    std::vector<float> labelled = {};

    Unlabelled view() const
    {
        return {probabilities.size() / (teachers * classes),
                teachers,
                classes,
                width,
                probabilities,
                features,
                labelled};
    }
};

/// One teacher, each of whose items has a feature of its own.
Items items(const std::vector<double>& first_class, std::vector<float> features = {})
{
    Items made;
    for (const auto share : first_class) {
        made.probabilities.push_back(share);
        made.probabilities.push_back(1 - share);
    }
    made.width = features.empty() ? 0 : features.size() / first_class.size();
    made.features = std::move(features);
    return made;
}

TEST(Queue, DoubtIsWhatTheMarginLeaves)
{
    const auto found = doubts(items({0.5, 0.75, 0.125, 1}).view());
    EXPECT_EQ(found, (std::vector<double>{1, 0.5, 0.25, 0}));
}

TEST(Queue, MarginIsBetweenTheTwoGreatest)
{
    const Items made{{0.25, 0.25, 0.5, 0.125, 0.5, 0.375}, {}, 1, 3};
    EXPECT_EQ(doubts(made.view()), (std::vector<double>{0.75, 0.875}));
}

TEST(Queue, TeachersWhoAreSureOfDifferentThingsAreMostDoubtful)
{
    const Items made{{1, 0, 0, 1, 0.5, 0.5, 0.5, 0.5, 1, 0, 1, 0, 0.75, 0.25, 0.25, 0.75}, {}, 2};
    // At odds; both unsure; both sure; mildly at odds, by a quarter of the most possible.
    EXPECT_EQ(doubts(made.view()), (std::vector<double>{2, 1, 0, 1.25}));
    EXPECT_EQ(ask_first(made.view(), 4), (Order{0, 3, 1, 2}));
}

TEST(Queue, DisagreementIsAtMostOneForAnyNumberOfTeachers)
{
    const Items three{{1, 0, 0, 0, 1, 0, 0, 0, 1}, {}, 3, 3};
    EXPECT_NEAR(doubts(three.view())[0], 2, 1e-15);
    const Items two{{1, 0, 0, 0, 1, 0}, {}, 2, 3};
    EXPECT_NEAR(doubts(two.view())[0], 2, 1e-15);
    const Items four{{1, 0, 1, 0, 0, 1, 0, 1}, {}, 4, 2};
    EXPECT_NEAR(doubts(four.view())[0], 2, 1e-15);
}

TEST(Queue, WithoutFeaturesTheSmallestMarginComesFirst)
{
    EXPECT_EQ(ask_first(items({0.9, 0.5, 0.7, 0.2}).view(), 3), (Order{1, 2, 3}));
}

TEST(Queue, TiesGoToTheFirst)
{
    EXPECT_EQ(ask_first(items({0.5, 0.75, 0.5, 0.25}).view(), 4), (Order{0, 2, 1, 3}));
    EXPECT_EQ(ask_first(items({0.5, 0.5, 0.5}, {1, 1, 1}).view(), 3), (Order{0, 1, 2}));
    EXPECT_EQ(ask_first(items({0.5, 0.5, 0.5}, {0, 1, -1}).view(), 3), (Order{0, 1, 2}));
}

TEST(Queue, DuplicatesDoNotBothComeFirst)
{
    // The two most doubtful are the same picture.
    EXPECT_EQ(ask_first(items({0.5, 0.5, 0.75, 0.875}, {3, 3, 4, 5}).view(), 4),
              (Order{0, 2, 3, 1}));
}

TEST(Queue, WhatIsLikeLabelledItemsWaits)
{
    auto made = items({0.5, 0.625, 0.625}, {1, 1, 2});
    EXPECT_EQ(ask_first(made.view(), 3), (Order{0, 2, 1}));
    made.labelled = {1, 7};
    EXPECT_EQ(ask_first(made.view(), 3), (Order{2, 0, 1}));
}

TEST(Queue, WhatIsLeftOfDuplicatesGoesByDoubt)
{
    EXPECT_EQ(ask_first(items({0.875, 0.5, 0.75, 0.625}, {2, 2, 2, 2}).view(), 4),
              (Order{1, 3, 2, 0}));
}

TEST(Queue, WhatIsCertainWaitsHoweverFarItIs)
{
    EXPECT_EQ(ask_first(items({0.5, 1, 0.9}, {0, 1000, 0.25}).view(), 3), (Order{0, 2, 1}));
}

TEST(Queue, ScaleOfFeaturesDoesNotMatter)
{
    const std::vector<double> shares{0.5, 0.625, 0.75, 0.5625, 0.875, 0.6875};
    const std::vector<float> near{0, 3, 1, 7, 2, 11};
    auto far = near;
    for (auto& feature : far) feature *= 1024;
    EXPECT_EQ(ask_first(items(shares, near).view(), 6), ask_first(items(shares, far).view(), 6));
}

TEST(Queue, AmongEquallyDoubtfulItTakesTheFarthest)
{
    // On a line of two numbers each: from 0 the farthest is 10, then 5, then 2 before 8.
    const std::vector<float> line{0, 0, 6, 8, 3, 4, 1.2F, 1.6F, 4.8F, 6.4F};
    EXPECT_EQ(ask_first(items(std::vector<double>(5, 0.5), line).view(), 4), (Order{0, 1, 2, 3}));
}

TEST(Queue, FarthestFirstCoversWithinTwiceTheLeastRadius)
{
    // Three groups of radius 1 and 4 items each: one is taken from each.
    std::vector<float> features;
    for (const auto centre : {0.0F, 50.0F, 120.0F})
        for (const auto off : {0.0F, 1.0F, -1.0F, 0.5F}) features.push_back(centre + off);
    const auto order = ask_first(items(std::vector<double>(12, 0.5), features).view(), 3);
    for (const auto feature : features) {
        auto nearest = 1e9;
        for (const auto i : order)
            nearest = std::min(nearest, static_cast<double>(std::abs(feature - features[i])));
        EXPECT_LE(nearest, 2);
    }
}

TEST(Queue, GivesEachItemOnceWhereMoreAreWanted)
{
    auto order = ask_first(items({0.5, 0.6, 0.7}, {1, 2, 3}).view(), 100);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, (Order{0, 1, 2}));
    EXPECT_EQ(ask_first(items({0.5, 0.6, 0.7}).view(), 100).size(), 3U);
}

TEST(Queue, OfNothingIsEmpty)
{
    EXPECT_TRUE(ask_first({}, 5).empty());
    EXPECT_TRUE(ask_first(items({0.5, 0.6}, {1, 2}).view(), 0).empty());
}

TEST(Queue, ASingleClassOrNoTeacherLeavesNoDoubt)
{
    const Items one{{1, 1, 1, 1}, {}, 2, 1};
    EXPECT_EQ(doubts(one.view()), (std::vector<double>{0, 0}));
    const Unlabelled untaught{3, 0, 4, 0, {}};
    EXPECT_EQ(ask_first(untaught, 2), (Order{0, 1}));
}

TEST(Queue, FitsWhatTakesABoundedTime)
{
    const Unlabelled large{1'000'000, 1, 2, 64, {}, {}};
    EXPECT_TRUE(fits(large, 1000));
    EXPECT_FALSE(fits(large, 10'000));
    EXPECT_FALSE(fits(Unlabelled{SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, {}, {}}, SIZE_MAX));
    EXPECT_FALSE(fits(Unlabelled{2, SIZE_MAX / 2, 4, 0, {}, {}}, 1));
    EXPECT_TRUE(fits(Unlabelled{}, SIZE_MAX));
}

}  // namespace
}  // namespace evaluation
