#include "ledger/store/log.hpp"

#include "tests/support/sim_disk.hpp"
#include "tests/support/store_blocks.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace ledger {
namespace {

const std::string folder = "data/log";

/// What a record numbered `seq` holds here: its length differs, so that tears fall everywhere.
Bytes payload(std::uint64_t seq)
{
    Bytes made(seq * 37 % 700);
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<std::uint8_t>(seq + i);
    return made;
}

struct LogTest : testing::Test {
    SimDisk disk;
    LogLimits limits{.segment_bytes = 2048, .record_bytes = 1024, .batch_bytes = 4096};
    std::uint64_t salt = 1;
    std::set<std::uint64_t> marks;  ///< numbers that closing may have taken
    std::uint64_t replayed_first = 0;
    std::uint64_t replayed_last = 0;

    Result<std::unique_ptr<Log>> open(std::uint64_t applied_seq = 0)
    {
        replayed_first = replayed_last = 0;
        return Log::open(
            disk, folder, limits, {applied_seq, salt++},
            [this](const LogRecord& record) -> Result<void> {
                EXPECT_EQ(record.type, 1 + record.seq % 3);
                EXPECT_EQ(Bytes(record.payload.begin(), record.payload.end()), payload(record.seq));
                if (replayed_first == 0) replayed_first = record.seq;
                if (replayed_last != 0) {
                    const bool over_a_mark =
                        marks.contains(replayed_last + 1) && record.seq == replayed_last + 2;
                    EXPECT_TRUE(record.seq == replayed_last + 1 || over_a_mark)
                        << record.seq << " after " << replayed_last;
                }
                replayed_last = record.seq;
                return {};
            });
    }

    static Result<void> append(Log& log, std::uint64_t count)
    {
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto seq = log.next_seq();
            const auto done = log.append(static_cast<std::uint8_t>(1 + seq % 3), payload(seq));
            if (!done) return done.error();
            EXPECT_EQ(*done, seq);
        }
        return {};
    }

    static void append_and_sync(Log& log, std::uint64_t count)
    {
        ASSERT_TRUE(append(log, count));
        ASSERT_TRUE(log.sync());
    }

    std::string newest() { return folder + "/" + disk.list(folder)->back(); }
};

TEST_F(LogTest, ReplaysWhatWasSyncedAndNumbersOn)
{
    {
        const auto log = open();
        ASSERT_TRUE(log);
        EXPECT_EQ((*log)->next_seq(), 1U);
        for (int i = 0; i < 4; ++i) append_and_sync(**log, 5);
        EXPECT_EQ((*log)->synced_seq(), 20U);
        EXPECT_GT((*log)->segment_count(), 2U);
    }
    const auto log = open();
    ASSERT_TRUE(log) << log.error().detail;
    EXPECT_EQ(replayed_first, 1U);
    EXPECT_EQ(replayed_last, 20U);
    EXPECT_EQ((*log)->next_seq(), 21U);
    EXPECT_EQ((*log)->synced_seq(), 20U);
    append_and_sync(**log, 1);
    ASSERT_TRUE(open());
    EXPECT_EQ(replayed_last, 21U);
}

TEST_F(LogTest, OneSyncServesTheWholeBatchAndNoneServesNothing)
{
    const auto log = open();
    ASSERT_TRUE(log);
    const auto before = disk.steps();
    ASSERT_TRUE(append(**log, 3));
    EXPECT_EQ(disk.steps(), before);
    ASSERT_TRUE((*log)->sync());
    EXPECT_EQ(disk.steps(), before + 2) << "one write, one sync";
    ASSERT_TRUE((*log)->sync());
    EXPECT_EQ(disk.steps(), before + 2);
}

TEST_F(LogTest, RefusesWhatIsTooLongAndStaysWhole)
{
    const auto log = open();
    ASSERT_TRUE(log);
    EXPECT_EQ((*log)->append(1, Bytes(1025)).error().kind, ErrorKind::invalid);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE((*log)->append(1, Bytes(1024)));
    EXPECT_EQ((*log)->append(1, Bytes(1024)).error().kind, ErrorKind::full);
    ASSERT_TRUE((*log)->sync());
    EXPECT_EQ(*(*log)->append(1, Bytes(1024)), 4U);
}

