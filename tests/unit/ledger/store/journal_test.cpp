#include "ledger/store/journal.hpp"

#include "ledger/store/group_committer.hpp"
#include "tests/support/store_blocks.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <thread>

namespace ledger {
namespace {

struct Implementation {
    const char* name;
    std::function<std::unique_ptr<Journal>(const std::filesystem::path&)> open;
    bool survives_restart;
};

void PrintTo(const Implementation& which, std::ostream* out)
{
    *out << which.name;
}

struct JournalTest : testing::TestWithParam<Implementation> {
    TemporaryFolder folder{TemporaryFolder::Place::memory};
    std::unique_ptr<Journal> journal = GetParam().open(folder.path());

    Result<void> commit(JournalBatch batch)
    {
        return journal->commit(std::vector<JournalBatch>{std::move(batch)});
    }

    std::optional<Bytes> get(std::string_view table, std::string_view key)
    {
        const auto found = journal->get(table, as_bytes(key));
        EXPECT_TRUE(found);
        return found ? *found : std::nullopt;
    }

    std::string listing(std::string_view table, std::string_view prefix)
    {
        std::string seen;
        EXPECT_TRUE(journal->scan({table, as_bytes(prefix)}, [&](ByteView key, ByteView value) {
            seen += std::string{as_text(key)} + "=" + std::string{as_text(value)} + " ";
            return true;
        }));
        return seen;
    }
};

TEST_P(JournalTest, KeepsTablesApart)
{
    ASSERT_TRUE(commit({{"voucher", bytes_of("a"), bytes_of("1")},
                        {"receipt", bytes_of("a"), bytes_of("2")},
                        {"vouchers", bytes_of(""), bytes_of("3")}}));
    EXPECT_EQ(get("voucher", "a"), bytes_of("1"));
    EXPECT_EQ(get("receipt", "a"), bytes_of("2"));
    EXPECT_EQ(get("voucher", "b"), std::nullopt);
    EXPECT_EQ(get("nothing", "a"), std::nullopt);
    EXPECT_EQ(listing("voucher", ""), "a=1 ");
    EXPECT_EQ(listing("vouchers", ""), "=3 ");
}

TEST_P(JournalTest, LaterWritesWinAndErasingForgets)
{
    const std::vector<JournalBatch> batches{
        {{"t", bytes_of("a"), bytes_of("1")}, {"t", bytes_of("a"), bytes_of("2")}},
        {{"t", bytes_of("b"), bytes_of("3")}, {"t", bytes_of("c"), Bytes{}}},
        {{"t", bytes_of("b"), std::nullopt}, {"t", bytes_of("never"), std::nullopt}}};
    ASSERT_TRUE(journal->commit(batches));
    ASSERT_TRUE(journal->commit({}));
    EXPECT_EQ(listing("t", ""), "a=2 c= ");
    EXPECT_EQ(get("t", "c"), Bytes{});
}

TEST_P(JournalTest, ScansAPrefixInOrderUntilToldToStop)
{
    ASSERT_TRUE(commit({{"t", bytes_of("k\xff"), bytes_of("3")},
                        {"t", bytes_of("k\x01"), bytes_of("2")},
                        {"t", bytes_of("k"), bytes_of("1")},
                        {"t", bytes_of("l"), bytes_of("x")},
                        {"t", bytes_of("\xff\xff"), bytes_of("y")}}));
    EXPECT_EQ(listing("t", "k"), "k=1 k\x01=2 k\xff=3 ");
    EXPECT_EQ(listing("t", "\xff"), "\xff\xff=y ");
    std::string seen;
    const auto note = [&](ByteView key, ByteView) {
        seen += as_text(key);
        return true;
    };
    ASSERT_TRUE(journal->scan({"t", as_bytes("k"), as_bytes("k\x01")}, note));
    EXPECT_EQ(seen, "k\x01k\xff");
    seen.clear();
    ASSERT_TRUE(journal->scan({"t", as_bytes("k"), as_bytes("k\x02")}, note));
    EXPECT_EQ(seen, "k\xff");
    int visits = 0;
    ASSERT_TRUE(journal->scan({"t", {}}, [&](ByteView, ByteView) { return ++visits < 2; }));
    EXPECT_EQ(visits, 2);
}

TEST_P(JournalTest, RemembersAcrossARestart)
{
    if (!GetParam().survives_restart) GTEST_SKIP() << "memory forgets";
    ASSERT_TRUE(commit({{"t", bytes_of("a"), bytes_of("1")}}));
    journal.reset();
    journal = GetParam().open(folder.path());
    ASSERT_TRUE(journal);
    EXPECT_EQ(get("t", "a"), bytes_of("1"));
}

TEST_P(JournalTest, ManyThreadsShareTheCommitter)
{
    constexpr int threads = 4;
    constexpr int each = 200;
    std::atomic<int> done = 0;
    {
        GroupCommitter committer{*journal};
        std::vector<std::thread> writers;
        for (int writer = 0; writer < threads; ++writer) {
            writers.emplace_back([&, writer] {
                for (int i = 0; i < each; ++i) {
                    const auto key = std::to_string(writer) + "/" + std::to_string(i);
                    committer.commit({{"t", bytes_of(key), bytes_of("v")}},
                                     [&, key](const Result<void>& result) {
                                         // Durable includes visible.
                                         if (result && get("t", key) == bytes_of("v")) ++done;
                                     });
                }
            });
        }
        for (auto& writer : writers) writer.join();
        EXPECT_TRUE(committer.commit_and_wait({{"t", bytes_of("last"), bytes_of("v")}}));
    }
    EXPECT_EQ(done, threads * each);
}

std::unique_ptr<Journal> open_memory(const std::filesystem::path&)
{
    return make_memory_journal();
}

std::unique_ptr<Journal> open_rocks(const std::filesystem::path& folder)
{
    auto opened = open_rocks_journal(folder);
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? std::move(*opened) : nullptr;
}

TEST(RocksJournal, HasAllThatWasCommittedWhenItsProcessEndsAnyhow)
{
    const TemporaryFolder folder{TemporaryFolder::Place::memory};
    const auto left = folder.path() / "left";
    const auto fill = [](Journal& journal, int from, int to) {
        const Bytes value(1000, 7);
        for (int i = from; i < to; ++i) {
            const std::vector<JournalBatch> batches{
                {{"t", bytes_of(std::to_string(i)), value}, {"n", {}, bytes_of(std::to_string(i))}},
                {{"t", bytes_of(std::to_string(i - 3)), std::nullopt}}};
            ASSERT_TRUE(journal.commit(batches));
        }
    };
    fill(*open_rocks(folder.path() / "journal"), 0, 50);  // closed: in files
    {
        const auto journal = open_rocks(folder.path() / "journal");
        fill(*journal, 50, 100);  // in the log only
        std::filesystem::copy(folder.path() / "journal", left,
                              std::filesystem::copy_options::recursive);
    }
    const auto journal = open_rocks(left);
    ASSERT_TRUE(journal);
    EXPECT_EQ(*journal->get("n", {}), bytes_of("99"));
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(journal->get("t", as_bytes(std::to_string(i)))->has_value(), i > 96) << i;
}

TEST(RocksJournal, FreesTheLogOfWhatIsInFiles)
{
    const TemporaryFolder folder{TemporaryFolder::Place::memory};
    const auto journal = open_rocks(folder.path());
    const JournalBatch batch{{"t", bytes_of("k"), Bytes(1 << 20, 7)}};
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(journal->commit(std::span{&batch, 1}));
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator{folder.path() / "log"})
        bytes += entry.file_size();
    EXPECT_LT(bytes, std::uintmax_t{100} << 20);
}

INSTANTIATE_TEST_SUITE_P(Journals, JournalTest,
                         testing::Values(Implementation{"Memory", open_memory, false},
                                         Implementation{"Rocks", open_rocks, true}),
                         [](const auto& test) { return test.param.name; });

/// A journal whose commits wait to be let through, and then answer as told.
class GatedJournal final : public Journal {
public:
    Result<void> commit(std::span<const JournalBatch> batches) override
    {
        sizes.push_back(batches.size());
        entered.release();
        gate.acquire();
        return answer;
    }
    Result<std::optional<Bytes>> get(std::string_view, ByteView) const override
    {
        return std::optional<Bytes>{};
    }
    Result<void> scan(const JournalRange&, const Visit&) const override { return {}; }

