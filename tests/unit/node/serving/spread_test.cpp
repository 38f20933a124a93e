#include "node/serving/spread.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace node {
namespace {

using Targets = std::vector<market::AliasTarget>;

TEST(Spread, GivesEachVersionItsShareOfFewCallsAndOfMany)
{
    const Targets targets{{{1}, 90}, {{2}, 9}, {{3}, 1}};
    Spread spread;
    std::vector<int> counts(3);
    for (int calls = 1; calls <= 10'000; ++calls) {
        ++counts[spread.next(targets)];
        if (calls != 100 && calls != 1'000 && calls != 10'000) continue;
        for (std::size_t i = 0; i < 3; ++i) {
            const int due = static_cast<int>(targets[i].weight) * calls / 100;
            EXPECT_LE(std::abs(counts[i] - due), 4) << calls << " calls, version " << i + 1;
        }
    }
}

TEST(Spread, KeepsToTheOnlyVersion)
{
    Spread spread;
    for (int i = 0; i < 100; ++i) EXPECT_EQ(spread.next(Targets{{{7}, 1}}), 0u);
}

TEST(Spread, BearsTheLargestWeights)
{
    Spread spread;
    const Targets targets(8, {{1}, 0xffffffff});
    std::vector<int> counts(8);
    for (int i = 0; i < 8'000; ++i) ++counts[spread.next(targets)];
    for (const int count : counts) EXPECT_NEAR(count, 1'000, 5);
}

TEST(Spread, PicksAShareOfCallsForAShadow)
{
    Spread spread;
    int picked = 0;
    for (int i = 0; i < 1'000; ++i) picked += spread.next_of(10);
    EXPECT_NEAR(picked, 100, 3);
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(spread.next_of(0));
        EXPECT_TRUE(spread.next_of(100));
    }
}

}  // namespace
}  // namespace node
