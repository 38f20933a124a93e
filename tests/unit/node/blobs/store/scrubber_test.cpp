#include "node/blobs/store/scrubber.hpp"

#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_batches.hpp"
#include "tests/support/sealed_batch.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;
using namespace std::chrono;

struct ScrubberTest : testing::Test {
    SealedBatch put(std::uint64_t seed)
    {
        const auto batch = seal_batch(seed, 5);
        EXPECT_TRUE(store.create(batch.manifest, std::nullopt));
        EXPECT_TRUE(store.put_leaves(batch.root(), 0, batch.leaves));
        EXPECT_TRUE(store.put_chunks(batch.root(), 0, batch.sealed));
        EXPECT_TRUE(store.sync(batch.root()));
        return batch;
    }
    /// One round over all batches; how long it would take.
    nanoseconds round()
    {
        nanoseconds all{};
        for (int i = 0; i < 100; ++i) {
            const auto wait = scrubber.step();
            if (wait == nanoseconds{seconds{60}}) return all;
            all += wait;
        }
        ADD_FAILURE() << "the round does not end";
        return all;
    }

    ManualClock clock;
    MemoryBatches store{clock, {}};
    BatchCounts counts;
    std::vector<Hash> lost;
    Scrubber scrubber{store, counts, {1'000'000, 2, seconds{60}}, [this](const Hash& root) {
                          lost.push_back(root);
                      }};
};

TEST_F(ScrubberTest, ReadsAllBatchesAtItsRateAndRests)
{
    const auto one = put(1);
    put(2);
    const auto time = duration_cast<milliseconds>(round());
    EXPECT_NEAR(static_cast<double>(time.count()),
                static_cast<double>(2 * one.sealed.size()) / 1'000, 2);
    EXPECT_EQ(counts.scrubbed_bytes, 2 * one.sealed.size());
    EXPECT_TRUE(lost.empty());
    round();
    EXPECT_EQ(counts.scrubbed_bytes, 4 * one.sealed.size()) << "over and over";
}

TEST_F(ScrubberTest, TellsOnceOfEachBatchThatLostSomething)
{
    put(1);
    const auto damaged = put(2);
    store.damage(damaged.root(), 1);
    store.damage(damaged.root(), 4);
    round();
    EXPECT_EQ(lost, std::vector<Hash>{damaged.root()});
    EXPECT_EQ(counts.damaged_chunks, 2u);
    EXPECT_EQ(store.have(damaged.root())->count(), 4u);
}

TEST_F(ScrubberTest, GoesOnWhereABatchIsRemovedMeanwhile)
{
    const auto one = put(1);
    const auto two = put(2);
    scrubber.step();
    ASSERT_TRUE(store.remove(one.root()));
    ASSERT_TRUE(store.remove(two.root()));
    round();
    EXPECT_TRUE(lost.empty());
}

TEST_F(ScrubberTest, RestsWhereThereIsNothing)
{
    EXPECT_EQ(scrubber.step(), nanoseconds{seconds{60}});
}

}  // namespace
}  // namespace node