TEST_F(LogTest, FreesWholeSegmentsOnlyAndNeverTheNewest)
{
    auto log = open();
    ASSERT_TRUE(log);
    for (int i = 0; i < 20; ++i) append_and_sync(**log, 1);
    const auto all = (*log)->segment_count();
    ASSERT_GT(all, 3U);
    ASSERT_TRUE((*log)->free_through(0));
    EXPECT_EQ((*log)->segment_count(), all);
    ASSERT_TRUE((*log)->free_through(10));
    EXPECT_LT((*log)->segment_count(), all);
    EXPECT_LE((*log)->first_seq(), 11U);
    EXPECT_GT((*log)->first_seq(), 1U);
    ASSERT_TRUE((*log)->free_through(20));
    EXPECT_EQ((*log)->segment_count(), 1U);
    const auto first = (*log)->first_seq();
    log = open(20);
    ASSERT_TRUE(log) << log.error().detail;
    EXPECT_EQ((*log)->first_seq(), first);
    EXPECT_EQ((*log)->next_seq(), 21U);
}

TEST_F(LogTest, IsBrokenForGoodAfterAFailedSync)
{
    const auto log = open();
    ASSERT_TRUE(log);
    append_and_sync(**log, 1);
    ASSERT_TRUE(append(**log, 1));
    disk.fail({.only = SimDisk::Step::sync, .kind = ErrorKind::io});
    EXPECT_EQ((*log)->sync().error().kind, ErrorKind::io);
    const auto steps = disk.steps();
    EXPECT_EQ((*log)->sync().error().kind, ErrorKind::io);
    EXPECT_EQ((*log)->append(1, {}).error().kind, ErrorKind::io);
    EXPECT_EQ((*log)->free_through(1).error().kind, ErrorKind::io);
    EXPECT_EQ((*log)->close().error().kind, ErrorKind::io);
    EXPECT_EQ(disk.steps(), steps) << "a failed sync is not tried again";
    disk.crash([] { return false; }, false);
    ASSERT_TRUE(open());
    EXPECT_EQ(replayed_last, 1U);
}

TEST_F(LogTest, SaysThatTheDiskIsFull)
{
    const auto log = open();
    ASSERT_TRUE(log);
    ASSERT_TRUE(append(**log, 2));
    disk.fail({.only = SimDisk::Step::write, .kind = ErrorKind::full, .partial_bytes = 40});
    EXPECT_EQ((*log)->sync().error().kind, ErrorKind::full);
    EXPECT_EQ((*log)->append(1, {}).error().kind, ErrorKind::full);
}

TEST_F(LogTest, DoesNotTrustPagesThatAFailedSyncLeftBehind)
{
    {
        const auto log = open();
        ASSERT_TRUE(log);
        append_and_sync(**log, 2);
        ASSERT_TRUE(append(**log, 2));
        disk.fail({.only = SimDisk::Step::sync});
        ASSERT_FALSE((*log)->sync());
    }
    // The process restarts, the machine does not: reads still see records 3 and 4.
    ASSERT_TRUE(open());
    EXPECT_EQ(replayed_last, 4U);
    disk.crash([] { return false; }, false);
    ASSERT_TRUE(open());
    EXPECT_EQ(replayed_last, 4U) << "what was replayed must be durable";
}

/// How far a script came before the disk died.
struct Progress {
    std::uint64_t acknowledged = 0;
    std::uint64_t freed = 0;
};

