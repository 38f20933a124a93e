#include "market/invariants.hpp"
#include "market/rules/data_rules.hpp"
#include "market/rules/model_rules.hpp"
#include "market/rules/transfer_rules.hpp"
#include "market/split_table.hpp"
#include "tests/support/data_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class DatasetRules : public testing::Test {
protected:
    ~DatasetRules() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
    }
    Rejection registering(const DatasetRegister& message) { return world.apply("alice", message); }
    std::uint32_t part(const DatasetId& of, const Beneficiary& to) const
    {
        for (const auto& share : world.view().get<DatasetRecord>(of).shares)
            if (share.to == to) return share.ppm.value;
        return 0;
    }
    /// A dataset with one share of carol's.
    DatasetId with_shares(std::string_view name)
    {
        const auto id = world.make_dataset(name);
        world.contribute(id, 1, seal_batch(id, name, 1), 1);
        return id;
    }

    DataWorld world;
    const Address alice = MarketWorld::address_of("alice");
};

TEST_F(DatasetRules, RegistersANameOnceForItsOwner)
{
    auto message = DataWorld::registration();
    message.card_hash = MarketWorld::hash_of("card");
    ASSERT_EQ(registering(message), Rejection::none);
    EXPECT_TRUE(world.emitted(EventKind::registered));
    const auto id = DataWorld::dataset();
    const auto record = world.view().get<DatasetRecord>(id);
    EXPECT_EQ(record.registered, message);
    EXPECT_EQ(record.depth, 1u);
    EXPECT_EQ(record.registered_ms, world.now_ms());
    EXPECT_EQ(world.view().get<Dataset>(id).owner, alice);
    EXPECT_EQ(world.locked("alice"),
              entry_bytes(id, record) + entry_bytes(id, world.view().get<Dataset>(id)));
    EXPECT_EQ(registering(message), Rejection::name_taken);
    EXPECT_EQ(world.apply("bob", message), Rejection::none) << "another owner's is another";
    message.name = "Leaves";
    EXPECT_EQ(registering(message), Rejection::malformed_text);
}

