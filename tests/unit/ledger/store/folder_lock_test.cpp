#include "ledger/disk/folder_lock.hpp"

#include "ledger/store/block_store.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace ledger {
namespace {

TEST(FolderLock, NamesTheProcessThatHoldsTheFolder)
{
    const TemporaryFolder folder;
    auto lock = FolderLock::take(folder.path() / "data");
    ASSERT_TRUE(lock);
    const auto second = FolderLock::take(folder.path() / "data");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::denied);
    EXPECT_TRUE(second.error().detail.ends_with("process " + std::to_string(getpid())))
        << second.error().detail;
    lock->reset();
    EXPECT_TRUE(FolderLock::take(folder.path() / "data"));
}

TEST(FolderLock, IsGoneWithAProcessThatDied)
{
    const TemporaryFolder folder;
    const auto child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const auto lock = FolderLock::take(folder.path());
        _exit(lock ? 0 : 1);  // without letting go
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    EXPECT_TRUE(FolderLock::take(folder.path()));
}

TEST(FolderLock, SaysSoWhenAFileIsInTheWay)
{
    const TemporaryFolder folder;
    std::ofstream{folder.path() / "file"} << "x";
    EXPECT_FALSE(FolderLock::take(folder.path() / "file"));
}

TEST(FolderLock, KeepsASecondStoreOut)
{
    const TemporaryFolder folder;
    auto store = open_rocks_store(folder.path());
    ASSERT_TRUE(store);
    const auto second = open_rocks_store(folder.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::denied);
}

}  // namespace
}  // namespace ledger
