#include "market/settlement.hpp"

#include "market/accumulator.hpp"
#include "market/invariants.hpp"
#include "market/period.hpp"
#include "market/rules/data_rules.hpp"
#include "market/rules/model_rules.hpp"
#include "market/rules/transfer_rules.hpp"
#include "tests/support/channel_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class Settlements : public testing::Test {
protected:
    ~Settlements() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
    }

    /// Settles what paul sends to an address.
    void pay(const Address& to, std::uint64_t micros)
    {
        ASSERT_EQ(world.apply("paul", Transfer{to, Amount::micros(micros)}), Rejection::none);
    }
    std::uint64_t minted() const { return world.view().get<Supply>({}).minted.micros(); }
    std::uint64_t burned() const { return world.view().get<Supply>({}).burned.micros(); }

    /// A model of `owner` on `parent`, hosted by hugo for nothing.
    ModelId child(std::string_view owner, std::string_view name, const ModelId& parent,
                  std::uint32_t royalty_bps)
    {
        world.fund(owner, 100'000);
        EXPECT_EQ(world.apply(owner, ModelRegister{std::string{name}, {}}), Rejection::none);
        const auto id = model_id(MarketWorld::address_of(owner), name);
        auto version = model_version(world, id, 1);
        version.parents = {{parent, {1}, {royalty_bps}}};
        EXPECT_EQ(world.apply(owner, version), Rejection::none);
        EXPECT_EQ(world.apply(owner, hosting(world, id, 1, owner, "hugo", 0)), Rejection::none);
        return id;
    }
    Address split(const ModelId& model) const
    {
        return split_address(model, {1}, MarketWorld::address_of("hugo"));
    }

    ChannelWorld world;
};

