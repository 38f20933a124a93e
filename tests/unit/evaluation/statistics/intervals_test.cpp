#include "evaluation/statistics/intervals.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace evaluation {
namespace {

TEST(Intervals, ClopperPearsonIsWhatTheSumOfBinomialsGives)
{
    const auto some = clopper_pearson(8, 10);
    EXPECT_NEAR(some.low, 0.44390453769235844, 1e-12);
    EXPECT_NEAR(some.high, 0.9747892736731666, 1e-12);
    EXPECT_EQ(clopper_pearson(0, 10).low, 0);
    EXPECT_NEAR(clopper_pearson(0, 10).high, 0.30849710781876083, 1e-12);
    EXPECT_NEAR(clopper_pearson(10, 10).low, 0.6915028921812392, 1e-12);
    EXPECT_EQ(clopper_pearson(10, 10).high, 1);
}

TEST(Intervals, OneSidedUpperBoundLeavesAllTheRestAboveIt)
{
    EXPECT_NEAR(clopper_pearson_upper(0, 149, 0.95), 1 - std::pow(0.05, 1.0 / 149), 1e-12);
    EXPECT_NEAR(clopper_pearson_upper(8, 10, 0.975), clopper_pearson(8, 10).high, 1e-15);
    EXPECT_LT(clopper_pearson_upper(8, 10, 0.95), clopper_pearson(8, 10).high);
    EXPECT_EQ(clopper_pearson_upper(10, 10, 0.95), 1);
    EXPECT_EQ(clopper_pearson_upper(0, 0, 0.95), 1);
}

TEST(Intervals, NothingIsKnownOfNoSamples)
{
    const auto none = proportion(0, 0);
    EXPECT_EQ(none.value, 0);
    EXPECT_EQ(none.n, 0U);
    EXPECT_EQ(none.interval->low, 0);
    EXPECT_EQ(none.interval->high, 1);
}

TEST(Intervals, WilsonIsNarrowerThanTheExactOne)
{
    const auto wide = clopper_pearson(8, 10), narrow = wilson(8, 10);
    EXPECT_NEAR(narrow.low, 0.4901624715366418, 1e-12);
    EXPECT_NEAR(narrow.high, 0.9433178485456247, 1e-12);
    EXPECT_LT(wide.low, narrow.low);
    EXPECT_GT(wide.high, narrow.high);
}

TEST(Intervals, BothHoldTheShareForEveryCount)
{
    for (std::uint64_t n = 1; n <= 60; ++n)
        for (std::uint64_t hits = 0; hits <= n; ++hits)
            for (const auto& interval : {clopper_pearson(hits, n), wilson(hits, n)}) {
                const auto share = real(hits) / real(n);
                ASSERT_LE(0, interval.low);
                ASSERT_LE(interval.low, share + 1e-12);
                ASSERT_GE(interval.high, share - 1e-12);
                ASSERT_LE(interval.high, 1);
            }
}

TEST(Intervals, MeanHasStudentsBounds)
{
    // Mean 3, variance 2.5, t of 4 degrees of freedom 2.776445.
    const std::vector<double> values{1, 2, 3, 4, 5};
    const auto found = mean(values);
    EXPECT_DOUBLE_EQ(found.value, 3);
    EXPECT_NEAR(found.interval->low, 3 - 2.7764451 * 0.70710678, 1e-6);
    EXPECT_NEAR(found.interval->high, 3 + 2.7764451 * 0.70710678, 1e-6);
    EXPECT_EQ(found.method, Method::student_t);
}

TEST(Intervals, OneValueHasNoBounds)
{
    const std::vector<double> one{7};
    EXPECT_EQ(mean(one).value, 7);
    EXPECT_FALSE(mean(one).interval);
    EXPECT_EQ(mean(one).method, Method::none);
}

TEST(Intervals, DeltaIsCutToWhatCanBe)
{
    const std::vector<double> influence{-3, 3, -3, 3};
    const auto found = delta(0.9, influence, 0, 1);
    EXPECT_EQ(found.interval->high, 1);
    EXPECT_EQ(found.interval->low, 0);
    EXPECT_EQ(found.method, Method::delta);
}

TEST(Intervals, WhatDoesNotVaryHasNoDeltaBounds)
{
    const std::vector<double> influence{0, 0, 0};
    EXPECT_FALSE(delta(1, influence, 0, 1).interval);
}

}  // namespace
}  // namespace evaluation
