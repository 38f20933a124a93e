#include "tests/unit/ledger/store/log_fixture.hpp"

#include "tests/support/temporary_folder.hpp"

#include <algorithm>
#include <random>

namespace ledger {
namespace {

using LogTest = LogFixture;

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
