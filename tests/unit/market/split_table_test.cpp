#include "market/split_table.hpp"

#include "tests/support/market_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class SplitTableTest : public testing::Test {
protected:
    /// Stores a version with this table as if it had been registered.
    void store(const ModelId& id, std::string_view owner, SplitTable shares,
               std::uint32_t min_bps = 0, std::uint32_t depth = 1)
    {
        VersionRecord record;
        record.owner = MarketWorld::address_of(owner);
        record.shares = std::move(shares);
        record.depth = depth;
        record.version.min_derivative_bps = {min_bps};
        world.put({id, {1}}, record);
    }
    void store_alone(const ModelId& id, std::string_view owner, std::uint32_t min_bps = 0,
                     std::uint32_t depth = 1)
    {
        store(id, owner, {{account(owner), {1'000'000}}}, min_bps, depth);
    }
    void store_dataset(const DatasetId& id, std::uint64_t shares)
    {
        world.put(id, Dataset{MarketWorld::address_of("carol"), shares, {}, {}});
    }
    ledger::Result<Flattened, Rejection> flat() const
    {
        return flatten(world.view(), MarketWorld::address_of("alice"), version);
    }
    Rejection refusal() const
    {
        const auto made = flat();
        return made ? Rejection::none : made.error();
    }
    std::uint32_t share_of(const Beneficiary& who) const
    {
        const auto made = flat();
        for (const auto& share : made->shares)
            if (share.to == who) return share.ppm.value;
        return 0;
    }
    static Beneficiary account(std::string_view name)
    {
        return account_beneficiary(MarketWorld::address_of(name));
    }
    static ModelId model(std::string_view name)
    {
        return ledger::retag<ModelId>(MarketWorld::hash_of(name));
    }
    static DatasetId dataset(std::string_view name)
    {
        return ledger::retag<DatasetId>(MarketWorld::hash_of(name));
    }

    MarketWorld world;
    ModelVersion version;
};

TEST_F(SplitTableTest, AVersionWithoutLineageIsItsOwners)
{
    ASSERT_TRUE(flat());
    EXPECT_EQ(flat()->shares, (SplitTable{{account("alice"), {1'000'000}}}));
    EXPECT_EQ(flat()->depth, 1u);
}

