#include "market/rules/host_rules.hpp"
#include "market/rules/model_rules.hpp"
#include "market/settlement.hpp"
#include "tests/unit/market/model_fixture.hpp"

#include <functional>

namespace market {
namespace {

class Hosting : public ModelRules {
protected:
    Hosting() { make_host(world); }
    ModelHost agreed(std::uint32_t ver = 1, std::uint32_t ppm = 300'000) const
    {
        return hosting(world, iris, ver, "alice", "hugo", ppm);
    }
    /// Changes the terms and has hugo sign them.
    Rejection send(const std::function<void(HostingAgreement&)>& change)
    {
        auto message = agreed();
        change(message.agreement);
        message.counter_signature = world.sign_struct("hugo", message.agreement);
        return world.apply("alice", message);
    }
    Agreement agreement(std::uint32_t ver = 1) const
    {
        return world.view().get<Agreement>({iris, {ver}, hugo});
    }
};

TEST_F(Hosting, WritesTheAddressesOfTheVersionAndOfItsLine)
{
    ASSERT_EQ(world.apply("alice", agreed()), Rejection::none);
    EXPECT_EQ(agreement().host_ppm, PartsPerMillion{300'000});
    EXPECT_EQ(agreement().serial, 1u);
    EXPECT_FALSE(world.view().has<Agreement>({iris, model_line, hugo}));
    for (const Version ver : {Version{1}, model_line}) {
        const auto split = world.view().find<Split>(split_address(iris, ver, hugo));
        ASSERT_TRUE(split);
        EXPECT_EQ(split->ver, ver);
        EXPECT_EQ(split->host, hugo);
    }
}

TEST_F(Hosting, EitherSideMaySendWhatTheOtherSigned)
{
    auto message = agreed();
    EXPECT_EQ(world.apply("mallory", message), Rejection::not_a_party);
    EXPECT_EQ(world.apply("hugo", message), Rejection::wrong_signature) << "alice must sign";
    message.counter_signature = world.sign_struct("alice", message.agreement);
    EXPECT_EQ(world.apply("alice", message), Rejection::wrong_signature);
    EXPECT_EQ(world.apply("hugo", message), Rejection::none);
}

TEST_F(Hosting, RefusesASignatureOverOtherTermsOrInAnotherDomain)
{
    auto message = agreed();
    message.agreement.host_ppm = {300'001};
    EXPECT_EQ(world.apply("alice", message), Rejection::wrong_signature);
    message = agreed();
    message.counter_signature = MarketWorld::sign(
        "hugo", ledger::eip712::digest(world.network().receipts,
                                       ledger::eip712::struct_hash(message.agreement)));
    EXPECT_EQ(world.apply("alice", message), Rejection::wrong_signature);
    message.counter_signature = {};
    EXPECT_EQ(world.apply("alice", message), Rejection::wrong_signature);
}

TEST_F(Hosting, ASignatureHoldsOnce)
{
    const auto first = agreed();
    ASSERT_EQ(world.apply("alice", first), Rejection::none);
    EXPECT_EQ(world.apply("alice", first), Rejection::stale_agreement);
    EXPECT_EQ(send([](auto& a) { a.serial = 2; }), Rejection::stale_agreement);
    EXPECT_EQ(world.apply("alice", agreed(1, 250'000)), Rejection::none);
    EXPECT_EQ(agreement().serial, 2u);
}

TEST_F(Hosting, WhoHostsHisOwnModelSignsOnce)
{
    make_host(world, "alice");
    auto message = hosting(world, iris, 1, "alice", "alice", 0);
    ASSERT_TRUE(message.counter_signature.is_zero());
    auto signed_too = message;
    signed_too.counter_signature = world.sign_struct("alice", message.agreement);
    EXPECT_EQ(world.apply("alice", signed_too), Rejection::wrong_signature);
    EXPECT_EQ(world.apply("alice", message), Rejection::none);
}

TEST_F(Hosting, ChecksTheTerms)
{
    EXPECT_EQ(send([&](auto& a) { a.model = nobody; }), Rejection::unknown_model);
    EXPECT_EQ(send([](auto& a) { a.ver = {2}; }), Rejection::unknown_version);
    EXPECT_EQ(send([](auto& a) { a.host_ppm = {1'000'001}; }), Rejection::share_too_large);
    EXPECT_EQ(send([&](auto& a) { a.until = world.now_s(); }), Rejection::agreement_in_the_past);
    EXPECT_EQ(send([&](auto& a) { a.host = MarketWorld::address_of("mallory"); }),
              Rejection::not_a_host);
    EXPECT_EQ(send([&](auto& a) { a.until = world.now_s() + 1; }), Rejection::none);
    EXPECT_EQ(agreement().until_ms, world.now_ms() + 1'000);
    EXPECT_EQ(send([&](auto& a) { a.host_ppm = {1'000'000}; }), Rejection::none);
}

TEST_F(Hosting, RefusesYankedVersionsAndHostsOnTheirWayOut)
{
    add_version();
    yank(2);
    EXPECT_EQ(world.apply("alice", agreed(2)), Rejection::version_yanked);
    ASSERT_EQ(world.apply("hugo", HostUnbond{}), Rejection::none);
    EXPECT_EQ(world.apply("alice", agreed()), Rejection::host_is_unbonding);
}

TEST_F(Hosting, RemembersUntilWhenAnEarlierAgreementHeld)
{
    ASSERT_EQ(send([&](auto& a) { a.until = world.now_s() + 10; }), Rejection::none);
    EXPECT_EQ(agreement().lapsed_ms, 0u);
    const auto end = world.now_ms() + 10'000;
    world.pass_s(60);
    ASSERT_EQ(send([](auto&) {}), Rejection::none);
    EXPECT_EQ(agreement().lapsed_ms, end);
    world.pass_s(60);
    ASSERT_EQ(send([](auto&) {}), Rejection::none);
    EXPECT_EQ(agreement().lapsed_ms, world.now_ms());
}

TEST_F(Hosting, MoneySentBeforeSettlesWithTheAgreement)
{
    const auto address = split_address(iris, {1}, hugo);
    world.fund(address, 10'000);
    world.fund(split_address(iris, model_line, hugo), 1'000);
    const auto before = world.balance("hugo");
    ASSERT_EQ(world.apply("alice", agreed(1, 500'000)), Rejection::none);
    EXPECT_EQ(world.balance(address), 0u);
    EXPECT_EQ(world.balance(split_address(iris, model_line, hugo)), 0u);
    EXPECT_GT(world.balance("hugo"), before);
    EXPECT_TRUE(world.emitted(EventKind::settled));
    EXPECT_EQ(world.total_held(), world.supply());
}

TEST_F(Hosting, TheLineIsHostedToo)
{
    ASSERT_EQ(world.apply("alice", agreed(0)), Rejection::none);
    EXPECT_TRUE(world.view().has<Split>(split_address(iris, model_line, hugo)));
    EXPECT_FALSE(world.view().has<Split>(split_address(iris, {1}, hugo)));
}

}  // namespace
}  // namespace market
