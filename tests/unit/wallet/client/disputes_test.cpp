#include "wallet/client/disputes.hpp"

#include <gtest/gtest.h>

namespace wallet {
namespace {

using ledger::Amount;
using market::DisputeKind;

/// A flat price, in tests that compare nothing else of a sheet.
market::PriceSheet flat(std::uint64_t micros)
{
    market::PriceSheet sheet;
    sheet.parts = {{market::Unit::call, micros, 1, 1}};
    sheet.min = Amount::micros(1);
    sheet.cap = Amount::micros(micros);
    return sheet;
}

struct DisputesTest : testing::Test {
    DisputesTest()
    {
        channel.balance = Amount::micros(1'000);
        channel.total_claimed = Amount::micros(100);
        channel.pending = market::PendingClaim{Amount::micros(300), Amount::micros(350), {}, 9};
    }
    /// The call that was charged up to `cumulative`, under that ceiling.
    static SignedReceipt receipt(std::uint64_t seq, std::uint64_t ceiling, std::uint64_t charged,
                                 std::uint64_t cumulative)
    {
        SignedReceipt made;
        made.receipt.seq = seq;
        made.receipt.max_claimable = Amount::micros(ceiling);
        made.receipt.charged = Amount::micros(charged);
        made.receipt.charged_cumulative = Amount::micros(cumulative);
        made.receipt.units = {1};
        made.signature.bytes[64] = 27;
        return made;
    }
    std::optional<DisputeCase> find(std::vector<SignedReceipt> receipts)
    {
        return find_case(channel, receipts, [this](const auto&, auto, const auto&) {
            ++asked;
            return sheet;
        });
    }

    market::Channel channel;
    std::optional<market::PriceSheet> sheet = flat(100);
    int asked = 0;
};

TEST_F(DisputesTest, FindTheReceiptWithTheClaimsCeilingThatSaysLess)
{
    const auto found = find({receipt(1, 200, 100, 200), receipt(2, 350, 50, 250)});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->kind, DisputeKind::claim);
    EXPECT_EQ(found->receipt.receipt.seq, 2u);
    EXPECT_EQ(found->over, Amount::micros(50));
}

TEST_F(DisputesTest, FindNothingAgainstAnHonestClaim)
{
    EXPECT_FALSE(find({receipt(1, 200, 100, 200), receipt(2, 350, 100, 300)}));
    EXPECT_EQ(above_receipts(channel, {receipt(2, 350, 100, 300)}), Amount{});
}

TEST_F(DisputesTest, FindACallAboveItsPriceAndAskForEachSheetOnce)
{
    const auto found =
        find({receipt(1, 200, 100, 200), receipt(2, 250, 100, 300), receipt(3, 350, 130, 230)});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->kind, DisputeKind::claim) << "the claim is 70 above receipt 3";
    EXPECT_EQ(asked, 1);
    const auto charged = find({receipt(3, 340, 130, 230)});
    ASSERT_TRUE(charged);
    EXPECT_EQ(charged->kind, DisputeKind::charge);
    EXPECT_EQ(charged->over, Amount::micros(30));
}

TEST_F(DisputesTest, TakeACallByAnUnknownSheetForOneThatCostsNothing)
{
    sheet.reset();
    const auto found = find({receipt(1, 200, 100, 200)});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->over, Amount::micros(100));
}

TEST_F(DisputesTest, LeaveOutCallsThatTheClaimDoesNotCover)
{
    EXPECT_FALSE(find({receipt(1, 90, 190, 190)})) << "it began before what is claimed already";
    EXPECT_FALSE(find({receipt(2, 400, 200, 400)})) << "it is not claimed yet";
    EXPECT_EQ(asked, 0);
    channel.pending.reset();
    EXPECT_FALSE(find({receipt(3, 350, 130, 230)}));
}

TEST_F(DisputesTest, ShowNoRecordThatNobodySigned)
{
    auto unsigned_record = receipt(3, 350, 130, 230);
    unsigned_record.signature = {};
    EXPECT_FALSE(find({unsigned_record}));
    EXPECT_EQ(find({unsigned_record, receipt(2, 350, 50, 250)})->receipt.receipt.seq, 2u);
}

TEST_F(DisputesTest, SayWhatIsClaimedAboveAllReceipts)
{
    EXPECT_EQ(above_receipts(channel, {receipt(1, 200, 100, 200)}), Amount::micros(100));
    EXPECT_EQ(above_receipts(channel, {}), Amount::micros(300));
    channel.pending.reset();
    EXPECT_EQ(above_receipts(channel, {}), Amount{});
}

}  // namespace
}  // namespace wallet