TEST_F(Settlements, RoundTheFeeUp)
{
    const struct {
        std::uint64_t paid, fee;
    } cases[] = {{1, 1}, {2, 1}, {33, 1}, {34, 2}, {66, 2}, {67, 3}, {100, 3}, {10'000, 300}};
    for (const auto& [paid, fee] : cases) {
        const auto minted_before = minted();
        const auto burned_before = burned();
        pay(world.split(), paid);
        EXPECT_EQ(burned() - burned_before, paid);
        EXPECT_EQ(minted() - minted_before, paid - fee) << paid;
    }
}

TEST_F(Settlements, NeverMintMoreThanTheTestedBoundAllows)
{
    for (std::uint64_t paid = 1; paid <= 1'000; ++paid) {
        const auto before = minted();
        pay(world.split(), paid);
        const auto amount = Amount::micros(paid);
        EXPECT_LE(minted() - before, (amount - amount.share_up(world.params().eps_bps)).micros());
    }
}

TEST_F(Settlements, DustGoesToTheOwner)
{
    const auto alice = world.balance("alice");
    const auto hugo = world.balance("hugo");
    pay(world.split(), 4);  // 1 burned, 3 minted, 30 % of which round to none
    EXPECT_EQ(world.balance("hugo"), hugo);
    EXPECT_EQ(world.balance("alice"), alice + 3);
}

TEST_F(Settlements, RoyaltiesFlowThroughThreeGenerations)
{
    const auto second = child("bob", "b", world.model(), 2'000);
    const auto third = child("carol", "c", second, 5'000);
    const auto alice = world.balance("alice");
    const auto bob = world.balance("bob");
    const auto carol = world.balance("carol");
    pay(split(third), 1'000'000 / 2);
    EXPECT_EQ(world.balance("carol"), carol + 242'500) << "half of 485,000";
    EXPECT_EQ(world.balance("bob"), bob + 194'000) << "four fifths of the other half";
    EXPECT_EQ(world.balance("alice"), alice + 48'500) << "one fifth of it";
}

TEST_F(Settlements, DataEarnsInAnAccumulatorThatContributorsDraw)
{
    const auto id = dataset_id(MarketWorld::address_of("alice"), "flowers");
    world.put(id, Dataset{MarketWorld::address_of("alice"), 3, {}, {}});
    world.put(ContributionKey{id, MarketWorld::address_of("dora")}, Contribution{2, {}});
    world.put(ContributionKey{id, MarketWorld::address_of("emil")}, Contribution{1, {}});
    auto version = model_version(world, world.model(), 2);
    version.data_ppm = {500'000};
    version.datasets = {{id, 1}};
    ASSERT_EQ(world.apply("alice", version), Rejection::none);
    ASSERT_EQ(world.apply("alice", hosting(world, world.model(), 2, "alice", "hugo", 0)),
              Rejection::none);

    pay(world.split(2), 102);
    EXPECT_EQ(world.view().get<Dataset>(id).pot, Amount::micros(49)) << "half of 98";
    EXPECT_EQ(world.apply("dora", DataClaim{id}), Rejection::none);
    EXPECT_EQ(world.apply("dora", DataClaim{id}), Rejection::nothing_earned);
    EXPECT_EQ(world.apply("emil", DataClaim{id}), Rejection::none);
    EXPECT_EQ(world.apply("paul", DataClaim{id}), Rejection::no_shares);
    EXPECT_EQ(world.apply("paul", DataClaim{}), Rejection::unknown_dataset);
    EXPECT_EQ(world.balance("dora") + world.balance("emil"), 48u) << "rounded down: 32 and 16";
}

TEST_F(Settlements, EachUseOfALineGoesByItsVersionsTable)
{
    ASSERT_EQ(world.apply("alice", hosting(world, world.model(), 0, "alice", "hugo", 500'000)),
              Rejection::none);
    const auto base = child("bob", "base", world.model(), 100);
    auto version = model_version(world, world.model(), 2);
    version.parents = {{base, {1}, {5'000}}};
    ASSERT_EQ(world.apply("alice", version), Rejection::none);
    ModelAlias alias{world.model(), "stable", {{{1}, 1}, {{2}, 1}}, "both"};
    ASSERT_EQ(world.apply("alice", alias), Rejection::none);

    const auto line = world.config(0, 0);
    world.open(line, 10'000);
    const std::vector<VersionUse> uses{{{1}, Amount::micros(1'000)}, {{2}, Amount::micros(2'000)}};
    ASSERT_EQ(world.apply("hugo", world.claim({world.row(line, 3'000, 3'000, uses)})),
              Rejection::none);
    const auto alice = world.balance("alice");
    const auto bob = world.balance("bob");
    const auto hugo = world.balance("hugo");
    world.pass_s(600);
    ASSERT_EQ(world.apply("rita", ChannelFinalize{{world.id(line)}}), Rejection::none);
    // Version 1: 970, its own agreement gives hugo 30 %. Version 2: 1,940, the line's gives 50 %.
    EXPECT_EQ(world.balance("hugo"), hugo + 291 + 970);
    // Of version 2's 970 half goes to the base, of which 1 % returns to alice.
    EXPECT_EQ(world.balance("bob"), bob + 480);
    EXPECT_EQ(world.balance("alice"), alice + 679 + 490);
}

TEST_F(Settlements, ADisputeCutsTheLastUses)
{
    ASSERT_EQ(world.apply("alice", model_version(world, world.model(), 2)), Rejection::none);
    ASSERT_EQ(world.apply("alice", hosting(world, world.model(), 2, "alice", "hugo", 1'000'000)),
              Rejection::none);
    ASSERT_EQ(
        world.apply("alice", ModelAlias{world.model(), "stable", {{{1}, 1}, {{2}, 1}}, "both"}),
        Rejection::none);
    const auto line = world.config(0, 0);
    world.open(line, 10'000);
    const std::vector<VersionUse> uses{{{1}, Amount::micros(1'000)}, {{2}, Amount::micros(2'000)}};
    ASSERT_EQ(world.apply("hugo", world.claim({world.row(line, 3'000, 3'000, uses)})),
              Rejection::none);
    const auto hugo = world.balance("hugo");
    const auto receipt = world.receipt(line, 3'000, 900);
    ASSERT_EQ(world.apply("paul", world.dispute(DisputeKind::claim, receipt)), Rejection::none);
    EXPECT_EQ(world.balance("hugo"), hugo + 261) << "30 % of the 873 of version 1's 900";
}

TEST(CreditSettlements, BurnWhatIsPaidAndAddItToStatements)
{
    ChannelWorld world{ledger::AssetKind::credit};
    const auto id = dataset_id(MarketWorld::address_of("alice"), "flowers");
    world.put(id, Dataset{MarketWorld::address_of("alice"), 1, {}, {}});
    world.put(ContributionKey{id, MarketWorld::address_of("dora")}, Contribution{1, {}});
    auto version = model_version(world, world.model(), 2);
    version.data_ppm = {500'000};
    version.datasets = {{id, 1}};
    ASSERT_EQ(world.apply("alice", version), Rejection::none);
    ASSERT_EQ(world.apply("alice", hosting(world, world.model(), 2, "alice", "hugo", 300'000)),
              Rejection::none);
    const auto held = world.total_held();
    const auto alice = world.balance("alice");

    ASSERT_EQ(world.apply("hugo", world.authorized("paul", world.split(2), 1'000)),
              Rejection::none);
    EXPECT_EQ(world.total_held(), held - 1'000);
    EXPECT_EQ(world.view().get<Supply>({}).minted, Amount{});
    EXPECT_EQ(world.balance("alice"), alice);
    EXPECT_FALSE(world.emitted(EventKind::minted));
    EXPECT_TRUE(world.emitted(EventKind::earned));
    const auto period = period_of({world.now_ms()});
    const auto earned = [&](const char* name) {
        return world.view().get<Earned>({MarketWorld::address_of(name), period}).amount.micros();
    };
    EXPECT_EQ(earned("hugo"), 291u);
    EXPECT_EQ(earned("alice"), 340u) << "half of 679, rounded up by the dust";
    ASSERT_EQ(world.apply("dora", DataClaim{id}), Rejection::none);
    EXPECT_EQ(earned("dora"), 339u);
    EXPECT_EQ(world.balance("dora"), 0u);
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
}

}  // namespace
}  // namespace market
