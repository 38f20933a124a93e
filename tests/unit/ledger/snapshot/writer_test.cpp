#include "ledger/snapshot/shelf.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/snapshot_world.hpp"
#include "tests/support/store_blocks.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace ledger {
namespace {

/// A state that can lie, stop or fail.
struct OddState : StateView {
    explicit OddState(const StateView& below) : below_{below} {}
    std::optional<Bytes> get(ByteView key) const override { return below_.get(key); }
    void scan_from(ByteView prefix, ByteView start, const Visit& visit) const override
    {
        ++scans;
        if (fails) throw StateFault{"the disk is gone"};
        if (!more.empty() && !visit(as_bytes("!"), more)) return;
        below_.scan_from(prefix, start, visit);
    }
    const StateView& below_;
    Bytes more;
    bool fails = false;
    mutable int scans = 0;
};

struct SnapshotWriterTest : testing::Test {
    SnapshotWorld world{{}};
    SimDisk disk;
    SnapshotFolder folder{disk, "s/5"};
    OddState state{world.store->state()};
    SnapshotSource source() { return {state, *world.nodes, world.finality, world.history_before}; }
    const SnapshotWriteOptions small{.chunk_bytes = SnapshotWorld::chunk_bytes,
                                     .memory_bytes = 1 << 20};
};

TEST_F(SnapshotWriterTest, WritesTheSameWithLittleMemoryAndWithMuch)
{
    const auto much = *write_snapshot(folder, source(), small);
    EXPECT_EQ(state.scans, 2);
    SnapshotFolder other{disk, "s/6"};
    auto little = small;
    little.memory_bytes = 10'000;
    EXPECT_EQ(*write_snapshot(other, source(), little), much);
    EXPECT_GT(state.scans, 10);
    for (std::size_t i = 0; i < much.content.ends.size(); ++i)
        EXPECT_EQ(*folder.chunk(i), *other.chunk(i)) << i;
}

TEST_F(SnapshotWriterTest, WritesAnEmptyStateAsOneChunk)
{
    const SnapshotWorld nothing{{.entries = 0}};
    const auto manifest = nothing.write(folder);
    EXPECT_EQ(manifest.content.ends.size(), 1U);
    EXPECT_TRUE(check_chunk(manifest.content, 0, *folder.chunk(0))->entries.empty());
}

TEST_F(SnapshotWriterTest, TakesTheHistoryFromTheStore)
{
    for (const std::uint64_t height : {1, 2, 5, 8, 13}) {
        const SnapshotWorld one{{.entries = 5, .height = height}};
        EXPECT_EQ(*history_before(*one.store, {height}), one.history_before) << height;
    }
    EXPECT_EQ(history_before(*make_memory_store(), {3}).error().kind, ErrorKind::not_found);
}

TEST_F(SnapshotWriterTest, FindsThatFlatStateAndTreeDiffer)
{
    state.more = Bytes{1};
    EXPECT_EQ(write_snapshot(folder, source(), small).error().kind, ErrorKind::corrupt);
    EXPECT_EQ(folder.manifest().error().kind, ErrorKind::not_found);
}

TEST_F(SnapshotWriterTest, HandsOnWhatTheStateReports)
{
    state.fails = true;
    const auto error = write_snapshot(folder, source(), small).error();
    EXPECT_EQ(error.kind, ErrorKind::corrupt);
    EXPECT_EQ(error.detail, "the disk is gone");
}

TEST_F(SnapshotWriterTest, RefusesAnEntryThatFitsNoChunk)
{
    state.more = Bytes(SnapshotWorld::chunk_bytes);
    EXPECT_EQ(write_snapshot(folder, source(), small).error().kind, ErrorKind::full);
}

TEST_F(SnapshotWriterTest, StopsWhenItIsToldTo)
{
    const SnapshotWorld large{{.entries = 5'000}};
    auto told = small;
    told.go_on = [] { return false; };
    EXPECT_EQ(write_snapshot(folder, large.source(), told).error().kind, ErrorKind::unavailable);
    EXPECT_EQ(folder.manifest().error().kind, ErrorKind::not_found);
}

TEST_F(SnapshotWriterTest, AnyLossOfPowerLeavesAWholeSnapshotOrNone)
{
    world.write(folder);
    const auto steps = disk.steps();
    std::size_t whole = 0;
    for (std::uint64_t after = 0; after < steps; ++after) {
        SimDisk failing;
        SnapshotFolder target{failing, "s/5"};
        failing.fail({.after = after, .fatal = true});
        EXPECT_FALSE(write_snapshot(target, source(), small)) << after;
        failing.crash([n = after]() mutable { return n++ % 3 != 0; }, after % 2 == 0);
        const auto manifest = target.manifest();
        if (!manifest) continue;
        ++whole;
        for (std::size_t i = 0; i < manifest->content.ends.size(); ++i)
            ASSERT_TRUE(check_chunk(manifest->content, i, *target.chunk(i))) << after;
    }
    EXPECT_LE(whole, 2U) << "only the last steps come after the manifest";
}

TEST_F(SnapshotWriterTest, AFullDiskIsReported)
{
    disk.fail({.after = 12, .kind = ErrorKind::full});
    EXPECT_EQ(write_snapshot(folder, source(), small).error().kind, ErrorKind::full);
    EXPECT_TRUE(write_snapshot(folder, source(), small)) << "and the next one begins anew";
}

TEST(SnapshotShelf, KeepsTheNewestAndRemovesWhatWasCutShort)
{
    TemporaryFolder place{TemporaryFolder::Place::memory};
    PosixDisk disk;
    SnapshotShelf shelf{disk, place.path() / "snapshots"};
    EXPECT_TRUE(shelf.list()->empty());
    const SnapshotWriteOptions small{.chunk_bytes = SnapshotWorld::chunk_bytes};
    for (const std::uint64_t height : {3, 4, 5}) {
        const SnapshotWorld world{{.entries = 50, .height = height}};
        ASSERT_TRUE(shelf.write(world.source(), 2, small));
        std::filesystem::create_directories(place.path() / "snapshots" / "17");
        std::filesystem::create_directories(place.path() / "snapshots" / "notes");
    }
    EXPECT_EQ(*shelf.list(), (std::vector<Height>{{5}, {4}}));
    const SnapshotWorld world{{.entries = 50, .height = 6}};
    ASSERT_TRUE(shelf.write(world.source(), 1, small));
    EXPECT_EQ(*shelf.list(), (std::vector<Height>{{6}}));
    EXPECT_FALSE(std::filesystem::exists(place.path() / "snapshots" / "17"));
    EXPECT_FALSE(std::filesystem::exists(place.path() / "snapshots" / "4"));
    EXPECT_TRUE(std::filesystem::exists(place.path() / "snapshots" / "notes"));
}

}  // namespace
}  // namespace ledger
