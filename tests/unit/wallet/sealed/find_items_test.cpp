#include "wallet/sealed/find_items.hpp"

#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace wallet {
namespace {

namespace fs = std::filesystem;

struct FindItemsTest : testing::Test {
    ledger::TemporaryFolder folder;

    fs::path put(const std::string& name, const std::string& text = "x") const
    {
        const auto path = folder.path() / name;
        fs::create_directories(path.parent_path());
        std::ofstream{path} << text;
        return path;
    }
    static std::string names(const ledger::Result<std::vector<FoundItem>>& items)
    {
        if (!items) return "refused: " + items.error().detail;
        std::string all;
        for (const auto& item : *items) all += item.name + "=" + std::to_string(item.size) + " ";
        return all;
    }
};

TEST_F(FindItemsTest, NamesWhatIsInAFolderByTheFoldersName)
{
    put("photos/b.png", "bb");
    put("photos/deep/a.png", "a");
    const auto table = put("rows.csv", "1,2\n");
    EXPECT_EQ(names(find_items({folder.path() / "photos", table})),
              "photos/b.png=2 photos/deep/a.png=1 rows.csv=4 ");
    EXPECT_EQ(names(find_items({folder.path() / "photos" / ""})),
              "photos/b.png=2 photos/deep/a.png=1 ");
    EXPECT_EQ(names(find_items({folder.path() / "photos" / "."})),
              "photos/b.png=2 photos/deep/a.png=1 ");
}

TEST_F(FindItemsTest, RefusesTwoFilesOfOneName)
{
    const auto one = put("a/x.csv");
    const auto other = put("b/x.csv");
    EXPECT_NE(names(find_items({one, other})).find("x.csv too"), std::string::npos);
}

TEST_F(FindItemsTest, FollowsNoLinksAndNamesWhatItRefuses)
{
    put("real/a");
    fs::create_symlink("/etc/passwd", folder.path() / "real" / "link");
    EXPECT_NE(names(find_items({folder.path() / "real"})).find("real/link: neither"),
              std::string::npos);
    EXPECT_EQ(find_items({folder.path() / "nothing"}).error().kind, ledger::ErrorKind::not_found);
    fs::create_directory(folder.path() / "empty");
    EXPECT_EQ(names(find_items({folder.path() / "empty"})), "refused: there is no file to seal");
    put("odd/a\\b");
    EXPECT_NE(names(find_items({folder.path() / "odd"})).find("backslash"), std::string::npos);
}

}  // namespace
}  // namespace wallet
