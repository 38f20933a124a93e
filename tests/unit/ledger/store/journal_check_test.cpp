#include "ledger/store/journal.hpp"
#include "tests/support/store_blocks.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

/// A journal that nobody has open: its check names whatever is damaged, and changes nothing.
namespace ledger {
namespace {

namespace fs = std::filesystem;

Bytes bytes_in(const fs::path& path)
{
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void put_bytes(const fs::path& path, const Bytes& bytes)
{
    std::ofstream out{path, std::ios::binary | std::ios::trunc};
    out << as_text(bytes);
}

void copy_over(const fs::path& from, const fs::path& to)
{
    fs::remove_all(to);
    fs::copy(from, to, fs::copy_options::recursive);
}

std::map<std::string, Bytes> contents(const fs::path& folder)
{
    std::map<std::string, Bytes> all;
    for (const auto& entry : fs::recursive_directory_iterator{folder})
        if (entry.is_regular_file()) all[entry.path().string()] = bytes_in(entry.path());
    return all;
}

struct JournalCheckTest : testing::Test {
    TemporaryFolder temporary{TemporaryFolder::Place::memory};
    fs::path closed = temporary.path() / "closed";    ///< everything is in files
    fs::path killed = temporary.path() / "killed";    ///< the second half is in the log only
    fs::path damaged = temporary.path() / "damaged";  ///< what a test makes of either

    JournalCheckTest()
    {
        {
            const auto journal = open_rocks_journal(closed);
            fill(**journal, 0, 20);
        }
        copy_over(closed, damaged);
        {
            const auto journal = open_rocks_journal(damaged);
            fill(**journal, 20, 40);
            const JournalBatch last{{"small", bytes_of("0"), std::nullopt},
                                    {"small", bytes_of("1"), bytes_of("new")}};
            EXPECT_TRUE((*journal)->commit(std::span{&last, 1}));
            copy_over(damaged, killed);
        }
    }

    static void fill(Journal& journal, int from, int to)
    {
        for (int i = from; i < to; ++i) {
            const JournalBatch batch{{"small", bytes_of(std::to_string(i)), Bytes(20, 7)},
                                     {"large", bytes_of(std::to_string(i)), Bytes(900, 8)}};
            ASSERT_TRUE(journal.commit(std::span{&batch, 1}));
        }
    }

    fs::path only(const fs::path& folder, std::string_view with)
    {
        for (const auto& entry : fs::recursive_directory_iterator{folder})
            if (entry.path().filename().string().find(with) != std::string::npos)
                return entry.path();
        ADD_FAILURE() << "no file " << with;
        return {};
    }

    /// Without the zeros that were set aside for more of a log.
    static std::size_t used_of(const Bytes& log)
    {
        const auto end =
            std::find_if(log.rbegin(), log.rend(), [](auto byte) { return byte != 0; });
        return static_cast<std::size_t>(log.rend() - end);
    }

    /// Of the killed node's log.
    fs::path damage_last_record()
    {
        const auto log = only(killed, "log-");
        auto bytes = bytes_in(log);
        bytes[used_of(bytes) - 1] ^= 1;
        put_bytes(log, bytes);
        return log;
    }

    /// Flips bytes of one file of `damaged`, here and there: every one must be named.
    void expect_named(const fs::path& file, std::size_t end, std::size_t step)
    {
        const auto whole = bytes_in(file);
        ASSERT_GE(whole.size(), end);
        for (std::size_t offset = 0; offset < end; offset += step) {
            auto bytes = whole;
            bytes[offset] ^= 0x04;
            put_bytes(file, bytes);
            const auto checked = check_rocks_journal(damaged);
            ASSERT_FALSE(checked) << file << " at " << offset;
            EXPECT_EQ(checked.error().kind, ErrorKind::corrupt) << checked.error().detail;
            EXPECT_NE(checked.error().detail.find(file.filename().string()), std::string::npos)
                << offset << ": " << checked.error().detail;
        }
        put_bytes(file, whole);
    }
};

TEST_F(JournalCheckTest, ReadsFilesAndLogTogetherAndChangesNothing)
{
    const auto before = contents(killed);
    {
        const auto checked = check_rocks_journal(killed);
        ASSERT_TRUE(checked) << checked.error().detail;
        EXPECT_EQ(checked->entries,
                  (std::map<std::string, std::uint64_t>{{"large", 40}, {"small", 39}}));
        EXPECT_GE(checked->log_records, 21U);
        EXPECT_EQ(checked->torn_bytes, 0U);
        const auto& journal = *checked->journal;
        EXPECT_EQ(*journal.get("small", as_bytes("0")), std::nullopt);
        EXPECT_EQ(*journal.get("small", as_bytes("1")), bytes_of("new"));
        EXPECT_EQ(*journal.get("small", as_bytes("2")), Bytes(20, 7));
        std::vector<std::string> keys;
        ASSERT_TRUE(journal.scan({"small", as_bytes("1")}, [&](ByteView key, ByteView value) {
            keys.emplace_back(as_text(key));
            EXPECT_EQ(value.size(), keys.back() == "1" ? 3U : 20U);
            return true;
        }));
        EXPECT_EQ(keys.size(), 11U);
        EXPECT_TRUE(std::ranges::is_sorted(keys));
        EXPECT_EQ(checked->journal->commit({}).error().kind, ErrorKind::denied);
        EXPECT_EQ(check_rocks_journal(killed).error().kind, ErrorKind::denied) << "it is open";
    }
    EXPECT_EQ(contents(killed), before);
}

TEST_F(JournalCheckTest, NamesTheFileInWhichAByteWasFlipped)
{
    copy_over(closed, damaged);
    for (const auto* with : {"MANIFEST", "CURRENT", ".sst", ".blob"}) {
        const auto file = only(damaged, with);
        const auto size = bytes_in(file).size();
        expect_named(file, size, size / 40 + 1);
        if (HasFatalFailure()) return;
    }
    const auto log = only(damaged, "log-");
    const auto bytes = bytes_in(log);
    constexpr std::size_t mark_bytes = 29;  // a flip there reads as the end of a killed node
    expect_named(log, used_of(bytes) - mark_bytes, 997);
}

TEST_F(JournalCheckTest, SaysHowMuchOfAKilledNodesLogIsNoRecord)
{
    const auto log = damage_last_record();
    const auto before = bytes_in(log);
    const auto checked = check_rocks_journal(killed);
    ASSERT_TRUE(checked) << checked.error().detail;
    EXPECT_GT(checked->torn_bytes, 29U);
    EXPECT_EQ(checked->entries.at("small"), 40U) << "the last batch is gone";
    EXPECT_EQ(bytes_in(log), before) << "nothing was cut";
}

TEST_F(JournalCheckTest, NamesWhatIsMissing)
{
    EXPECT_EQ(check_rocks_journal(temporary.path() / "nowhere").error().kind, ErrorKind::not_found);
    for (const auto* with : {"MANIFEST", "CURRENT", ".sst", ".blob", "log-"}) {
        copy_over(closed, damaged);
        fs::remove(only(damaged, with));
        const auto checked = check_rocks_journal(damaged);
        ASSERT_FALSE(checked) << with;
        EXPECT_EQ(checked.error().kind, ErrorKind::corrupt) << checked.error().detail;
    }
    for (const auto* folder : {"db", "log"}) {
        copy_over(closed, damaged);
        fs::remove_all(damaged / folder);
        const auto checked = check_rocks_journal(damaged);
        ASSERT_FALSE(checked) << folder;
        EXPECT_NE(checked.error().detail.find("is missing"), std::string::npos);
    }
}

TEST_F(JournalCheckTest, AJournalThatWasMadeDoesNotBeginAgainByItself)
{
    const JournalStart made{.was_made = true};
    {
        const auto fresh = open_rocks_journal(damaged / "fresh");
        ASSERT_TRUE(fresh);
        copy_over(damaged / "fresh", killed);  // as a kill leaves it: nothing was applied
    }
    fs::remove_all(killed / "log");
    for (const auto* folder : {"db", "log", ""}) {
        copy_over(folder == std::string{"log"} ? killed : closed, damaged);
        fs::remove_all(damaged / folder);
        const auto journal = open_rocks_journal(damaged, made);
        ASSERT_FALSE(journal) << folder;
        EXPECT_EQ(journal.error().kind, ErrorKind::corrupt);
        EXPECT_NE(journal.error().detail.find("is missing"), std::string::npos);
    }
    copy_over(closed, damaged);
    fs::remove_all(damaged / "log");
    const auto journal = open_rocks_journal(damaged, {.was_made = true, .begin_log_anew = true});
    ASSERT_TRUE(journal) << journal.error().detail;
    EXPECT_EQ(*(*journal)->get("small", as_bytes("3")), Bytes(20, 7)) << "what was in files stays";
}

TEST_F(JournalCheckTest, TheStartTellsHowMuchItCutsOff)
{
    damage_last_record();
    std::vector<std::size_t> cuts;
    const JournalStart start{.was_made = true, .on_cut = [&](std::size_t n) { cuts.push_back(n); }};
    ASSERT_TRUE(open_rocks_journal(killed, start));
    ASSERT_EQ(cuts.size(), 1U);
    EXPECT_GT(cuts[0], 29U);
    ASSERT_TRUE(open_rocks_journal(killed, start));
    EXPECT_EQ(cuts.size(), 1U);
}

}  // namespace
}  // namespace ledger
