#include "node/facilitator/facilitator_limits.hpp"

#include "node/facilitator/settle_memory.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using boost::asio::ip::make_address;
using ledger::Amount;
using namespace std::chrono_literals;

TEST(FeeBudgetTest, SpendsItsDayAndBeginsAnother)
{
    FeeBudget budget{Amount::micros(10)};
    EXPECT_TRUE(budget.take(Amount::micros(6), {86'400'000}));
    EXPECT_FALSE(budget.take(Amount::micros(5), {86'400'001}));
    EXPECT_TRUE(budget.take(Amount::micros(4), {2 * 86'400'000 - 1}));
    EXPECT_TRUE(budget.take(Amount{}, {2 * 86'400'000 - 1}));
    EXPECT_FALSE(budget.take(Amount::micros(1), {2 * 86'400'000 - 1}));
    EXPECT_TRUE(budget.take(Amount::micros(10), {2 * 86'400'000}));
    EXPECT_FALSE(budget.take(Amount::max(), {2 * 86'400'000}));
}

TEST(CallerQuotaTest, CountsEachCallersMinute)
{
    CallerQuota quota{2};
    Clock::Steady now{1h};
    const auto one = make_address("10.0.0.1");
    EXPECT_TRUE(quota.take(one, now));
    EXPECT_TRUE(quota.take(one, now));
    EXPECT_FALSE(quota.take(one, now));
    EXPECT_TRUE(quota.take(make_address("10.0.0.2"), now));
    EXPECT_TRUE(quota.take(one, now + 1min));
}

TEST(CallerQuotaTest, CountsANetworkOfIpv6AsOneCaller)
{
    CallerQuota quota{1};
    Clock::Steady now{1h};
    EXPECT_TRUE(quota.take(make_address("2001:db8::1"), now));
    EXPECT_FALSE(quota.take(make_address("2001:db8::2"), now));
    EXPECT_TRUE(quota.take(make_address("2001:db8:0:1::1"), now));
}

TEST(CallerQuotaTest, KeepsABoundedNumberOfCallers)
{
    CallerQuota quota{5};
    Clock::Steady now{1h};
    for (std::uint32_t i = 0; i < CallerQuota::callers; ++i)
        ASSERT_TRUE(quota.take(boost::asio::ip::address_v4{0x0a000000U + i}, now));
    EXPECT_FALSE(quota.take(make_address("11.0.0.1"), now));
    EXPECT_TRUE(quota.take(make_address("10.0.0.0"), now)) << "known ones go on";
    EXPECT_TRUE(quota.take(make_address("11.0.0.1"), now + 1min));
}

TEST(SettleMemoryTest, HoldsAPaymentForOneRequest)
{
    SettleMemory memory;
    const ledger::Hash digest;
    EXPECT_TRUE(memory.begin(digest));
    EXPECT_FALSE(memory.begin(digest));
    memory.end(digest);
    EXPECT_TRUE(memory.begin(digest));
}

TEST(SettleMemoryTest, ForgetsTheOldestOfTooMuch)
{
    SettleMemory memory;
    const auto numbered = [](std::size_t i) {
        ledger::Hash made;
        made.bytes[0] = static_cast<std::uint8_t>(i);
        made.bytes[1] = static_cast<std::uint8_t>(i >> 8);
        return made;
    };
    for (std::size_t i = 0; i <= SettleMemory::most; ++i) memory.owe(numbered(i), {});
    EXPECT_FALSE(memory.owed(numbered(0)));
    EXPECT_TRUE(memory.owed(numbered(1)));
    memory.told(numbered(1));
    EXPECT_FALSE(memory.owed(numbered(1)));

    ledger::Address receiver;
    for (std::size_t i = 0; i <= SettleMemory::most; ++i)
        memory.claimed(receiver, ledger::retag<market::ChannelId>(numbered(i)));
    EXPECT_LE(memory.claimed_for(receiver).size(), SettleMemory::most);
}

}  // namespace
}  // namespace node
