#include "samples/items.hpp"

#include "tests/support/temporary_folder.hpp"
#include "tests/unit/samples/files.hpp"

#include <fstream>

namespace samples {
namespace {

class ItemsTest : public testing::Test {
protected:
    void write(const std::string& name, const std::string& text) const
    {
        std::filesystem::create_directories((folder.path() / name).parent_path());
        std::ofstream{folder.path() / name} << text;
    }
    ledger::TemporaryFolder folder;
};

TEST_F(ItemsTest, OfAFolderAreItsFilesByName)
{
    write("b/2.png", "two");
    write("a.png", "one");
    write(".hidden/x", "");
    write("b/.x", "");
    std::filesystem::create_symlink("nowhere", folder.path() / "dangling");
    std::filesystem::create_directory_symlink(folder.path(), folder.path() / "b/loop");
    const auto items = items_of(folder.path());
    ASSERT_TRUE(items) << items.error().detail;
    ASSERT_EQ((*items)->size(), 2u);
    EXPECT_EQ((*items)->name(0), "a.png");
    EXPECT_EQ((*items)->name(1), "b/2.png");
    EXPECT_EQ(**(*items)->bytes(1, 3), bytes_of("two"));
    EXPECT_EQ(find_item(**items, "b/2.png"), 1u);
    EXPECT_FALSE(find_item(**items, "b"));
    const auto large = (*items)->bytes(1, 2);
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().detail, "b/2.png has more than 2 bytes");
}

TEST_F(ItemsTest, MayBeOneFile)
{
    write("a.csv", std::string(600'000, 'x'));
    const auto items = items_of(folder.path() / "a.csv");
    ASSERT_TRUE(items) << items.error().detail;
    ASSERT_EQ((*items)->size(), 1u);
    EXPECT_EQ((*items)->name(0), "a.csv");
    std::size_t bytes = 0;
    ASSERT_TRUE((*items)->pieces(0, [&](ledger::ByteView piece) {
        bytes += piece.size();
        return ledger::Result<void>{};
    }));
    EXPECT_EQ(bytes, 600'000u);
}

TEST_F(ItemsTest, ThatCannotBeHadAreErrors)
{
    EXPECT_EQ(items_of(folder.path() / "none").error().kind, ledger::ErrorKind::not_found);
    write("a", "");
    write("b", "");
    Limits one;
    one.items = 1;
    EXPECT_EQ(items_of(folder.path(), one).error().kind, ledger::ErrorKind::full);
    const auto items = items_of(folder.path());
    std::filesystem::remove(folder.path() / "a");
    EXPECT_EQ((*items)->bytes(0, 10).error().kind, ledger::ErrorKind::io);
}

TEST_F(ItemsTest, InMemoryAreSharedAndHaveNamesOfTheirOwn)
{
    const auto items = in_memory({{"b", bytes_of("2")}, {"a", bytes_of("1")}});
    EXPECT_EQ(items->name(0), "a");
    EXPECT_EQ(items->bytes(1, 1)->get(), items->bytes(1, 1)->get());
    EXPECT_EQ(items->bytes(1, 0).error().kind, ledger::ErrorKind::full);
    EXPECT_EQ(items_in_memory({{"a", {}}, {"a", {}}}).error().detail, "two items are named a");
}

}  // namespace
}  // namespace samples
