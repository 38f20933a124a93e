#include "wallet/client/pass_folder.hpp"

#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace wallet {
namespace {

namespace fs = std::filesystem;

struct PassFolderTest : testing::Test {
    static PassFile pass(const std::string& token, std::uint64_t until_ms, std::uint64_t left = 5)
    {
        return {"http://node:8700", "digits", token, 9, left, until_ms, ledger::Amount::micros(70)};
    }
    std::optional<PassFile> find(std::uint64_t now_ms) const
    {
        const auto found = folder.find("http://node:8700", "digits", now_ms);
        EXPECT_TRUE(found);
        return found ? *found : std::nullopt;
    }

    ledger::TemporaryFolder home;
    const PassFolder folder = *PassFolder::open(home.path() / "home");
};

TEST_F(PassFolderTest, FindsTheOneThatEndsFirst)
{
    EXPECT_EQ(find(0), std::nullopt);
    ASSERT_TRUE(folder.save(pass("later", 2'000)));
    ASSERT_TRUE(folder.save(pass("sooner", 1'000)));
    EXPECT_EQ(find(0), pass("sooner", 1'000));
    EXPECT_EQ(find(1'000), pass("later", 2'000));
    EXPECT_EQ(find(2'000), std::nullopt);
    EXPECT_EQ(*folder.list(), (std::vector{pass("sooner", 1'000), pass("later", 2'000)}));
}

TEST_F(PassFolderTest, FindsNoneThatIsUsedUpOrOfAnotherModelOrNode)
{
    ASSERT_TRUE(folder.save(pass("one", 1'000, 1)));
    ASSERT_TRUE(folder.save(pass("one", 1'000, 0)));
    EXPECT_EQ(folder.list()->size(), 1u) << "the same pass, in its own place";
    EXPECT_EQ(find(0), std::nullopt);
    ASSERT_TRUE(folder.save(pass("two", 1'000)));
    EXPECT_EQ(*folder.find("http://node:8700", "other", 0), std::nullopt);
    EXPECT_EQ(*folder.find("http://other:8700", "digits", 0), std::nullopt);
}

TEST_F(PassFolderTest, KeepsThemForTheOwnerAndTellsNothingInTheirNames)
{
    ASSERT_TRUE(folder.save(pass("secret", 1'000)));
    for (const auto& entry : fs::directory_iterator{home.path() / "home" / "passes"}) {
        EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write);
        EXPECT_EQ(entry.path().filename().string().find("secret"), std::string::npos);
    }
}

TEST_F(PassFolderTest, ForgetsThoseThatAreOver)
{
    ASSERT_TRUE(folder.save(pass("old", 1'000)));
    ASSERT_TRUE(folder.save(pass("new", 2'000)));
    EXPECT_EQ(*folder.forget_ended(1'000), 1u);
    EXPECT_EQ(*folder.list(), std::vector{pass("new", 2'000)});
}

TEST_F(PassFolderTest, SaysWhichFileIsDamaged)
{
    ASSERT_TRUE(folder.save(pass("one", 1'000)));
    const auto file = fs::directory_iterator
    {
        home.path() / "home" / "passes"
        } -> path();
    std::ofstream{file, std::ios::trunc} << "{";
    const auto found = folder.list();
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().message.find(file.string()), std::string::npos);
}

}  // namespace
}  // namespace wallet
