#include "market/invariants.hpp"
#include "market/rules/host_rules.hpp"
#include "market/rules/model_rules.hpp"
#include "tests/support/channel_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class ChannelClaims : public testing::Test {
protected:
    ChannelClaims() { world.open(config, 1'000); }

    Rejection claim(std::uint64_t ceiling, std::uint64_t total)
    {
        return world.apply("hugo", world.claim(config, ceiling, total));
    }
    Rejection finalize()
    {
        world.pass_s(600);
        return world.apply("rita", ChannelFinalize{{world.id(config)}});
    }

    ChannelWorld world;
    const ChannelConfig config = world.config();
};

TEST_F(ChannelClaims, ReserveUntilTheWindowEnds)
{
    ASSERT_EQ(claim(500, 400), Rejection::none);
    const auto channel = world.channel(config);
    ASSERT_TRUE(channel.pending);
    EXPECT_EQ(channel.pending->total, Amount::micros(400));
    EXPECT_EQ(channel.pending->voucher_max, Amount::micros(500));
    EXPECT_EQ(channel.pending->end_ms, world.now_ms() + 600'000);
    EXPECT_EQ(channel.free(), Amount::micros(600));
    EXPECT_TRUE(channel.total_claimed.is_zero());
    EXPECT_EQ(world.host().pending_claims, 1u);
    EXPECT_TRUE(world.emitted(EventKind::claimed));
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
}

TEST_F(ChannelClaims, StayWithinCeilingAndBalance)
{
    EXPECT_EQ(claim(1'000, 0), Rejection::claim_not_above_the_last);
    EXPECT_EQ(claim(500, 501), Rejection::claim_above_the_ceiling);
    EXPECT_EQ(claim(1'001, 1'000), Rejection::ceiling_above_the_balance);
    EXPECT_EQ(claim(1'000, 1'000), Rejection::none) << "all of it at once";
}

TEST_F(ChannelClaims, GoOnAboveTheLastOne)
{
    ASSERT_EQ(claim(500, 400), Rejection::none);
    EXPECT_EQ(claim(600, 500), Rejection::claim_pending);
    ASSERT_EQ(finalize(), Rejection::none);
    EXPECT_EQ(claim(600, 400), Rejection::claim_not_above_the_last);
    EXPECT_EQ(claim(600, 399), Rejection::claim_not_above_the_last);
    EXPECT_EQ(claim(600, 401), Rejection::none);
}

TEST_F(ChannelClaims, NeedAChannelAndAtLeastOneRow)
{
    EXPECT_EQ(world.apply("hugo", world.claim({world.row(world.config(9), 10, 10)})),
              Rejection::unknown_channel);
    EXPECT_EQ(world.apply("hugo", ChannelClaim{}), Rejection::too_many_entries);
}

TEST_F(ChannelClaims, RefuseSignaturesOfOthers)
{
    auto forged = world.claim(config, 500, 400);
    forged.rows[0].max_claimable = Amount::micros(501);
    EXPECT_EQ(world.apply("hugo", forged), Rejection::wrong_signature) << "the voucher";
    EXPECT_EQ(world.apply("hugo", world.claim({world.row(config, 500, 400, {}, "rita")})),
              Rejection::wrong_signature);
    EXPECT_EQ(world.apply("hugo", world.claim({world.row(config, 500, 400)}, "hugo")),
              Rejection::wrong_signature)
        << "only the channel's authorizer claims, not the host itself";
    auto raised = world.claim(config, 500, 400);
    raised.rows[0].total_claimed = Amount::micros(500);
    EXPECT_EQ(world.apply("hugo", raised), Rejection::wrong_signature) << "the claim";
}

TEST_F(ChannelClaims, AnyoneMayRelayThem)
{
    EXPECT_EQ(world.apply("rita", world.claim(config, 500, 400)), Rejection::none);
}

TEST_F(ChannelClaims, VouchersAreSignedByThePayerOrItsAuthorizer)
{
    auto shared = world.config(1);
    shared.payer_authorizer = MarketWorld::address_of("phone");
    world.open(shared, 1'000);
    EXPECT_EQ(world.apply("hugo", world.claim({world.row(shared, 10, 10, {}, "phone")})),
              Rejection::none);
    world.pass_s(600);
    ASSERT_EQ(world.apply("hugo", ChannelFinalize{{world.id(shared)}}), Rejection::none);
    EXPECT_EQ(world.apply("hugo", world.claim({world.row(shared, 20, 20, {}, "paul")})),
              Rejection::none);
    EXPECT_EQ(world.apply("hugo", world.claim({world.row(config, 10, 10, {}, "phone")})),
              Rejection::wrong_signature);
}

TEST_F(ChannelClaims, TakeUpTo64RowsAndEachChannelOnce)
{
    world.fund("paul", 1'000'000);
    std::vector<ClaimRow> rows{world.row(config, 100, 100)};
    for (std::uint8_t n = 1; n < 64; ++n) {
        world.open(world.config(n), 1'000);
        rows.push_back(world.row(world.config(n), 100, 100u + n));
        rows.back() = world.row(world.config(n), 200, 100u + n);
    }
    auto twice = rows;
    twice.back() = twice.front();
    EXPECT_EQ(world.apply("hugo", world.claim(twice)), Rejection::claim_pending);
    EXPECT_FALSE(world.channel(config).pending) << "one bad row refuses all";

    auto many = rows;
    world.open(world.config(64), 1'000);
    many.push_back(world.row(world.config(64), 100, 100));
    EXPECT_EQ(world.apply("hugo", world.claim(many)), Rejection::too_many_entries);

    ASSERT_EQ(world.apply("hugo", world.claim(rows)), Rejection::none);
    EXPECT_EQ(world.host().pending_claims, 64u);
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());

    world.pass_s(600);
    ChannelFinalize all;
    for (std::uint8_t n = 0; n < 64; ++n) all.channels.push_back(world.id(world.config(n)));
    auto more = all;
    more.channels.push_back(world.id(world.config(64)));
    EXPECT_EQ(world.apply("rita", more), Rejection::too_many_entries);
    ASSERT_EQ(world.apply("rita", all), Rejection::none);
    EXPECT_EQ(world.host().pending_claims, 0u);
    EXPECT_EQ(world.channel(world.config(63)).total_claimed, Amount::micros(163));
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
}

TEST_F(ChannelClaims, RowsOfOneClaimShareTheirAuthorizer)
{
    ASSERT_EQ(world.apply("hugo", HostKey{KeyChange::add, MarketWorld::address_of("key-2")}),
              Rejection::none);
    auto other = world.config(1);
    other.receiver_authorizer = MarketWorld::address_of("key-2");
    world.open(other, 1'000);
    EXPECT_EQ(
        world.apply("hugo", world.claim({world.row(config, 10, 10), world.row(other, 10, 10)})),
        Rejection::authorizer_of_another_claim);
}

TEST_F(ChannelClaims, NeedAWholeBond)
{
    auto host = world.host();
    host.bond = Amount::micros(999);
    world.put(MarketWorld::address_of("hugo"), host);
    EXPECT_EQ(claim(500, 400), Rejection::bond_too_small);
    host.bond = Amount::micros(1'000);
    world.put(MarketWorld::address_of("hugo"), host);
    EXPECT_EQ(claim(500, 400), Rejection::none);
}

TEST_F(ChannelClaims, EndTwoWindowsBeforeTheHostLeaves)
{
    ASSERT_EQ(world.apply("hugo", HostUnbond{}), Rejection::none);
    world.pass_s(1'200);
    auto late = world;
    late.pass_ms(1);
    EXPECT_EQ(late.apply("hugo", late.claim(config, 500, 400)), Rejection::host_is_unbonding);
    ASSERT_EQ(claim(500, 400), Rejection::none);
    world.pass_s(1'200);
    EXPECT_EQ(world.apply("hugo", HostUnbondFinal{}), Rejection::claim_pending);
    ASSERT_EQ(world.apply("rita", ChannelFinalize{{world.id(config)}}), Rejection::none);
    ASSERT_EQ(world.apply("hugo", HostUnbondFinal{}), Rejection::none);
    EXPECT_EQ(claim(600, 500), Rejection::not_a_host);
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
}

TEST_F(ChannelClaims, OfARetiredKeyEndAfterTwoWindowsAndThenItOnlyRefunds)
{
    ASSERT_EQ(world.apply("hugo", HostKey{KeyChange::add, MarketWorld::address_of("key-2")}),
              Rejection::none);
    world.pass_ms(1);
    ASSERT_EQ(world.apply("hugo", HostKey{KeyChange::retire, MarketWorld::address_of("hugo-key")}),
              Rejection::none);
    world.pass_ms(1'200'000 - 1);
    auto late = world;
    late.pass_ms(1);
    EXPECT_EQ(late.apply("hugo", late.claim(config, 500, 400)),
              Rejection::authorizer_not_a_key_of_the_host);
    EXPECT_EQ(late.apply("hugo", late.refund(config, 100, 0)), Rejection::none);
    EXPECT_EQ(claim(500, 400), Rejection::none);
}

TEST_F(ChannelClaims, OfAChannelOpenedJustBeforeItsKeyRetiredHold)
{
    // Both in one block: the deposit came first, else it would have been refused.
    ASSERT_EQ(world.apply("hugo", HostKey{KeyChange::add, MarketWorld::address_of("key-2")}),
              Rejection::none);
    world.open(world.config(1), 1'000);
    ASSERT_EQ(world.apply("hugo", HostKey{KeyChange::retire, MarketWorld::address_of("hugo-key")}),
              Rejection::none);
    world.pass_ms(1);
    EXPECT_EQ(world.apply("hugo", world.claim(world.config(1), 500, 400)), Rejection::none);
}

TEST_F(ChannelClaims, OfAKeyThatWasForgottenInBetweenAreRefused)
{
    ASSERT_EQ(world.apply("hugo", HostKey{KeyChange::add, MarketWorld::address_of("key-2")}),
              Rejection::none);
    world.pass_ms(1);
    ASSERT_EQ(world.apply("hugo", HostKey{KeyChange::retire, MarketWorld::address_of("hugo-key")}),
              Rejection::none);
    world.pass_s(1'200);
    ASSERT_EQ(world.apply("hugo", HostKey{KeyChange::add, MarketWorld::address_of("hugo-key")}),
              Rejection::none);
    EXPECT_EQ(claim(500, 400), Rejection::authorizer_not_a_key_of_the_host);
    world.open(world.config(1), 1'000);
    EXPECT_EQ(world.apply("hugo", world.claim(world.config(1), 500, 400)), Rejection::none);
}

TEST_F(ChannelClaims, SurviveTheEndOfWhatTheyWereOpenedFor)
{
    ASSERT_EQ(world.apply("alice", ModelYank{world.model(), {1}, "wrong"}), Rejection::none);
    EXPECT_EQ(claim(500, 400), Rejection::none);
    EXPECT_EQ(finalize(), Rejection::none);
    EXPECT_EQ(world.channel(config).total_claimed, Amount::micros(400));
}

TEST_F(ChannelClaims, OnAVersionNameNoUses)
{
    const VersionUse use{{1}, Amount::micros(400)};
    EXPECT_EQ(world.apply("hugo", world.claim({world.row(config, 500, 400, {use})})),
              Rejection::uses_do_not_add_up);
}

}  // namespace
}  // namespace market