TEST_F(SplitTableTest, RoyaltiesComeFirstThenDataThenTheOwner)
{
    store_alone(model("base"), "bob");
    store_dataset(dataset("d1"), 1);
    store_dataset(dataset("d2"), 1);
    version.parents = {{model("base"), {1}, {2'000}}};
    version.data_ppm = {250'000};
    version.datasets = {{dataset("d1"), 1}, {dataset("d2"), 3}};
    EXPECT_EQ(share_of(account("bob")), 200'000u);
    EXPECT_EQ(share_of(dataset_beneficiary(dataset("d1"))), 50'000u);
    EXPECT_EQ(share_of(dataset_beneficiary(dataset("d2"))), 150'000u);
    EXPECT_EQ(share_of(account("alice")), 600'000u);
    EXPECT_EQ(flat()->depth, 2u);
}

TEST_F(SplitTableTest, APersonWithManyPartsHasOneEntry)
{
    store(model("base"), "bob", {{account("bob"), {500'000}}, {account("alice"), {500'000}}});
    version.parents = {{model("base"), {1}, {5'000}}};
    ASSERT_TRUE(flat());
    EXPECT_EQ(flat()->shares.size(), 2u);
    EXPECT_EQ(share_of(account("bob")), 250'000u);
    EXPECT_EQ(share_of(account("alice")), 750'000u);
}

TEST_F(SplitTableTest, WhatRoundingLeavesOfARoyaltyIsTheParentsOwners)
{
    store(model("base"), "bob",
          {{account("bob"), {1}}, {account("carol"), {333'333}}, {account("dora"), {666'666}}});
    version.parents = {{model("base"), {1}, {1}}};
    EXPECT_EQ(share_of(account("carol")), 33u);
    EXPECT_EQ(share_of(account("dora")), 66u);
    EXPECT_EQ(share_of(account("bob")), 1u);
    EXPECT_EQ(share_of(account("alice")), 999'900u);
}

TEST_F(SplitTableTest, TheOwnerStandsInTheTableEvenWithoutAShare)
{
    store_dataset(dataset("d1"), 1);
    version.data_ppm = {1'000'000};
    version.datasets = {{dataset("d1"), 1}};
    ASSERT_TRUE(flat());
    EXPECT_EQ(flat()->shares.size(), 2u);
    EXPECT_EQ(share_of(dataset_beneficiary(dataset("d1"))), 1'000'000u);
}

TEST_F(SplitTableTest, RefusesParentsThatAreNotThereOrStandTwice)
{
    version.parents = {{model("base"), {1}, {100}}};
    EXPECT_EQ(refusal(), Rejection::unknown_parent);
    store_alone(model("base"), "bob");
    EXPECT_EQ(refusal(), Rejection::none);
    version.parents.push_back(version.parents.front());
    EXPECT_EQ(refusal(), Rejection::duplicate_entry);
    version.parents.assign(9, {model("base"), {1}, {100}});
    EXPECT_EQ(refusal(), Rejection::too_many_entries);
    version.parents = {{model("base"), model_line, {100}}};
    EXPECT_EQ(refusal(), Rejection::unknown_parent);
}

TEST_F(SplitTableTest, GrantsParentsAtLeastWhatTheyAsk)
{
    store_alone(model("base"), "bob", 300);
    version.parents = {{model("base"), {1}, {299}}};
    EXPECT_EQ(refusal(), Rejection::royalty_too_low);
    version.parents[0].royalty_bps = {300};
    EXPECT_EQ(refusal(), Rejection::none);
}

TEST_F(SplitTableTest, RoyaltiesTakeAtMostHalf)
{
    store_alone(model("one"), "bob");
    store_alone(model("two"), "carol");
    version.parents = {{model("one"), {1}, {2'500}}, {model("two"), {1}, {2'500}}};
    EXPECT_EQ(refusal(), Rejection::none);
    version.parents[1].royalty_bps = {2'501};
    EXPECT_EQ(refusal(), Rejection::royalties_too_high);
    version.parents[1].royalty_bps = {0xffffffff};
    EXPECT_EQ(refusal(), Rejection::royalties_too_high);
}

TEST_F(SplitTableTest, LineageIsAtMostEightDeep)
{
    store_alone(model("seven"), "bob", 0, 7);
    store_alone(model("eight"), "bob", 0, 8);
    version.parents = {{model("seven"), {1}, {0}}};
    ASSERT_EQ(refusal(), Rejection::none);
    EXPECT_EQ(flat()->depth, 8u);
    version.parents = {{model("eight"), {1}, {0}}};
    EXPECT_EQ(refusal(), Rejection::lineage_too_deep);
}

TEST_F(SplitTableTest, RefusesDatasetsThatCouldNotBePaid)
{
    version.data_ppm = {1};
    EXPECT_EQ(refusal(), Rejection::data_share_without_data);
    version.datasets = {{dataset("d1"), 1}};
    EXPECT_EQ(refusal(), Rejection::unknown_dataset);
    store_dataset(dataset("d1"), 0);
    EXPECT_EQ(refusal(), Rejection::dataset_without_shares);
    store_dataset(dataset("d1"), 1);
    EXPECT_EQ(refusal(), Rejection::none);
    version.datasets[0].weight = 0;
    EXPECT_EQ(refusal(), Rejection::weight_is_zero);
    version.datasets = {{dataset("d1"), 1}, {dataset("d1"), 1}};
    EXPECT_EQ(refusal(), Rejection::duplicate_entry);
    version.datasets.resize(1);
    version.data_ppm = {0};
    EXPECT_EQ(refusal(), Rejection::data_share_without_data);
    version.data_ppm = {1'000'001};
    EXPECT_EQ(refusal(), Rejection::share_too_large);
    version.datasets.assign(17, {dataset("d1"), 1});
    EXPECT_EQ(refusal(), Rejection::too_many_entries);
}

TEST_F(SplitTableTest, HasAtMostSixtyFourEntries)
{
    SplitTable table;
    for (int i = 0; i < 64; ++i)
        table.push_back({account("person " + std::to_string(i)), {15'625}});
    store(model("base"), "person 0", table);
    version.parents = {{model("base"), {1}, {5'000}}};
    EXPECT_EQ(refusal(), Rejection::split_too_large);
    table.pop_back();
    table[0].ppm = {31'250};
    store(model("base"), "person 0", table);
    ASSERT_EQ(refusal(), Rejection::none);
    EXPECT_EQ(flat()->shares.size(), 64u);
}

}  // namespace
}  // namespace market
