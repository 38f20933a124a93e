#include "node/blobs/store/disk_batches.hpp"

#include "ledger/base/hex.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/sealed_batch.hpp"
#include "tests/support/sim_disk.hpp"

#include <gtest/gtest.h>

#include <random>

namespace node {
namespace {

using namespace ledger;

struct DiskBatchesTest : testing::Test {
    Result<std::unique_ptr<DiskBatches>> open()
    {
        return DiskBatches::open(disk, "batches", clock, limits,
                                 [this](const std::string& what) { damage.push_back(what); });
    }
    std::string file(const std::string& ending) const
    {
        const auto name = to_hex(batch.root().view());
        return "batches/" + name.substr(0, 2) + "/" + name + ending;
    }
    /// As a caller would, two chunks at a time; the first error ends it. What is known to be on
    /// the disk goes to `synced`.
    Result<void> put(BatchStore& store, ChunkSet& synced)
    {
        if (const auto done = store.create(batch.manifest, "operator"); !done) return done;
        if (const auto done = store.put_leaves(batch.root(), 0, batch.leaves); !done) return done;
        for (std::uint64_t first = 0; first < batch.manifest.chunks; first += 2) {
            const ChunkRange range{first, 2};
            const auto put = store.put_chunks(batch.root(), first, batch.chunk_part(range));
            if (!put) return put.error();
            if (const auto done = store.sync(batch.root()); !done) return done;
            synced.set(range);
        }
        return {};
    }
    /// Whatever the store says it has is what the root says.
    void expect_honest(BatchStore& store)
    {
        const auto info = store.info(batch.root());
        if (!info) return;
        const auto have = store.have(batch.root());
        ASSERT_TRUE(have) << have.error().detail;
        for (std::uint64_t i = 0; i < have->chunks(); ++i) {
            if (!have->has(i)) continue;
            const auto chunk = store.chunks(batch.root(), {i, 1});
            ASSERT_TRUE(chunk) << chunk.error().detail;
            ASSERT_EQ(*chunk, batch.chunk_part({i, 1}));
        }
    }

