#include "evaluation/comparison/mcnemar.hpp"

#include <gtest/gtest.h>

namespace evaluation {
namespace {

TEST(McNemar, ExactAndMidPAreSumsOfCoins)
{
    const auto test = mcnemar({70, 5, 15, 10});
    EXPECT_NEAR(test.exact, 0.04138946533203125, 1e-14);
    EXPECT_NEAR(test.mid_p, 0.02660369873046875, 1e-14);
}

TEST(McNemar, OnlySamplesOnWhichTheyDifferMatter)
{
    EXPECT_EQ(mcnemar({0, 5, 15, 0}).exact, mcnemar({1000, 5, 15, 9}).exact);
    EXPECT_EQ(mcnemar({0, 15, 5, 0}).exact, mcnemar({0, 5, 15, 0}).exact);
}

TEST(McNemar, EvenSharesShowNothing)
{
    EXPECT_EQ(mcnemar({0, 3, 3, 0}).exact, 1);
    EXPECT_EQ(mcnemar({0, 3, 3, 0}).mid_p, 1);
    EXPECT_EQ(mcnemar({7, 0, 0, 3}).exact, 1);
}

TEST(McNemar, SixIsTheLeastThatCanShowAnything)
{
    EXPECT_NEAR(mcnemar({0, 0, 5, 0}).exact, 0.0625, 1e-15);
    EXPECT_NEAR(mcnemar({0, 0, least_discordant, 0}).exact, 0.03125, 1e-15);
}

TEST(McNemar, GainHasNewcombesBounds)
{
    // 36, 2, 12, 0 is an example of his paper: 0.0569 to 0.3404.
    const auto gain = accuracy_gain({36, 2, 12, 0});
    EXPECT_NEAR(gain.value, 0.2, 1e-15);
    EXPECT_NEAR(gain.interval->low, 0.05692958400323875, 1e-12);
    EXPECT_NEAR(gain.interval->high, 0.3404276029749406, 1e-12);
}

TEST(McNemar, CorrelationNarrowsTheBounds)
{
    const auto gain = accuracy_gain({70, 5, 15, 10});
    EXPECT_NEAR(gain.interval->low, 0.011534501395199875, 1e-12);
    EXPECT_NEAR(gain.interval->high, 0.18921310532495428, 1e-12);
}

TEST(McNemar, TheOtherWayRoundTheGainIsALoss)
{
    const auto gain = accuracy_gain({36, 2, 12, 0}), loss = accuracy_gain({36, 12, 2, 0});
    EXPECT_NEAR(loss.value, -gain.value, 1e-15);
    EXPECT_NEAR(loss.interval->low, -gain.interval->high, 1e-15);
    EXPECT_NEAR(loss.interval->high, -gain.interval->low, 1e-15);
}

TEST(McNemar, NoSamplesHaveNoBounds)
{
    EXPECT_FALSE(accuracy_gain({}).interval);
}

}  // namespace
}  // namespace evaluation
