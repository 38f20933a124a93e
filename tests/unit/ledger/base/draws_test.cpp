#include "ledger/base/draws.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace ledger {
namespace {

TEST(Draws, AreThoseOfSplitMix64)
{
    // From https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64
    Draws draws{1234567};
    for (const auto expected : {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                4593380528125082431u, 16408922859458223821u})
        EXPECT_EQ(draws.next(), expected);
}

TEST(Draws, BelowABoundAreEachAsOften)
{
    Draws draws{1};
    std::array<int, 3> seen{};
    for (int i = 0; i < 30'000; ++i) ++seen[draws.below(3)];
    for (const auto count : seen) EXPECT_NEAR(count, 10'000, 400);
    EXPECT_EQ(draws.below(1), 0u);
    EXPECT_EQ(draws.below(0), 0u);
}

TEST(Draws, BelowALargeBoundRefuseWhatWouldComeTooOften)
{
    // Three quarters of 2^64: without refusal, a third of the results would come twice as often.
    constexpr std::uint64_t bound = 3ull << 62;
    Draws draws{2};
    int low = 0;
    for (int i = 0; i < 30'000; ++i) low += draws.below(bound) % 3 == 0 ? 1 : 0;
    EXPECT_NEAR(low, 10'000, 400);
}

TEST(Draws, OfTwoStreamsAreOthers)
{
    std::set<std::uint64_t> first;
    for (std::uint64_t seed = 0; seed < 30; ++seed)
        for (std::uint64_t number = 0; number < 30; ++number)
            first.insert(Draws::stream(seed, number).next());
    EXPECT_EQ(first.size(), 900u);
}

TEST(Draws, OfFloatsStayInTheirRange)
{
    Draws draws{3};
    for (int i = 0; i < 1'000; ++i) {
        const auto unit = draws.unit();
        EXPECT_TRUE(unit >= 0 && unit < 1) << unit;
        const auto value = draws.next_float();
        EXPECT_TRUE(value >= -1 && value < 1) << value;
    }
}

}  // namespace
}  // namespace ledger
