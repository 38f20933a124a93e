#include "tests/support/snapshot_life.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>

// What a fetch that is killed leaves to the next one.
namespace node {
namespace {

using namespace ledger;

/// All of `count` chunks but these.
std::vector<std::size_t> all_but(std::size_t count, const std::vector<std::size_t>& those)
{
    std::vector<std::size_t> all(count);
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::erase_if(all, [&](std::size_t chunk) { return std::ranges::count(those, chunk) != 0; });
    return all;
}

std::vector<std::size_t> sorted(std::vector<std::size_t> chunks)
{
    std::ranges::sort(chunks);
    return chunks;
}

struct SnapshotResumeTest : testing::Test {
    SnapshotResumeTest() { library.add(world); }

    /// Fetches until so many chunks are on the disk, and is killed.
    static void keep_chunks(SnapshotLife& life, std::size_t count)
    {
        life.start();
        ASSERT_TRUE(life.run_until([&] { return life.kept().size() >= count; }, 60'000));
        ASSERT_EQ(life.kept().size(), count);
        life.kill();
    }
    /// Starts again, and ends with the state of this world.
    static void go_on(SnapshotLife& life, const SnapshotWorld& of)
    {
        life.start();
        ASSERT_TRUE(life.run(60'000));
        ASSERT_TRUE(*life.fetch().outcome()) << life.fetch().outcome()->error().detail;
        EXPECT_EQ(life.state, listing(of.store->state()));
        EXPECT_TRUE(life.files().empty()) << "something is left behind";
        EXPECT_TRUE(life.banned.empty());
    }
    std::size_t count() const { return library.books.begin()->second.chunks.size(); }

    SnapshotWorld world{{.entries = 500}};
    MemoryLibrary library;
};

TEST_F(SnapshotResumeTest, AsksForNoChunkThatIsKeptWhereverItWasKilled)
{
    ASSERT_GE(count(), 6u);
    for (std::size_t boundary = 0; boundary < count(); ++boundary) {
        SCOPED_TRACE("killed with " + std::to_string(boundary) + " chunks");
        SnapshotLife life{world};
        life.join(1, library);
        life.join(2, library, 35);
        keep_chunks(life, boundary);
        const auto kept = life.kept();
        go_on(life, world);
        EXPECT_EQ(sorted(life.asked), all_but(count(), kept));
        EXPECT_EQ(life.asked_for_kept, 0u);
    }
}

TEST_F(SnapshotResumeTest, AsksForEachChunkOnceWhenItIsKilledAtEveryOne)
{
    SnapshotLife life{world};
    life.join(1, library);
    for (std::size_t boundary = 1; boundary < count(); ++boundary) keep_chunks(life, boundary);
    const auto kept = life.kept();
    go_on(life, world);
    EXPECT_EQ(life.asked, all_but(count(), kept)) << "the last one";
    EXPECT_EQ(life.asked_for_kept, 0u);
}

TEST_F(SnapshotResumeTest, AsksForNothingWhenAllWasKept)
{
    SnapshotLife life{world};
    life.join(1, library);
    keep_chunks(life, count() - 1);
    const auto missing = all_but(count(), life.kept()).front();
    std::ofstream{life.place.chunks() / chunk_name(missing), std::ios::binary}
        << as_text(library.books.begin()->second.chunks[missing]);
    go_on(life, world);
    EXPECT_TRUE(life.asked.empty());
}

TEST_F(SnapshotResumeTest, AsksAgainForChunksThatWereDamagedOnDiskAndForNoOther)
{
    for (std::size_t damaged = 0; damaged < 4; ++damaged) {
        SCOPED_TRACE("damaged " + std::to_string(damaged));
        SnapshotLife life{world};
        life.join(1, library);
        keep_chunks(life, 5);
        const auto kept = life.kept();
        life.damage(kept[damaged]);
        life.damage(kept[4]);
        go_on(life, world);
        std::vector<std::size_t> good = kept;
        std::erase(good, kept[damaged]);
        std::erase(good, kept[4]);
        EXPECT_EQ(sorted(life.asked), all_but(count(), good));
        EXPECT_EQ(life.asked_for_kept, 0u);
    }
}

TEST_F(SnapshotResumeTest, AsksAgainForAChunkThatWasCutAndForOneThatWasBeingWritten)
{
    SnapshotLife life{world};
    life.join(1, library);
    keep_chunks(life, 5);
    auto kept = life.kept();
    std::filesystem::resize_file(life.place.chunks() / chunk_name(kept[0]), 7);
    std::filesystem::rename(life.place.chunks() / chunk_name(kept[1]),
                            life.place.chunks() / (chunk_name(kept[1]) + ".new"));
    go_on(life, world);
    kept.erase(kept.begin(), kept.begin() + 2);
    EXPECT_EQ(sorted(life.asked), all_but(count(), kept));
}

TEST_F(SnapshotResumeTest, BeginsAnewWithASnapshotOfAnotherHeight)
{
    const SnapshotWorld newer{{.entries = 200, .height = 9}};
    MemoryLibrary later;
    later.add(newer);
    SnapshotLife life{world};
    life.join(1, library);
    keep_chunks(life, 5);
    life.leave(1);
    life.join(2, later);
    life.start();
    const auto chunks = later.books.begin()->second.chunks.size();
    ASSERT_LT(chunks, count()) << "or nothing could be left";
    const auto but_one = [&] {
        const auto shown = life.fetch().progress();
        return shown.height == 9 && shown.missing == 1;
    };
    ASSERT_TRUE(life.run_until(but_one, 60'000));
    EXPECT_LT(life.kept().back(), chunks);
    EXPECT_EQ(life.files().size(), chunks) << "its manifest, and all of its chunks but one";
    life.kill();
    go_on(life, newer);
    EXPECT_EQ(life.asked.size(), 1u);
}

TEST_F(SnapshotResumeTest, BeginsAnewWithASnapshotOfTheSameHeightAndAnotherRoot)
{
    const SnapshotWorld other{{.entries = 500, .seed = 2}};
    ASSERT_EQ(other.finality.path.front().height, world.finality.path.front().height);
    MemoryLibrary elsewhere;
    elsewhere.add(other);
    SnapshotLife life{world};
    life.join(1, library);
    keep_chunks(life, 5);
    life.leave(1);
    life.join(2, elsewhere);
    go_on(life, other);
    EXPECT_EQ(sorted(life.asked), all_but(elsewhere.books.begin()->second.chunks.size(), {}));
}

TEST_F(SnapshotResumeTest, BeginsAnewWhereTheManifestIsDamaged)
{
    SnapshotLife life{world};
    life.join(1, library);
    keep_chunks(life, 5);
    std::filesystem::resize_file(life.place.chunks() / "manifest", 40);
    go_on(life, world);
    EXPECT_EQ(sorted(life.asked), all_but(count(), {}));
}

TEST_F(SnapshotResumeTest, DoesNotTrustWhatIsKeptWithoutAProofFromAPeer)
{
    SnapshotLife life{world};
    life.join(1, library);
    keep_chunks(life, 5);
    life.leave(1);
    const SnapshotWorld forged{{.entries = 300, .height = 50, .first_key = 90}};
    MemoryLibrary lies;
    lies.add(forged);
    life.join(2, lies);
    life.start();
    EXPECT_FALSE(life.run(180'000));
    EXPECT_EQ(life.kept().size(), 5u) << "what lies show takes nothing away";
    EXPECT_TRUE(life.asked.empty());
}

}  // namespace
}  // namespace node
