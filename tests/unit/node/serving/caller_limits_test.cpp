#include "node/serving/caller_limits.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace std::chrono_literals;

struct CallerLimitsTest : testing::Test {
    CallerLimits limits{4};
    CallerLimit limit;
    Clock::Steady now = Clock::Steady{} + std::chrono::hours{1};
    std::vector<CallerLimits::Permit> running;

    static CallerKey caller(std::uint8_t number)
    {
        CallerKey key{};
        key[0] = number;
        return key;
    }
    /// How long the caller has to wait; 0 when the call is let in. It ends at once unless `stays`.
    std::chrono::seconds wait(std::uint8_t number = 1, bool stays = false)
    {
        auto admitted = limits.admit(caller(number), limit, now);
        if (auto* refused = std::get_if<CallerLimits::Refused>(&admitted))
            return refused->retry_after;
        if (stays) running.push_back(std::move(std::get<CallerLimits::Permit>(admitted)));
        return 0s;
    }
};

TEST_F(CallerLimitsTest, LetABurstInAndThenTheRate)
{
    limit.per_second = 2;
    limit.burst = 3;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(wait(), 0s);
    EXPECT_EQ(wait(), 1s);
    now += 499ms;
    EXPECT_EQ(wait(), 1s);
    now += 1ms;
    EXPECT_EQ(wait(), 0s);
    EXPECT_EQ(wait(), 1s);
    now += 1h;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(wait(), 0s) << "no more than a burst comes back";
    EXPECT_EQ(wait(), 1s);
}

TEST_F(CallerLimitsTest, TakeTheRateForABurstThatIsNotSaid)
{
    limit.per_second = 2;
    EXPECT_EQ(wait(), 0s);
    EXPECT_EQ(wait(), 0s);
    EXPECT_EQ(wait(), 1s);
}

TEST_F(CallerLimitsTest, CountAQuotaOverItsTime)
{
    limit.quota = 10;
    limit.quota_time = 1000s;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(wait(), 0s);
    EXPECT_EQ(wait(), 100s);
    now += 100s;
    EXPECT_EQ(wait(), 0s);
    EXPECT_EQ(wait(), 100s);
}

TEST_F(CallerLimitsTest, ChargeNothingForACallThatIsRefused)
{
    limit.per_second = 1;
    limit.quota = 2;
    limit.quota_time = 1000s;
    EXPECT_EQ(wait(), 0s);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(wait(), 1s);
    now += 1s;
    EXPECT_EQ(wait(), 0s) << "the refused ones did not use up the quota";
}

TEST_F(CallerLimitsTest, BoundHowManyRunAtOnce)
{
    limit.concurrent = 2;
    EXPECT_EQ(wait(1, true), 0s);
    EXPECT_EQ(wait(1, true), 0s);
    EXPECT_EQ(wait(1), 1s);
    EXPECT_EQ(wait(2), 0s) << "another caller has her own";
    running.pop_back();
    EXPECT_EQ(wait(1), 0s);
}

TEST_F(CallerLimitsTest, RememberABoundedNumberAndForgetTheLongestSilentFirst)
{
    limit.quota = 1;
    for (std::uint8_t number = 1; number <= 4; ++number) EXPECT_EQ(wait(number), 0s);
    EXPECT_NE(wait(1), 0s) << "remembered, and now the last who was heard of";
    EXPECT_EQ(wait(5), 0s);
    EXPECT_EQ(limits.remembered(), 4u);
    EXPECT_NE(wait(1), 0s);
    EXPECT_EQ(wait(2), 0s) << "forgotten for the fifth";
}

TEST_F(CallerLimitsTest, ForgetNobodyWhoseCallRuns)
{
    limit.concurrent = 1;
    for (std::uint8_t number = 1; number <= 4; ++number) EXPECT_EQ(wait(number, true), 0s);
    EXPECT_EQ(wait(5), 1s) << "no place is left";
    running.erase(running.begin() + 2);
    EXPECT_EQ(wait(5), 0s);
    EXPECT_EQ(wait(1), 1s) << "still running";
}

TEST_F(CallerLimitsTest, TakeAnIpv6NetworkAndAMappedAddressForOneCaller)
{
    const auto key = [](const char* text) {
        return caller_key(boost::asio::ip::make_address(text));
    };
    EXPECT_EQ(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
    EXPECT_NE(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    EXPECT_EQ(key("::ffff:10.0.0.1"), key("10.0.0.1"));
    EXPECT_NE(key("10.0.0.2"), key("10.0.0.1"));
    EXPECT_NE(key("a00:1::"), key("10.0.0.1"));
}

}  // namespace
}  // namespace node