    std::vector<std::size_t> sizes;
    std::counting_semaphore<> entered{0};
    std::counting_semaphore<> gate{0};
    Result<void> answer;
};

TEST(GroupCommitter, CommitsTogetherWhatCameDuringTheLastSync)
{
    GatedJournal journal;
    std::vector<int> order;
    {
        GroupCommitter committer{journal};
        const auto note = [&order](int number) {
            return [&order, number](const Result<void>&) { order.push_back(number); };
        };
        committer.commit({{"t", {}, {}}}, note(0));
        journal.entered.acquire();
        for (int i = 1; i <= 5; ++i) committer.commit({{"t", {}, {}}}, note(i));
        journal.gate.release(2);
    }
    EXPECT_EQ(journal.sizes, (std::vector<std::size_t>{1, 5}));
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

TEST(GroupCommitter, WaitsForAsManyAsCameTogetherLately)
{
    GatedJournal journal;
    // The wait outlasts the test unless the last of them ends it.
    GroupCommitter committer{journal, {.gather = std::chrono::hours{1}}};
    const auto ignore = [](const Result<void>&) {};
    committer.commit({{"t", {}, {}}}, ignore);
    journal.entered.acquire();
    for (int i = 0; i < 3; ++i) committer.commit({{"t", {}, {}}}, ignore);
    journal.gate.release(2);
    journal.entered.acquire();  // three together
    for (int i = 0; i < 2; ++i) committer.commit({{"t", {}, {}}}, ignore);
    journal.gate.release(1);
    EXPECT_TRUE(committer.commit_and_wait({{"t", {}, {}}}));
    EXPECT_EQ(journal.sizes, (std::vector<std::size_t>{1, 3, 3}));
}

TEST(GroupCommitter, DoesNotKeepACallerWaitingWhoIsAlone)
{
    GatedJournal journal;
    journal.gate.release(100);
    GroupCommitter committer{journal, {.gather = std::chrono::hours{1}}};
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(committer.commit_and_wait({{"t", {}, {}}}));
    EXPECT_EQ(journal.sizes.size(), 100u);
}

TEST(GroupCommitter, TellsEveryoneThatTheDiskFailed)
{
    GatedJournal journal;
    journal.answer = Error{ErrorKind::io, "gone"};
    journal.gate.release(2);
    GroupCommitter committer{journal};
    EXPECT_EQ(committer.commit_and_wait({{"t", {}, {}}}).error().kind, ErrorKind::io);
}

TEST(GroupCommitter, RefusesMoreThanItsBound)
{
    GatedJournal journal;
    GroupCommitter committer{journal, {.queued_batches = 2, .queued_bytes = 100}};
    std::atomic<int> full = 0;
    const auto count = [&full](const Result<void>& result) {
        if (!result && result.error().kind == ErrorKind::full) ++full;
    };
    committer.commit({{"t", {}, {}}}, count);
    journal.entered.acquire();  // the first is out of the queue
    committer.commit({{"t", Bytes(100), {}}}, count);
    EXPECT_EQ(full, 1) << "101 bytes";
    committer.commit({{"t", Bytes(10), {}}}, count);
    committer.commit({{"t", {}, {}}}, count);
    EXPECT_EQ(full, 1);
    committer.commit({{"t", {}, {}}}, count);
    EXPECT_EQ(full, 2) << "a third batch";
    journal.gate.release(2);
}

}  // namespace
}  // namespace ledger
