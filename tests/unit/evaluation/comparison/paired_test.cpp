#include "evaluation/comparison/paired.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace evaluation {
namespace {

TEST(Paired, StudentsTIsThatOfTheDifferences)
{
    // Student's own sleep data (1908): t = -4.0621 with 9 degrees of freedom, p = 0.002833,
    // bounds -2.4599 and -0.7001.
    const std::vector<double> gains{-1.2, -2.4, -1.3, -1.3, 0, -1.0, -1.8, -0.8, -4.6, -1.4};
    const auto test = paired_t(gains);
    EXPECT_NEAR(test.gain.value, -1.58, 1e-12);
    EXPECT_NEAR(test.p, 0.002833, 1e-6);
    EXPECT_NEAR(test.gain.interval->low, -2.4598858, 1e-6);
    EXPECT_NEAR(test.gain.interval->high, -0.7001142, 1e-6);
}

TEST(Paired, TheSameEverywhereIsCertainOrNothing)
{
    EXPECT_EQ(paired_t(std::vector{0.0, 0.0, 0.0}).p, 1);
    EXPECT_EQ(paired_t(std::vector{0.5, 0.5, 0.5}).p, 0);
    EXPECT_EQ(paired_t(std::vector{0.5}).p, 1);
}

PairedTest of_mean(const std::vector<double>& gains)
{
    double mean = 0;
    for (const auto gain : gains) mean += gain / real(gains.size());
    return paired_bootstrap(mean, gains.size(), {}, 1, [&](std::span<const std::uint32_t> drawn) {
        double sum = 0;
        for (std::size_t i = 0; i < gains.size(); ++i) sum += drawn[i] * gains[i];
        return sum / real(gains.size());
    });
}

TEST(Paired, ResamplesOfAMeanAgreeWithStudentsT)
{
    std::vector<double> gains;
    for (int i = 0; i < 100; ++i) gains.push_back((i * 37) % 101 - 40);
    const auto exact = paired_t(gains), found = of_mean(gains);
    EXPECT_NEAR(found.gain.interval->low, exact.gain.interval->low, 1);
    EXPECT_NEAR(found.gain.interval->high, exact.gain.interval->high, 1);
    EXPECT_LT(found.p, 0.05);
    EXPECT_EQ(found.gain.method, Method::bootstrap);
}

TEST(Paired, ResamplesNeverProveMoreThanTheirNumberCan)
{
    EXPECT_DOUBLE_EQ(of_mean(std::vector<double>(50, 1.0)).p, 0.002);
}

TEST(Paired, NothingGainedIsNothingShown)
{
    EXPECT_EQ(of_mean(std::vector<double>(50, 0.0)).p, 1);
}

}  // namespace
}  // namespace evaluation
