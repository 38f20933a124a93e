#include "node/blobs/bucket/object_generations.hpp"

#include "tests/support/sim_disk.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;

struct ObjectGenerationsTest : testing::Test {
    static constexpr std::uint64_t objects = sector_objects + 10;

    std::unique_ptr<ObjectGenerations> open()
    {
        auto opened = ObjectGenerations::open(disk, "folder", "folder/x.objects", objects);
        EXPECT_TRUE(opened) << opened.error().detail;
        return std::move(*opened);
    }
    static ObjectGenerations::Name write(ObjectGenerations& all, std::uint64_t number)
    {
        const auto name = all.begin(number);
        all.end(name, true);
        return name;
    }

    SimDisk disk;
};

TEST_F(ObjectGenerationsTest, FillASector)
{
    std::vector<std::uint64_t> all(objects);
    for (std::uint64_t i = 0; i < objects; ++i) all[i] = (i + 1) << 40;
    std::vector<std::uint64_t> read(objects);
    for (const auto first : {std::uint64_t{0}, sector_objects}) {
        const auto sector = encode_generations(all, first);
        ASSERT_EQ(sector.size(), sector_bytes);
        ASSERT_TRUE(decode_generations(sector, first, read));
        for (std::size_t i = 0; i < sector_bytes; i += 3) {
            auto damaged = sector;
            damaged[i] ^= 1;
            std::vector<std::uint64_t> untouched(objects);
            EXPECT_EQ(decode_generations(damaged, first, untouched).error().kind,
                      ErrorKind::corrupt);
            EXPECT_EQ(untouched, std::vector<std::uint64_t>(objects));
        }
    }
    EXPECT_EQ(read, all);
    EXPECT_TRUE(decode_generations(Bytes(sector_bytes), 0, read)) << "a hole says nothing";
    EXPECT_EQ(read, all);
}

TEST_F(ObjectGenerationsTest, CountOnceTheyAreWrittenAndLastOnceTheyAreSynced)
{
    auto all = open();
    EXPECT_EQ(all->current(70), 0u);
    const auto synced = write(*all, 70);
    ASSERT_TRUE(all->sync());
    const auto unsynced = write(*all, 3);
    EXPECT_EQ(all->current(3), unsynced.generation);
    disk.crash([] { return false; }, false);
    all = open();
    EXPECT_EQ(all->current(70), synced.generation);
    EXPECT_EQ(all->current(3), 0u);
}

TEST_F(ObjectGenerationsTest, NeverComeTwice)
{
    const auto all = open();
    std::set<ObjectGenerations::Name> seen;
    for (int i = 0; i < 100; ++i) {
        const auto name = all->begin(5);
        EXPECT_NE(name.generation, 0u);
        EXPECT_TRUE(seen.insert(name).second);
        all->end(name, i % 2 == 0);
    }
}

TEST_F(ObjectGenerationsTest, AreUsedWhileTheyMayStillCount)
{
    const auto all = open();
    EXPECT_TRUE(all->is_used({4, 0})) << "an object of the first layout";
    const auto first = all->begin(4);
    EXPECT_TRUE(all->is_used(first)) << "it is under way";
    all->end(first, true);
    EXPECT_TRUE(all->is_used({4, 0})) << "after a loss of power it counts again";
    ASSERT_TRUE(all->sync());
    EXPECT_FALSE(all->is_used({4, 0}));
    const auto second = write(*all, 4);
    EXPECT_TRUE(all->is_used(first));
    EXPECT_TRUE(all->take_superseded(9).empty());
    ASSERT_TRUE(all->sync());
    EXPECT_FALSE(all->is_used(first));
    EXPECT_TRUE(all->is_used(second));
    EXPECT_EQ(all->take_superseded(9), std::vector<ObjectGenerations::Name>{first});
    EXPECT_TRUE(all->take_superseded(9).empty()) << "each is told once";
    const auto failed = all->begin(4);
    all->end(failed, false);
    EXPECT_FALSE(all->is_used(failed));
    EXPECT_TRUE(all->is_used(second));
    EXPECT_FALSE(all->is_used({objects, 0})) << "the batch has no such object";
}

TEST_F(ObjectGenerationsTest, TakeADamagedSectorForNothingAndKeepTheOthers)
{
    auto all = open();
    write(*all, 0);
    const auto kept = write(*all, sector_objects);
    ASSERT_TRUE(all->sync());
    disk.flip("folder/x.objects", 9, 1);
    all = open();
    EXPECT_EQ(all->current(0), 0u);
    EXPECT_EQ(all->current(sector_objects), kept.generation);
    EXPECT_TRUE(all->is_used({0, 77})) << "it may be the one that counted";
    EXPECT_FALSE(all->is_used({sector_objects, 77}));
}

TEST_F(ObjectGenerationsTest, StayAsTheyWereWhereTheDiskFails)
{
    auto all = open();
    const auto first = write(*all, 1);
    ASSERT_TRUE(all->sync());
    write(*all, 1);
    disk.fail({.only = SimDisk::Step::sync});
    EXPECT_FALSE(all->sync());
    EXPECT_TRUE(all->is_used(first)) << "nobody knows what is on the disk";
    EXPECT_TRUE(all->take_superseded(9).empty());
}

}  // namespace
}  // namespace node
