#include "node/env/clock.hpp"

#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace std::chrono_literals;

TEST(SystemClock, CountsMillisecondsSinceTheUnixEpoch)
{
    const SystemClock clock;
    EXPECT_GT(clock.wall().value, 1'700'000'000'000u);   // 2023: not seconds
    EXPECT_LT(clock.wall().value, 17'000'000'000'000u);  // 2508: not microseconds
    const auto before = clock.now();
    EXPECT_LE(before, clock.now());
}

TEST(ManualClock, MovesBothTimesTogetherAndOnlyWhenTold)
{
    ManualClock clock{{5'000}};
    const auto start = clock.now();
    EXPECT_EQ(clock.wall().value, 5'000u);
    clock.advance(250ms);
    EXPECT_EQ(clock.wall().value, 5'250u);
    EXPECT_EQ(clock.now() - start, 250ms);
}

}  // namespace
}  // namespace node
