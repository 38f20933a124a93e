#include "market/invariants.hpp"
#include "market/price_history.hpp"
#include "market/rules/host_rules.hpp"
#include "market/rules/model_rules.hpp"
#include "tests/support/channel_world.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace market {
namespace {

class ChannelDisputes : public testing::Test {
protected:
    ChannelDisputes()
    {
        EXPECT_EQ(world.apply("hugo", HostRegister{"https://host.example", Amount::micros(9'000),
                                                   MarketWorld::address_of("hugo-key")}),
                  Rejection::none);
        world.open(config, 1'000);
        EXPECT_EQ(world.apply("hugo", world.claim(config, 500, 400)), Rejection::none);
    }

    Rejection dispute(const UsageReceipt& receipt, DisputeKind kind = DisputeKind::claim,
                      std::string_view sender = "paul")
    {
        return world.apply(sender, world.dispute(kind, receipt));
    }
    /// Receipt of a call that was charged from `before` to `after`.
    UsageReceipt charge(std::uint64_t before, std::uint64_t after)
    {
        auto made = world.receipt(config, 500, after);
        made.charged = Amount::micros(after - before);
        made.sheet = sheet_hash(flat_price(world, 100));
        return made;
    }
    void expect_slashed(std::uint64_t bond_before, std::uint64_t taken, std::uint64_t payer_before,
                        std::uint64_t burned_before)
    {
        EXPECT_EQ(world.host().bond, Amount::micros(bond_before - taken));
        EXPECT_EQ(world.balance("paul") - payer_before, taken / 2);
        EXPECT_EQ(burned() - burned_before, taken - taken / 2);
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
    }
    /// Burned by slashes: what settlements burn is taken off.
    std::uint64_t burned() const
    {
        const auto settled = world.view().get<Channel>(world.id(config)).total_claimed;
        return (world.view().get<Supply>({}).burned - settled).micros();
    }
    std::uint64_t bond() const { return world.host().bond.micros(); }

    ChannelWorld world;
    const ChannelConfig config = world.config();
};

TEST_F(ChannelDisputes, SetTheTotalToWhatTheReceiptSaysAndSlash)
{
    const auto payer = world.balance("paul");
    ASSERT_EQ(dispute(world.receipt(config, 500, 300)), Rejection::none);
    EXPECT_FALSE(world.channel(config).pending);
    EXPECT_EQ(world.channel(config).total_claimed, Amount::micros(300));
    EXPECT_EQ(world.host().pending_claims, 0u);
    EXPECT_TRUE(world.emitted(EventKind::settled));
    EXPECT_TRUE(world.emitted(EventKind::slashed));
    EXPECT_TRUE(world.emitted(EventKind::compensated));
    expect_slashed(10'000, 1'000, payer, 0);
}

TEST_F(ChannelDisputes, TakeAtLeastTheLeastSlash)
{
    const auto payer = world.balance("paul");
    ASSERT_EQ(dispute(world.receipt(config, 500, 391)), Rejection::none);
    expect_slashed(10'000, 100, payer, 0);  // 9 * 10 is below min_slash
}

TEST_F(ChannelDisputes, TakeNoMoreThanTheBond)
{
    auto host = world.host();
    host.bond = Amount::micros(1'001);
    world.put(MarketWorld::address_of("hugo"), host);
    auto supply = world.view().get<Supply>({});
    supply.genesis = supply.genesis - Amount::micros(8'999);
    world.put({}, supply);
    const auto payer = world.balance("paul");
    ASSERT_EQ(dispute(world.receipt(config, 500, 0)), Rejection::none);
    EXPECT_EQ(world.balance("paul") - payer, 500u) << "the odd one is burned";
    expect_slashed(1'001, 1'001, payer, 0);
}

TEST_F(ChannelDisputes, AtOrBelowTheLastClaimPayNothing)
{
    world.pass_s(600);
    ASSERT_EQ(world.apply("rita", ChannelFinalize{{world.id(config)}}), Rejection::none);
    ASSERT_EQ(world.apply("hugo", world.claim(config, 700, 600)), Rejection::none);
    const auto minted = world.view().get<Supply>({}).minted;
    ASSERT_EQ(dispute(world.receipt(config, 700, 350)), Rejection::none);
    EXPECT_EQ(world.channel(config).total_claimed, Amount::micros(400));
    EXPECT_EQ(world.view().get<Supply>({}).minted, minted);
    EXPECT_FALSE(world.channel(config).pending);
    EXPECT_EQ(bond(), 10'000u - 2'500u) << "slashed for all that was too much";
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
}

TEST_F(ChannelDisputes, AreAllowedUntilTheFinalizeIsExecuted)
{
    world.pass_s(10'000);
    EXPECT_EQ(dispute(world.receipt(config, 500, 399)), Rejection::none);
    EXPECT_EQ(world.apply("rita", ChannelFinalize{{world.id(config)}}), Rejection::nothing_pending);
}

TEST_F(ChannelDisputes, NeedSomethingPending)
{
    EXPECT_EQ(dispute(world.receipt(world.config(9), 500, 300)), Rejection::unknown_channel);
    world.pass_s(600);
    ASSERT_EQ(world.apply("rita", ChannelFinalize{{world.id(config)}}), Rejection::none);
    EXPECT_EQ(dispute(world.receipt(config, 500, 300)), Rejection::nothing_pending);
}

TEST_F(ChannelDisputes, AreThePayers)
{
    const auto receipt = world.receipt(config, 500, 300);
    EXPECT_EQ(dispute(receipt, DisputeKind::claim, "hugo"), Rejection::not_a_party);
    EXPECT_EQ(dispute(receipt, DisputeKind::claim, "rita"), Rejection::not_a_party);

    auto shared = world.config(1);
    shared.payer_authorizer = MarketWorld::address_of("phone");
    world.open(shared, 1'000);
    ASSERT_EQ(world.apply("hugo", world.claim({world.row(shared, 500, 400)})), Rejection::none);
    EXPECT_EQ(dispute(world.receipt(shared, 500, 300), DisputeKind::claim, "phone"),
              Rejection::none);
}

TEST_F(ChannelDisputes, MatchTheCeilingOfTheClaim)
{
    EXPECT_EQ(dispute(world.receipt(config, 499, 300)), Rejection::receipt_of_another_ceiling);
    EXPECT_EQ(dispute(world.receipt(config, 501, 300)), Rejection::receipt_of_another_ceiling);
    EXPECT_EQ(dispute(world.receipt(config, 500, 400)), Rejection::receipt_not_below_the_claim);
    EXPECT_EQ(dispute(world.receipt(config, 500, 401)), Rejection::receipt_not_below_the_claim);
    EXPECT_EQ(dispute(world.receipt(config, 500, 399)), Rejection::none);
}

TEST_F(ChannelDisputes, RefuseForgedReceiptsAndVouchers)
{
    auto forged = world.dispute(DisputeKind::claim, world.receipt(config, 500, 300));
    forged.receipt.charged_cumulative = Amount::micros(1);
    EXPECT_EQ(world.apply("paul", forged), Rejection::wrong_signature);

    forged = world.dispute(DisputeKind::claim, world.receipt(config, 500, 300));
    forged.receipt_signature =
        MarketWorld::sign("paul", receipt_digest(world.network(), forged.receipt));
    EXPECT_EQ(world.apply("paul", forged), Rejection::wrong_signature);

    forged = world.dispute(DisputeKind::claim, world.receipt(config, 500, 300));
    forged.voucher_signature = MarketWorld::sign(
        "rita", voucher_digest(world.network(), world.id(config), Amount::micros(500)));
    EXPECT_EQ(world.apply("paul", forged), Rejection::wrong_signature);
    EXPECT_TRUE(world.channel(config).pending);
    EXPECT_EQ(bond(), 10'000u);
}

TEST_F(ChannelDisputes, OfAChargeTakeOffWhatIsAboveTheSheet)
{
    const auto payer = world.balance("paul");
    ASSERT_EQ(dispute(charge(150, 400), DisputeKind::charge), Rejection::none);
    EXPECT_EQ(world.channel(config).total_claimed, Amount::micros(250)) << "250 charged, price 100";
    expect_slashed(10'000, 1'500, payer, 0);
}

TEST_F(ChannelDisputes, OfAChargeNeedACallWithinThePendingClaim)
{
    EXPECT_EQ(dispute(charge(0, 100), DisputeKind::charge), Rejection::receipt_does_not_overcharge);
    EXPECT_EQ(dispute(charge(299, 401), DisputeKind::charge),
              Rejection::receipt_of_another_ceiling);
    auto more_than_all = charge(0, 200);
    more_than_all.charged = Amount::micros(201);
    EXPECT_EQ(dispute(more_than_all, DisputeKind::charge), Rejection::receipt_of_another_ceiling);
    EXPECT_EQ(dispute(charge(299, 400), DisputeKind::charge), Rejection::none) << "one too much";
    EXPECT_EQ(world.channel(config).total_claimed, Amount::micros(399));

    ASSERT_EQ(world.apply("hugo", world.claim(config, 500, 500)), Rejection::none);
    EXPECT_EQ(dispute(charge(398, 500), DisputeKind::charge), Rejection::receipt_of_another_ceiling)
        << "it began before the last settled claim";
    EXPECT_EQ(dispute(charge(399, 500), DisputeKind::charge), Rejection::none);
}

TEST_F(ChannelDisputes, OfAChargeForNothingThatTheChannelPaysForTakeAllOfIt)
{
    const std::vector<std::function<void(UsageReceipt&)>> nonsense{
        [](auto& r) { r.sheet = MarketWorld::hash_of("another sheet"); },
        [](auto& r) { r.model = ledger::retag<ModelId>(MarketWorld::hash_of("another model")); },
        [](auto& r) { r.ver = {2}; }};
    for (const auto& change : nonsense) {
        auto receipt = charge(350, 400);
        change(receipt);
        ASSERT_EQ(dispute(receipt, DisputeKind::charge), Rejection::none);
        EXPECT_EQ(world.channel(config).total_claimed, Amount::micros(350));
        ASSERT_EQ(world.apply("hugo", world.claim(config, 500, 400)), Rejection::none);
    }
    EXPECT_EQ(bond(), 10'000u - 3 * 500u);
}

TEST_F(ChannelDisputes, OfAChargeAreNotEscapedByUnitsThatTheSheetDoesNotHave)
{
    auto odd = charge(150, 400);
    odd.units = {7, 7, 7};
    ASSERT_EQ(dispute(odd, DisputeKind::charge), Rejection::none)
        << "a receipt of any units has a price";
    EXPECT_EQ(world.channel(config).total_claimed, Amount::micros(250));
}

TEST_F(ChannelDisputes, OfAChargeUseAnySheetThatTheVersionEverHad)
{
    auto sheet = flat_price(world, 40);
    ASSERT_EQ(world.apply("alice", ModelPrice{world.model(), {1}, sheet, world.now_s() + 3'600}),
              Rejection::none);
    auto cheaper = charge(300, 400);
    cheaper.sheet = sheet_hash(sheet);
    EXPECT_EQ(dispute(cheaper, DisputeKind::charge), Rejection::none);
    EXPECT_EQ(world.channel(config).total_claimed, Amount::micros(340));
}

TEST_F(ChannelDisputes, ASlashedHostClaimsAgainWhenItsBondIsWhole)
{
    auto host = world.host();
    host.bond = Amount::micros(1'000);
    world.put(MarketWorld::address_of("hugo"), host);
    auto supply = world.view().get<Supply>({});
    supply.genesis = supply.genesis - Amount::micros(9'000);
    world.put({}, supply);
    ASSERT_EQ(dispute(world.receipt(config, 500, 300)), Rejection::none);
    EXPECT_EQ(bond(), 0u);
    EXPECT_EQ(world.apply("hugo", world.claim(config, 600, 500)), Rejection::bond_too_small);
    ASSERT_EQ(world.apply("hugo", HostRegister{"https://host.example", Amount::micros(1'000),
                                               MarketWorld::address_of("hugo-key")}),
              Rejection::none);
    EXPECT_EQ(world.apply("hugo", world.claim(config, 600, 500)), Rejection::none);
}

}  // namespace
}  // namespace market
