#include "market/rules/transfer_rules.hpp"
#include "market/authorization.hpp"
#include "market/invariants.hpp"
#include "market/rules/model_rules.hpp"
#include "tests/support/channel_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class Transfers : public testing::Test {
protected:
    ~Transfers() override { EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty()); }
    static Amount micros(std::uint64_t count) { return Amount::micros(count); }

    ChannelWorld world;
    const Address rita = MarketWorld::address_of("rita");
};

TEST_F(Transfers, MoveWhatTheSenderHas)
{
    EXPECT_EQ(world.apply("paul", Transfer{rita, micros(0)}), Rejection::amount_is_zero);
    EXPECT_EQ(world.apply("paul", Transfer{{}, micros(1)}), Rejection::recipient_is_zero);
    EXPECT_EQ(world.apply("paul", Transfer{rita, micros(1'000'001)}),
              Rejection::insufficient_funds);
    ASSERT_EQ(world.apply("paul", Transfer{rita, micros(1'000'000)}), Rejection::none);
    EXPECT_EQ(world.balance("paul"), 0u);
    EXPECT_EQ(world.balance("rita"), 1'000'000u);
    EXPECT_TRUE(world.emitted(EventKind::transferred));
}

TEST_F(Transfers, ToOneselfChangeNothing)
{
    ASSERT_EQ(world.apply("paul", Transfer{MarketWorld::address_of("paul"), micros(1'000'000)}),
              Rejection::none);
    EXPECT_EQ(world.balance("paul"), 1'000'000u);
}

TEST_F(Transfers, ToASplitAddressSettleAtOnce)
{
    const auto alice = world.balance("alice");
    const auto hugo = world.balance("hugo");
    ASSERT_EQ(world.apply("paul", Transfer{world.split(), micros(1'000)}), Rejection::none);
    EXPECT_EQ(world.balance(world.split()), 0u);
    EXPECT_EQ(world.balance("hugo"), hugo + 291) << "30 % of 970";
    EXPECT_EQ(world.balance("alice"), alice + 679);
    EXPECT_TRUE(world.emitted(EventKind::settled));
    EXPECT_TRUE(world.emitted(EventKind::fee_burned));
}

TEST_F(Transfers, ToALineSettleByItsNewestVersion)
{
    ASSERT_EQ(world.apply("alice", model_version(world, world.model(), 2)), Rejection::none);
    const auto alice = world.balance("alice");
    ASSERT_EQ(world.apply("paul", Transfer{world.split(0), micros(1'000)}), Rejection::none);
    EXPECT_EQ(world.balance("alice"), alice + 970) << "hugo does not host version 2";
}

TEST_F(Transfers, BeforeTheModelIsHostedSettleWithIt)
{
    world.fund("rita", 10'000);
    make_host(world, "rita");
    const auto address = world.split(1, "rita");
    ASSERT_EQ(world.apply("paul", Transfer{address, micros(1'000)}), Rejection::none);
    EXPECT_EQ(world.balance(address), 1'000u) << "still an address like any other";
    const auto line = world.split(0, "rita");
    ASSERT_EQ(world.apply("paul", Transfer{line, micros(100)}), Rejection::none);

    const auto host = world.balance("rita");
    ASSERT_EQ(world.apply("alice", hosting(world, world.model(), 1, "alice", "rita", 500'000)),
              Rejection::none);
    EXPECT_EQ(world.balance(address), 0u);
    EXPECT_EQ(world.balance(line), 0u);
    EXPECT_EQ(world.balance("rita"), host + 485 + 48);
}

TEST_F(Transfers, WithAnAuthorizationAreSentByAnyone)
{
    const auto auth = world.authorized("paul", rita, 700);
    ASSERT_EQ(world.apply("hugo", auth), Rejection::none);
    EXPECT_EQ(world.balance("rita"), 700u);
    EXPECT_EQ(world.balance("paul"), 999'300u);
    EXPECT_EQ(world.apply("hugo", auth), Rejection::authorization_used);
}

TEST_F(Transfers, WithAnAuthorizationToASplitAddressSettle)
{
    const auto alice = world.balance("alice");
    ASSERT_EQ(world.apply("hugo", world.authorized("paul", world.split(), 1'000)), Rejection::none);
    EXPECT_EQ(world.balance("alice"), alice + 679);
    EXPECT_EQ(world.balance(world.split()), 0u);
}

TEST_F(Transfers, WithAnAuthorizationAreCheckedThroughout)
{
    const auto with = [&](auto change) {
        auto auth = world.authorized("paul", rita, 700);
        change(auth);
        auth.signature =
            MarketWorld::sign("paul", transfer_authorization_digest(world.network(), auth));
        return world.apply("hugo", auth);
    };
    const auto now = world.now_s();
    EXPECT_EQ(with([](auto& a) { a.value = {}; }), Rejection::amount_is_zero);
    EXPECT_EQ(with([](auto& a) { a.to = {}; }), Rejection::recipient_is_zero);
    EXPECT_EQ(with([&](auto& a) { a.valid_after = now; }), Rejection::authorization_not_yet_valid);
    EXPECT_EQ(with([&](auto& a) { a.valid_before = now; }), Rejection::authorization_expired);
    EXPECT_EQ(with([&](auto& a) { a.valid_before = now + authorization_seconds + 1; }),
              Rejection::authorization_too_long);
    EXPECT_EQ(with([](auto& a) { a.value = Amount::micros(1'000'001); }),
              Rejection::insufficient_funds);
    EXPECT_EQ(with([&](auto& a) { a.from = rita; }), Rejection::wrong_signature);
    EXPECT_EQ(with([](auto&) {}), Rejection::none);

    auto raised = world.authorized("paul", rita, 700);
    raised.value = micros(701);
    EXPECT_EQ(world.apply("hugo", raised), Rejection::wrong_signature);
}

TEST_F(Transfers, ADepositsAuthorizationIsNoTransfers)
{
    const auto deposit = world.deposit(world.config(), 700);
    TransferWithAuth stolen{deposit.config.payer, erc3009_deposit_collector, deposit.amount,
                            deposit.valid_after,  deposit.valid_before,      {},
                            deposit.signature};
    stolen.nonce = deposit_nonce(world.id(deposit.config), deposit.salt);
    EXPECT_EQ(world.apply("rita", stolen), Rejection::wrong_signature);
}

TEST(CreditTransfers, OnlyPayModels)
{
    ChannelWorld world{ledger::AssetKind::credit};
    const auto rita = MarketWorld::address_of("rita");
    EXPECT_EQ(world.apply("paul", Transfer{rita, Amount::micros(1)}), Rejection::not_transferable);
    EXPECT_EQ(world.apply("paul", Transfer{world.split(), Amount::micros(1)}),
              Rejection::not_transferable);
    EXPECT_EQ(world.apply("hugo", world.authorized("paul", rita, 700)),
              Rejection::not_transferable);
    EXPECT_EQ(world.apply("hugo", world.authorized("paul", world.split(), 700)), Rejection::none);
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
}

}  // namespace
}  // namespace market