TEST_F(DatasetRules, TheTableSumsToTheWhole)
{
    auto message = DataWorld::registration();
    message.owner_ppm = {600'001};
    EXPECT_EQ(registering(message), Rejection::table_not_whole);
    message.owner_ppm = {599'999};
    EXPECT_EQ(registering(message), Rejection::table_not_whole);
    message.owner_ppm = {~0u};
    message.contributor_ppm = {1'000'001};
    EXPECT_EQ(registering(message), Rejection::table_not_whole) << "sums in more than 32 bits";
    message.owner_ppm = {0};
    message.contributor_ppm = {1'000'000};
    ASSERT_EQ(registering(message), Rejection::none);
    EXPECT_EQ(part(DataWorld::dataset(), dataset_beneficiary(DataWorld::dataset())), 1'000'000u);
}

TEST_F(DatasetRules, AParentsPartGoesByItsOwnTable)
{
    const auto base = with_shares("base");
    auto message = DataWorld::registration("derived");
    message.parents = {{base, {500'000}}};
    message.owner_ppm = {100'000};
    ASSERT_EQ(world.apply("bob", message), Rejection::none);
    const auto id = dataset_id(MarketWorld::address_of("bob"), "derived");
    EXPECT_EQ(part(id, account_beneficiary(MarketWorld::address_of("bob"))), 100'000u);
    EXPECT_EQ(part(id, dataset_beneficiary(id)), 400'000u);
    EXPECT_EQ(part(id, dataset_beneficiary(base)), 200'000u) << "40 % of the half";
    EXPECT_EQ(part(id, account_beneficiary(alice)), 300'000u);
    EXPECT_EQ(world.view().get<DatasetRecord>(id).depth, 2u);
}

TEST_F(DatasetRules, RefusesParentsThatCannotBePaid)
{
    const auto base = with_shares("base");
    const auto empty = world.make_dataset("empty");
    auto message = DataWorld::registration();
    const auto with = [&](std::vector<DatasetParent> parents, std::uint32_t owner_ppm) {
        message.parents = std::move(parents);
        message.owner_ppm = {owner_ppm};
        return registering(message);
    };
    EXPECT_EQ(with({{DataWorld::dataset("nobody's"), {100'000}}}, 500'000),
              Rejection::unknown_parent);
    EXPECT_EQ(with({{empty, {100'000}}}, 500'000), Rejection::dataset_without_shares);
    EXPECT_EQ(with({{base, {500'001}}}, 99'999), Rejection::royalties_too_high);
    EXPECT_EQ(with({{base, {1}}, {base, {1}}}, 599'998), Rejection::duplicate_entry);
    EXPECT_EQ(with(std::vector<DatasetParent>(9), 600'000), Rejection::too_many_entries);
}

TEST_F(DatasetRules, ALineageIsAtMostEightDeep)
{
    auto parent = with_shares("1");
    for (const auto* name : {"2", "3", "4", "5", "6", "7", "8"}) {
        auto message = DataWorld::registration(name);
        message.parents = {{parent, {100'000}}};
        message.owner_ppm = {500'000};
        ASSERT_EQ(registering(message), Rejection::none) << name;
        parent = DataWorld::dataset(name);
        ASSERT_EQ(world.apply("alice", DataWorld::enrolment(parent)), Rejection::none);
        world.contribute(parent, 1, seal_batch(parent, name, 1), 1);
    }
    auto message = DataWorld::registration("9");
    message.parents = {{parent, {100'000}}};
    message.owner_ppm = {500'000};
    EXPECT_EQ(registering(message), Rejection::lineage_too_deep);
}

TEST_F(DatasetRules, OnlyTheOwnerEnrolsAndRevokesDevices)
{
    ASSERT_EQ(registering(DataWorld::registration()), Rejection::none);
    const auto id = DataWorld::dataset();
    const auto enrolment = DataWorld::enrolment(id);
    EXPECT_EQ(world.apply("alice", DataWorld::enrolment(DataWorld::dataset("nobody's"))),
              Rejection::unknown_dataset);
    EXPECT_EQ(world.apply("carol", enrolment), Rejection::not_the_owner);
    auto wrong = enrolment;
    wrong.device = {};
    EXPECT_EQ(world.apply("alice", wrong), Rejection::key_is_zero);
    wrong = enrolment;
    wrong.contributor = {};
    EXPECT_EQ(world.apply("alice", wrong), Rejection::recipient_is_zero);
    const DeviceRevoke revocation{id, MarketWorld::address_of("camera")};
    EXPECT_EQ(world.apply("alice", revocation), Rejection::unknown_device);

    ASSERT_EQ(world.apply("alice", enrolment), Rejection::none);
    EXPECT_EQ(world.apply("alice", enrolment), Rejection::device_enrolled);
    EXPECT_EQ(world.apply("carol", revocation), Rejection::not_the_owner);
    EXPECT_EQ(world.apply("alice", DeviceRevoke{DataWorld::dataset("nobody's"), {}}),
              Rejection::unknown_dataset);
    ASSERT_EQ(world.apply("alice", revocation), Rejection::none);
    EXPECT_EQ(world.apply("alice", revocation), Rejection::device_revoked);
    EXPECT_EQ(world.apply("alice", enrolment), Rejection::none) << "and again";
}

TEST_F(DatasetRules, ToAClosedDatasetOnlyItsOwnerContributes)
{
    auto message = DataWorld::registration();
    message.open = false;
    ASSERT_EQ(registering(message), Rejection::none);
    const auto id = DataWorld::dataset();
    EXPECT_EQ(world.apply("alice", DataWorld::enrolment(id)), Rejection::dataset_closed);
    EXPECT_EQ(world.apply("alice", DataWorld::enrolment(id, "camera", "alice")), Rejection::none);
}

TEST_F(DatasetRules, AModelTrainedOnARegisteredDatasetPaysItsContributors)
{
    const auto id = world.make_dataset();
    const auto model = make_model(world);
    auto version = model_version(world, model, 2);
    version.data_ppm = {500'000};
    version.datasets = {{id, 1}};
    EXPECT_EQ(world.apply("alice", version), Rejection::dataset_without_shares);
    world.contribute(id, 1, seal_batch(id, "one", 1));
    ASSERT_EQ(world.apply("alice", version), Rejection::none);

    world.fund("hugo", 10'000);
    make_host(world);
    ASSERT_EQ(world.apply("alice", hosting(world, model, 2, "alice", "hugo", 0)), Rejection::none);
    const auto split = split_address(model, {2}, MarketWorld::address_of("hugo"));
    ASSERT_EQ(world.apply("bob", Transfer{split, Amount::micros(1'000)}), Rejection::none);
    const auto carol = world.balance("carol");
    ASSERT_EQ(world.apply("carol", DataClaim{id}), Rejection::none);
    EXPECT_EQ(world.balance("carol"), carol + 485) << "half of 970";
}

}  // namespace
}  // namespace market
