#include "wallet/sealed/new_folder.hpp"

#include "tests/support/temporary_folder.hpp"
#include "wallet/keys/new_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace wallet {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& folder)
{
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator{folder}, fs::directory_iterator{}));
}

TEST(NewFolder, AppearsWholeOrLeavesNothing)
{
    const ledger::TemporaryFolder home;
    {
        const auto dropped = NewFolder::create(home.path() / "a" / "b");
        ASSERT_TRUE(dropped);
        std::ofstream{dropped->path() / "file"} << "x";
        EXPECT_FALSE(fs::exists(home.path() / "a" / "b"));
    }
    EXPECT_EQ(entries(home.path() / "a"), 0U);
    auto kept = NewFolder::create(home.path() / "a" / "b" / "");
    ASSERT_TRUE(kept);
    std::ofstream{kept->path() / "file"} << "x";
    ASSERT_TRUE(kept->commit());
    EXPECT_TRUE(fs::exists(home.path() / "a" / "b" / "file"));
    EXPECT_EQ(entries(home.path() / "a"), 1U);
}

TEST(NewFolder, TakesNoPlaceOfAnother)
{
    const ledger::TemporaryFolder home;
    fs::create_directory(home.path() / "there");
    EXPECT_EQ(NewFolder::create(home.path() / "there").error().kind, ledger::ErrorKind::denied);
    auto late = NewFolder::create(home.path() / "late");
    ASSERT_TRUE(late);
    fs::create_directory(home.path() / "late");
    std::ofstream{home.path() / "late" / "mine"} << "x";
    EXPECT_EQ(late->commit().error().kind, ledger::ErrorKind::denied);
    EXPECT_TRUE(fs::exists(home.path() / "late" / "mine"));
}

TEST(NewFile, AppearsWholeOrLeavesNothingAndReplacesNothing)
{
    const ledger::TemporaryFolder home;
    {
        auto dropped = NewFile::create(home.path() / "file");
        ASSERT_TRUE(dropped);
        EXPECT_TRUE(dropped->write(ledger::as_bytes("half")));
    }
    EXPECT_EQ(entries(home.path()), 0U);
    auto first = NewFile::create(home.path() / "file");
    auto second = NewFile::create(home.path() / "file");
    EXPECT_TRUE(first->write(ledger::as_bytes("one")));
    ASSERT_TRUE(first->commit(false));
    EXPECT_EQ(second->commit().error().kind, ledger::ErrorKind::denied);
    struct ::stat about {};
    ASSERT_EQ(::stat((home.path() / "file").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0644U);
    auto third = NewFile::create(home.path() / "private");
    ASSERT_TRUE(third->commit());
    ASSERT_EQ(::stat((home.path() / "private").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    EXPECT_EQ(NewFile::create(home.path() / "no" / "file").error().kind,
              ledger::ErrorKind::not_found);
}

}  // namespace
}  // namespace wallet
