// Claims by revealed links: what they are worth, settled at once.
#include "market/invariants.hpp"
#include "market/rules/host_rules.hpp"
#include "market/rules/model_rules.hpp"
#include "tests/support/channel_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class ChainClaims : public testing::Test {
protected:
    ChainClaims() { world.open(config, 1'000); }

    Rejection claim(std::vector<ChainClaimRow> rows, std::string_view sender = "hugo")
    {
        const auto outcome = world.apply(sender, ChannelChainClaim{std::move(rows)});
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
        return outcome;
    }
    Rejection claim(std::uint32_t index, std::string_view sender = "hugo")
    {
        return claim({world.chain_row(config, chain, index)}, sender);
    }
    std::uint64_t claimed() { return world.channel(config).total_claimed.micros(); }
    ChannelWorld::Chain next(std::uint64_t base)
    {
        return world.chain(config, base, 50, 10, "next");
    }

    ChannelWorld world;
    const ChannelConfig config = world.config();
    const ChannelWorld::Chain chain = world.chain(config, 0, 10, 100);
};

TEST_F(ChainClaims, SettleAtOnceWhatTheLinkIsWorth)
{
    const auto before = world.balance("hugo") + world.balance("alice");
    ASSERT_EQ(claim(40), Rejection::none);
    EXPECT_EQ(claimed(), 400u);
    EXPECT_FALSE(world.channel(config).pending);
    EXPECT_EQ(world.host().pending_claims, 0u);
    EXPECT_EQ(world.balance("hugo") + world.balance("alice"), before + 388) << "3 % are burned";
    EXPECT_TRUE(world.emitted(EventKind::claim_ended));
    EXPECT_TRUE(world.emitted(EventKind::settled));
    EXPECT_EQ(world.channel(config).settled_ms, world.now_ms());
}

TEST_F(ChainClaims, GoOnFromTheLastLinkAndNeverBack)
{
    ASSERT_EQ(claim(40), Rejection::none);
    EXPECT_EQ(claim(40), Rejection::claim_not_above_the_last);
    EXPECT_EQ(claim(39), Rejection::claim_not_above_the_last);
    ASSERT_EQ(claim(41), Rejection::none);
    EXPECT_EQ(claimed(), 410u);
    EXPECT_EQ(claim(100), Rejection::none) << "to the end of the chain";
    EXPECT_EQ(claimed(), 1'000u);
}

TEST_F(ChainClaims, RefuseLinksThatAreNotOfTheChain)
{
    auto row = world.chain_row(config, chain, 40);
    row.link = chain.links[39];
    EXPECT_EQ(claim({row}), Rejection::link_not_of_the_chain);
    row = world.chain_row(config, chain, 40);
    row.link = world.hash_of("guessed");
    EXPECT_EQ(claim({row}), Rejection::link_not_of_the_chain);
    EXPECT_EQ(claim(0), Rejection::link_not_of_the_chain) << "the root shows nothing";
    EXPECT_EQ(claim(101), Rejection::link_not_of_the_chain);
    ASSERT_EQ(claim(40), Rejection::none);
    row.index = 41;
    EXPECT_EQ(claim({row}), Rejection::link_not_of_the_chain) << "from the last link too";
}

TEST_F(ChainClaims, RefuseALinkOfAnotherChannelWithTheSameSeed)
{
    const auto other = world.config(1);
    world.open(other, 1'000);
    auto row = world.chain_row(config, chain, 40);
    row.link = world.chain(other, 0, 10, 100).links[40];
    EXPECT_EQ(claim({row}), Rejection::link_not_of_the_chain);
}

TEST_F(ChainClaims, RefuseTermsThatThePayerDidNotSign)
{
    auto row = world.chain_row(config, chain, 10);
    row.chain.unit = Amount::micros(11);
    EXPECT_EQ(claim({row}), Rejection::wrong_signature);
    row = world.chain_row(config, chain, 10, {}, "hugo");
    EXPECT_EQ(claim({row}), Rejection::wrong_signature);
    row = world.chain_row(config, chain, 10);
    row.voucher_signature =
        world.sign("paul", voucher_digest(world.network(), world.id(config), Amount::micros(100)));
    EXPECT_EQ(claim({row}), Rejection::wrong_signature) << "a voucher is no chain";
}

TEST_F(ChainClaims, RefuseMalformedChains)
{
    for (const auto& [unit, length] : {std::pair{0u, 100u}, {10u, 0u}, {10u, 4'097u}}) {
        auto row = world.chain_row(config, chain, 1);
        row.chain.unit = Amount::micros(unit);
        row.chain.length = length;
        EXPECT_EQ(claim({row}), Rejection::malformed_chain);
    }
    auto row = world.chain_row(config, chain, 1);
    row.chain.base = Amount::max();
    EXPECT_EQ(claim({row}), Rejection::malformed_chain);
}

TEST_F(ChainClaims, StayWithinTheBalance)
{
    const auto long_chain = world.chain(config, 0, 10, 101, "long");
    EXPECT_EQ(claim({world.chain_row(config, long_chain, 101)}),
              Rejection::ceiling_above_the_balance);
    EXPECT_EQ(claim({world.chain_row(config, long_chain, 100)}), Rejection::none);
}

TEST_F(ChainClaims, OfTheNextChainBeginAtOrAboveTheLastLink)
{
    ASSERT_EQ(claim(40), Rejection::none);
    EXPECT_EQ(claim({world.chain_row(config, next(399), 5)}),
              Rejection::chain_below_the_last_claim);
    ASSERT_EQ(claim({world.chain_row(config, next(400), 5)}), Rejection::none);
    EXPECT_EQ(claimed(), 650u);
    EXPECT_EQ(claim(100), Rejection::chain_below_the_last_claim) << "the first one is over";
}

TEST_F(ChainClaims, AndClaimsByVoucherFollowEachOther)
{
    ASSERT_EQ(world.apply("hugo", world.claim(config, 500, 400)), Rejection::none);
    EXPECT_EQ(claim(50), Rejection::claim_pending);
    world.pass_s(600);
    ASSERT_EQ(world.apply("rita", ChannelFinalize{{world.id(config)}}), Rejection::none);
    EXPECT_EQ(claim(50), Rejection::chain_below_the_last_claim);
    ASSERT_EQ(claim({world.chain_row(config, next(400), 1)}), Rejection::none);
    EXPECT_EQ(world.apply("hugo", world.claim(config, 450, 450)),
              Rejection::claim_not_above_the_last);
    EXPECT_EQ(world.apply("hugo", world.claim(config, 500, 451)), Rejection::none);
}

TEST_F(ChainClaims, AreSentByTheHostOrTheAuthorizer)
{
    EXPECT_EQ(claim(10, "rita"), Rejection::not_a_party);
    EXPECT_EQ(claim(10, "paul"), Rejection::not_a_party);
    EXPECT_EQ(claim(10, "hugo-key"), Rejection::none);
    EXPECT_EQ(claim(11, "hugo"), Rejection::none);
}

TEST_F(ChainClaims, TakeUpTo64RowsAndEachChannelOnce)
{
    EXPECT_EQ(claim(std::vector<ChainClaimRow>{}), Rejection::too_many_entries);
    const auto row = world.chain_row(config, chain, 10);
    EXPECT_EQ(claim(std::vector<ChainClaimRow>(65, row)), Rejection::too_many_entries);
    EXPECT_EQ(claim({row, row}), Rejection::duplicate_entry);
    const auto other = world.config(1);
    EXPECT_EQ(claim({world.chain_row(other, world.chain(other, 0, 10, 100), 10)}),
              Rejection::unknown_channel);
    world.open(other, 1'000);
    EXPECT_EQ(claim({row, world.chain_row(other, world.chain(other, 0, 10, 100), 20)}),
              Rejection::none);
    EXPECT_EQ(claimed(), 100u);
    EXPECT_EQ(world.channel(other).total_claimed, Amount::micros(200));
}

TEST_F(ChainClaims, ChangeNothingWhenOneRowIsRefused)
{
    const auto other = world.config(1);
    world.open(other, 1'000);
    auto bad = world.chain_row(other, world.chain(other, 0, 10, 100), 20);
    bad.link = {};
    EXPECT_EQ(claim({world.chain_row(config, chain, 10), bad}), Rejection::link_not_of_the_chain);
    EXPECT_EQ(claimed(), 0u);
    EXPECT_FALSE(world.view().has<ChainMark>(world.id(config)));
}

TEST_F(ChainClaims, NeedAWholeBondAndEndTwoWindowsBeforeTheHostLeaves)
{
    auto host = world.host();
    const auto whole = host;
    host.bond = Amount::micros(999);
    world.put(world.address_of("hugo"), host);
    EXPECT_EQ(world.apply("hugo", ChannelChainClaim{{world.chain_row(config, chain, 1)}}),
              Rejection::bond_too_small);
    world.put(world.address_of("hugo"), whole);
    ASSERT_EQ(world.apply("hugo", HostUnbond{}), Rejection::none);
    world.pass_s(1'200);
    EXPECT_EQ(claim(1), Rejection::none);
    world.pass_ms(1);
    EXPECT_EQ(claim(2), Rejection::host_is_unbonding);
}

TEST_F(ChainClaims, OfARetiredKeyEndAfterTwoWindows)
{
    ASSERT_EQ(world.apply("hugo", HostKey{KeyChange::add, world.address_of("new-key")}),
              Rejection::none);
    world.pass_ms(1);
    ASSERT_EQ(world.apply("hugo", HostKey{KeyChange::retire, world.address_of("hugo-key")}),
              Rejection::none);
    world.pass_ms(1'200'000 - 1);
    EXPECT_EQ(claim(1), Rejection::none);
    world.pass_ms(1);
    EXPECT_EQ(claim(2), Rejection::authorizer_not_a_key_of_the_host);
}

TEST_F(ChainClaims, WinAgainstAWithdrawalUntilItIsOver)
{
    ASSERT_EQ(world.apply("paul", ChannelWithdrawInit{config, Amount::micros(900)}),
              Rejection::none);
    ASSERT_EQ(claim(40), Rejection::none);
    world.pass_s(900);
    const auto before = world.balance("paul");
    ASSERT_EQ(world.apply("paul", ChannelWithdrawFinal{config}), Rejection::none);
    EXPECT_EQ(world.balance("paul"), before + 600) << "what the links left";
    EXPECT_EQ(claim(41), Rejection::ceiling_above_the_balance);
}

TEST_F(ChainClaims, OnALineNameTheVersionsThatRan)
{
    ASSERT_EQ(world.apply("alice", hosting(world, world.model(), 0, "alice", "hugo", 300'000)),
              Rejection::none);
    ASSERT_EQ(world.apply("alice", ModelAlias{world.model(), "stable", {{{1}, 1}}, ""}),
              Rejection::none);
    const auto line = world.config(0, 0);
    world.open(line, 1'000);
    const auto links = world.chain(line, 0, 10, 100);
    const auto uses = [](std::uint32_t ver, std::uint64_t micros) {
        return std::vector<VersionUse>{{{ver}, Amount::micros(micros)}};
    };
    EXPECT_EQ(claim({world.chain_row(line, links, 5)}), Rejection::uses_do_not_add_up);
    EXPECT_EQ(claim({world.chain_row(line, links, 5, uses(1, 49))}), Rejection::uses_do_not_add_up);
    EXPECT_EQ(claim({world.chain_row(line, links, 5, uses(2, 50))}), Rejection::use_not_served);
    EXPECT_EQ(claim({world.chain_row(config, chain, 5, uses(1, 50))}),
              Rejection::uses_do_not_add_up)
        << "a channel of one version names none";
    ASSERT_EQ(claim({world.chain_row(line, links, 5, uses(1, 50))}), Rejection::none);
    EXPECT_EQ(claim({world.chain_row(line, links, 8, uses(1, 30))}), Rejection::none);
}

TEST(ChainClaimsOfCredit, AddToStatementsAndMintNothing)
{
    ChannelWorld world{ledger::AssetKind::credit};
    const auto config = world.config();
    world.open(config, 1'000);
    const auto chain = world.chain(config, 0, 10, 100);
    ASSERT_EQ(world.apply("hugo", ChannelChainClaim{{world.chain_row(config, chain, 10)}}),
              Rejection::none);
    EXPECT_TRUE(world.emitted(EventKind::earned));
    EXPECT_FALSE(world.emitted(EventKind::minted));
}

}  // namespace
}  // namespace market
