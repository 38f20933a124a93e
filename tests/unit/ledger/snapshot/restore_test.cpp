#include "ledger/snapshot/restore.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/snapshot_world.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace ledger {
namespace {

struct Killed {};

/// Passes everything on, and ends what goes on at one chosen step; files stay as they are then.
class MortalDisk final : public Disk {
public:
    explicit MortalDisk(int dies_at) : left_{dies_at} {}
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override
    {
        if (mode == OpenMode::fresh) step();
        return disk_.open(path, mode);
    }
    Result<void> rename(const std::string& from, const std::string& to) override
    {
        step();
        return disk_.rename(from, to);
    }
    Result<void> remove(const std::string& path) override
    {
        step();
        return disk_.remove(path);
    }
    Result<std::vector<std::string>> list(const std::string& folder) override
    {
        return disk_.list(folder);
    }
    Result<void> make_folder(const std::string& folder) override
    {
        return disk_.make_folder(folder);
    }
    Result<void> sync_folder(const std::string& folder) override
    {
        step();
        return disk_.sync_folder(folder);
    }

private:
    void step()
    {
        if (left_-- == 0) throw Killed{};
    }
    PosixDisk disk_;
    int left_;
};

struct SnapshotRestoreTest : testing::Test {
    SnapshotWorld world{{}};
    SimDisk disk;
    SnapshotFolder folder{disk, "s/5"};
    SnapshotManifest manifest = world.write(folder);
    TemporaryFolder target{TemporaryFolder::Place::memory};
    RestorePlace place{target.path()};
    const std::size_t count = manifest.content.ends.size();

    std::vector<std::size_t> any_order(std::uint32_t seed) const
    {
        std::vector<std::size_t> order(count);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::shuffle(order, std::mt19937{seed});
        return order;
    }

