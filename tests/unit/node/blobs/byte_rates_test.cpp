#include "node/blobs/byte_rates.hpp"

#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using std::chrono::seconds;

CallerKey caller(std::uint16_t n)
{
    CallerKey key{};
    key[0] = static_cast<std::uint8_t>(n);
    key[1] = static_cast<std::uint8_t>(n >> 8);
    return key;
}

TEST(ByteRates, LetACallerMoveSoMuchInTheLongRun)
{
    ManualClock clock;
    ByteRates rates{1'000};
    std::uint64_t moved = 0;
    for (int i = 0; i < 100; ++i) {
        for (int n = 0; n < 100 && !rates.refuse(caller(1), 500, clock.now()); ++n) moved += 500;
        clock.advance(seconds{1});
    }
    EXPECT_GE(moved, 99'000u);
    EXPECT_LE(moved, 102'500u);
}

TEST(ByteRates, TellWhenToAskAgainAndMeanOneCallerOnly)
{
    ManualClock clock;
    ByteRates rates{1'000};
    EXPECT_FALSE(rates.refuse(caller(1), 5'000, clock.now())) << "larger than the burst, once";
    const auto wait = rates.refuse(caller(1), 1, clock.now());
    ASSERT_TRUE(wait);
    EXPECT_EQ(*wait, seconds{4});
    EXPECT_FALSE(rates.refuse(caller(2), 1, clock.now()));
    clock.advance(*wait);
    EXPECT_FALSE(rates.refuse(caller(1), 1, clock.now()));
}

TEST(ByteRates, RememberABoundedNumberOfCallers)
{
    ManualClock clock;
    ByteRates rates{1'000};
    for (std::uint16_t n = 0; n < ByteRates::callers; ++n)
        ASSERT_FALSE(rates.refuse(caller(n), 1'000, clock.now()));
    EXPECT_TRUE(rates.refuse(caller(ByteRates::callers), 1, clock.now()));
    clock.advance(seconds{2});
    EXPECT_FALSE(rates.refuse(caller(ByteRates::callers), 1, clock.now()));
}

TEST(ByteRates, AreNoneAtZero)
{
    ManualClock clock;
    ByteRates rates{0};
    for (int i = 0; i < 100; ++i)
        EXPECT_FALSE(rates.refuse(caller(1), std::uint64_t{1} << 40, clock.now()));
}

}  // namespace
}  // namespace node
