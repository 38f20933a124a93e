#include "edge/outbox/outbox.hpp"

#include "edge/outbox/batch_files.hpp"
#include "tests/support/edge_world.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace edge {
namespace {

namespace fs = std::filesystem;
using ledger::ErrorKind;
using ledger::Result;

/// A disk on which something fails at a chosen renaming: before it, or behind it.
class StoppingDisk final : public ledger::Disk {
public:
    enum class Stop { nowhere, before_renaming, behind_renaming };
    Stop stop = Stop::nowhere;

    Result<std::unique_ptr<ledger::File>> open(const std::string& path,
                                               ledger::OpenMode mode) override
    {
        return disk_.open(path, mode);
    }
    Result<void> rename(const std::string& from, const std::string& to) override
    {
        const ledger::Error stopped{ErrorKind::io, "stopped"};
        if (stop == Stop::before_renaming) return stopped;
        const auto done = disk_.rename(from, to);
        return stop == Stop::behind_renaming ? stopped : done;
    }
    Result<void> remove(const std::string& path) override { return disk_.remove(path); }
    Result<std::vector<std::string>> list(const std::string& folder) override
    {
        return disk_.list(folder);
    }
    Result<void> make_folder(const std::string& folder) override
    {
        return disk_.make_folder(folder);
    }
    Result<void> sync_folder(const std::string& folder) override
    {
        return disk_.sync_folder(folder);
    }

private:
    ledger::PosixDisk disk_;
};

class OutboxTest : public testing::Test {
protected:
    void SetUp() override
    {
        fs::create_directory(outbox_);
        fs::create_directory(folder_.path() / "q");
        auto opened = world_.open(real_, (folder_.path() / "q").string());
        ASSERT_TRUE(opened) << opened.error().detail;
        queue_ = std::move(*opened);
        ASSERT_TRUE(queue_->add("a", some_bytes(1, 100'000), {}));
        ASSERT_TRUE(queue_->cut());
    }
    std::vector<std::string> names() const
    {
        std::vector<std::string> all;
        for (const auto& entry : fs::directory_iterator{outbox_})
            all.push_back(entry.path().filename().string());
        return all;
    }

    ledger::TemporaryFolder folder_;
    fs::path outbox_ = folder_.path() / "outbox";
    ledger::PosixDisk real_;
    StoppingDisk disk_;
    EdgeWorld world_{5};
    std::unique_ptr<Queue> queue_;
    Outbox sender_{disk_, outbox_.string(), public_key(world_.device)};
};

TEST_F(OutboxTest, DeliversABatchOnceAndRemovesIt)
{
    const auto sent = send_all(*queue_, sender_);
    ASSERT_TRUE(sent) << sent.error().detail;
    EXPECT_EQ(sent->batches, 1U);
    EXPECT_EQ(names(), std::vector{sender_.name_of(1)});
    for (const auto* name : {"batch.sealed", "batch.leaves", "batch.json", "contribution.json"})
        EXPECT_TRUE(fs::exists(outbox_ / sender_.name_of(1) / name)) << name;
    EXPECT_EQ(send_all(*queue_, sender_)->batches, 0U);
    EXPECT_EQ(queue_->stats().batches, 0U);
}

TEST_F(OutboxTest, DeliversABatchThatWasCompleteButNotNamed)
{
    disk_.stop = StoppingDisk::Stop::before_renaming;
    EXPECT_FALSE(send_all(*queue_, sender_));
    EXPECT_FALSE(fs::exists(outbox_ / sender_.name_of(1)));
    disk_.stop = StoppingDisk::Stop::nowhere;
    EXPECT_EQ(send_all(*queue_, sender_)->batches, 1U);
    EXPECT_EQ(names(), std::vector{sender_.name_of(1)});
}

TEST_F(OutboxTest, DeliversNoBatchAgainThatWasTakenAwayBeforeThatWasNoted)
{
    disk_.stop = StoppingDisk::Stop::behind_renaming;
    EXPECT_FALSE(send_all(*queue_, sender_));
    ASSERT_TRUE(fs::exists(outbox_ / sender_.name_of(1)));
    fs::remove_all(outbox_ / sender_.name_of(1));
    disk_.stop = StoppingDisk::Stop::nowhere;
    EXPECT_EQ(send_all(*queue_, sender_)->batches, 1U);
    EXPECT_TRUE(names().empty());
    EXPECT_EQ(queue_->stats().counts.sent, 1U);
}

TEST_F(OutboxTest, DeliversABatchOfAnotherDatasetThoughItsNameWasDelivered)
{
    ASSERT_TRUE(sender_.send(*queue_->read(1)));
    fs::remove_all(outbox_ / sender_.name_of(1));  // taken away; its mark stays behind
    world_.options.dataset.bytes.fill(0x33);
    fs::create_directory(folder_.path() / "other");
    auto other = world_.open(real_, (folder_.path() / "other").string());
    ASSERT_TRUE(other) << other.error().detail;
    ASSERT_TRUE((*other)->add("b", some_bytes(2, 1'000), {}));
    ASSERT_TRUE((*other)->cut());
    EXPECT_EQ(send_all(**other, sender_)->batches, 1U);
    EXPECT_TRUE(fs::exists(outbox_ / sender_.name_of(1) / "batch.sealed"));
}

TEST_F(OutboxTest, BeginsAnewWhereADeliveryWasNotComplete)
{
    const auto hidden = outbox_ / ("." + sender_.name_of(1) + ".part");
    fs::create_directory(hidden);
    std::ofstream{hidden / "batch.sealed"} << "half";
    ASSERT_TRUE(send_all(*queue_, sender_));
    EXPECT_GT(fs::file_size(outbox_ / sender_.name_of(1) / "batch.sealed"), 100'000U);
}

TEST_F(OutboxTest, TakesWhatIsThereForDeliveredOnlyWhenItIsTheSame)
{
    const auto batch = queue_->read(1);
    ASSERT_TRUE(sender_.send(*batch));
    sender_.forget(1);
    ASSERT_TRUE(sender_.send(*batch)) << "a queue that was brought back from a copy";
    std::ofstream{outbox_ / sender_.name_of(1) / "contribution.json"} << "another";
    EXPECT_EQ(sender_.send(*batch).error().kind, ErrorKind::denied);
}

TEST_F(OutboxTest, MakesNoOutboxWhereThereIsNone)
{
    fs::remove_all(outbox_);
    EXPECT_EQ(send_all(*queue_, sender_).error().kind, ErrorKind::unavailable);
    EXPECT_FALSE(fs::exists(outbox_));
    EXPECT_EQ(queue_->stats().batches, 1U);
}

TEST_F(OutboxTest, SetsADamagedBatchAsideAndSendsTheOthers)
{
    ASSERT_TRUE(queue_->add("b", some_bytes(2, 10), {}));
    ASSERT_TRUE(queue_->cut());
    const auto path = folder_.path() / "q" / batch_file_name(1);
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(50'000);
    file.put('!');
    file.close();
    const auto sent = send_all(*queue_, sender_);
    ASSERT_TRUE(sent) << sent.error().detail;
    EXPECT_EQ(sent->set_aside, 1U);
    EXPECT_EQ(sent->batches, 1U);
    EXPECT_EQ(names(), std::vector{sender_.name_of(2)});
    EXPECT_TRUE(fs::exists(folder_.path() / "q" / damaged_file_name(1)));
}

}  // namespace
}  // namespace edge
