#include "evaluation/statistics/distributions.hpp"

#include <gtest/gtest.h>

namespace evaluation {
namespace {

TEST(Distributions, CountCoinsExactly)
{
    // Of 1024 ways 10 coins fall, 1 + 10 + 45 + 120 show at most 3 heads.
    EXPECT_NEAR(coins_at_most(3, 10), 176.0 / 1024, 1e-14);
    EXPECT_NEAR(coins_exactly(3, 10), 120.0 / 1024, 1e-14);
    EXPECT_NEAR(coins_at_most(0, 5), 1.0 / 32, 1e-15);
    EXPECT_DOUBLE_EQ(coins_at_most(5, 5), 1);
    EXPECT_NEAR(coins_exactly(5, 5), 1.0 / 32, 1e-15);
}

TEST(Distributions, CountManyCoinsWithoutOverflow)
{
    EXPECT_NEAR(coins_at_most(500'000, 1'000'000), 0.5, 0.001);
    EXPECT_GT(coins_at_most(500'000, 1'000'000), 0.5);
}

TEST(Distributions, AgreeWithTablesOfStudentsT)
{
    EXPECT_NEAR(student_bound(1), 12.7062, 1e-4);
    EXPECT_NEAR(student_bound(9), 2.262157, 1e-6);
    EXPECT_NEAR(student_bound(1'000'000), normal_bound, 1e-5);
    EXPECT_NEAR(student_two_sided(-2.262157, 9), 0.05, 1e-7);
    EXPECT_NEAR(student_two_sided(0, 9), 1, 1e-15);
}

TEST(Distributions, BetaQuantileIsThatOfKnownForms)
{
    EXPECT_NEAR(beta_quantile(1, 1, 0.3), 0.3, 1e-14);   // uniform
    EXPECT_NEAR(beta_quantile(2, 1, 0.25), 0.5, 1e-14);  // x^2
}

}  // namespace
}  // namespace evaluation
