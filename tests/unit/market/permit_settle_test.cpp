#include "market/authorization.hpp"
#include "market/invariants.hpp"
#include "market/rules/transfer_rules.hpp"
#include "tests/support/channel_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class Permits : public testing::Test {
protected:
    ~Permits() override { EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty()); }
    static Amount micros(std::uint64_t count) { return Amount::micros(count); }

    /// What becomes of a permit of 700 with one thing changed, signed again by paul.
    template <class Change>
    Rejection with(Change change)
    {
        auto permit = world.permit("paul", rita, 700, 600);
        change(permit);
        permit.signature = MarketWorld::sign("paul", permit_digest(world.network(), permit));
        return world.apply("hugo", permit);
    }

    ChannelWorld world;
    const Address rita = MarketWorld::address_of("rita");
};

TEST_F(Permits, MoveWhatWasDoneAndNoMore)
{
    ASSERT_EQ(world.apply("hugo", world.permit("paul", rita, 700, 432)), Rejection::none);
    EXPECT_EQ(world.balance("rita"), 432u);
    EXPECT_EQ(world.balance("paul"), 999'568u);
    EXPECT_TRUE(world.emitted(EventKind::transferred));
}

TEST_F(Permits, ToASplitAddressSettle)
{
    const auto alice = world.balance("alice");
    const auto hugo = world.balance("hugo");
    ASSERT_EQ(world.apply("hugo", world.permit("paul", world.split(), 5'000, 1'000)),
              Rejection::none);
    EXPECT_EQ(world.balance("hugo"), hugo + 291) << "30 % of 970";
    EXPECT_EQ(world.balance("alice"), alice + 679);
    EXPECT_EQ(world.balance("paul"), 999'000u);
    EXPECT_EQ(world.balance(world.split()), 0u);
    EXPECT_TRUE(world.emitted(EventKind::settled));
}

TEST_F(Permits, MayComeToAllThatIsPermitted)
{
    EXPECT_EQ(world.apply("hugo", world.permit("paul", rita, 700, 701)),
              Rejection::above_what_is_permitted);
    EXPECT_EQ(world.apply("hugo", world.permit("paul", rita, 700, 700)), Rejection::none);
}

TEST_F(Permits, AreSentByTheirFacilitatorAlone)
{
    const auto permit = world.permit("paul", rita, 700, 600);
    for (const auto* name : {"paul", "rita", "alice", "hugo-key"})
        EXPECT_EQ(world.apply(name, permit), Rejection::not_the_facilitator) << name;
    EXPECT_EQ(world.apply("hugo", permit), Rejection::none);
}

TEST_F(Permits, AreUsedOnceWhateverTheyCameTo)
{
    auto permit = world.permit("paul", rita, 700, 1);
    ASSERT_EQ(world.apply("hugo", permit), Rejection::none);
    permit.actual = micros(699);
    EXPECT_EQ(world.apply("hugo", permit), Rejection::authorization_used);
    const auto used = permit.nonce;
    EXPECT_EQ(with([&](auto& p) { p.nonce = used; }), Rejection::authorization_used);
    EXPECT_EQ(world.balance("rita"), 1u);
}

TEST_F(Permits, HaveNoncesOfTheirOwn)
{
    const auto auth = world.authorized("paul", rita, 700);
    ASSERT_EQ(world.apply("hugo", auth), Rejection::none);
    EXPECT_EQ(with([&](auto& p) { p.nonce = auth.nonce; }), Rejection::none)
        << "the EIP-3009 nonce of the same number is another";
}

TEST_F(Permits, AreCheckedThroughout)
{
    const auto now = world.now_s();
    EXPECT_EQ(with([](auto& p) { p.actual = {}; }), Rejection::amount_is_zero);
    EXPECT_EQ(with([](auto& p) { p.witness.to = {}; }), Rejection::recipient_is_zero);
    EXPECT_EQ(with([&](auto& p) { p.permitted.token = rita; }), Rejection::wrong_asset);
    EXPECT_EQ(with([&](auto& p) { p.spender = rita; }), Rejection::wrong_spender);
    EXPECT_EQ(with([&](auto& p) { p.witness.facilitator = rita; }), Rejection::not_the_facilitator);
    EXPECT_EQ(with([&](auto& p) { p.witness.valid_after = now + 1; }),
              Rejection::authorization_not_yet_valid);
    EXPECT_EQ(with([&](auto& p) { p.deadline = now - 1; }), Rejection::authorization_expired);
    EXPECT_EQ(with([&](auto& p) { p.deadline = now + authorization_seconds + 1; }),
              Rejection::authorization_too_long);
    EXPECT_EQ(with([](auto& p) { p.deadline = ~std::uint64_t{0}; }),
              Rejection::authorization_too_long);
    EXPECT_EQ(with([](auto& p) {
                  p.permitted.amount = Amount::max();
                  p.actual = Amount::micros(1'000'001);
              }),
              Rejection::insufficient_funds);
    EXPECT_EQ(with([&](auto& p) { p.from = rita; }), Rejection::wrong_signature);
    EXPECT_EQ(world.balance("paul"), 1'000'000u);
}

TEST_F(Permits, HoldFromTheirFirstSecondToTheirLast)
{
    const auto now = world.now_s();
    EXPECT_EQ(with([&](auto& p) { p.witness.valid_after = now; }), Rejection::none);
    EXPECT_EQ(with([&](auto& p) { p.deadline = now; }), Rejection::none);
    EXPECT_EQ(with([&](auto& p) { p.deadline = now + authorization_seconds; }), Rejection::none);
}

TEST_F(Permits, BindEverythingThatTheirOwnerSigned)
{
    const auto refused = [&](auto change) {
        auto permit = world.permit("paul", rita, 700, 600);
        change(permit);
        return world.apply("hugo", permit) == Rejection::wrong_signature;
    };
    EXPECT_TRUE(refused([](auto& p) { p.permitted.amount = Amount::micros(701); }));
    EXPECT_TRUE(refused([](auto& p) { p.witness.to = MarketWorld::address_of("hugo"); }));
    EXPECT_TRUE(refused([](auto& p) { p.witness.valid_after = 1; }));
    EXPECT_TRUE(refused([](auto& p) { ++p.deadline; }));
    EXPECT_TRUE(refused([](auto& p) { p.nonce.bytes[0] ^= 1; }));
    EXPECT_TRUE(refused([](auto& p) { p.signature = {}; }));
    EXPECT_EQ(world.balance("paul"), 1'000'000u);
}

TEST_F(Permits, StayUsedForADayAfterTheirDeadline)
{
    const auto permit = world.permit("paul", rita, 700, 600);
    ASSERT_EQ(world.apply("hugo", permit), Rejection::none);
    const auto spent = [&] {
        world.run({}, [](State& state, const Context& context) -> Verdict {
            prune_authorizations(state, context.now);
            return {};
        });
        return world.view().find<SpentPermit>({permit.from, permit.nonce});
    };
    world.pass_s(3'600 + spent_nonce_seconds - 1);
    ASSERT_TRUE(spent());
    EXPECT_EQ(spent()->digest, permit_digest(world.network(), permit));
    world.pass_s(1);
    EXPECT_FALSE(spent());
}

TEST(PermitInvariants, NoticeWhatIsSpentInOneTableAlone)
{
    ChannelWorld world;
    const SpentNonceKey key{MarketWorld::address_of("paul"), MarketWorld::hash_of("n")};
    world.put(key, SpentPermit{7, {}});
    EXPECT_EQ(broken_invariants(world.view(), world.network()).size(), 2u);
    world.put(SpentNonceExpiry{7, key.account, key.nonce}, SpentPermitByTime{});
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
    world.put(SpentNonceExpiry{8, key.account, key.nonce}, SpentPermitByTime{});
    EXPECT_EQ(broken_invariants(world.view(), world.network()),
              std::vector<std::string>{"a permit forgotten before its time"});
}

TEST(CreditPermits, OnlyPayModels)
{
    ChannelWorld world{ledger::AssetKind::credit};
    const auto rita = MarketWorld::address_of("rita");
    EXPECT_EQ(world.apply("hugo", world.permit("paul", rita, 700, 600)),
              Rejection::not_transferable);
    EXPECT_EQ(world.apply("hugo", world.permit("paul", world.split(), 700, 600)), Rejection::none);
    EXPECT_TRUE(world.emitted(EventKind::earned));
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
}

}  // namespace
}  // namespace market
