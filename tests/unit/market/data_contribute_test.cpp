#include "ledger/sealing/batch_key.hpp"
#include "market/execute.hpp"
#include "market/invariants.hpp"
#include "market/rules/data_rules.hpp"
#include "market/settlement.hpp"
#include "tests/support/data_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class DataContributions : public testing::Test {
protected:
    ~DataContributions() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
        EXPECT_EQ(world.total_held(), world.supply());
    }
    Rejection add(std::uint64_t number, std::uint64_t shares, std::string_view sender = "alice")
    {
        const auto other = seal_batch(id, "batch " + std::to_string(number), 3);
        return world.apply(sender, world.contribution(id, number, other, shares));
    }
    /// With one thing changed and signed by the device.
    Rejection changed(const std::function<void(DataContribute&)>& change)
    {
        auto message = world.contribution(id, 1, batch);
        change(message);
        world.sign_again(message);
        return world.apply("alice", message);
    }
    /// Money comes in for the contributors.
    void earn(std::uint64_t micros)
    {
        world.fund("payer", micros);
        ASSERT_EQ(world.run(MarketWorld::address_of("payer"),
                            [&](State& state, const Context& context) -> Verdict {
                                const auto amount = Amount::micros(micros);
                                if (const auto paid = debit(state, context.sender, amount); !paid)
                                    return paid;
                                settle_data(state, context, id, amount);
                                return {};
                            }),
                  Rejection::none);
    }
    std::uint64_t draw(std::string_view name)
    {
        const auto before = world.balance(name);
        world.apply(name, DataClaim{id});
        return world.balance(name) - before;
    }
    Contribution shares_of(std::string_view name) const
    {
        return world.view().get<Contribution>({id, MarketWorld::address_of(name)});
    }

    DataWorld world;
    const DatasetId id = world.make_dataset();
    const SealedBatch batch = seal_batch(id, "batch", 3);
    const Address camera = MarketWorld::address_of("camera");
};

TEST_F(DataContributions, KeepWhatEverybodyMayCheck)
{
    const auto locked = world.locked("carol");
    const auto message = world.contribution(id, 7, batch);
    ASSERT_EQ(world.apply("carol", message), Rejection::none);
    ASSERT_EQ(world.events().size(), 1u);
    EXPECT_EQ(world.events()[0].kind, EventKind::contributed);
    EXPECT_EQ(world.events()[0].account, MarketWorld::address_of("carol"));
    const BatchKey key{id, {camera, 7}};
    const auto record = world.view().get<Batch>(key);
    EXPECT_EQ(record.summary(), batch.summary);
    EXPECT_EQ(record.contributor, MarketWorld::address_of("carol"));
    EXPECT_EQ(record.wraps, message.wraps);
    EXPECT_EQ(record.at_ms, world.now_ms());
    EXPECT_EQ(world.view().get<Dataset>(id).total_shares, 8u);
    EXPECT_EQ(shares_of("carol").shares, 8u);
    const ContributionKey shares{id, MarketWorld::address_of("carol")};
    const BatchPointKey point{id, batch.summary.point};
    EXPECT_EQ(world.locked("carol") - locked, entry_bytes(key, record) +
                                                  entry_bytes(point, BatchPoint{key.batch}) +
                                                  entry_bytes(shares, shares_of("carol")))
        << "who sends it locks the deposit";
}

TEST_F(DataContributions, TakeAtMost512BytesAnd80ForEachFurtherMaster)
{
    auto message = world.contribution(id, 1, batch);
    const auto sent = [&] {
        return ledger::encode_transaction(make_transaction({}, {}, {}, {}, 0, message)).size();
    };
    const auto kept = [&] {
        Batch record;
        record.wraps = message.wraps;
        return entry_bytes(BatchKey{}, record) + entry_bytes(BatchPointKey{}, BatchPoint{});
    };
    const auto one_sent = sent();
    const auto one_kept = kept();
    EXPECT_LE(one_sent, 512u);
    EXPECT_LE(one_kept, 512u);
    message.wraps.resize(16);
    EXPECT_EQ(sent(), one_sent + 15 * 80);
    EXPECT_EQ(kept(), one_kept + 15 * 80);
    EXPECT_EQ(WrappedKey::size, ledger::sealing::wrap_bytes);
}

