#include "evaluation/metrics/regression.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace evaluation {
namespace {

// The example of scikit-learn's mean_absolute_error, mean_squared_error and r2_score.
const std::vector<float> targets{3, -0.5F, 2, 7};
const std::vector<double> predicted{2.5, 0, 2, 8};

std::vector<NumberAnswer> number_answers(double shift = 0)
{
    std::vector<NumberAnswer> made;
    for (std::size_t i = 0; i < targets.size(); ++i)
        made.push_back(answer_of(std::vector{predicted[i] + shift}, std::span{&targets[i], 1}));
    return made;
}

TEST(Regression, ErrorsAreThoseOfScikitLearn)
{
    EXPECT_DOUBLE_EQ(mean_absolute_error(number_answers()).value, 0.5);
    EXPECT_DOUBLE_EQ(root_mean_square_error(number_answers()).value, std::sqrt(0.375));
    EXPECT_NEAR(r_squared(number_answers(), targets, 1).value, 0.9486081370449679, 1e-15);
}

TEST(Regression, BoundsOfTheRootAreRootsOfBounds)
{
    // Squares 0.25, 0.25, 0, 1: mean 0.375, variance 0.1875, t of 3 degrees of freedom 3.182446.
    const auto found = root_mean_square_error(number_answers());
    EXPECT_EQ(found.interval->low, 0);
    EXPECT_NEAR(found.interval->high, std::sqrt(0.375 + 3.182446 * std::sqrt(0.1875 / 4)), 1e-6);
}

TEST(Regression, NoErrorIsBelowZero)
{
    EXPECT_EQ(mean_absolute_error(number_answers()).interval->low, 0);
}

TEST(Regression, AnswersOfSeveralNumbersAreAveraged)
{
    const std::vector<float> target{1, 2};
    const auto answer = answer_of(std::vector{2.0, 5.0}, target);
    EXPECT_DOUBLE_EQ(answer.absolute, 2);
    EXPECT_DOUBLE_EQ(answer.squared, 5);
}

TEST(Regression, RSquaredOfSeveralNumbersWeighsThemByTheirSpread)
{
    // Columns 0, 2 and 0, 4 around 1 and 2: deviations 2 + 8. Errors 1 and 1.
    const std::vector<float> both{0, 0, 2, 4};
    const std::vector<NumberAnswer> made{answer_of(std::vector{1.0, 0.0}, std::span{both}.first(2)),
                                         answer_of(std::vector{2.0, 5.0}, std::span{both}.last(2))};
    EXPECT_DOUBLE_EQ(r_squared(made, both, 2).value, 1 - 2.0 / 10);
}

TEST(Regression, WithoutSpreadThereIsNoRSquared)
{
    const std::vector<float> same{1, 1};
    const std::vector<NumberAnswer> made(2);
    EXPECT_EQ(r_squared(made, same, 1).n, 0U);
}

TEST(Regression, AModelWorseThanTheMeanIsBelowZero)
{
    EXPECT_LT(r_squared(number_answers(100), targets, 1).value, 0);
}

}  // namespace
}  // namespace evaluation
