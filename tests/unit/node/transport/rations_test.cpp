#include "node/transport/handshake_gate.hpp"
#include "node/transport/inbound_budget.hpp"
#include "node/transport/token_bucket.hpp"
#include "node/transport/write_queues.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace std::chrono_literals;
using Spend = TokenBucket::Verdict;
using Push = WriteQueues::Verdict;
using Gate = HandshakeGate::Verdict;

constexpr Clock::Steady start{1'000h};

TEST(TokenBucket, GivesItsBurstAtOnceAndItsRateInTheLongRun)
{
    TokenBucket bucket{{10, 5}, start};
    for (int i = 0; i < 10; ++i) EXPECT_EQ(bucket.spend(1, start), Spend::within);
    EXPECT_FALSE(bucket.spend_if_there(1, start));
    EXPECT_FALSE(bucket.spend_if_there(1, start + 199ms));
    EXPECT_TRUE(bucket.spend_if_there(1, start + 200ms));
    unsigned taken = 0;
    for (auto time = start + 200ms; time < start + 20'200ms; time += 10ms)
        taken += bucket.spend_if_there(1, time);
    EXPECT_EQ(taken, 99u);
}

TEST(TokenBucket, NeverHoldsMoreThanItsBurst)
{
    TokenBucket bucket{{3, 1'000}, start};
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.spend_if_there(1, start + 1'000h));
    EXPECT_FALSE(bucket.spend_if_there(1, start + 1'000h));
}

TEST(TokenBucket, TellsABusyPeerFromAFlood)
{
    TokenBucket bucket{{10, 1}, start};
    for (int i = 0; i < 10; ++i) EXPECT_EQ(bucket.spend(1, start), Spend::within);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(bucket.spend(1, start), Spend::over);
    EXPECT_EQ(bucket.spend(1, start), Spend::flood);
    // What was overdrawn has to be earned back first.
    EXPECT_EQ(bucket.spend(1, start + 10s), Spend::over);
    EXPECT_EQ(bucket.spend(1, start + 13s), Spend::within);
}

TEST(TokenBucket, TakesTimeThatStandsStillOrGoesBackAsNone)
{
    TokenBucket bucket{{1, 1'000}, start};
    EXPECT_TRUE(bucket.spend_if_there(1, start));
    EXPECT_FALSE(bucket.spend_if_there(1, start - 1h));
    EXPECT_TRUE(bucket.spend_if_there(1, start + 1ms));
}

TEST(PeerBudget, CountsVotesByFramesAndTransactionsByBytes)
{
    PeerRates rates;
    rates.of[static_cast<std::size_t>(RateClass::votes)] = {2, 1};
    rates.of[static_cast<std::size_t>(RateClass::transactions)] = {1'000, 1};
    PeerBudget budget{rates, start};
    EXPECT_EQ(budget.spend(RateClass::votes, 200, start), Spend::within);
    EXPECT_EQ(budget.spend(RateClass::votes, 200, start), Spend::within);
    EXPECT_EQ(budget.spend(RateClass::votes, 200, start), Spend::over);
    EXPECT_EQ(budget.spend(RateClass::transactions, 900, start), Spend::within);
    EXPECT_EQ(budget.spend(RateClass::transactions, 900, start), Spend::over);
}

class WriteQueuesTest : public testing::Test {
protected:
    static SharedFrame frame(std::uint8_t mark, std::size_t size = 10)
    {
        return std::make_shared<const ledger::Bytes>(size, mark);
    }
    std::string order(std::size_t bytes = 1'000)
    {
        std::string text;
        for (const auto& taken : queues.take(bytes)) text += static_cast<char>(taken->front());
        return text;
    }

    WriteQueues queues{{100, 60, 50, 120}};
};

TEST_F(WriteQueuesTest, WritesConsensusBeforeBlocksBeforeTransactions)
{
    queues.push(WriteClass::transactions, frame('t'));
    queues.push(WriteClass::blocks, frame('b'));
    queues.push(WriteClass::consensus, frame('1'));
    queues.push(WriteClass::consensus, frame('2'));
    EXPECT_EQ(order(), "12bt");
    EXPECT_TRUE(queues.empty());
}

TEST_F(WriteQueuesTest, TakesAboutAsManyBytesAsAskedAndAlwaysOne)
{
    for (const char mark : {'a', 'b', 'c'})
        queues.push(WriteClass::consensus, frame(static_cast<std::uint8_t>(mark)));
    EXPECT_EQ(order(5), "a");
    EXPECT_EQ(order(20), "bc");
}

TEST_F(WriteQueuesTest, DropsATransactionThatDoesNotFitItsQueue)
{
    EXPECT_EQ(queues.push(WriteClass::transactions, frame('x', 50)), Push::queued);
    EXPECT_EQ(queues.push(WriteClass::transactions, frame('y', 1)), Push::dropped);
    EXPECT_EQ(queues.dropped(), 1u);
    EXPECT_EQ(order(), "x");
}

TEST_F(WriteQueuesTest, DropsWaitingTransactionsForConsensus)
{
    EXPECT_EQ(queues.push(WriteClass::transactions, frame('t', 30)), Push::queued);
    EXPECT_EQ(queues.push(WriteClass::blocks, frame('b', 60)), Push::queued);
    EXPECT_EQ(queues.push(WriteClass::consensus, frame('c', 40)), Push::dropped);
    EXPECT_EQ(queues.dropped(), 1u);
    EXPECT_EQ(queues.bytes(), 100u);
    EXPECT_EQ(queues.bytes(WriteClass::transactions), 0u);
    EXPECT_EQ(order(), "cb");
}

TEST_F(WriteQueuesTest, OverflowsWhenEvenThatMakesNoRoom)
{
    EXPECT_EQ(queues.push(WriteClass::blocks, frame('b', 60)), Push::queued);
    EXPECT_EQ(queues.push(WriteClass::blocks, frame('b', 1)), Push::overflow);
    EXPECT_EQ(queues.push(WriteClass::consensus, frame('c', 61)), Push::overflow);
    EXPECT_EQ(queues.push(WriteClass::consensus, frame('c', 60)), Push::queued);
}

TEST(InboundBudget, LendsNoMoreThanThereIs)
{
    const auto budget = std::make_shared<InboundBudget>(100);
    auto first = budget->open(), second = budget->open();
    EXPECT_TRUE(first.resize(60));
    EXPECT_FALSE(second.resize(41));
    EXPECT_EQ(second.bytes(), 0u);
    EXPECT_TRUE(second.resize(40));
    EXPECT_EQ(budget->used(), 100u);
    EXPECT_TRUE(first.resize(20));
    EXPECT_EQ(budget->used(), 60u);
}

TEST(InboundBudget, TakesBackWhatALeaseHeldWhenItGoes)
{
    const auto budget = std::make_shared<InboundBudget>(100);
    {
        auto lease = budget->open();
        EXPECT_TRUE(lease.resize(70));
        auto moved = std::move(lease);
        EXPECT_EQ(budget->used(), 70u);
        moved = budget->open();
        EXPECT_EQ(budget->used(), 0u);
        EXPECT_TRUE(moved.resize(5));
    }
    EXPECT_EQ(budget->used(), 0u);
}

TEST(InboundBudget, SaysOnceThatThereIsRoomAfterSomebodyWasRefused)
{
    const auto budget = std::make_shared<InboundBudget>(10);
    int calls = 0;
    budget->on_room([&] { ++calls; });
    auto lease = budget->open(), other = budget->open();
    EXPECT_TRUE(lease.resize(10));
    EXPECT_TRUE(lease.resize(9));
    EXPECT_EQ(calls, 0);
    EXPECT_FALSE(other.resize(2));
    EXPECT_TRUE(lease.resize(5));
    EXPECT_TRUE(lease.resize(1));
    EXPECT_EQ(calls, 1);
}

IpBytes ip(const char* text)
{
    return address_from_text(std::string{text} + ":1")->ip;
}

TEST(HandshakeGate, LetsTenASecondThroughFromOneBlockOfAddresses)
{
    HandshakeGate gate{{.pending_of_group = 1'000}};
    for (int i = 0; i < 10; ++i) {
        const auto from = ip(("192.0.2." + std::to_string(i)).c_str());
        EXPECT_EQ(gate.enter(from, start), Gate::open);
        gate.leave(from);
    }
    EXPECT_EQ(gate.enter(ip("192.0.2.200"), start), Gate::too_fast);
    EXPECT_EQ(gate.enter(ip("192.0.3.1"), start), Gate::open);
    EXPECT_EQ(gate.enter(ip("192.0.2.200"), start + 100ms), Gate::open);
}

TEST(HandshakeGate, RationsIpv6BySlash48)
{
    HandshakeGate gate{{.pending_of_group = 1'000, .per_group = {1, 1}}};
    EXPECT_EQ(gate.enter(ip("[2001:db8:1::1]"), start), Gate::open);
    EXPECT_EQ(gate.enter(ip("[2001:db8:1:ffff::9]"), start), Gate::too_fast);
    EXPECT_EQ(gate.enter(ip("[2001:db8:2::1]"), start), Gate::open);
}

TEST(HandshakeGate, BoundsWhatIsPendingOfOneBlockAndInAll)
{
    HandshakeGate gate{{.pending = 5, .pending_of_group = 3, .per_group = {100, 100}}};
    const auto near = ip("192.0.2.1"), far = ip("198.51.100.1");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(gate.enter(near, start), Gate::open);
    EXPECT_EQ(gate.enter(near, start), Gate::too_many_pending);
    EXPECT_EQ(gate.enter(far, start), Gate::open);
    EXPECT_EQ(gate.enter(far, start), Gate::open);
    EXPECT_EQ(gate.enter(far, start), Gate::too_many_pending);
    gate.leave(near);
    EXPECT_EQ(gate.enter(far, start), Gate::open);
    EXPECT_EQ(gate.pending(), 5u);
}

TEST(HandshakeGate, ForgetsQuietBlocksBeforeBusyOnes)
{
    HandshakeGate gate{{.per_group = {1, 0}, .groups = 2}};
    EXPECT_EQ(gate.enter(ip("10.0.0.1"), start), Gate::open);
    EXPECT_EQ(gate.enter(ip("10.0.1.1"), start + 1s), Gate::open);
    gate.leave(ip("10.0.1.1"));
    EXPECT_EQ(gate.enter(ip("10.0.2.1"), start + 2s), Gate::open);
    EXPECT_EQ(gate.enter(ip("10.0.0.1"), start + 3s), Gate::too_fast);
}

}  // namespace
}  // namespace node
