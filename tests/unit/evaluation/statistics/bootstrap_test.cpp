#include "evaluation/statistics/bootstrap.hpp"

#include "evaluation/statistics/intervals.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace evaluation {
namespace {

std::vector<double> some_values()
{
    std::vector<double> values;
    for (int i = 0; i < 200; ++i) values.push_back((i * 37) % 101);
    return values;
}

std::optional<Interval> of_mean(const std::vector<double>& values, const Bootstrap& how)
{
    return bootstrap_interval(values.size(), how, 1, [&](std::span<const std::uint32_t> drawn) {
        double sum = 0;
        for (std::size_t i = 0; i < values.size(); ++i) sum += drawn[i] * values[i];
        return sum / real(values.size());
    });
}

TEST(Bootstrap, EveryResampleDrawsAsManyAsThereAre)
{
    std::size_t made = 0;
    const auto count = [&](std::span<const std::uint32_t> drawn) {
        ++made;
        EXPECT_EQ(std::accumulate(drawn.begin(), drawn.end(), 0U), 50U);
        return 0.0;
    };
    EXPECT_TRUE(bootstrap_interval(50, {}, 1, count));
    EXPECT_EQ(made, 1000U);
}

TEST(Bootstrap, BoundsOfAMeanAreNearStudents)
{
    const auto values = some_values();
    const auto exact = *mean(values).interval;
    const auto found = of_mean(values, {});
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->low, exact.low, 1);
    EXPECT_NEAR(found->high, exact.high, 1);
}

TEST(Bootstrap, ASeedGivesTheSameAlwaysAndAnotherOneAnother)
{
    const auto values = some_values();
    const auto first = of_mean(values, {7}), again = of_mean(values, {7}),
               other = of_mean(values, {8});
    EXPECT_EQ(first->low, again->low);
    EXPECT_EQ(first->high, again->high);
    EXPECT_NE(first->low, other->low);
}

TEST(Bootstrap, MakesNoneWhereTheyWouldBeTooFew)
{
    const auto values = some_values();
    EXPECT_FALSE(of_mean(values, {1, 1000, 99 * 200}));
    EXPECT_TRUE(of_mean(values, {1, 1000, 100 * 200}));
    EXPECT_FALSE(of_mean({5}, {}));
}

TEST(Bootstrap, ChoosesDifferentNumbersInOrder)
{
    const auto chosen = choose(1000, 100, 3);
    ASSERT_EQ(chosen.size(), 100U);
    EXPECT_TRUE(std::is_sorted(chosen.begin(), chosen.end()));
    EXPECT_EQ((std::set<std::size_t>{chosen.begin(), chosen.end()}.size()), 100U);
    EXPECT_LT(chosen.back(), 1000U);
    EXPECT_NE(chosen, choose(1000, 100, 4));
}

TEST(Bootstrap, ChoosesAllWhereAllAreWanted)
{
    EXPECT_EQ(choose(3, 3, 1), (std::vector<std::size_t>{0, 1, 2}));
    EXPECT_EQ(choose(3, 9, 1), (std::vector<std::size_t>{0, 1, 2}));
    EXPECT_TRUE(choose(3, 0, 1).empty());
}

TEST(Bootstrap, ChoosesEachNumberAsOften)
{
    std::vector<int> times(10);
    for (std::uint64_t seed = 0; seed < 2000; ++seed)
        for (const auto i : choose(10, 3, seed)) ++times[i];
    for (const auto count : times) EXPECT_NEAR(count, 600, 100);
}

}  // namespace
}  // namespace evaluation
