#include "market/rules/host_rules.hpp"

#include "tests/support/market_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class HostRules : public testing::Test {
protected:
    HostRules() { world.fund("hugo", 100'000); }

    Rejection enroll(std::uint64_t bond, std::string endpoint = "https://hugo.example:8700/v2",
                     std::string_view key = "key-1")
    {
        return world.apply("hugo", HostRegister{std::move(endpoint), Amount::micros(bond),
                                                MarketWorld::address_of(key)});
    }
    Rejection change_key(KeyChange change, std::string_view key)
    {
        return world.apply("hugo", HostKey{change, MarketWorld::address_of(key)});
    }
    Host host() const { return *world.view().find<Host>(hugo); }

    MarketWorld world;
    const Address hugo = MarketWorld::address_of("hugo");
    const Address first = MarketWorld::address_of("key-1");
    const Address second = MarketWorld::address_of("key-2");
};

TEST_F(HostRules, TakesTheBondAndTheDepositOfARegisteredHost)
{
    ASSERT_EQ(enroll(1'000), Rejection::none);
    EXPECT_EQ(host().bond, Amount::micros(1'000));
    const auto bytes = entry_bytes<Host>(hugo, host()) +
                       entry_bytes<HostKeyRecord>({hugo, first}, HostKeyRecord{});
    EXPECT_EQ(host().locked.micros(), bytes);
    EXPECT_EQ(world.locked("hugo"), bytes);
    EXPECT_EQ(world.balance("hugo"), 100'000 - 1'000 - bytes);
    EXPECT_EQ(world.total_held(), world.supply());
    EXPECT_TRUE(key_active(world.view(), hugo, first));
    EXPECT_TRUE(world.emitted(EventKind::bonded));
    EXPECT_TRUE(world.emitted(EventKind::registered));
    EXPECT_TRUE(host_serves(world.view(), world.context(), hugo));
}

TEST_F(HostRules, RefusesABondOneMicroBelowTheLeast)
{
    EXPECT_EQ(enroll(999), Rejection::bond_too_small);
    EXPECT_EQ(enroll(1'000), Rejection::none);
    EXPECT_EQ(enroll(0), Rejection::none) << "the bond counts in total";
}

TEST_F(HostRules, RefusesWhatTheBalanceDoesNotCover)
{
    EXPECT_EQ(enroll(100'001), Rejection::insufficient_funds);
    EXPECT_EQ(enroll(100'000), Rejection::insufficient_funds) << "nothing left for the deposit";
    EXPECT_EQ(world.balance("hugo"), 100'000u) << "a refusal changes nothing";
    ASSERT_EQ(enroll(1'000), Rejection::none);
    EXPECT_EQ(enroll(~std::uint64_t{0}), Rejection::insufficient_funds);
}

TEST_F(HostRules, RefusesEndpointsThatAreNoWebAddress)
{
    for (const auto* bad : {"", "ftp://a", "https://", "http:///path", "https://a b", "https://a\n",
                            "https://user@host", "https://a/\"x\"", "HTTPS://a"})
        EXPECT_EQ(enroll(1'000, bad), Rejection::malformed_text) << bad;
    EXPECT_EQ(enroll(1'000, "https://" + std::string(249, 'a')), Rejection::malformed_text);
    EXPECT_EQ(enroll(1'000, "https://" + std::string(248, 'a')), Rejection::none);
    EXPECT_EQ(enroll(0, "http://[::1]:8700"), Rejection::none);
}

TEST_F(HostRules, RefusesTheZeroKey)
{
    const HostRegister message{"https://a", Amount::micros(1'000), {}};
    EXPECT_EQ(world.apply("hugo", message), Rejection::key_is_zero);
    ASSERT_EQ(enroll(1'000), Rejection::none);
    EXPECT_EQ(world.apply("hugo", HostKey{KeyChange::add, {}}), Rejection::key_is_zero);
}

TEST_F(HostRules, ChangesTheEndpointAndItsDeposit)
{
    ASSERT_EQ(enroll(1'000, "https://a"), Rejection::none);
    const auto before = world.locked("hugo");
    ASSERT_EQ(enroll(500, "https://aaaa"), Rejection::none);
    EXPECT_EQ(world.locked("hugo"), before + 3);
    EXPECT_TRUE(world.emitted(EventKind::changed));
    ASSERT_EQ(enroll(0, "https://b"), Rejection::none);
    EXPECT_EQ(world.locked("hugo"), before);
    EXPECT_EQ(host().locked.micros(), before);
    EXPECT_EQ(host().bond, Amount::micros(1'500));
    EXPECT_FALSE(world.emitted(EventKind::bonded));
    EXPECT_EQ(world.total_held(), world.supply());
}

TEST_F(HostRules, RegisteringAgainWithANewKeyAddsIt)
{
    ASSERT_EQ(enroll(1'000), Rejection::none);
    ASSERT_EQ(enroll(0, "https://a", "key-2"), Rejection::none);
    EXPECT_TRUE(key_active(world.view(), hugo, first));
    EXPECT_TRUE(key_active(world.view(), hugo, second));
}

TEST_F(HostRules, OnlyAHostHasKeys)
{
    EXPECT_EQ(change_key(KeyChange::add, "key-2"), Rejection::not_a_host);
    EXPECT_EQ(change_key(KeyChange::retire, "key-1"), Rejection::not_a_host);
}

TEST_F(HostRules, AddsAKeyOnceAndNeverRetiresTheLast)
{
    ASSERT_EQ(enroll(1'000), Rejection::none);
    EXPECT_EQ(change_key(KeyChange::add, "key-1"), Rejection::key_already_active);
    EXPECT_EQ(change_key(KeyChange::retire, "key-2"), Rejection::key_not_active);
    EXPECT_EQ(change_key(KeyChange::retire, "key-1"), Rejection::last_key);
    ASSERT_EQ(change_key(KeyChange::add, "key-2"), Rejection::none);
    ASSERT_EQ(change_key(KeyChange::retire, "key-1"), Rejection::none);
    EXPECT_EQ(change_key(KeyChange::retire, "key-1"), Rejection::key_not_active);
    EXPECT_EQ(change_key(KeyChange::retire, "key-2"), Rejection::last_key);
}

TEST_F(HostRules, ARetiredKeyKeepsItsPowersForTwoDisputeWindows)
{
    ASSERT_EQ(enroll(1'000), Rejection::none);
    ASSERT_EQ(change_key(KeyChange::add, "key-2"), Rejection::none);
    ASSERT_EQ(change_key(KeyChange::retire, "key-1"), Rejection::none);
    EXPECT_FALSE(key_active(world.view(), hugo, first));
    world.pass_ms(2 * 600'000 - 1);
    EXPECT_TRUE(key_holds(world.view(), world.context(), hugo, first));
    world.pass_ms(1);
    EXPECT_FALSE(key_holds(world.view(), world.context(), hugo, first));
    EXPECT_TRUE(key_holds(world.view(), world.context(), hugo, second));
    EXPECT_FALSE(key_holds(world.view(), world.context(), second, hugo));
}

TEST_F(HostRules, AKeyMayClaimOnlyFromChannelsOpenedWhileItWasActive)
{
    world.pass_s(10);
    const auto added = world.now_ms();
    ASSERT_EQ(enroll(1'000), Rejection::none);
    ASSERT_EQ(change_key(KeyChange::add, "key-2"), Rejection::none);
    world.pass_s(10);
    const auto retired = world.now_ms();
    ASSERT_EQ(change_key(KeyChange::retire, "key-1"), Rejection::none);
    EXPECT_FALSE(key_was_active(world.view(), hugo, first, added - 1));
    EXPECT_TRUE(key_was_active(world.view(), hugo, first, added));
    EXPECT_TRUE(key_was_active(world.view(), hugo, first, retired - 1));
    EXPECT_TRUE(key_was_active(world.view(), hugo, first, retired)) << "earlier in that block";
    EXPECT_FALSE(key_was_active(world.view(), hugo, first, retired + 1));
    EXPECT_TRUE(key_was_active(world.view(), hugo, second, retired));
    EXPECT_FALSE(key_was_active(world.view(), hugo, hugo, added));
}

TEST_F(HostRules, AKeyThatComesBackKeepsTheChannelsItHad)
{
    ASSERT_EQ(enroll(1'000), Rejection::none);
    const auto opened = world.now_ms();
    ASSERT_EQ(change_key(KeyChange::add, "key-2"), Rejection::none);
    ASSERT_EQ(change_key(KeyChange::retire, "key-1"), Rejection::none);
    world.pass_s(1);
    const auto locked = world.locked("hugo");
    ASSERT_EQ(change_key(KeyChange::add, "key-1"), Rejection::none);
    EXPECT_TRUE(key_was_active(world.view(), hugo, first, opened));
    EXPECT_EQ(world.locked("hugo"), locked) << "its entry was there already";
}

TEST_F(HostRules, KeepsABoundedNumberOfKeysAndForgetsThoseThatHoldNoMore)
{
    world.fund("hugo", 100'000);
    ASSERT_EQ(enroll(1'000), Rejection::none);
    for (std::size_t n = 1; n < HostLimits::keys; ++n)
        ASSERT_EQ(change_key(KeyChange::add, "more-" + std::to_string(n)), Rejection::none);
    EXPECT_EQ(change_key(KeyChange::add, "key-2"), Rejection::too_many_entries);
    ASSERT_EQ(change_key(KeyChange::retire, "key-1"), Rejection::none);
    EXPECT_EQ(change_key(KeyChange::add, "key-2"), Rejection::too_many_entries);
    const auto locked = world.locked("hugo");
    world.pass_ms(2 * 600'000);
    EXPECT_EQ(change_key(KeyChange::add, "key-2"), Rejection::none);
    EXPECT_FALSE(world.view().has<HostKeyRecord>({hugo, first}));
    EXPECT_EQ(world.locked("hugo"), locked);
    EXPECT_EQ(host().locked.micros(), locked);
}

TEST_F(HostRules, LeavesInTwoSteps)
{
    EXPECT_EQ(world.apply("hugo", HostUnbond{}), Rejection::not_a_host);
    EXPECT_EQ(world.apply("hugo", HostUnbondFinal{}), Rejection::not_a_host);
    ASSERT_EQ(enroll(1'000), Rejection::none);
    EXPECT_EQ(world.apply("hugo", HostUnbondFinal{}), Rejection::host_not_unbonding);
    ASSERT_EQ(world.apply("hugo", HostUnbond{}), Rejection::none);
    EXPECT_TRUE(world.emitted(EventKind::unbonding));
    EXPECT_EQ(host().unbond_end_ms, world.now_ms() + 2'400'000);
    EXPECT_EQ(world.apply("hugo", HostUnbond{}), Rejection::host_is_unbonding);
    EXPECT_EQ(enroll(1'000), Rejection::host_is_unbonding);
    EXPECT_EQ(change_key(KeyChange::add, "key-2"), Rejection::none) << "keys may still change";
    EXPECT_FALSE(host_serves(world.view(), world.context(), hugo));

    world.pass_ms(2'400'000 - 1);
    EXPECT_EQ(world.apply("hugo", HostUnbondFinal{}), Rejection::unbonding_not_over);
    world.pass_ms(1);
    ASSERT_EQ(world.apply("hugo", HostUnbondFinal{}), Rejection::none);
    EXPECT_EQ(world.balance("hugo"), 100'000u);
    EXPECT_EQ(world.locked("hugo"), 0u);
    EXPECT_FALSE(world.view().has<Host>(hugo));
    EXPECT_FALSE(world.view().has<HostKeyRecord>({hugo, first}));
    EXPECT_FALSE(world.view().has<HostKeyRecord>({hugo, second}));
    EXPECT_EQ(world.total_held(), world.supply());
    EXPECT_EQ(enroll(1'000), Rejection::none) << "and may come back";
}

TEST_F(HostRules, StaysWhileAClaimIsPending)
{
    ASSERT_EQ(enroll(1'000), Rejection::none);
    ASSERT_EQ(world.apply("hugo", HostUnbond{}), Rejection::none);
    world.pass_s(2'400);
    auto busy = host();
    busy.pending_claims = 1;
    world.put(hugo, busy);
    EXPECT_EQ(world.apply("hugo", HostUnbondFinal{}), Rejection::claim_pending);
    busy.pending_claims = 0;
    world.put(hugo, busy);
    EXPECT_EQ(world.apply("hugo", HostUnbondFinal{}), Rejection::none);
}

TEST_F(HostRules, ClaimsUntilTwoDisputeWindowsBeforeTheEnd)
{
    EXPECT_FALSE(host_may_claim(world.view(), world.context(), hugo));
    ASSERT_EQ(enroll(1'000), Rejection::none);
    EXPECT_TRUE(host_may_claim(world.view(), world.context(), hugo));
    ASSERT_EQ(world.apply("hugo", HostUnbond{}), Rejection::none);
    world.pass_s(2'400 - 2 * 600);
    EXPECT_TRUE(host_may_claim(world.view(), world.context(), hugo));
    world.pass_ms(1);
    EXPECT_FALSE(host_may_claim(world.view(), world.context(), hugo));
}

TEST_F(HostRules, ASlashedHostNeitherServesNorClaimsUntilItsBondIsWhole)
{
    ASSERT_EQ(enroll(1'000), Rejection::none);
    auto slashed = host();
    slashed.bond = Amount::micros(999);
    world.put(hugo, slashed);
    EXPECT_EQ(check_host_serves(world.view(), world.context(), hugo).error(),
              Rejection::bond_too_small);
    EXPECT_FALSE(host_may_claim(world.view(), world.context(), hugo));
    EXPECT_EQ(enroll(0), Rejection::bond_too_small);
    ASSERT_EQ(enroll(1), Rejection::none);
    EXPECT_TRUE(host_serves(world.view(), world.context(), hugo));
}

}  // namespace
}  // namespace market
