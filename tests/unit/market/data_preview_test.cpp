#include "market/beacon.hpp"
#include "market/execute.hpp"
#include "market/rules/data_rules.hpp"
#include "tests/support/data_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace market {
namespace {

class DataPreviews : public testing::Test {
protected:
    DataPreviews() { world.contribute(id, 1, batch); }
    std::vector<std::uint64_t> drawn() const
    {
        return drawn_chunks(world.view(), key, world.view().get<Batch>(key));
    }
    DataPreview preview(std::uint64_t index) const
    {
        return {id,
                key.batch,
                index,
                batch.chunk_keys.at(index),
                batch.leaves.at(index),
                batch.path(index)};
    }
    Rejection show(const DataPreview& message) { return world.apply("alice", message); }

    DataWorld world;
    const DatasetId id = world.make_dataset();
    const SealedBatch batch = seal_batch(id, "batch", 40);
    const BatchKey key{id, {MarketWorld::address_of("camera"), 1}};
};

TEST_F(DataPreviews, AreDrawnByTheBlockThatHoldsTheContribution)
{
    EXPECT_TRUE(drawn().empty());
    EXPECT_EQ(show(preview(0)), Rejection::draw_not_known);
    world.next_block("a block");
    const auto first = drawn();
    ASSERT_FALSE(first.empty());
    EXPECT_LE(first.size(), PreviewLimits::draws);
    EXPECT_TRUE(std::is_sorted(first.begin(), first.end()));
    EXPECT_LT(first.back(), 40u);
    world.next_block("another block");
    EXPECT_EQ(drawn(), first) << "once and for all";

    DataWorld elsewhere;
    elsewhere.make_dataset();
    elsewhere.contribute(id, 1, batch);
    elsewhere.next_block("some other block");
    EXPECT_NE(drawn_chunks(elsewhere.view(), key, elsewhere.view().get<Batch>(key)), first);
}

TEST_F(DataPreviews, OfTwoBatchesInABlockAreDrawnApart)
{
    world.contribute(id, 2, seal_batch(id, "second", 40));
    world.next_block("a block");
    const BatchKey second{id, {MarketWorld::address_of("camera"), 2}};
    EXPECT_NE(drawn_chunks(world.view(), second, world.view().get<Batch>(second)), drawn());
}

TEST_F(DataPreviews, MeetEveryChunkAboutEquallyOften)
{
    world.next_block("a block");
    std::vector<int> met(40);
    auto numbered = key;
    for (numbered.batch.batch = 1; numbered.batch.batch <= 1'000; ++numbered.batch.batch)
        for (const auto chunk : drawn_chunks(world.view(), numbered, world.view().get<Batch>(key)))
            ++met[chunk];
    // 16 draws of 40 leave a chunk out with (39/40)^16: it is met 333 times of 1,000.
    EXPECT_GT(*std::min_element(met.begin(), met.end()), 260);
    EXPECT_LT(*std::max_element(met.begin(), met.end()), 410);
}

TEST_F(DataPreviews, ShowADrawnChunkToEverybodyOnce)
{
    world.next_block("a block");
    const auto index = drawn().front();
    EXPECT_EQ(world.apply("carol", preview(index)), Rejection::not_the_owner);
    const auto locked = world.locked("alice");
    ASSERT_EQ(show(preview(index)), Rejection::none);
    EXPECT_TRUE(world.emitted(EventKind::shown));
    const PreviewKey at{key, index};
    const auto shown = world.view().get<Preview>(at);
    EXPECT_EQ(shown.key, batch.chunk_keys[index]);
    EXPECT_EQ(shown.chunk_hash, batch.leaves[index].chunk_hash);
    EXPECT_EQ(world.locked("alice") - locked, entry_bytes(at, shown));
    EXPECT_EQ(show(preview(index)), Rejection::already_shown);
}

TEST_F(DataPreviews, ShowNothingThatWasNotDrawnOrIsNotOfTheBatch)
{
    world.next_block("a block");
    const auto chosen = drawn();
    std::uint64_t other = 0;
    while (std::binary_search(chosen.begin(), chosen.end(), other)) ++other;
    EXPECT_EQ(show(preview(other)), Rejection::chunk_not_drawn);

    const auto good = preview(chosen.front());
    auto message = good;
    message.dataset = DataWorld::dataset("nobody's");
    EXPECT_EQ(show(message), Rejection::unknown_dataset);
    message = good;
    message.batch.batch = 9;
    EXPECT_EQ(show(message), Rejection::unknown_batch);
    message = good;
    message.leaf.chunk_hash.bytes[0] ^= 1;
    EXPECT_EQ(show(message), Rejection::leaf_not_of_the_batch);
    message = good;
    message.path.pop_back();
    EXPECT_EQ(show(message), Rejection::leaf_not_of_the_batch);
    message.path.resize(65);
    EXPECT_EQ(show(message), Rejection::too_many_entries);
    message = good;
    message.key.bytes[0] ^= 1;
    EXPECT_EQ(show(message), Rejection::key_not_of_the_leaf);
    EXPECT_EQ(show(good), Rejection::none);
}

TEST(PreviewBeacons, AreWrittenOnlyAfterBlocksWithContributions)
{
    DataWorld world;
    const auto id = world.make_dataset();
    const auto batch = seal_batch(id, "batch", 1);
    const auto parent = ledger::retag<ledger::BlockId>(MarketWorld::hash_of("block 2"));
    const auto child = [&](const ledger::BlockId& of) {
        BlockExecution execution{world.memory(), world.network(), {{3}, {world.now_ms()}, {}, of}};
        return execution.finish().diff;
    };
    EXPECT_TRUE(child(parent).empty());
    world.contribute(id, 1, batch);
    EXPECT_TRUE(child({}).empty());
    const auto diff = child(parent);
    EXPECT_EQ(diff.size(), 2u) << "the beacon comes, the wait for it goes";
    EXPECT_EQ(ledger::codec::decode<Beacon>(*diff.at(state_key<Beacon>(Height{1})))->block, parent);
    world.next_block("block 2");
    EXPECT_TRUE(child(parent).empty());
}

}  // namespace
}  // namespace market
