#include "node/env/files.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace node {
namespace {

namespace fs = std::filesystem;
using ledger::as_bytes;
using ledger::as_text;
using ledger::ErrorKind;

struct FilesTest : testing::Test {
    FilesTest()
    {
        auto pattern = (fs::temp_directory_path() / "millrace-files-XXXXXX").string();
        home = ::mkdtemp(pattern.data());
    }
    ~FilesTest() override { fs::remove_all(home); }
    static unsigned mode_of(const fs::path& path)
    {
        struct stat found {};
        ::stat(path.c_str(), &found);
        return found.st_mode & 0777U;
    }
    fs::path home;
};

TEST_F(FilesTest, GivesBackWhatWasWritten)
{
    ASSERT_TRUE(write_file(home / "a", as_bytes("one")));
    ASSERT_TRUE(write_file(home / "a", as_bytes("second")));
    const auto read = read_file(home / "a", 6);
    ASSERT_TRUE(read);
    EXPECT_EQ(as_text(*read), "second");
    EXPECT_EQ(mode_of(home / "a"), 0600u);
    EXPECT_EQ(std::distance(fs::directory_iterator{home}, {}), 1);  // no temporary is left
}

TEST_F(FilesTest, SetsTheModeAskedForWhateverTheUmask)
{
    const auto before = ::umask(0177);
    ASSERT_TRUE(write_file(home / "a", as_bytes("x"), FileMode::public_file));
    ::umask(before);
    EXPECT_EQ(mode_of(home / "a"), 0644u);
}

TEST_F(FilesTest, RefusesToReadMoreThanTheLimit)
{
    ASSERT_TRUE(write_file(home / "a", as_bytes("123456")));
    EXPECT_EQ(read_file(home / "a", 5).error().kind, ErrorKind::full);
    EXPECT_TRUE(read_file(home / "a", 6));
}

TEST_F(FilesTest, NamesWhatIsWrongWithTheFile)
{
    EXPECT_EQ(read_file(home / "none", 5).error().kind, ErrorKind::not_found);
    EXPECT_EQ(read_file(home, 5).error().kind, ErrorKind::io);
    ASSERT_EQ(::mkfifo((home / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(read_file(home / "pipe", 5).error().kind, ErrorKind::io);  // and does not wait
    EXPECT_EQ(write_file(home / "none" / "a", as_bytes("x")).error().kind, ErrorKind::not_found);
}

TEST_F(FilesTest, KeepsTheOldBytesWhenTheNewCannotBeWritten)
{
    ASSERT_TRUE(fs::create_directory(home / "a"));
    std::ofstream{home / "a" / "inside"} << "kept";
    EXPECT_FALSE(write_file(home / "a", as_bytes("x")));  // a full directory is not replaced
    EXPECT_TRUE(fs::exists(home / "a" / "inside"));
    EXPECT_EQ(std::distance(fs::directory_iterator{home}, {}), 1);
}

TEST_F(FilesTest, MakesADirectoryThatOnlyWeCanEnter)
{
    ASSERT_TRUE(make_private_directory(home / "deep" / "er"));
    EXPECT_EQ(mode_of(home / "deep" / "er"), 0700u);
    EXPECT_TRUE(make_private_directory(home / "deep" / "er"));  // again is fine
}

TEST_F(FilesTest, RefusesADirectoryThatOthersCanEnter)
{
    ASSERT_TRUE(make_private_directory(home / "open"));
    fs::permissions(home / "open", fs::perms{0750});
    const auto refused = make_private_directory(home / "open");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::denied);
    EXPECT_NE(refused.error().detail.find("chmod 700"), std::string::npos);
}

TEST_F(FilesTest, RefusesASecretThatOthersCanReadAndALinkToOne)
{
    ASSERT_TRUE(write_file(home / "key", as_bytes("x")));
    EXPECT_TRUE(check_private(home / "key"));
    fs::create_symlink(home / "key", home / "link");
    EXPECT_EQ(check_private(home / "link").error().kind, ErrorKind::denied);
    fs::permissions(home / "key", fs::perms{0640});
    EXPECT_EQ(check_private(home / "key").error().kind, ErrorKind::denied);
    EXPECT_EQ(check_private(home / "none").error().kind, ErrorKind::not_found);
}

TEST_F(FilesTest, SaysWhenTooLittleIsLeftOnTheDisk)
{
    EXPECT_TRUE(check_space("/", 0));
    const auto none = check_space("/", ~std::uint64_t{0});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, ledger::ErrorKind::full);
}

TEST_F(FilesTest, LetsManyThreadsReplaceTheSameFile)
{
    const auto rewrite = [this](const std::string& text) {
        for (int i = 0; i < 20; ++i) EXPECT_TRUE(write_file(home / "a", as_bytes(text)));
    };
    std::thread other{rewrite, std::string(5'000, 'b')};
    rewrite(std::string(4'000, 'a'));
    other.join();
    const auto read = read_file(home / "a", 10'000);
    ASSERT_TRUE(read);
    const auto text = as_text(*read);
    EXPECT_EQ(text, std::string(text.size(), text[0]));  // never a mix
    EXPECT_EQ(text.size(), text[0] == 'a' ? 4'000u : 5'000u);
}

}  // namespace
}  // namespace node
