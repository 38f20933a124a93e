#include "market/accumulator.hpp"

#include <gtest/gtest.h>

#include <random>

namespace market {
namespace {

TEST(AccumulatorTest, SplitsByShares)
{
    const auto after = plus_per_share({}, Amount::micros(100), 4);
    EXPECT_EQ(earned_between({}, after, 1), Amount::micros(25));
    EXPECT_EQ(earned_between({}, after, 3), Amount::micros(75));
    EXPECT_EQ(earned_between(after, after, 4), Amount{});
}

TEST(AccumulatorTest, NeverPaysMoreThanCameIn)
{
    std::mt19937_64 random{7};
    for (int round = 0; round < 2'000; ++round) {
        const std::uint64_t first = 1 + random() % 1'000'000;
        const std::uint64_t second = random() % 1'000'000;
        Accumulator accumulator;
        Amount came_in;
        for (int i = 0; i < 10; ++i) {
            const auto amount = Amount::micros(random() % 1'000'000'000);
            came_in = came_in + amount;
            accumulator = plus_per_share(accumulator, amount, first + second);
        }
        const auto paid =
            earned_between({}, accumulator, first) + earned_between({}, accumulator, second);
        EXPECT_LE(paid, came_in);
        EXPECT_LE(came_in - paid, Amount::micros(11));  // rounding only
    }
}

TEST(AccumulatorTest, GoesOnAcrossTheEndOfItsRange)
{
    const Accumulator nearly_full{~0ull, ~0ull};
    const auto after = plus_per_share(nearly_full, Amount::micros(10), 2);
    EXPECT_EQ(earned_between(nearly_full, after, 2), Amount::micros(10));
}

TEST(AccumulatorTest, HoldsTheLargestAmountForOneShare)
{
    const auto after = plus_per_share({}, Amount::max(), 1);
    EXPECT_EQ(earned_between({}, after, 1), Amount::max());
}

}  // namespace
}  // namespace market
