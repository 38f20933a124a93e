#include "edge/queue/batch_shelf.hpp"

#include "edge/queue/open_batch.hpp"
#include "tests/support/edge_world.hpp"
#include "tests/support/sim_disk.hpp"

#include <gtest/gtest.h>

namespace edge {
namespace {

using ledger::as_bytes;
using ledger::SimDisk;

class BatchShelfTest : public testing::Test {
protected:
    void SetUp() override
    {
        BatchBegin begin;
        begin.network = world_.options.network;
        begin.dataset = world_.options.dataset;
        batch_ = *OpenBatch::make(1, begin, world_.options.masters, world_.random);
        ASSERT_TRUE(batch_->create(disk_, "q", "q/" + batch_file_name(1)));
        batch_->add("a", as_bytes("one"), 3, id_of(1));
        ASSERT_TRUE(batch_->sync());
    }
    BatchShelf shelf()
    {
        auto opened = BatchShelf::open(disk_, "q", world_.device);
        EXPECT_TRUE(opened) << opened.error().detail;
        return std::move(*opened);
    }

    SimDisk disk_;
    EdgeWorld world_{9};
    std::unique_ptr<OpenBatch> batch_;
};

TEST_F(BatchShelfTest, ClosesWhatAProcessLeftOpenAndKnowsItsItems)
{
    batch_.reset();
    const auto first = shelf();
    ASSERT_NE(first.find(1), nullptr);
    EXPECT_EQ(first.find(1)->items, 1U);
    EXPECT_TRUE(first.knows(id_of(1)));
    EXPECT_EQ(shelf().find(1)->close, first.find(1)->close) << "closed once for all";
}

TEST_F(BatchShelfTest, OffersNothingThatIsOnlyInMemoryThoughItCanBeRead)
{
    batch_->add("b", as_bytes("two"), 3, id_of(2));
    disk_.fail({.only = SimDisk::Step::sync});
    EXPECT_FALSE(batch_->sync());
    batch_.reset();
    // Another process finds the second item and cannot tell that the disk will never have it.
    const auto found = shelf();
    ASSERT_NE(found.find(1), nullptr);
    EXPECT_EQ(found.find(1)->items, 2U);
    const auto close = found.find(1)->close;
    disk_.crash([] { return false; }, false);
    const auto after = shelf();
    ASSERT_NE(after.find(1), nullptr);
    EXPECT_FALSE(after.find(1)->is_damaged);
    EXPECT_EQ(after.find(1)->close, close);
}

TEST_F(BatchShelfTest, CutsOffWhatWasNotAcknowledgedByWhoHandsABatchOver)
{
    auto mine = shelf();
    batch_ = *OpenBatch::make(2, {}, world_.options.masters, world_.random);
    ASSERT_TRUE(batch_->create(disk_, "q", "q/" + batch_file_name(2)));
    batch_->add("a", as_bytes("one"), 3, id_of(3));
    ASSERT_TRUE(batch_->sync());
    batch_->add("b", as_bytes("two"), 3, id_of(4));
    disk_.fail({.only = SimDisk::Step::sync});
    EXPECT_FALSE(batch_->sync());
    mine.take_over(2, batch_->file_bytes(), batch_->synced_ids());
    ASSERT_TRUE(mine.settle());
    EXPECT_EQ(mine.find(2)->items, 1U);
    EXPECT_TRUE(mine.knows(id_of(3)));
    EXPECT_FALSE(mine.knows(id_of(4)));
}

TEST_F(BatchShelfTest, RemovesAFileThatACrashLeftAfterItWasCounted)
{
    batch_.reset();
    auto mine = shelf();
    const auto file = disk_.contents("q/" + batch_file_name(1));
    ASSERT_TRUE(mine.remove(1, BatchShelf::Why::sent));
    disk_.put("q/" + batch_file_name(1), file);
    const auto after = shelf();
    EXPECT_EQ(after.find(1), nullptr);
    EXPECT_EQ(after.counts().sent, 1U);
    EXPECT_TRUE(after.knows(id_of(1)));
}

TEST_F(BatchShelfTest, RemovesAFileToWhichNothingWasAdded)
{
    batch_ = *OpenBatch::make(2, {}, world_.options.masters, world_.random);
    ASSERT_TRUE(batch_->create(disk_, "q", "q/" + batch_file_name(2)));
    batch_.reset();
    const auto mine = shelf();
    EXPECT_EQ(mine.batches().size(), 1U);
    EXPECT_EQ(mine.counts().damaged, 0U);
    EXPECT_EQ(mine.numbers_end(), 2U);
}

}  // namespace
}  // namespace edge
