#include "ledger/base/amount.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

constexpr auto all = Amount::max();

TEST(AmountTest, HasNoSumBeyondSixtyFourBits)
{
    EXPECT_EQ(all.plus(Amount::micros(1)), std::nullopt);
    EXPECT_EQ(Amount::micros(1).plus(Amount::micros(2)), Amount::micros(3));
}

TEST(AmountTest, IsNeverNegative)
{
    EXPECT_EQ(Amount::micros(1).minus(Amount::micros(2)), std::nullopt);
    EXPECT_EQ(Amount::micros(2).minus(Amount::micros(2)), Amount{});
}

TEST(AmountTest, HasNoProductBeyondSixtyFourBits)
{
    EXPECT_EQ(all.times(2), std::nullopt);
    EXPECT_EQ(all.times(0), Amount{});
    EXPECT_EQ(all.times(1), all);
}

TEST(AmountTest, SharesAreExactForTheLargestAmount)
{
    EXPECT_EQ(all.share_down(BasisPoints{10'000}), all);
    EXPECT_EQ(all.share_up(BasisPoints{10'000}), all);
    EXPECT_EQ(all.share_down(BasisPoints{0}), Amount{});
}

TEST(AmountTest, RoundsASharesTheWayItsNameSays)
{
    EXPECT_EQ(Amount::micros(1'001).share_down(BasisPoints{250}), Amount::micros(25));
    EXPECT_EQ(Amount::micros(1'001).share_up(BasisPoints{250}), Amount::micros(26));
    EXPECT_EQ(Amount::micros(1'000).share_up(BasisPoints{250}), Amount::micros(25));
}

TEST(AmountDeathTest, StopsTheProcessWhenCheckedMoneyDoesNotAddUp)
{
    EXPECT_DEATH((void)(all + Amount::micros(1)), "broken invariant");
    EXPECT_DEATH((void)(Amount{} - Amount::micros(1)), "broken invariant");
}

}  // namespace
}  // namespace ledger
