#include "market/period.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

constexpr std::uint64_t day = 86'400'000;

TEST(PeriodTest, IsTheCalendarMonthInUtc)
{
    EXPECT_EQ(period_of({0}), 197'001u);
    EXPECT_EQ(period_of({31 * day - 1}), 197'001u);
    EXPECT_EQ(period_of({31 * day}), 197'002u);
    EXPECT_EQ(period_of({1'709'164'799'999}), 202'402u);  // 2024-02-28 23:59:59.999
    EXPECT_EQ(period_of({1'709'164'800'000}), 202'402u);  // 2024-02-29, a leap day
    EXPECT_EQ(period_of({1'709'251'200'000}), 202'403u);
    EXPECT_EQ(period_of({4'102'444'799'999}), 209'912u);
    EXPECT_EQ(period_of({4'102'444'800'000}), 210'001u);
}

}  // namespace
}  // namespace market
