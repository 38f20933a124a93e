#include "evaluation/metrics/detection.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace evaluation {
namespace {

using Boxes = std::vector<TrueBox>;
using FoundBoxes = std::vector<FoundBox>;

/// 100 wide and high, `place` of them to the right: large enough for any range but small and
/// medium.
Box large(double place)
{
    return {200 * place, 0, 200 * place + 100, 100};
}

/// Shifted down so far that the overlap is the share of the union that is asked for.
Box overlapping(const Box& box, double share)
{
    const auto shift = 100 * (1 - share) / (1 + share);
    return {box.left, box.top + shift, box.right, box.bottom + shift};
}

DetectionMatches one_image(const Boxes& boxes, const FoundBoxes& found)
{
    DetectionMatches matches;
    matches.add_image(boxes, found);
    matches.sort();
    return matches;
}

double precision(const DetectionMatches& matches)
{
    return matches.average_precision({});
}

constexpr DetectionQuestion at_50{AreaRange::all, 100, 0, {}}, at_75{AreaRange::all, 100, 5, {}};

TEST(Detection, OverlapIsIntersectionOverUnion)
{
    EXPECT_DOUBLE_EQ(overlap({0, 0, 10, 10}, {{5, 0, 15, 10}}), 50.0 / 150);
    EXPECT_EQ(overlap({0, 0, 10, 10}, {{10, 0, 20, 10}}), 0);
    EXPECT_NEAR(overlap(overlapping(large(0), 0.62), {large(0)}), 0.62, 1e-12);
}

TEST(Detection, OverlapWithACrowdIsTheShareOfTheFoundBox)
{
    EXPECT_DOUBLE_EQ(overlap({0, 0, 10, 10}, {{5, 0, 1000, 1000}, 0, true}), 0.5);
}

TEST(Detection, AllFoundExactlyIsOne)
{
    const auto matches = one_image({{large(0), 1}, {large(1), 1}, {large(2), 4}},
                                   {{large(0), 1, .3}, {large(1), 1, .9}, {large(2), 4, .1}});
    EXPECT_DOUBLE_EQ(precision(matches), 1);
    EXPECT_DOUBLE_EQ(matches.average_recall({}), 1);
}

TEST(Detection, AnOverlapOf62CountsAtThreeOfTenSteps)
{
    const auto matches = one_image({{large(0), 1}}, {{overlapping(large(0), 0.62), 1, .9}});
    EXPECT_NEAR(precision(matches), 0.3, 1e-15);
    EXPECT_DOUBLE_EQ(matches.average_precision(at_50), 1);
    EXPECT_DOUBLE_EQ(matches.average_precision(at_75), 0);
    EXPECT_NEAR(matches.average_recall({}), 0.3, 1e-15);
}

TEST(Detection, PrecisionIsTheBestAtThisRecallOrAbove)
{
    // Wrong, right, right: precisions 1/2 at recall 1/2 and 2/3 at recall 1, which covers both.
    const auto matches = one_image({{large(0), 1}, {large(1), 1}},
                                   {{large(5), 1, .9}, {large(0), 1, .8}, {large(1), 1, .7}});
    EXPECT_NEAR(precision(matches), 2.0 / 3, 1e-12);
}

TEST(Detection, PrecisionIsTakenAt101Recalls)
{
    // Right, wrong, right: 51 recalls up to 0.50 at precision 1, 50 above at 2/3.
    const auto matches = one_image({{large(0), 1}, {large(1), 1}},
                                   {{large(0), 1, .9}, {large(5), 1, .8}, {large(1), 1, .7}});
    EXPECT_NEAR(precision(matches), (51 + 50 * 2.0 / 3) / 101, 1e-12);
}

TEST(Detection, WhatIsNeverFoundLimitsTheRecall)
{
    const auto matches = one_image({{large(0), 1}, {large(1), 1}}, {{large(0), 1, .9}});
    EXPECT_NEAR(precision(matches), 51.0 / 101, 1e-12);
    EXPECT_DOUBLE_EQ(matches.average_recall({}), 0.5);
}

TEST(Detection, TheSecondBoxOfAThingIsWrong)
{
    const auto matches = one_image({{large(0), 1}, {large(1), 1}},
                                   {{large(0), 1, .9}, {large(0), 1, .8}, {large(1), 1, .7}});
    EXPECT_NEAR(precision(matches), (51 + 50 * 2.0 / 3) / 101, 1e-12);
}

TEST(Detection, TheBetterScoredBoxTakesTheThingThoughItOverlapsLess)
{
    // At 0.50 the first takes it and the exact one is wrong; at 0.75 only the exact one can.
    const auto matches =
        one_image({{large(0), 1}}, {{overlapping(large(0), 0.62), 1, .9}, {large(0), 1, .8}});
    EXPECT_DOUBLE_EQ(matches.average_precision(at_50), 1);
    EXPECT_DOUBLE_EQ(matches.average_precision(at_75), 0.5);
}

TEST(Detection, AnotherClassIsWrong)
{
    const auto matches = one_image({{large(0), 1}}, {{large(0), 2, .9}});
    EXPECT_EQ(precision(matches), 0);
    EXPECT_EQ(matches.labels(), (std::vector<std::uint32_t>{1}));
}

TEST(Detection, ClassesCountAlikeHoweverManyBoxesTheyHave)
{
    const auto matches = one_image({{large(0), 1}, {large(1), 1}, {large(2), 1}, {large(3), 2}},
                                   {{large(0), 1, .9}, {large(1), 1, .9}, {large(2), 1, .9}});
    EXPECT_DOUBLE_EQ(precision(matches), 0.5);
    EXPECT_DOUBLE_EQ(matches.average_precision({AreaRange::all, 100, {}, 1}), 1);
    EXPECT_EQ(matches.boxes(1), 3U);
}

TEST(Detection, WhatLiesInACrowdNeitherCountsNorIsWrong)
{
    const Boxes boxes{{large(0), 1}, {{400, 0, 900, 900}, 1, true}};
    const auto matches = one_image(
        boxes, {{{410, 10, 500, 100}, 1, .95}, {{600, 10, 700, 100}, 1, .9}, {large(0), 1, .8}});
    EXPECT_DOUBLE_EQ(precision(matches), 1);
    EXPECT_EQ(matches.boxes(1), 1U);
}

TEST(Detection, ABoxThatMatchesAThingIsNotGivenToTheCrowdAroundIt)
{
    const Boxes boxes{{{0, 0, 900, 900}, 1, true}, {large(0), 1}};
    EXPECT_DOUBLE_EQ(precision(one_image(boxes, {{overlapping(large(0), 0.96), 1, .9}})), 1);
}

TEST(Detection, OnlyCrowdsIsNothingToFind)
{
    EXPECT_TRUE(std::isnan(precision(one_image({{large(0), 1, true}}, {{large(0), 1, .9}}))));
}

TEST(Detection, RangesOfAreaLookAtTheirOwn)
{
    const Box small{0, 0, 20, 20}, medium{200, 0, 260, 60};
    const auto matches =
        one_image({{small, 1}, {medium, 1}, {large(2), 1}}, {{small, 1, .9}, {large(2), 1, .8}});
    const auto in = [&](AreaRange range) {
        return matches.average_precision({range, 100, {}, {}});
    };
    EXPECT_DOUBLE_EQ(in(AreaRange::small), 1);
    EXPECT_DOUBLE_EQ(in(AreaRange::medium), 0);
    EXPECT_DOUBLE_EQ(in(AreaRange::large), 1);
}

TEST(Detection, AWrongBoxOfAnotherSizeDoesNotCountInARange)
{
    const Box small{0, 0, 20, 20};
    const auto matches = one_image({{small, 1}}, {{large(3), 1, .9}, {small, 1, .8}});
    EXPECT_DOUBLE_EQ(matches.average_precision({AreaRange::small, 100, {}, {}}), 1);
    EXPECT_DOUBLE_EQ(precision(matches), 0.5);
    EXPECT_TRUE(std::isnan(matches.average_precision({AreaRange::large, 100, {}, {}})));
}

TEST(Detection, RecallCountsTheBestBoxesOfAnImage)
{
    Boxes boxes;
    FoundBoxes found;
    for (int i = 0; i < 20; ++i) {
        boxes.push_back({large(i), 1});
        found.push_back({large(i), 1, 0.9 - 0.01 * i});
    }
    const auto matches = one_image(boxes, found);
    const auto of = [&](std::uint32_t most) {
        return matches.average_recall({AreaRange::all, most, {}, {}});
    };
    EXPECT_DOUBLE_EQ(of(1), 0.05);
    EXPECT_DOUBLE_EQ(of(10), 0.5);
    EXPECT_DOUBLE_EQ(of(100), 1);
}

TEST(Detection, OnlyTheBestHundredBoxesAreKept)
{
    FoundBoxes found;
    for (int i = 0; i < 100; ++i) found.push_back({large(5 + i), 1, 0.9});
    found.push_back({large(0), 1, 0.5});
    EXPECT_EQ(precision(one_image({{large(0), 1}}, found)), 0);
    EXPECT_EQ(one_image({{large(0), 1}}, found).found(), 100U);
}

TEST(Detection, ScoresAreOrderedAcrossImages)
{
    // The wrong box of the second image is surer than the right one of the first.
    DetectionMatches matches;
    matches.add_image(Boxes{{large(0), 1}}, FoundBoxes{{large(0), 1, .5}});
    matches.add_image(Boxes{}, FoundBoxes{{large(0), 1, .9}});
    matches.sort();
    EXPECT_DOUBLE_EQ(precision(matches), 0.5);
    EXPECT_EQ(matches.images(), 2U);
}

TEST(Detection, ImagesCountAsOftenAsTheyAreDrawn)
{
    DetectionMatches matches;
    matches.add_image(Boxes{{large(0), 1}}, FoundBoxes{{large(0), 1, .9}});
    matches.add_image(Boxes{{large(0), 1}}, FoundBoxes{});
    matches.sort();
    const auto drawn = [&](std::vector<std::uint32_t> counts) {
        return matches.average_precision({}, counts);
    };
    EXPECT_DOUBLE_EQ(drawn({1, 0}), 1);
    EXPECT_DOUBLE_EQ(drawn({0, 2}), 0);
    EXPECT_NEAR(drawn({1, 1}), 51.0 / 101, 1e-12);
    EXPECT_NEAR(drawn({3, 1}), 76.0 / 101, 1e-12);
    EXPECT_TRUE(std::isnan(drawn({0, 0})));
}

TEST(Detection, ARecallThatMeetsItsThresholdExactlyIsJudgedAsByCoco)
{
    // 7 of 20 found: 7 / 20 is below numpy's linspace(0, 1, 101)[35], which is 0.35000000000000003.
    Boxes boxes;
    FoundBoxes found;
    for (int i = 0; i < 20; ++i) boxes.push_back({large(i), 1});
    for (int i = 0; i < 7; ++i) found.push_back({large(i), 1, .9});
    EXPECT_NEAR(precision(one_image(boxes, found)), 35.0 / 101, 1e-12);
}

}  // namespace
}  // namespace evaluation
