#include "evaluation/comparison/verdict.hpp"

#include <gtest/gtest.h>

namespace evaluation {
namespace {

Measure gain(double value, double low, double high, std::uint64_t n = 1000)
{
    return {value, n, Interval{low, high}, Method::newcombe};
}

TEST(Verdict, ASmallPGoesByTheSideOfTheGain)
{
    EXPECT_EQ(verdict_of(gain(0.1, 0.05, 0.15), 0.01, true, {}), Verdict::better);
    EXPECT_EQ(verdict_of(gain(-0.1, -0.15, -0.05), 0.01, true, {}), Verdict::worse);
}

TEST(Verdict, ALargePShowsNothing)
{
    EXPECT_EQ(verdict_of(gain(0.1, -0.05, 0.25), 0.05, true, {}), Verdict::no_difference_shown);
}

TEST(Verdict, FewSamplesAreNotEnoughHoweverSmallP)
{
    EXPECT_EQ(verdict_of(gain(1, 0.5, 1, 29), 0.0001, true, {}), Verdict::not_enough_data);
    EXPECT_EQ(verdict_of(gain(1, 0.5, 1, 30), 0.0001, true, {}), Verdict::better);
}

TEST(Verdict, WhereNothingCouldBeShownTheDataAreNotEnough)
{
    EXPECT_EQ(verdict_of(gain(0.02, -0.03, 0.07), 1, false, {}), Verdict::not_enough_data);
}

TEST(Verdict, UnlessTheyAgreeClosely)
{
    EXPECT_EQ(verdict_of(gain(0, -0.004, 0.004), 1, false, {}), Verdict::no_difference_shown);
}

TEST(Verdict, WithoutBoundsTheDataAreNotEnough)
{
    EXPECT_EQ(verdict_of({0.1, 1000, {}, Method::none}, 0.01, true, {}), Verdict::not_enough_data);
}

TEST(Verdict, NotInferiorIsWhatLosesLessThanTheMarginForSure)
{
    EXPECT_EQ(non_inferiority(gain(0, -0.01, 0.01), {}), NonInferiority::shown);
    EXPECT_EQ(non_inferiority(gain(0, -0.0101, 0.01), {}), NonInferiority::undecided);
    EXPECT_EQ(non_inferiority(gain(-0.1, -0.2, -0.011), {}), NonInferiority::refuted);
    EXPECT_EQ(non_inferiority({0.1, 1, {}, Method::none}, {}), NonInferiority::undecided);
}

TEST(Verdict, NamesAreForPeople)
{
    EXPECT_EQ(name_of(Verdict::no_difference_shown), "no difference shown");
    EXPECT_EQ(name_of(NonInferiority::shown), "shown");
}

}  // namespace
}  // namespace evaluation
