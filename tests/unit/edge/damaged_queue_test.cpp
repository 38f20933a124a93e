#include "tests/unit/edge/queue_fixture.hpp"

namespace edge {
namespace {

TEST_F(EdgeQueueTest, SavesWhatStandsBeforeDamageAndKeepsTheFile)
{
    open();
    add("a", "one");
    ASSERT_TRUE(queue_->sync());
    const auto good = disk_.contents(path(1)).size();
    add("b", "two");
    ASSERT_TRUE(queue_->sync());
    add("c", "three");
    ASSERT_TRUE(queue_->cut());
    queue_.reset();
    disk_.flip(path(1), good + record_head_bytes + 2, 1);
    open();
    EXPECT_EQ(batches(), (std::vector<Items>{{{"a", text("one")}}}));
    ASSERT_TRUE(queue_->mark_sent(1));
    EXPECT_EQ(queue_->stats().counts.damaged, 1U);
    EXPECT_GT(disk_.contents("q/" + damaged_file_name(1)).size(), good);
}

TEST_F(EdgeQueueTest, SetsAsideAFileWithoutABeginning)
{
    open();
    add("a", "one");
    ASSERT_TRUE(queue_->cut());
    queue_.reset();
    disk_.flip(path(1), 3, 1);
    open();
    EXPECT_TRUE(batches().empty());
    EXPECT_EQ(queue_->stats().counts.damaged, 1U);
    EXPECT_FALSE(disk_.contents("q/" + damaged_file_name(1)).empty());
    add("a", "two");
    ASSERT_TRUE(queue_->cut());
    EXPECT_EQ(*queue_->next_unsent(0), 2U);
}

TEST_F(EdgeQueueTest, NoticesAChangeOfEveryBitOfAFile)
{
    open();
    add("a", "one");
    ASSERT_TRUE(queue_->sync());
    add("b", "two");
    ASSERT_TRUE(queue_->cut());
    queue_.reset();
    const auto whole = disk_.contents(path(1));
    for (std::size_t i = 0; i < whole.size(); ++i) {
        SCOPED_TRACE(i);
        disk_.put(path(1), whole);
        disk_.flip(path(1), i, static_cast<std::uint8_t>(1 << (i % 8)));
        open();
        // Whatever is still there is true.
        for (const auto& items : batches())
            for (const auto& [name, bytes] : items)
                EXPECT_EQ(bytes, text(name == "a" ? "one" : "two"));
        queue_.reset();
        for (const auto& name : *disk_.list("q"))
            if (batch_number(name) || batch_number(name, ".damaged")) {
                ASSERT_TRUE(disk_.remove("q/" + name));
            }
    }
}

TEST_F(EdgeQueueTest, GoesOnWithDamagedSmallFiles)
{
    open();
    ASSERT_TRUE(queue_->add("a", as_bytes("1"), id_of(1)));
    ASSERT_TRUE(queue_->cut());
    ASSERT_TRUE(queue_->mark_sent(1));
    queue_.reset();
    for (const auto* name : {"q/queue", "q/counts", "q/taken"}) disk_.flip(name, 30, 1);
    open();
    EXPECT_EQ(queue_->stats().next_batch, 2U);
    EXPECT_EQ(queue_->stats().counts.damaged, 1U);
    lose_power();
    EXPECT_EQ(queue_->stats().counts.damaged, 1U);
}

}  // namespace
}  // namespace edge