    ManualClock clock;
    SimDisk disk;
    BatchLimits limits{std::uint64_t{1} << 30, 100, 2};
    std::vector<std::string> damage;
    SealedBatch batch = seal_batch(1, 5);
};

TEST_F(DiskBatchesTest, KeepAllAcrossARestart)
{
    {
        auto store = *open();
        ChunkSet synced{6};
        ASSERT_TRUE(put(*store, synced));
        ASSERT_TRUE(store->pin(batch.root(), "job-1"));
    }
    auto store = *open();
    EXPECT_EQ(*store->chunks(batch.root(), {0, 6}), batch.sealed);
    EXPECT_EQ(store->info(batch.root())->holders, (std::vector<std::string>{"job-1", "operator"}));
    EXPECT_EQ(*store->manifest(batch.root()), batch.manifest);
    EXPECT_TRUE(damage.empty()) << damage.front();
}

TEST_F(DiskBatchesTest, SurviveALossOfPowerAtEveryStep)
{
    std::uint64_t steps = 0;
    {
        auto store = *open();
        const auto before = disk.steps();
        ChunkSet synced{6};
        ASSERT_TRUE(put(*store, synced));
        steps = disk.steps() - before;
    }
    ASSERT_GT(steps, 15u);
    for (std::uint64_t step = 0; step < steps; ++step)
        for (const unsigned seed : {1U, 2U, 3U, 4U}) {
            SCOPED_TRACE("step " + std::to_string(step) + ", seed " + std::to_string(seed));
            disk = SimDisk{};
            damage.clear();
            std::mt19937 random{seed};
            ChunkSet synced{6};
            {
                auto store = *open();
                disk.fail({.after = step, .partial_bytes = random() % 70'000, .fatal = true});
                ASSERT_FALSE(put(*store, synced));
            }
            disk.crash([&] { return seed == 1   ? false
                                    : seed == 2 ? true
                                                : random() % 2 == 0; },
                       seed % 2 == 0);
            auto store = open();
            ASSERT_TRUE(store) << store.error().detail;
            expect_honest(**store);
            EXPECT_TRUE(damage.empty()) << damage.front();
            if (synced.count() != 0) {
                const auto have = (*store)->have(batch.root());
                ASSERT_TRUE(have) << "what was synced is there";
                for (const auto& range : synced.ranges(9)) ASSERT_TRUE(have->has_all(range));
                ASSERT_EQ((*store)->info(batch.root())->holders,
                          std::vector<std::string>{"operator"});
            }
            ChunkSet again{6};
            const auto done = put(**store, again);
            ASSERT_TRUE(done) << done.error().detail;
            ASSERT_EQ(*(*store)->chunks(batch.root(), {0, 6}), batch.sealed);
        }
}

TEST_F(DiskBatchesTest, SurviveAnErrorOfTheDiskAtEveryStep)
{
    for (const auto kind : {ErrorKind::io, ErrorKind::full})
        for (std::uint64_t step = 0; step < 40; ++step) {
            SCOPED_TRACE("step " + std::to_string(step));
            disk = SimDisk{};
            auto store = *open();
            ChunkSet synced{6};
            disk.fail({.after = step, .kind = kind, .partial_bytes = 1'000});
            const auto failed = put(*store, synced);
            EXPECT_TRUE(failed || failed.error().kind == kind) << "another error";
            expect_honest(*store);
            store.reset();
            disk.crash([] { return false; }, false);
            store = *open();
            expect_honest(*store);
            ChunkSet again{6};
            const auto done = put(*store, again);
            ASSERT_TRUE(done) << done.error().detail;
            ASSERT_EQ(*store->chunks(batch.root(), {0, 6}), batch.sealed);
        }
}

TEST_F(DiskBatchesTest, WriteNothingMoreAfterASyncThatFailed)
{
    auto store = *open();
    ASSERT_TRUE(store->create(batch.manifest, std::nullopt));
    ASSERT_TRUE(store->put_leaves(batch.root(), 0, batch.leaves));
    ASSERT_TRUE(store->put_chunks(batch.root(), 0, batch.chunk_part({0, 1})));
    disk.fail({.only = SimDisk::Step::sync});
    EXPECT_FALSE(store->sync(batch.root()));
    EXPECT_FALSE(store->sync(batch.root())) << "a second one may lie";
    EXPECT_FALSE(store->put_chunks(batch.root(), 1, batch.chunk_part({1, 1})));
    EXPECT_EQ(store->have(batch.root())->count(), 0u);
}

TEST_F(DiskBatchesTest, ThrowAwayADamagedChunkWhenItIsRead)
{
    auto store = *open();
    ChunkSet synced{6};
    ASSERT_TRUE(put(*store, synced));
    disk.flip(file(".chunks"), 2 * sealing::sealed_chunk_bytes + 9, 4);
    const auto read = store->chunks(batch.root(), {0, 6});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::corrupt);
    EXPECT_EQ(store->have(batch.root())->missing(0, 9), (ChunkRange{2, 1}));
    EXPECT_EQ(damage.size(), 1u);
    store = *open();
    EXPECT_EQ(store->have(batch.root())->missing(0, 9), (ChunkRange{2, 1}));
    ASSERT_TRUE(store->put_chunks(batch.root(), 2, batch.chunk_part({2, 1})));
    ASSERT_TRUE(store->sync(batch.root()));
    EXPECT_EQ(*store->chunks(batch.root(), {0, 6}), batch.sealed);
}

TEST_F(DiskBatchesTest, FindEveryDamagedChunk)
{
    auto store = *open();
    ChunkSet synced{6};
    ASSERT_TRUE(put(*store, synced));
    disk.flip(file(".chunks"), 5, 1);
    disk.flip(file(".chunks"), 5 * sealing::sealed_chunk_bytes + 1, 1);
    const auto step = store->scrub(batch.root(), 0, 100);
    ASSERT_TRUE(step);
    EXPECT_EQ(step->damaged, (std::vector<std::uint64_t>{0, 5}));
    EXPECT_FALSE(step->is_table_damaged);
    EXPECT_EQ(step->next, 6u);
    EXPECT_EQ(store->have(batch.root())->count(), 4u);
}

TEST_F(DiskBatchesTest, BlameTheTableWhereItIsTheTableThatIsDamaged)
{
    auto store = *open();
    ChunkSet synced{6};
    ASSERT_TRUE(put(*store, synced));
    disk.flip(file(".leaves"), 3 * 64 + 40, 1);
    const auto step = store->scrub(batch.root(), 0, 100);
    ASSERT_TRUE(step);
    EXPECT_TRUE(step->is_table_damaged);
    EXPECT_TRUE(step->damaged.empty()) << "the chunks are good";
    EXPECT_EQ(store->info(batch.root())->leaves, 0u);
    EXPECT_EQ(store->info(batch.root())->present, 6u);
    ASSERT_TRUE(store->put_leaves(batch.root(), 0, batch.leaves));
    EXPECT_EQ(*store->chunks(batch.root(), {0, 6}), batch.sealed);
}

TEST_F(DiskBatchesTest, RemoveABatchWhoseManifestIsDamaged)
{
    {
        auto store = *open();
        ChunkSet synced{6};
        ASSERT_TRUE(put(*store, synced));
    }
    disk.flip(file(".batch"), 20, 1);
    auto store = *open();
    EXPECT_FALSE(store->info(batch.root()));
    EXPECT_EQ(damage.size(), 1u);
    EXPECT_EQ(store->usage().bytes, 0u);
    const auto name = to_hex(batch.root().view());
    EXPECT_TRUE(disk.list("batches/" + name.substr(0, 2))->empty());
}

TEST_F(DiskBatchesTest, MissTheChunksOfADamagedPageAndReportThem)
{
    {
        auto store = *open();
        ChunkSet synced{6};
        ASSERT_TRUE(put(*store, synced));
    }
    disk.flip(file(".marks"), first_page_at, 1);
    auto store = *open();
    EXPECT_EQ(store->info(batch.root())->present, 0u);
    EXPECT_EQ(store->info(batch.root())->holders, std::vector<std::string>{"operator"});
    EXPECT_EQ(damage.size(), 1u);
}

TEST_F(DiskBatchesTest, SweepAwayWhatACrashLeftHalfRemoved)
{
    {
        auto store = *open();
        ChunkSet synced{6};
        ASSERT_TRUE(put(*store, synced));
        ASSERT_TRUE(store->unpin(batch.root(), "operator"));
        // The manifest is gone, and that is on the disk; the rest is not.
        disk.fail({.after = 3, .only = SimDisk::Step::names, .fatal = true});
        EXPECT_FALSE(store->remove(batch.root()));
    }
    disk.crash([] { return true; }, false);
    auto store = *open();
    EXPECT_FALSE(store->info(batch.root()));
    const auto name = to_hex(batch.root().view());
    EXPECT_TRUE(disk.list("batches/" + name.substr(0, 2))->empty());
}

TEST_F(DiskBatchesTest, HoldFewFilesOpenAndServeAll)
{
    auto store = *open();
    std::vector<SealedBatch> all;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        batch = seal_batch(seed, 5);
        ChunkSet synced{6};
        ASSERT_TRUE(put(*store, synced));
        clock.advance(std::chrono::seconds{1});
        all.push_back(batch);
    }
    for (const auto& one : all) EXPECT_EQ(*store->chunks(one.root(), {0, 6}), one.sealed);
}

}  // namespace
}  // namespace node