    void expect_restored(const BlockStore& store) const
    {
        EXPECT_EQ(store.tip(), Height{5});
        EXPECT_EQ(store.base(), Height{5});
        EXPECT_EQ(listing(store.state()), listing(world.store->state()));
        EXPECT_EQ(store.block({5})->id, manifest.content.block);
        EXPECT_EQ(*decode_header(store.block({5})->header), world.finality.path[0]);
        EXPECT_EQ(*decode_certificate(store.block({5})->certificate), world.finality.finalized);
        EXPECT_EQ(*store.block({0}), world.genesis);
        const StoreNodes nodes{store};
        const auto tree = StateTree::open(nodes, {5}, manifest.content.state_root);
        EXPECT_TRUE(tree) << tree.error().detail;
        auto history = world.history_before;
        history.append(manifest.content.block);
        EXPECT_EQ(*HistoryTree::decode(**store.get_meta(frontier_meta)), history);
    }
};

TEST_F(SnapshotRestoreTest, FillsAStoreFromChunksInAnyOrder)
{
    for (const std::uint32_t seed : {1, 2, 3}) {
        auto chunks = SnapshotCollection::open(disk, "r" + std::to_string(seed) + "/c", manifest);
        ASSERT_TRUE(chunks);
        for (const auto index : any_order(seed))
            ASSERT_TRUE(chunks->add(index, *folder.chunk(index)));
        EXPECT_EQ(chunks->missing(), 0U);
        const auto store = make_memory_store();
        ASSERT_TRUE(fill_store(*store, *chunks, world.genesis));
        expect_restored(*store);
    }
}

TEST_F(SnapshotRestoreTest, RefusesAndNamesAWrongChunkAndGoesOn)
{
    auto chunks = *SnapshotCollection::open(disk, "r/c", manifest);
    auto bad = *folder.chunk(2);
    bad[bad.size() / 2] ^= 1;
    const auto refused = chunks.add(2, bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_NE(refused.error().detail.find("chunk 2"), std::string::npos);
    EXPECT_FALSE(chunks.add(2, *folder.chunk(3)));
    EXPECT_EQ(chunks.missing(), count);
    EXPECT_TRUE(chunks.add(2, *folder.chunk(2)));
    EXPECT_TRUE(chunks.add(2, *folder.chunk(2))) << "once more is fine";
    EXPECT_EQ(chunks.missing(), count - 1);
}

TEST_F(SnapshotRestoreTest, GoesOnAfterAnyLossOfPower)
{
    const auto collect = [&](SimDisk& on) -> Result<void> {
        auto chunks = SnapshotCollection::open(on, "r/c", manifest);
        if (!chunks) return chunks.error();
        for (const auto index : any_order(4)) {
            if (chunks->present()[index]) continue;
            if (const auto done = chunks->add(index, *folder.chunk(index)); !done) return done;
        }
        return {};
    };
    SimDisk whole;
    ASSERT_TRUE(collect(whole));
    const auto steps = whole.steps();
    for (std::uint64_t after = 0; after < steps; ++after) {
        SimDisk failing;
        failing.fail({.after = after, .fatal = true});
        EXPECT_FALSE(collect(failing)) << after;
        failing.crash([n = after]() mutable { return n++ % 3 != 0; }, after % 2 == 0);
        const auto before = failing.steps();
        ASSERT_TRUE(collect(failing)) << after;
        if (after > 2 * steps / 3) {
            EXPECT_LT(failing.steps() - before, steps / 2) << "it went on";
        }
        auto chunks = *SnapshotCollection::open(failing, "r/c", manifest);
        for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(chunks.read(i)) << after;
    }
}

TEST_F(SnapshotRestoreTest, BeginsAnewForAnotherSnapshot)
{
    {
        auto chunks = *SnapshotCollection::open(disk, "r/c", manifest);
        ASSERT_TRUE(chunks.add(0, *folder.chunk(0)));
    }
    auto again = *SnapshotCollection::open(disk, "r/c", manifest);
    EXPECT_EQ(again.missing(), count - 1);
    const SnapshotWorld other{{.seed = 2}};
    SnapshotFolder other_folder{disk, "s/6"};
    const auto theirs = other.write(other_folder);
    auto anew = *SnapshotCollection::open(disk, "r/c", theirs);
    EXPECT_EQ(anew.missing(), theirs.content.ends.size());
}

TEST_F(SnapshotRestoreTest, FindsAChunkThatWasDamagedOnDiskAndAsksForItAgain)
{
    for (std::size_t damaged = 0; damaged < count; ++damaged) {
        auto chunks = *SnapshotCollection::open(disk, "r/c", manifest);
        for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(chunks.add(i, *folder.chunk(i)));
        disk.flip("r/c/" + chunk_name(damaged), 40 + damaged, 4);
        const auto store = make_memory_store();
        const auto filled = fill_store(*store, chunks, world.genesis);
        ASSERT_FALSE(filled);
        EXPECT_EQ(filled.error().kind, ErrorKind::corrupt);
        EXPECT_NE(filled.error().detail.find("chunk " + std::to_string(damaged)),
                  std::string::npos);
        EXPECT_EQ(store->tip(), std::nullopt);
        EXPECT_EQ(chunks.missing(), 1U);
        EXPECT_FALSE(chunks.present()[damaged]);
    }
}

TEST_F(SnapshotRestoreTest, PutsAFreshStoreInPlaceOnce)
{
    PosixDisk real;
    auto chunks = *SnapshotCollection::open(real, place.chunks().string(), manifest);
    for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(chunks.add(i, *folder.chunk(i)));
    const auto add_more = [](BlockStore& store) { return store.put_meta("more", as_bytes("x")); };
    ASSERT_TRUE(finish_restore(real, place, chunks, world.genesis, {}, add_more));
    EXPECT_FALSE(std::filesystem::exists(place.staging()));
    {
        const auto store = open_rocks_store(place.store());
        ASSERT_TRUE(store) << store.error().detail;
        expect_restored(**store);
        EXPECT_TRUE(*(*store)->get_meta("more"));
        EXPECT_TRUE((*store)->verify_files());
    }
    EXPECT_EQ(finish_restore(real, place, chunks, world.genesis).error().kind, ErrorKind::invalid);
}

TEST_F(SnapshotRestoreTest, GoesOnAfterItWasKilledAtEveryStep)
{
    std::vector<Bytes> bytes;
    for (std::size_t i = 0; i < count; ++i) bytes.push_back(*folder.chunk(i));
    const auto restore = [&](Disk& on) {
        auto chunks = SnapshotCollection::open(on, place.chunks().string(), manifest);
        if (!chunks) return false;
        for (std::size_t i = 0; i < count; ++i)
            if (!chunks->present()[i] && !chunks->add(i, bytes[i])) return false;
        return finish_restore(on, place, *chunks, world.genesis).has_value();
    };
    // Chunks are written alike: every fifth step suffices there.
    const int steps = static_cast<int>(4 + 3 * count + 4);
    int killed = 0;
    for (int dies_at = 0; dies_at < steps; ++dies_at) {
        if (dies_at > 9 && dies_at < steps - 8 && dies_at % 5 != 0) continue;
        std::filesystem::remove_all(place.store());
        std::filesystem::remove_all(place.staging());
        MortalDisk mortal{dies_at};
        try {
            EXPECT_TRUE(restore(mortal)) << "or it is killed";
        } catch (const Killed&) {
            ++killed;
        }
        PosixDisk real;
        if (!std::filesystem::exists(place.store())) {
            ASSERT_TRUE(restore(real)) << dies_at;
        }
        const auto store = open_rocks_store(place.store());
        ASSERT_TRUE(store) << dies_at << ": " << store.error().detail;
        expect_restored(**store);
    }
    EXPECT_GT(killed, 15);
}

}  // namespace
}  // namespace ledger
