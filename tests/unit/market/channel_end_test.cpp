// Finalize, refund and withdrawal: the ways in which money leaves a channel.
#include "market/invariants.hpp"
#include "tests/support/channel_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class ChannelEnds : public testing::Test {
protected:
    ChannelEnds() { world.open(config, 1'000); }
    ~ChannelEnds() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
    }

    Rejection claim(std::uint64_t ceiling, std::uint64_t total)
    {
        return world.apply("hugo", world.claim(config, ceiling, total));
    }
    Rejection finalize() { return world.apply("rita", ChannelFinalize{{world.id(config)}}); }
    Rejection start(std::uint64_t micros, std::string_view sender = "paul")
    {
        return world.apply(sender, ChannelWithdrawInit{config, Amount::micros(micros)});
    }
    Rejection withdraw(std::string_view sender = "paul")
    {
        return world.apply(sender, ChannelWithdrawFinal{config});
    }

    ChannelWorld world;
    const ChannelConfig config = world.config();
};

TEST_F(ChannelEnds, FinalizesAtTheExactMillisecond)
{
    ASSERT_EQ(claim(500, 400), Rejection::none);
    world.pass_ms(599'999);
    EXPECT_EQ(finalize(), Rejection::window_not_over);
    world.pass_ms(1);
    EXPECT_EQ(finalize(), Rejection::none);
    EXPECT_EQ(world.channel(config).total_claimed, Amount::micros(400));
    EXPECT_EQ(world.channel(config).settled_ms, world.now_ms() - 600'000) << "when it was made";
    EXPECT_EQ(world.channel(config).escrow(), Amount::micros(600));
    EXPECT_EQ(finalize(), Rejection::nothing_pending);
}

TEST_F(ChannelEnds, FinalizesAllOrNone)
{
    world.open(world.config(1), 1'000);
    ASSERT_EQ(claim(500, 400), Rejection::none);
    world.pass_s(600);
    const auto one = world.id(config);
    const auto idle = world.id(world.config(1));
    EXPECT_EQ(world.apply("rita", ChannelFinalize{}), Rejection::too_many_entries);
    EXPECT_EQ(world.apply("rita", ChannelFinalize{{one, one}}), Rejection::nothing_pending);
    EXPECT_EQ(world.apply("rita", ChannelFinalize{{one, idle}}), Rejection::nothing_pending);
    EXPECT_EQ(world.apply("rita", ChannelFinalize{{one, world.id(world.config(2))}}),
              Rejection::unknown_channel);
    EXPECT_TRUE(world.channel(config).pending);
    EXPECT_EQ(finalize(), Rejection::none);
}

TEST_F(ChannelEnds, RefundsWhatIsFreeOnceForEachNonce)
{
    ASSERT_EQ(claim(500, 400), Rejection::none);
    const auto before = world.balance("paul");
    EXPECT_EQ(world.apply("rita", world.refund(config, 100, 1)), Rejection::wrong_refund_nonce);
    ASSERT_EQ(world.apply("rita", world.refund(config, 100, 0)), Rejection::none);
    EXPECT_EQ(world.balance("paul"), before + 100);
    EXPECT_EQ(world.apply("rita", world.refund(config, 100, 0)), Rejection::wrong_refund_nonce);
    ASSERT_EQ(world.apply("rita", world.refund(config, 10'000, 1)), Rejection::none);
    EXPECT_EQ(world.balance("paul"), before + 600) << "the pending claim keeps its 400";
    ASSERT_EQ(world.apply("rita", world.refund(config, 1, 2)), Rejection::none);
    EXPECT_EQ(world.balance("paul"), before + 600) << "a nonce is used even when nothing is free";
    EXPECT_EQ(world.channel(config).refund_nonce, 3u);
    world.pass_s(600);
    EXPECT_EQ(finalize(), Rejection::none);
}

TEST_F(ChannelEnds, RefundsOnlyWhatTheAuthorizerSigned)
{
    EXPECT_EQ(world.apply("hugo", world.refund(world.config(9), 1, 0)), Rejection::unknown_channel);
    EXPECT_EQ(world.apply("hugo", world.refund(config, 0, 0)), Rejection::amount_is_zero);
    auto forged = world.refund(config, 100, 0);
    forged.amount = Amount::micros(101);
    EXPECT_EQ(world.apply("hugo", forged), Rejection::wrong_signature);
    forged.refund_signature = MarketWorld::sign(
        "paul", refund_digest(world.network(), world.id(config), 0, Amount::micros(101)));
    EXPECT_EQ(world.apply("paul", forged), Rejection::wrong_signature);
}

TEST_F(ChannelEnds, WithdrawsAfterTheDelayToTheMillisecond)
{
    EXPECT_EQ(withdraw(), Rejection::no_withdrawal);
    ASSERT_EQ(start(1'000), Rejection::none);
    const auto before = world.balance("paul");
    world.pass_ms(899'999);
    EXPECT_EQ(withdraw(), Rejection::withdrawal_not_over);
    world.pass_ms(1);
    ASSERT_EQ(withdraw(), Rejection::none);
    EXPECT_EQ(world.balance("paul"), before + 1'000);
    EXPECT_TRUE(world.channel(config).escrow().is_zero());
    EXPECT_EQ(withdraw(), Rejection::no_withdrawal);
}

TEST_F(ChannelEnds, WithdrawsNoMoreThanIsFree)
{
    EXPECT_EQ(start(0), Rejection::amount_is_zero);
    EXPECT_EQ(start(1'001), Rejection::above_what_is_free);
    ASSERT_EQ(claim(500, 400), Rejection::none);
    EXPECT_EQ(start(601), Rejection::above_what_is_free);
    EXPECT_EQ(start(600), Rejection::none);
}

TEST_F(ChannelEnds, TheDelayBeginsWhenThePendingClaimEnds)
{
    ASSERT_EQ(claim(500, 400), Rejection::none);
    world.pass_s(100);
    ASSERT_EQ(start(600), Rejection::none);
    EXPECT_EQ(world.channel(config).withdraw->end_ms, world.now_ms() + 500'000 + 900'000);
    world.pass_s(1'000);
    ASSERT_EQ(start(600), Rejection::none) << "a second one replaces the first";
    EXPECT_EQ(world.channel(config).withdraw->end_ms, world.now_ms() + 900'000)
        << "the claim's window is over";
}

TEST_F(ChannelEnds, ClaimsWinOverAWithdrawal)
{
    ASSERT_EQ(start(1'000), Rejection::none);
    world.pass_s(899);
    ASSERT_EQ(claim(500, 400), Rejection::none);
    world.pass_s(1);
    EXPECT_EQ(withdraw(), Rejection::claim_pending);
    world.pass_s(599);
    const auto before = world.balance("paul");
    ASSERT_EQ(finalize(), Rejection::none);
    ASSERT_EQ(withdraw(), Rejection::none);
    EXPECT_EQ(world.balance("paul"), before + 600);
}

TEST_F(ChannelEnds, AnotherWithdrawalReplacesTheFirstAndStartsAnew)
{
    ASSERT_EQ(start(1'000), Rejection::none);
    world.pass_s(899);
    ASSERT_EQ(start(10), Rejection::none);
    world.pass_s(1);
    EXPECT_EQ(withdraw(), Rejection::withdrawal_not_over);
    world.pass_s(899);
    const auto before = world.balance("paul");
    ASSERT_EQ(withdraw(), Rejection::none);
    EXPECT_EQ(world.balance("paul"), before + 10);
    EXPECT_EQ(world.channel(config).balance, Amount::micros(990));
}

TEST_F(ChannelEnds, OnlyThePayersSideWithdraws)
{
    EXPECT_EQ(start(10, "hugo"), Rejection::not_a_party);
    EXPECT_EQ(start(10, "hugo-key"), Rejection::not_a_party);
    EXPECT_EQ(world.apply("paul", ChannelWithdrawInit{world.config(9), Amount::micros(1)}),
              Rejection::unknown_channel);
    EXPECT_EQ(world.apply("paul", ChannelWithdrawFinal{world.config(9)}),
              Rejection::unknown_channel);
    EXPECT_EQ(world.apply_as({}, ChannelWithdrawInit{config, Amount::micros(1)}),
              Rejection::not_a_party)
        << "no authorizer is not an authorizer";
    ASSERT_EQ(start(10), Rejection::none);
    world.pass_s(900);
    EXPECT_EQ(withdraw("hugo"), Rejection::not_a_party);
    EXPECT_EQ(withdraw(), Rejection::none);

    auto shared = world.config(1);
    shared.payer_authorizer = MarketWorld::address_of("phone");
    world.open(shared, 1'000);
    ASSERT_EQ(world.apply("phone", ChannelWithdrawInit{shared, Amount::micros(10)}),
              Rejection::none);
    world.pass_s(900);
    const auto before = world.balance("paul");
    ASSERT_EQ(world.apply("phone", ChannelWithdrawFinal{shared}), Rejection::none);
    EXPECT_EQ(world.balance("paul"), before + 10) << "to the payer, whoever asked";
}

TEST_F(ChannelEnds, ADrainedChannelGoesOnFromItsTotals)
{
    ASSERT_EQ(claim(500, 400), Rejection::none);
    world.pass_s(600);
    ASSERT_EQ(finalize(), Rejection::none);
    ASSERT_EQ(world.apply("rita", world.refund(config, 600, 0)), Rejection::none);
    EXPECT_TRUE(world.channel(config).escrow().is_zero());
    EXPECT_EQ(claim(500, 500), Rejection::ceiling_above_the_balance);

    const auto locked = world.locked("paul");
    world.open(config, 100);
    EXPECT_EQ(world.locked("paul"), locked) << "its entry was there already";
    EXPECT_EQ(world.channel(config).total_claimed, Amount::micros(400));
    EXPECT_EQ(world.channel(config).refund_nonce, 1u);
    EXPECT_EQ(world.apply("rita", world.refund(config, 1, 0)), Rejection::wrong_refund_nonce);
    EXPECT_EQ(claim(500, 400), Rejection::claim_not_above_the_last) << "old vouchers pay nothing";
    EXPECT_EQ(claim(500, 450), Rejection::none);
}

}  // namespace
}  // namespace market
