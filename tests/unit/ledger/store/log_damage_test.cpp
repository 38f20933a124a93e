#include "ledger/store/log_format.hpp"
#include "tests/unit/ledger/store/log_fixture.hpp"

#include <algorithm>
#include <random>

namespace ledger {
namespace {

using LogDamageTest = LogFixture;

TEST_F(LogDamageTest, FindsEveryFlippedBitOfAClosedLog)
{
    {
        const auto log = open();
        ASSERT_TRUE(log);
        append_and_sync(**log, 3);
        append_and_sync(**log, 4);
        append_and_sync(**log, 2);
        ASSERT_TRUE((*log)->close());
        EXPECT_EQ((*log)->append(1, {}).error().kind, ErrorKind::unavailable);
    }
    const SimDisk whole = disk;
    std::size_t found = 0;
    for (const auto& name : *disk.list(folder)) {
        const auto path = folder + "/" + name;
        const auto size = disk.contents(path).size();
        for (std::size_t offset = 0; offset < size; ++offset) {
            const auto bytes = whole.contents(path);
            auto damaged = bytes;
            damaged[offset] ^= static_cast<std::uint8_t>(1U << offset % 8);
            disk.put(path, damaged);
            const auto log = open();
            if (!log) {
                EXPECT_EQ(log.error().kind, ErrorKind::corrupt);
                EXPECT_NE(log.error().detail.find(path + " at byte"), std::string::npos)
                    << log.error().detail;
                ++found;
            } else {
                // Only in the mark at the end is there nothing to lose.
                ASSERT_EQ(replayed_last, 9U) << path << " at " << offset;
                const auto zeros = std::ranges::find_if(bytes.rbegin(), bytes.rend(),
                                                        [](auto byte) { return byte != 0; });
                const auto end = static_cast<std::size_t>(bytes.rend() - zeros);
                ASSERT_LT(offset, end);
                ASSERT_GE(offset, end - log_record_head_bytes);
                EXPECT_GT((*log)->torn_bytes(), 0U);
            }
            disk = whole;  // the log writes to fresh files only
            if (HasFailure()) return;
        }
    }
    EXPECT_GT(found, 1500U);
}

TEST_F(LogDamageTest, FindsDamageToTheLastRecordThatARestartCopied)
{
    {
        const auto log = open();
        ASSERT_TRUE(log);
        append_and_sync(**log, 3);
    }
    ASSERT_TRUE(open());  // copies the three and syncs them
    const auto bytes = disk.contents(newest());
    const auto end = bytes.size() - static_cast<std::size_t>(std::distance(
                                        bytes.rbegin(),
                                        std::ranges::find_if(bytes.rbegin(), bytes.rend(),
                                                             [](auto byte) { return byte != 0; })));
    disk.flip(newest(), end - 1, 0x20);
    EXPECT_EQ(open().error().kind, ErrorKind::corrupt);
}

TEST_F(LogDamageTest, FindsAMissingSegmentAndAMissingLog)
{
    {
        const auto log = open();
        ASSERT_TRUE(log);
        for (int i = 0; i < 20; ++i) append_and_sync(**log, 1);
    }
    const auto names = *disk.list(folder);
    ASSERT_GT(names.size(), 2U);
    for (const auto& name : names) {
        const auto path = folder + "/" + name;
        const auto bytes = disk.contents(path);
        ASSERT_TRUE(disk.remove(path));
        const bool last = name == names.back();
        const auto log = open(last ? 20 : 0);
        ASSERT_FALSE(log) << name;
        EXPECT_EQ(log.error().kind, ErrorKind::corrupt);
        disk.put(path, bytes);
    }
    disk = SimDisk{};
    EXPECT_EQ(open(1).error().kind, ErrorKind::corrupt);
}

TEST_F(LogDamageTest, ALogThatWasMadeIsMissingBeforeAnythingOfItWasApplied)
{
    LogStart start;
    ASSERT_TRUE(Log::open(disk, folder, limits, start, {}));
    for (const auto& name : *disk.list(folder)) ASSERT_TRUE(disk.remove(folder + "/" + name));
    start.was_made = true;
    const auto missing = Log::open(disk, folder, limits, start, {});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::corrupt);
    EXPECT_TRUE(disk.list(folder)->empty());
    start.begin_anew = true;
    EXPECT_TRUE(Log::open(disk, folder, limits, start, {}));
}

TEST_F(LogDamageTest, CountsTheBytesThatItCutsOffTheEnd)
{
    {
        const auto log = open();
        ASSERT_TRUE(log);
        EXPECT_EQ((*log)->torn_bytes(), 0U);
        append_and_sync(**log, 2);
        append_and_sync(**log, 1);
    }
    const auto bytes = disk.contents(newest());
    const auto zeros =
        std::ranges::find_if(bytes.rbegin(), bytes.rend(), [](auto byte) { return byte != 0; });
    disk.flip(newest(), static_cast<std::size_t>(bytes.rend() - zeros) - 1, 0x20);
    const auto log = open();
    ASSERT_TRUE(log) << log.error().detail;
    EXPECT_EQ(replayed_last, 2U);
    EXPECT_GT((*log)->torn_bytes(), log_record_head_bytes);
    EXPECT_EQ((*open())->torn_bytes(), 0U);
}

TEST_F(LogDamageTest, FindsSegmentsThatChangedPlaces)
{
    {
        const auto log = open();
        ASSERT_TRUE(log);
        for (int i = 0; i < 20; ++i) append_and_sync(**log, 1);
    }
    const auto names = *disk.list(folder);
    const auto one = disk.contents(folder + "/" + names[0]);
    disk.put(folder + "/" + names[0], disk.contents(folder + "/" + names[1]));
    disk.put(folder + "/" + names[1], one);
    EXPECT_EQ(open().error().kind, ErrorKind::corrupt);
}

TEST_F(LogDamageTest, PayloadThatLooksLikeARecordIsNoProofOfOne)
{
    // A stranger puts a record into a payload, with the format's sums but not this log's salt;
    // then that payload is torn.
    Bytes forged;
    append_log_record(forged, {50, 1, {}}, 49, 0);
    {
        const auto log = open();
        ASSERT_TRUE(log);
        append_and_sync(**log, 2);
        ASSERT_TRUE((*log)->append(1, forged));
        ASSERT_TRUE((*log)->sync());
    }
    auto bytes = disk.contents(newest());
    const auto at = std::search(bytes.begin(), bytes.end(), forged.begin(), forged.end());
    ASSERT_NE(at, bytes.end());
    *(at - 1) ^= 1;  // the sum before the payload
    disk.put(newest(), bytes);
    const auto log = open();
    ASSERT_TRUE(log) << log.error().detail;
    EXPECT_EQ(replayed_last, 2U);
}

TEST_F(LogDamageTest, RecoversFromAnyBytes)
{
    std::mt19937_64 random{7};
    {
        const auto log = open();
        ASSERT_TRUE(log);
        append_and_sync(**log, 3);
        append_and_sync(**log, 2);
    }
    const auto whole = disk.contents(newest());
    for (int round = 0; round < 3000; ++round) {
        auto bytes = whole;
        for (auto changes = random() % 4; changes > 0; --changes) {
            bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
        }
        bytes.resize(random() % (bytes.size() + 1));
        std::uint64_t expected = 1;
        const auto scan = recover_log(bytes, [&](const LogRecord& record) -> Result<void> {
            EXPECT_EQ(record.seq, expected++);
            EXPECT_EQ(Bytes(record.payload.begin(), record.payload.end()), payload(record.seq));
            return {};
        });
        if (!scan) {
            EXPECT_EQ(scan.error().kind, ErrorKind::corrupt);
        }
    }
}

}  // namespace
}  // namespace ledger
