#include "node/app/home_journal.hpp"

#include "node/env/files.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

#include <array>

namespace node {
namespace {

using namespace ledger;
namespace fs = std::filesystem;

struct HomeJournalTest : testing::Test {
    HomeJournalTest() { EXPECT_TRUE(make_private_directory(home.data())); }

    /// Opens the journal as a node does, writes one entry, and ends.
    void run_once(std::uint8_t number)
    {
        const auto journal = open_home_journal(home);
        ASSERT_TRUE(journal) << journal.error().detail;
        const JournalBatch batch{{"other", Bytes{number}, Bytes{number}}};
        ASSERT_TRUE((*journal)->commit(std::span{&batch, 1}));
    }
    std::uint64_t entries()
    {
        const auto report = verify_home_journal(home, *network);
        EXPECT_TRUE(report) << report.error().detail;
        return report && *report ? (*report)->entries : 0;
    }
    /// Neither begins, nor is it well.
    void expect_lost()
    {
        const auto opened = open_home_journal(home);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
        EXPECT_NE(opened.error().detail.find("--accept-journal-loss"), std::string::npos);
        const auto verified = verify_home_journal(home, *network);
        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error().kind, ErrorKind::corrupt);
    }

    TemporaryFolder folder{TemporaryFolder::Place::memory};
    Home home{folder.path() / "home"};
    std::shared_ptr<const market::Network> network = test_network();
};

TEST_F(HomeJournalTest, BeginsWhereThereNeverWasOne)
{
    const auto none = verify_home_journal(home, *network);
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    EXPECT_EQ(accept_journal_loss(home).error().kind, ErrorKind::invalid);
    run_once(1);
    EXPECT_TRUE(fs::exists(home.journal_mark()));
    run_once(2);
    EXPECT_EQ(entries(), 2u);
    EXPECT_EQ(accept_journal_loss(home).error().kind, ErrorKind::invalid) << "it is well";
}

TEST_F(HomeJournalTest, MarksOneThatWasMadeBeforeThereWereMarks)
{
    run_once(1);
    fs::remove(home.journal_mark());
    run_once(2);
    EXPECT_TRUE(fs::exists(home.journal_mark()));
}

TEST_F(HomeJournalTest, SaysWhatNobodyCouldCheck)
{
    run_once(1);
    const auto report = verify_home_journal(home, *network);
    ASSERT_TRUE(report && *report);
    const auto& open = (*report)->not_checked;
    ASSERT_EQ(open.size(), 2u);
    EXPECT_NE(open[0].find("host's key"), std::string::npos) << "the home has none";
    EXPECT_NE(open[1].find("1 entries of the journal in other"), std::string::npos);
}

TEST_F(HomeJournalTest, AMissingFolderIsLostUntilItsOwnerSaysSo)
{
    run_once(1);
    fs::remove_all(home.journal());
    expect_lost();
    EXPECT_FALSE(fs::exists(home.journal()));
    const auto loss = accept_journal_loss(home);
    ASSERT_TRUE(loss) << loss.error().detail;
    EXPECT_EQ(loss->kept, 0u);
    EXPECT_TRUE(loss->aside.empty());
    run_once(2);
    EXPECT_EQ(entries(), 1u);
}

TEST_F(HomeJournalTest, AMissingLogLosesOnlyWhatTheDatabaseHasNot)
{
    run_once(1);
    fs::remove_all(home.journal() / "log");
    expect_lost();
    const auto loss = accept_journal_loss(home);
    ASSERT_TRUE(loss) << loss.error().detail;
    EXPECT_EQ(loss->kept, 1u);
    run_once(2);
    EXPECT_EQ(entries(), 2u);
}

TEST_F(HomeJournalTest, ADamagedDatabaseIsSetAside)
{
    run_once(1);
    ASSERT_TRUE(write_file(home.journal() / "db" / "CURRENT", as_bytes("MANIFEST-999999\n")));
    expect_lost();
    const auto loss = accept_journal_loss(home);
    ASSERT_TRUE(loss) << loss.error().detail;
    EXPECT_EQ(loss->kept, 0u);
    EXPECT_TRUE(fs::exists(loss->aside / "db" / "CURRENT"));
    EXPECT_TRUE(fs::exists(loss->aside / "log"));
    run_once(2);
    EXPECT_EQ(entries(), 1u);
}

}  // namespace
}  // namespace node