TEST_F(DataContributions, AreOfADeviceThatMaySignSentByItsPeople)
{
    EXPECT_EQ(add(1, 10, "bob"), Rejection::not_a_party);
    auto message = world.contribution(id, 1, batch, 10, "phone");
    EXPECT_EQ(world.apply("alice", message), Rejection::unknown_device);
    message.dataset = DataWorld::dataset("nobody's");
    EXPECT_EQ(world.apply("alice", message), Rejection::unknown_dataset);
    EXPECT_EQ(add(1, 10, "carol"), Rejection::none);
    EXPECT_EQ(add(2, 10, "alice"), Rejection::none);
    ASSERT_EQ(world.apply("alice", DeviceRevoke{id, camera}), Rejection::none);
    EXPECT_EQ(add(3, 10), Rejection::device_revoked);
}

TEST_F(DataContributions, AreSignedByTheDeviceForThisNetworkInEveryWord)
{
    const auto good = world.contribution(id, 1, batch);
    const auto refused = [&](const std::function<void(DataContribute&)>& change) {
        auto message = good;
        change(message);
        return world.apply("alice", message) == Rejection::wrong_signature;
    };
    EXPECT_TRUE(refused([](auto& m) { ++m.batch; }));
    EXPECT_TRUE(refused([](auto& m) { m.root.bytes[0] ^= 1; }));
    EXPECT_TRUE(refused([](auto& m) { m.point = ledger::public_key(MarketWorld::key_of("x")); }));
    EXPECT_TRUE(refused([](auto& m) { --m.bytes; }));
    EXPECT_TRUE(refused([](auto& m) { ++m.shares; }));
    EXPECT_TRUE(refused([](auto& m) { m.schema_hash.bytes[0] ^= 1; }));
    EXPECT_TRUE(refused([](auto& m) { m.meta_hash.bytes[0] ^= 1; }));
    EXPECT_TRUE(refused([](auto& m) { m.wraps[0].bytes[79] ^= 1; }));
    EXPECT_TRUE(refused([&](auto& m) { world.sign_again(m, "phone"); }));
    EXPECT_EQ(world.apply("alice", good), Rejection::none);
}

TEST_F(DataContributions, HaveNumbersThatAreUsedOnceInAnyOrder)
{
    EXPECT_EQ(changed([](auto& m) { m.batch = 0; }), Rejection::malformed_batch);
    EXPECT_EQ(add(5, 1), Rejection::none);
    EXPECT_EQ(add(2, 1), Rejection::none);
    EXPECT_EQ(add(5, 1), Rejection::batch_used);
    EXPECT_EQ(world.view().get<Device>({id, camera}).batches, 2u);
}

TEST_F(DataContributions, HaveAKeyThatNoOtherBatchOfTheDatasetHas)
{
    ASSERT_EQ(world.apply("alice", DataWorld::enrolment(id, "phone", "dora")), Rejection::none);
    ASSERT_EQ(world.apply("alice", world.contribution(id, 1, batch)), Rejection::none);
    EXPECT_EQ(world.apply("alice", world.contribution(id, 2, batch)), Rejection::batch_key_used);
    EXPECT_EQ(world.apply("alice", world.contribution(id, 1, batch, 8, "phone")),
              Rejection::batch_key_used)
        << "whoever copies it does not sell its key for another price";
}

TEST_F(DataContributions, HaveSizesThatFitAPointAndOneToSixteenWraps)
{
    EXPECT_EQ(changed([](auto& m) { ++m.chunks; }), Rejection::malformed_batch);
    EXPECT_EQ(changed([](auto& m) { m.bytes = 1; }), Rejection::malformed_batch);
    EXPECT_EQ(changed([](auto& m) { m.point.bytes.fill(0xff); }), Rejection::malformed_key);
    EXPECT_EQ(changed([](auto& m) { m.wraps.clear(); }), Rejection::too_many_entries);
    EXPECT_EQ(changed([](auto& m) { m.wraps.resize(17); }), Rejection::too_many_entries);
    EXPECT_EQ(changed([](auto& m) { m.wraps.resize(16); }), Rejection::none);
}

