#include "wallet/client/channel_folder.hpp"

#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

namespace wallet {
namespace {

using ledger::Amount;

ChannelFile file_with(std::uint64_t count)
{
    ChannelFile file;
    file.node = std::string(200, 'n');
    file.charged = Amount::micros(count);
    file.signed_max = Amount::micros(count + 7);
    file.seq = count;
    file.pending = PendingCall{{}, std::string(2'000, 'h'), Amount::micros(count + 7), {}};
    return file;
}

TEST(ChannelFolder, GivesBackWhatWasSaved)
{
    const ledger::TemporaryFolder home;
    const auto folder = ChannelFolder::open(home.path() / "home");
    ASSERT_TRUE(folder);
    const market::ChannelId id{{1}};
    EXPECT_FALSE(folder->load(id)->has_value());
    ASSERT_TRUE(folder->save(id, file_with(5)));
    EXPECT_EQ(**folder->load(id), file_with(5));
    ASSERT_TRUE(folder->save(id, file_with(6)));
    EXPECT_EQ(**folder->load(id), file_with(6));
    EXPECT_EQ(*folder->list(), std::vector{id});
}

TEST(ChannelFolder, IsWholeWheneverItsWriterIsKilled)
{
    const ledger::TemporaryFolder home;
    const auto folder = ChannelFolder::open(home.path() / "home");
    ASSERT_TRUE(folder);
    const market::ChannelId id{{2}};
    for (int round = 0; round < 20; ++round) {
        int progress[2];
        ASSERT_EQ(pipe(progress), 0);
        const auto child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            for (std::uint64_t count = 1;; ++count) {
                if (!folder->save(id, file_with(count))) _exit(1);
                if (write(progress[1], "x", 1) != 1) _exit(1);
            }
        }
        close(progress[1]);
        char told[8];
        for (int i = 0; i < 1 + round % 5; ++i) ASSERT_GT(read(progress[0], told, 1), 0);
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        close(progress[0]);
        EXPECT_TRUE(WIFSIGNALED(status));
        const auto file = folder->load(id);
        ASSERT_TRUE(file) << file.error().message;
        ASSERT_TRUE(file->has_value());
        EXPECT_EQ((*file)->signed_max.micros(), (*file)->charged.micros() + 7);
    }
}

TEST(ChannelFolder, SaysWhichFileIsDamaged)
{
    const ledger::TemporaryFolder home;
    const auto folder = ChannelFolder::open(home.path() / "home");
    const market::ChannelId id{{3}};
    ASSERT_TRUE(folder->save(id, file_with(1)));
    for (const auto& entry : std::filesystem::directory_iterator{home.path() / "home/channels"})
        std::ofstream{entry.path(), std::ios::trunc} << "{\"config\":";
    const auto file = folder->load(id);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().fault, Fault::failed);
    EXPECT_NE(file.error().message.find("is damaged"), std::string::npos);
}

TEST(ChannelFolder, LetsOneHolderUseAChannel)
{
    const ledger::TemporaryFolder home;
    const auto folder = ChannelFolder::open(home.path() / "home");
    const market::ChannelId id{{4}};
    {
        const auto first = folder->try_lock(id);
        ASSERT_TRUE(first && first->has_value());
        EXPECT_FALSE(folder->try_lock(id)->has_value());
    }
    EXPECT_TRUE(folder->try_lock(id)->has_value());
}

TEST(ChannelFolder, KeepsReceiptsNewestFirst)
{
    const ledger::TemporaryFolder home;
    const auto folder = ChannelFolder::open(home.path() / "home");
    SignedReceipt receipt;
    receipt.receipt.channel_id = {{5}};
    for (const std::uint64_t seq : {1, 2, 10}) {
        receipt.receipt.seq = seq;
        ASSERT_TRUE(folder->save_receipt(receipt));
    }
    const auto found = folder->receipts({{5}}, 2);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2u);
    EXPECT_EQ((*found)[0].receipt.seq, 10u);
    EXPECT_EQ((*found)[1].receipt.seq, 2u);
}

}  // namespace
}  // namespace wallet