TEST_F(LogTest, KeepsEveryAcknowledgedRecordWhereverPowerIsLost)
{
    const auto script = [this](Progress& run) {
        const auto log = open(run.freed);
        if (!log) return;
        run.acknowledged = std::max(run.acknowledged, (*log)->synced_seq());
        for (std::uint64_t batch = 1; batch <= 6; ++batch) {
            if (!append(**log, batch % 4 + 1) || !(*log)->sync()) return;
            run.acknowledged = (*log)->synced_seq();
            if (batch % 3 == 0) {
                run.freed = (*log)->synced_seq() - 1;
                if (!(*log)->free_through(run.freed)) return;
            }
        }
        marks.insert((*log)->next_seq());
        if ((*log)->close()) run.acknowledged = (*log)->synced_seq();
    };
    Progress whole;
    script(whole);
    script(whole);
    const auto steps = disk.steps();
    ASSERT_GT(steps, 60U);

    std::mt19937_64 random{1};
    for (std::uint64_t at = 0; at < steps; ++at) {
        for (const std::size_t partial : {0, 1, 28, 29, 30, 500, 513, 100'000}) {
            for (const unsigned kept_of_8 : {0U, 4U, 7U, 8U}) {
                SCOPED_TRACE(testing::Message()
                             << "step " << at << " partial " << partial << " kept " << kept_of_8);
                disk = SimDisk{};
                marks.clear();
                disk.fail({.after = at, .partial_bytes = partial, .fatal = true});
                Progress run;
                script(run);
                script(run);
                disk.crash([&] { return random() % 8 < kept_of_8; }, kept_of_8 % 2 == 0);
                const auto log = open(run.freed);
                ASSERT_TRUE(log) << log.error().detail;
                ASSERT_GE((*log)->synced_seq(), run.acknowledged);
                if (replayed_first != 0) {
                    ASSERT_LE(replayed_first, run.freed + 1);
                }
                append_and_sync(**log, 3);
                const auto next = (*log)->next_seq();
                const auto again = open(run.freed);
                ASSERT_TRUE(again) << again.error().detail;
                ASSERT_EQ((*again)->next_seq(), next);
                if (testing::Test::HasFailure()) return;
            }
        }
    }
}

TEST_F(LogTest, StandsWhereverAnErrorStrikes)
{
    for (const auto kind : {ErrorKind::io, ErrorKind::full}) {
        for (std::uint64_t at = 0; at < 40; ++at) {
            SCOPED_TRACE(testing::Message() << "step " << at);
            disk = SimDisk{};
            disk.fail({.after = at, .kind = kind, .partial_bytes = 100});
            std::uint64_t acknowledged = 0;
            if (const auto log = open()) {
                for (int batch = 0; batch < 12; ++batch) {
                    if (!append(**log, 2) || !(*log)->sync()) break;
                    acknowledged = (*log)->synced_seq();
                }
                if (acknowledged < 24) {
                    EXPECT_EQ((*log)->sync().error().kind, kind);
                }
            }
            const auto log = open();
            ASSERT_TRUE(log) << log.error().detail;
            ASSERT_GE((*log)->synced_seq(), acknowledged);
        }
    }
}

TEST_F(LogTest, FindsEveryFlippedBitOfAClosedLog)
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
                // Only in the mark at the end and behind it is there nothing to lose.
                ASSERT_EQ(replayed_last, 9U) << path << " at " << offset;
            }
            disk = whole;  // the log writes to fresh files only
            if (HasFailure()) return;
        }
    }
    EXPECT_GT(found, 1500U);
}

TEST_F(LogTest, FindsDamageToTheLastRecordThatARestartCopied)
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

TEST_F(LogTest, FindsAMissingSegmentAndAMissingLog)
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

TEST_F(LogTest, FindsSegmentsThatChangedPlaces)
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

TEST_F(LogTest, PayloadThatLooksLikeARecordIsNoProofOfOne)
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

TEST_F(LogTest, AnErrorOfTheReaderStopsTheReplay)
{
    {
        const auto log = open();
        ASSERT_TRUE(log);
        append_and_sync(**log, 3);
    }
    int calls = 0;
    const auto log =
        Log::open(disk, folder, limits, {}, [&](const LogRecord& record) -> Result<void> {
            ++calls;
            if (record.seq == 2) return Error{ErrorKind::invalid, "not a vote"};
            return {};
        });
    EXPECT_EQ(log.error().kind, ErrorKind::invalid);
    EXPECT_EQ(calls, 2);
}

TEST_F(LogTest, RecoversFromAnyBytes)
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

TEST(PosixLog, StandsOnARealDisk)
{
    const TemporaryFolder temporary;
    const auto path = (temporary.path() / "log").string();
    PosixDisk disk;
    const LogLimits limits{.segment_bytes = 8192, .record_bytes = 4096, .batch_bytes = 8192};
    {
        const auto log = Log::open(disk, path, limits, {0, 5}, {});
        ASSERT_TRUE(log) << log.error().detail;
        for (int i = 0; i < 10; ++i) {
            ASSERT_TRUE((*log)->append(2, Bytes(3000, static_cast<std::uint8_t>(i))));
            ASSERT_TRUE((*log)->sync());
        }
        ASSERT_TRUE((*log)->free_through(4));
    }
    std::vector<std::uint64_t> seen;
    const auto log = Log::open(disk, path, limits, {4, 6}, [&](const LogRecord& record) {
        EXPECT_EQ(record.payload.size(), 3000U);
        EXPECT_EQ(record.payload.front(), record.seq - 1);
        seen.push_back(record.seq);
        return Result<void>{};
    });
    ASSERT_TRUE(log) << log.error().detail;
    ASSERT_FALSE(seen.empty());
    EXPECT_LE(seen.front(), 5U);
    EXPECT_EQ(seen.back(), 10U);
}

}  // namespace
}  // namespace ledger
