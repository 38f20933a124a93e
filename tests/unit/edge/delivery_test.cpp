#include "edge/outbox/delivery.hpp"

#include "tests/unit/edge/queue_fixture.hpp"

#include <poll.h>

#include <latch>
#include <mutex>
#include <thread>

namespace edge {
namespace {

using ledger::Error;
using ledger::Result;

/// Sends when it is let, and remembers what.
class HeldSender final : public Sender {
public:
    Result<void> send(const StoredBatch& batch) override
    {
        if (gate_) gate_->wait();
        const std::lock_guard lock{mutex_};
        threads_.insert(std::this_thread::get_id());
        sent_.push_back(batch.contribution.batch);
        const auto wrong = wrong_.find(sent_.back());
        if (wrong != wrong_.end()) return Error{wrong->second, "not this one"};
        return {};
    }
    void forget(std::uint64_t number) override { forgotten_.push_back(number); }

    std::unique_ptr<std::latch> gate_;
    std::map<std::uint64_t, ErrorKind> wrong_;
    std::mutex mutex_;
    std::set<std::thread::id> threads_;
    std::vector<std::uint64_t> sent_;
    std::vector<std::uint64_t> forgotten_;
};

class DeliveryTest : public EdgeQueueTest {
protected:
    void SetUp() override
    {
        open();
        delivery_ = std::move(*Delivery::make(*queue_, sender_));
    }
    void TearDown() override
    {
        if (sender_.gate_ && !sender_.gate_->try_wait()) sender_.gate_->count_down();
        delivery_.reset();
    }
    void record(const std::string& name, std::size_t bytes = 1000)
    {
        ASSERT_TRUE(queue_->add(name, some_bytes(bytes, bytes), {}));
        ASSERT_TRUE(queue_->cut());
    }
    /// As a program does: waits for the sign, and steps.
    Result<Sent> step_until_it_stops()
    {
        for (int i = 0; i < 100; ++i) {
            if (auto stopped = delivery_->step()) return std::move(*stopped);
            struct pollfd sign {
                delivery_->descriptor(), POLLIN, 0
            };
            if (::poll(&sign, 1, 60'000) != 1) break;
        }
        return Error{ErrorKind::unavailable, "it never stops"};
    }

    HeldSender sender_;
    std::unique_ptr<Delivery> delivery_;
};

TEST_F(DeliveryTest, LeavesTheQueueToWhoeverAddsToItWhileABatchIsOnItsWay)
{
    sender_.gate_ = std::make_unique<std::latch>(1);
    record("first");
    EXPECT_FALSE(delivery_->step());
    EXPECT_TRUE(delivery_->is_sending());
    for (int i = 0; i < 10; ++i) record("later " + std::to_string(i));
    EXPECT_FALSE(delivery_->step()) << "it is still on its way";
    EXPECT_EQ(queue_->stats().batches, 11U);
    sender_.gate_->count_down();
    const auto sent = step_until_it_stops();
    ASSERT_TRUE(sent) << sent.error().detail;
    EXPECT_EQ(sent->batches, 1U);
    EXPECT_EQ(sender_.forgotten_, std::vector<std::uint64_t>{1});
    EXPECT_EQ(queue_->stats().batches, 10U);
    EXPECT_EQ(queue_->stats().counts.sent, 1U);
    EXPECT_FALSE(sender_.threads_.contains(std::this_thread::get_id()));
}

TEST_F(DeliveryTest, SendsOneAfterTheOtherTheOldestFirst)
{
    for (const auto* name : {"a", "b", "c"}) record(name);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(step_until_it_stops()->batches, 1U);
    EXPECT_EQ(step_until_it_stops()->batches, 0U);
    EXPECT_EQ(sender_.sent_, (std::vector<std::uint64_t>{1, 2, 3}));
    EXPECT_FALSE(queue_->next_unsent(0));
}

TEST_F(DeliveryTest, GoesOnBehindABatchThatIsRefused)
{
    for (const auto* name : {"a", "b"}) record(name);
    sender_.wrong_ = {{1, ErrorKind::denied}};
    const auto first = step_until_it_stops();
    ASSERT_TRUE(first) << first.error().detail;
    EXPECT_EQ(first->batches, 1U);
    EXPECT_EQ(first->refused, 1U);
    EXPECT_EQ(first->refusal->detail, "not this one");
    const auto second = step_until_it_stops();
    EXPECT_EQ(second->batches, 0U);
    EXPECT_EQ(second->refused, 1U);
    EXPECT_EQ(sender_.sent_, (std::vector<std::uint64_t>{1, 2, 1}));
    EXPECT_EQ(*queue_->next_unsent(0), 1U);
}

TEST_F(DeliveryTest, StopsWhereNothingCanBeSentNowAndBeginsAnewWithTheOldest)
{
    for (const auto* name : {"a", "b"}) record(name);
    sender_.wrong_ = {{1, ErrorKind::unavailable}};
    EXPECT_EQ(step_until_it_stops().error().kind, ErrorKind::unavailable);
    EXPECT_EQ(queue_->stats().batches, 2U);
    sender_.wrong_.clear();
    EXPECT_EQ(step_until_it_stops()->batches, 1U);
    EXPECT_EQ(sender_.sent_, (std::vector<std::uint64_t>{1, 1}));
}

TEST_F(DeliveryTest, SetsADamagedBatchAsideAndSendsTheOthers)
{
    for (const auto* name : {"a", "b"}) record(name);
    sender_.wrong_ = {{1, ErrorKind::corrupt}};
    const auto sent = step_until_it_stops();
    EXPECT_EQ(sent->set_aside, 1U);
    EXPECT_EQ(sent->batches, 1U);
    EXPECT_EQ(queue_->stats().counts.damaged, 1U);
}

TEST_F(DeliveryTest, KeepsTheBatchThatIsOnItsWayWhenOthersAreDropped)
{
    delivery_.reset();
    world_.options.when_full = WhenFull::drop_oldest;
    world_.options.budget_bytes = 100'000;
    world_.options.cut_bytes = 30'000;
    open();
    delivery_ = std::move(*Delivery::make(*queue_, sender_));
    sender_.gate_ = std::make_unique<std::latch>(1);
    record("first", 20'000);
    EXPECT_FALSE(delivery_->step());
    for (int i = 0; i < 10; ++i) record("later " + std::to_string(i), 20'000);
    EXPECT_EQ(*queue_->next_unsent(0), 1U);
    const auto dropped = queue_->stats().counts.dropped_batches;
    EXPECT_GT(dropped, 0U);
    sender_.gate_->count_down();
    EXPECT_EQ(step_until_it_stops()->batches, 1U);
    EXPECT_EQ(queue_->stats().counts.sent, 1U);
    EXPECT_EQ(queue_->stats().counts.dropped_batches, dropped)
        << "it is not counted as dropped too";
}

TEST_F(DeliveryTest, WaitsForTheBatchThatIsOnItsWay)
{
    sender_.gate_ = std::make_unique<std::latch>(1);
    record("a");
    EXPECT_FALSE(delivery_->step());
    std::thread line{[this] { sender_.gate_->count_down(); }};
    const auto sent = delivery_->finish();
    line.join();
    EXPECT_EQ(sent->batches, 1U);
    EXPECT_FALSE(delivery_->is_sending());
    EXPECT_FALSE(queue_->next_unsent(0));
}

TEST_F(DeliveryTest, LeavesABatchInTheQueueWhoseSendingWasNotNoted)
{
    record("a");
    EXPECT_FALSE(delivery_->step());
    delivery_.reset();
    EXPECT_EQ(sender_.sent_, std::vector<std::uint64_t>{1});
    lose_power();
    EXPECT_EQ(*queue_->next_unsent(0), 1U);
    delivery_ = std::move(*Delivery::make(*queue_, sender_));
    EXPECT_EQ(step_until_it_stops()->batches, 1U);
    EXPECT_EQ(sender_.sent_, (std::vector<std::uint64_t>{1, 1}));
}

}  // namespace
}  // namespace edge