TEST_F(DataContributions, DeclareNoMoreSharesThanBytes)
{
    const auto tiny = seal_batch(id, "tiny", 1);  // 100 bytes of text
    EXPECT_EQ(world.apply("alice", world.contribution(id, 1, tiny, 101)),
              Rejection::shares_above_the_bytes);
    EXPECT_EQ(world.apply("alice", world.contribution(id, 1, tiny, 0)), Rejection::no_shares);
    EXPECT_EQ(world.apply("alice", world.contribution(id, 1, tiny, 100)), Rejection::none);
    ASSERT_EQ(world.apply("alice", DeviceRevoke{id, camera}), Rejection::none);
    auto rows = DataWorld::enrolment(id);
    rows.shares_rule = SharesRule::rows;
    ASSERT_EQ(world.apply("alice", rows), Rejection::none);
    const auto other = seal_batch(id, "other", 1);
    EXPECT_EQ(world.apply("alice", world.contribution(id, 2, other, 101)), Rejection::none);
}

TEST_F(DataContributions, KeepToTheQuotaOfTheDayOfBlockTime)
{
    constexpr std::uint64_t day = 86'400'000;
    world.pass_ms(day - world.now_ms() % day - 10);
    EXPECT_EQ(add(1, 1'001), Rejection::shares_above_the_quota);
    EXPECT_EQ(add(1, 600), Rejection::none);
    EXPECT_EQ(add(2, 401), Rejection::shares_above_the_quota);
    EXPECT_EQ(add(2, 400), Rejection::none);
    world.pass_ms(9);
    EXPECT_EQ(add(3, 1), Rejection::shares_above_the_quota);
    ASSERT_EQ(world.apply("alice", DeviceRevoke{id, camera}), Rejection::none);
    ASSERT_EQ(world.apply("alice", DataWorld::enrolment(id)), Rejection::none);
    EXPECT_EQ(add(3, 1), Rejection::shares_above_the_quota) << "enrolled anew it has used it up";
    world.pass_ms(1);
    EXPECT_EQ(add(3, 1'000), Rejection::none);
}

TEST_F(DataContributions, EarnOnlyWhatComesInAfterThem)
{
    ASSERT_EQ(add(1, 64), Rejection::none);
    earn(1'000);  // 970 minted, 388 of them the contributors'
    ASSERT_EQ(world.apply("alice", DataWorld::enrolment(id, "phone", "dora")), Rejection::none);
    world.contribute(id, 1, seal_batch(id, "of the phone", 3), 192, "phone");
    earn(1'000);
    EXPECT_EQ(draw("carol"), 388u + 97u);
    world.fund("dora", 1);
    EXPECT_EQ(draw("dora"), 291u);
}

TEST_F(DataContributions, LeaveWhatWasEarnedBeforeThem)
{
    ASSERT_EQ(add(1, 64), Rejection::none);
    earn(1'000);
    ASSERT_EQ(add(2, 192), Rejection::none);
    EXPECT_EQ(shares_of("carol").owed, Amount::micros(388));
    EXPECT_EQ(shares_of("carol").shares, 256u);
    EXPECT_EQ(draw("carol"), 388u) << "new shares do not earn backwards";
    EXPECT_EQ(draw("carol"), 0u) << "and it is drawn once";
    earn(1'000);
    EXPECT_EQ(draw("carol"), 388u);
}

TEST_F(DataContributions, NeverCountMoreSharesThanFit)
{
    ASSERT_EQ(world.apply("alice", DeviceRevoke{id, camera}), Rejection::none);
    auto rows = DataWorld::enrolment(id);
    rows.shares_rule = SharesRule::rows;
    rows.daily_shares = ~0ull;
    ASSERT_EQ(world.apply("alice", rows), Rejection::none);
    ASSERT_EQ(add(1, ~0ull - 5), Rejection::none);
    world.pass_s(86'400);
    EXPECT_EQ(add(2, 6), Rejection::shares_too_many);
    EXPECT_EQ(add(2, 5), Rejection::none);
    earn(1'000);
    EXPECT_EQ(draw("carol"), 387u) << "rounded down";
}

}  // namespace
}  // namespace market
