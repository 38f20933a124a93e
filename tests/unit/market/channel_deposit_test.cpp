#include "market/authorization.hpp"
#include "market/invariants.hpp"
#include "market/rules/host_rules.hpp"
#include "market/rules/model_rules.hpp"
#include "tests/support/channel_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class ChannelDeposits : public testing::Test {
protected:
    /// What happens to a deposit of 1,000 with these terms.
    Rejection with(const ChannelConfig& config)
    {
        return world.apply("paul", world.deposit(config, 1'000));
    }
    /// The same for one whose window is changed.
    Rejection in_window(std::uint64_t after, std::uint64_t before)
    {
        auto deposit = world.deposit(world.config(), 1'000);
        deposit.valid_after = after;
        deposit.valid_before = before;
        world.sign_deposit(deposit);
        return world.apply("paul", deposit);
    }

    ChannelWorld world;
};

TEST_F(ChannelDeposits, OpensAChannelAndLocksTheBytesOfItsEntry)
{
    const auto config = world.config();
    ASSERT_EQ(with(config), Rejection::none);
    const auto channel = world.channel(config);
    EXPECT_EQ(channel.balance, Amount::micros(1'000));
    EXPECT_EQ(channel.escrow(), Amount::micros(1'000));
    EXPECT_EQ(channel.opened_ms, world.now_ms());
    EXPECT_EQ(channel.settled_ms, world.now_ms());
    Channel empty;
    const auto bytes = entry_bytes<Channel>(world.id(config), empty);
    EXPECT_EQ(world.locked("paul"), bytes);
    EXPECT_EQ(world.balance("paul"), 1'000'000 - 1'000 - bytes);
    EXPECT_TRUE(world.emitted(EventKind::deposited));
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
}

TEST_F(ChannelDeposits, ToppingUpAddsWithoutAnotherByteDeposit)
{
    const auto config = world.config();
    ASSERT_EQ(with(config), Rejection::none);
    const auto locked = world.locked("paul");
    world.pass_s(5);
    ASSERT_EQ(with(config), Rejection::none);
    EXPECT_EQ(world.channel(config).balance, Amount::micros(2'000));
    EXPECT_EQ(world.channel(config).opened_ms, world.now_ms() - 5'000);
    EXPECT_EQ(world.locked("paul"), locked);
}

TEST_F(ChannelDeposits, ARelayLocksTheBytesAndThePayerPaysTheAmount)
{
    world.fund("rita", 1'000);
    const auto before = world.balance("paul");
    ASSERT_EQ(world.apply("rita", world.deposit(world.config(), 1'000)), Rejection::none);
    EXPECT_EQ(world.balance("paul"), before - 1'000);
    EXPECT_GT(world.locked("rita"), 0u);
    EXPECT_EQ(world.locked("paul"), 0u);
}

TEST_F(ChannelDeposits, RefusesWhenTheRelayCannotLockTheBytes)
{
    const auto bytes = entry_bytes<Channel>(ChannelId{}, Channel{});
    world.fund("rita", bytes - 1);
    const auto deposit = world.deposit(world.config(), 1'000);
    EXPECT_EQ(world.apply("rita", deposit), Rejection::insufficient_funds);
    EXPECT_EQ(world.balance("paul"), 1'000'000u) << "a refusal changes nothing";
    world.fund("rita", 1);
    EXPECT_EQ(world.apply("rita", deposit), Rejection::none);
}

TEST_F(ChannelDeposits, RefusesTermsOutsideOfTheRange)
{
    auto config = world.config();
    for (const std::uint64_t delay : {0ull, 899ull, 2'592'001ull, ~0ull}) {
        config.withdraw_delay = {delay};
        EXPECT_EQ(with(config), Rejection::bad_channel_terms) << delay;
    }
    for (const std::uint64_t delay : {900ull, 2'592'000ull}) {
        config.withdraw_delay = {delay};
        EXPECT_EQ(with(config), Rejection::none) << delay;
    }
    config = world.config();
    config.payer = {};
    EXPECT_EQ(with(config), Rejection::bad_channel_terms);
    config = world.config();
    config.receiver_authorizer = {};
    EXPECT_EQ(with(config), Rejection::bad_channel_terms);
}

TEST_F(ChannelDeposits, RefusesAnotherAssetAndAnotherReceiver)
{
    auto config = world.config();
    config.token = MarketWorld::address_of("other asset");
    EXPECT_EQ(with(config), Rejection::wrong_asset);
    config = world.config();
    config.receiver = MarketWorld::address_of("hugo");
    EXPECT_EQ(with(config), Rejection::receiver_not_a_split);
}

TEST_F(ChannelDeposits, RefusesAnAuthorizerThatIsNoActiveKeyOfTheHost)
{
    auto config = world.config();
    config.receiver_authorizer = MarketWorld::address_of("hugo");
    EXPECT_EQ(with(config), Rejection::authorizer_not_a_key_of_the_host);

    ASSERT_EQ(world.apply("hugo", HostKey{KeyChange::add, MarketWorld::address_of("key-2")}),
              Rejection::none);
    ASSERT_EQ(world.apply("hugo", HostKey{KeyChange::retire, MarketWorld::address_of("hugo-key")}),
              Rejection::none);
    EXPECT_EQ(with(world.config()), Rejection::authorizer_not_a_key_of_the_host);
    config.receiver_authorizer = MarketWorld::address_of("key-2");
    EXPECT_EQ(with(config), Rejection::none);
}

TEST_F(ChannelDeposits, RefusesAHostThatLeavesOrLacksItsBond)
{
    auto host = world.host();
    host.bond = Amount::micros(999);
    world.put(MarketWorld::address_of("hugo"), host);
    EXPECT_EQ(with(world.config()), Rejection::bond_too_small);
    host.bond = Amount::micros(1'000);
    world.put(MarketWorld::address_of("hugo"), host);
    EXPECT_EQ(with(world.config()), Rejection::none);

    ASSERT_EQ(world.apply("hugo", HostUnbond{}), Rejection::none);
    EXPECT_EQ(with(world.config()), Rejection::host_is_unbonding);
    world.pass_s(2'400);
    ASSERT_EQ(world.apply("hugo", HostUnbondFinal{}), Rejection::none);
    EXPECT_EQ(with(world.config()), Rejection::not_a_host);
}

TEST_F(ChannelDeposits, EndWithTheAgreementAndWithAYank)
{
    auto renewed = hosting(world, world.model(), 1, "alice", "hugo", 300'000);
    renewed.agreement.until = world.now_s() + 10;
    renewed.counter_signature = world.sign_struct("hugo", renewed.agreement);
    ASSERT_EQ(world.apply("alice", renewed), Rejection::none);
    world.pass_ms(9'999);
    EXPECT_EQ(with(world.config()), Rejection::none);
    world.pass_ms(1);
    EXPECT_EQ(with(world.config()), Rejection::receiver_not_served);

    ASSERT_EQ(world.apply("alice", hosting(world, world.model(), 1, "alice", "hugo", 300'000)),
              Rejection::none);
    EXPECT_EQ(with(world.config()), Rejection::none);
    EXPECT_EQ(with(world.config(0, 0)), Rejection::none) << "a line is served by its version";
    ASSERT_EQ(world.apply("alice", ModelYank{world.model(), {1}, "wrong"}), Rejection::none);
    EXPECT_EQ(with(world.config()), Rejection::receiver_not_served);
    EXPECT_EQ(with(world.config(0, 0)), Rejection::receiver_not_served);
}

TEST_F(ChannelDeposits, TakesTheLeastDepositAndWhatThePayerHas)
{
    const auto config = world.config();
    EXPECT_EQ(world.apply("paul", world.deposit(config, 0)), Rejection::deposit_too_small);
    EXPECT_EQ(world.apply("paul", world.deposit(config, 9)), Rejection::deposit_too_small);
    EXPECT_EQ(world.apply("paul", world.deposit(config, 10)), Rejection::none);
    const auto left = world.balance("paul");
    EXPECT_EQ(world.apply("paul", world.deposit(config, left + 1)), Rejection::insufficient_funds);
    EXPECT_EQ(world.apply("paul", world.deposit(config, ~0ull)), Rejection::insufficient_funds);
    EXPECT_EQ(world.apply("paul", world.deposit(config, left)), Rejection::none);
    EXPECT_EQ(world.balance("paul"), 0u);
}

TEST_F(ChannelDeposits, TheWindowIsOpenAtBothEnds)
{
    const auto now = world.now_s();
    EXPECT_EQ(in_window(now, now + 60), Rejection::authorization_not_yet_valid);
    EXPECT_EQ(in_window(now - 1, now + 60), Rejection::none);
    EXPECT_EQ(in_window(0, now), Rejection::authorization_expired);
    EXPECT_EQ(in_window(0, now + 1), Rejection::none);
    EXPECT_EQ(in_window(0, now + authorization_seconds + 1), Rejection::authorization_too_long);
    EXPECT_EQ(in_window(0, ~0ull), Rejection::authorization_too_long);
    EXPECT_EQ(in_window(0, now + authorization_seconds), Rejection::none);
}

TEST_F(ChannelDeposits, AnAuthorizationHoldsOnce)
{
    const auto deposit = world.deposit(world.config(), 1'000);
    ASSERT_EQ(world.apply("paul", deposit), Rejection::none);
    EXPECT_EQ(world.apply("rita", deposit), Rejection::authorization_used);
    EXPECT_EQ(world.channel(world.config()).balance, Amount::micros(1'000));
}

TEST_F(ChannelDeposits, RefusesASignatureThatIsNotThePayers)
{
    auto deposit = world.deposit(world.config(), 1'000);
    deposit.amount = Amount::micros(1'001);
    EXPECT_EQ(world.apply("paul", deposit), Rejection::wrong_signature);
    world.sign_deposit(deposit, "rita");
    EXPECT_EQ(world.apply("paul", deposit), Rejection::wrong_signature);
    deposit.signature = {};
    EXPECT_EQ(world.apply("paul", deposit), Rejection::wrong_signature);
    auto other_terms = world.deposit(world.config(), 1'000);
    other_terms.config.salt.bytes[0] = 1;
    EXPECT_EQ(world.apply("paul", other_terms), Rejection::wrong_signature);
}

TEST_F(ChannelDeposits, SpentAuthorizationsAreForgottenADayAfterTheirEndOldestFirst64ABlock)
{
    const auto payer = MarketWorld::address_of("paul");
    std::vector<Hash> nonces;
    ASSERT_EQ(world.run(payer,
                        [&](State& state, const Context&) -> Verdict {
                            for (std::uint64_t i = 0; i < 100; ++i) {
                                nonces.push_back(MarketWorld::hash_of(std::to_string(i)));
                                spend_authorization(state, payer, nonces.back(),
                                                    world.now_s() + 100 - i, {});
                            }
                            return {};
                        }),
              Rejection::none);
    const auto left = [&] {
        std::vector<std::size_t> still;
        for (std::size_t i = 0; i < nonces.size(); ++i)
            if (world.view().has<SpentNonce>({payer, nonces[i]})) still.push_back(i);
        std::size_t by_time = 0;
        world.view().scan<SpentNonceByTime>({}, [&](const auto&, const auto&) {
            ++by_time;
            return true;
        });
        EXPECT_EQ(by_time, still.size());
        return still;
    };
    const auto prune = [&] {
        world.run({}, [](State& state, const Context& context) -> Verdict {
            prune_authorizations(state, context.now);
            return {};
        });
    };
    prune();
    EXPECT_EQ(left().size(), 100u) << "none is over yet";
    world.pass_s(spent_nonce_seconds);
    prune();
    EXPECT_EQ(left().size(), 100u) << "nor are they after the day for those who come late";
    world.pass_ms(999);
    prune();
    EXPECT_EQ(left().size(), 100u);
    world.pass_ms(1);
    prune();
    EXPECT_EQ(left().size(), 99u) << "the last one ended after one second";
    EXPECT_EQ(left().back(), 98u);
    world.pass_s(99);
    prune();
    EXPECT_EQ(left().size(), 35u);
    EXPECT_EQ(left().front(), 0u) << "those that end last stay longest";
    EXPECT_EQ(left().back(), 34u);
    prune();
    EXPECT_TRUE(left().empty());
}

}  // namespace
}  // namespace market
