// Claims on a model's line name the versions that ran.
#include "market/invariants.hpp"
#include "market/rules/host_rules.hpp"
#include "market/rules/model_rules.hpp"
#include "tests/support/channel_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class LineClaims : public testing::Test {
protected:
    LineClaims()
    {
        world.fund("alice", 1'000'000);
        for (std::uint32_t ver = 2; ver <= 9; ++ver) {
            auto version = model_version(world, world.model(), ver);
            must(world.apply("alice", version));
        }
        must(world.apply("alice", hosting(world, world.model(), 0, "alice", "hugo", 300'000)));
        alias("stable", {1});
        world.open(line, 10'000);
    }

    static void must(Rejection outcome) { ASSERT_EQ(outcome, Rejection::none); }
    void alias(const std::string& name, const std::vector<std::uint32_t>& versions)
    {
        ModelAlias message{world.model(), name, {}, "because"};
        for (const auto ver : versions) message.targets.push_back({{ver}, 1});
        must(world.apply("alice", message));
    }
    static VersionUse use(std::uint32_t ver, std::uint64_t micros)
    {
        return {{ver}, Amount::micros(micros)};
    }
    Rejection claim(std::vector<VersionUse> uses, std::uint64_t total = 100,
                    std::string_view sender = "hugo")
    {
        return world.apply(sender, world.claim({world.row(line, 5'000, total, std::move(uses))}));
    }
    void finalize()
    {
        world.pass_s(600);
        must(world.apply("rita", ChannelFinalize{{world.id(line)}}));
    }

    ChannelWorld world;
    const ChannelConfig line = world.config(0, 0);
};

TEST_F(LineClaims, TheUsesAreWhatTheClaimAdds)
{
    EXPECT_EQ(claim({}), Rejection::uses_do_not_add_up);
    EXPECT_EQ(claim({use(1, 99)}), Rejection::uses_do_not_add_up);
    EXPECT_EQ(claim({use(1, 101)}), Rejection::uses_do_not_add_up);
    EXPECT_EQ(claim({use(1, 100), use(1, 0)}), Rejection::uses_do_not_add_up);
    EXPECT_EQ(claim({use(1, 50), use(1, 50)}), Rejection::uses_do_not_add_up) << "a version once";
    EXPECT_EQ(claim({use(1, ~0ull), use(1, 101)}), Rejection::uses_do_not_add_up);
    ASSERT_EQ(claim({use(1, 100)}), Rejection::none);
    finalize();
    EXPECT_EQ(claim({use(1, 150)}, 150), Rejection::uses_do_not_add_up) << "not the total";
    EXPECT_EQ(claim({use(1, 50)}, 150), Rejection::none);
}

TEST_F(LineClaims, NameAtMostEightVersions)
{
    alias("all", {2, 3, 4, 5, 6, 7, 8, 9});
    std::vector<VersionUse> uses;
    for (std::uint32_t ver = 1; ver <= 9; ++ver) uses.push_back(use(ver, 10));
    EXPECT_EQ(claim(uses, 90), Rejection::too_many_entries);
    uses.pop_back();
    EXPECT_EQ(claim(uses, 80), Rejection::none);
}

TEST_F(LineClaims, NoRelayChoosesTheUses)
{
    EXPECT_EQ(claim({use(1, 100)}, 100, "rita"), Rejection::uses_need_the_host);
    EXPECT_EQ(claim({use(1, 100)}, 100, "paul"), Rejection::uses_need_the_host);
    world.fund("hugo-key", 10);
    EXPECT_EQ(claim({use(1, 100)}, 100, "hugo-key"), Rejection::none);
}

TEST_F(LineClaims, OnlyOfVersionsThatAnAliasPointedTo)
{
    EXPECT_EQ(claim({use(2, 100)}), Rejection::use_not_served);
    EXPECT_EQ(claim({use(10, 100)}), Rejection::use_not_served) << "there is no such version";
    EXPECT_EQ(claim({use(0, 100)}), Rejection::use_not_served) << "the line is no version";
    alias("canary", {2});
    EXPECT_EQ(claim({use(2, 40), use(1, 60)}), Rejection::none);
}

TEST_F(LineClaims, OfAnAliasThatEndedSinceTheLastSettledClaim)
{
    world.pass_s(10);
    alias("stable", {2});
    world.pass_ms(ChannelLimits::late_ms + 1);
    ASSERT_EQ(claim({use(1, 100)}), Rejection::none) << "it ran before the switch";
    finalize();
    EXPECT_EQ(claim({use(1, 50)}, 150), Rejection::use_not_served)
        << "by then nobody could have asked for it";
    EXPECT_EQ(claim({use(2, 50)}, 150), Rejection::none);
}

TEST_F(LineClaims, OfAnAliasThatEndedSoShortlyBeforeThatCallsWereChargedLater)
{
    world.pass_s(10);
    alias("stable", {2});
    world.pass_ms(ChannelLimits::late_ms);
    ASSERT_EQ(claim({use(2, 100)}), Rejection::none);
    finalize();
    EXPECT_EQ(claim({use(1, 50)}, 150), Rejection::none);
}

TEST_F(LineClaims, OfAnAliasThatEndedWhileTheLastClaimWaitedForItsWindow)
{
    ASSERT_EQ(claim({use(1, 100)}), Rejection::none);
    world.pass_s(10);
    alias("stable", {2});
    world.pass_s(10'000);  // nobody finalizes it for long
    finalize();
    world.pass_s(10'000);
    EXPECT_EQ(claim({use(1, 20), use(2, 30)}, 150), Rejection::none)
        << "what ran meanwhile is paid by no claim before this one";
    finalize();
    EXPECT_EQ(claim({use(1, 50)}, 200), Rejection::use_not_served);
}

TEST_F(LineClaims, OfAnAliasThatEndedInTheBlockInWhichTheLastClaimSettled)
{
    ASSERT_EQ(claim({use(1, 100)}), Rejection::none);
    finalize();
    alias("stable", {2});
    world.pass_s(10);
    EXPECT_EQ(claim({use(1, 50)}, 150), Rejection::none);
}

TEST_F(LineClaims, ADisputeThatEndsAClaimWithNothingPaidSettlesNothing)
{
    world.pass_s(10);
    ASSERT_EQ(claim({use(1, 100)}), Rejection::none);
    alias("stable", {2});
    world.pass_s(10);
    const auto receipt = world.receipt(line, 5'000, 0);
    ASSERT_EQ(world.apply("paul", world.dispute(DisputeKind::claim, receipt)), Rejection::none);
    world.apply("hugo", HostRegister{"https://host.example", Amount::micros(5'000),
                                     MarketWorld::address_of("hugo-key")});
    EXPECT_EQ(claim({use(1, 50)}, 50), Rejection::none) << "what ran since then is still unpaid";
}

TEST_F(LineClaims, OnlyOfVersionsThatTheHostAgreedToSinceTheLastSettledClaim)
{
    alias("canary", {2});
    auto ended = hosting(world, world.model(), 0, "alice", "hugo", 300'000);
    ended.agreement.until = world.now_s() + 10;
    ended.counter_signature = world.sign_struct("hugo", ended.agreement);
    must(world.apply("alice", ended));
    world.pass_s(700);
    ASSERT_EQ(claim({use(2, 100)}), Rejection::none) << "agreed until a while ago";
    finalize();
    EXPECT_EQ(claim({use(2, 50)}, 150), Rejection::use_not_served);
    EXPECT_EQ(claim({use(1, 50)}, 150), Rejection::none) << "its own agreement has no end";
}

TEST_F(LineClaims, OfAnAgreementThatWasRenewedAfterAPause)
{
    const auto until_soon = [&] {
        auto made = hosting(world, world.model(), 2, "alice", "hugo", 300'000);
        made.agreement.until = world.now_s() + 10;
        made.counter_signature = world.sign_struct("hugo", made.agreement);
        must(world.apply("alice", made));
    };
    alias("canary", {2});
    until_soon();
    world.pass_s(700);
    ASSERT_EQ(claim({use(2, 10), use(1, 90)}), Rejection::none);
    finalize();
    EXPECT_EQ(claim({use(2, 50)}, 150), Rejection::use_not_served);
    until_soon();
    EXPECT_EQ(claim({use(2, 50)}, 150), Rejection::none);
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
}

}  // namespace
}  // namespace market
