#include "inference/remote/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace inference {
namespace {

using std::chrono::milliseconds;
using State = CircuitBreaker::State;

struct Breaker : testing::Test {
    CircuitBreaker breaker{{3, milliseconds{100}, milliseconds{300}}};
    CircuitBreaker::Instant now{};

    void fail(int times)
    {
        for (int i = 0; i < times; ++i) {
            ASSERT_TRUE(breaker.allow(now));
            breaker.failed(now);
        }
    }
};

TEST_F(Breaker, OpensAfterSoManyFailuresInARow)
{
    fail(2);
    ASSERT_TRUE(breaker.allow(now));
    breaker.succeeded();
    fail(2);
    EXPECT_EQ(breaker.state(), State::closed);
    fail(1);
    EXPECT_EQ(breaker.state(), State::open);
    EXPECT_FALSE(breaker.allow(now + milliseconds{99}));
}

TEST_F(Breaker, LetsOneTrialThroughWhenThePauseIsOver)
{
    fail(3);
    now += milliseconds{100};
    EXPECT_TRUE(breaker.allow(now));
    EXPECT_FALSE(breaker.allow(now));
    EXPECT_EQ(breaker.state(), State::half_open);
    breaker.succeeded();
    EXPECT_TRUE(breaker.allow(now));
    EXPECT_TRUE(breaker.allow(now));
}

TEST_F(Breaker, DoublesThePauseUpToTheLongest)
{
    fail(3);
    for (const auto pause : {100, 200, 300, 300}) {
        EXPECT_FALSE(breaker.allow(now + milliseconds{pause - 1}));
        now += milliseconds{pause};
        fail(1);
    }
    // A success forgets all that.
    now += milliseconds{300};
    ASSERT_TRUE(breaker.allow(now));
    breaker.succeeded();
    fail(3);
    EXPECT_TRUE(breaker.allow(now + milliseconds{100}));
}

TEST_F(Breaker, GivesTheTrialToTheNextWhenItsCallerGaveUp)
{
    fail(3);
    now += milliseconds{100};
    ASSERT_TRUE(breaker.allow(now));
    breaker.abandoned();
    EXPECT_TRUE(breaker.allow(now));
}

TEST_F(Breaker, TakesALateAnswerForASignOfLife)
{
    ASSERT_TRUE(breaker.allow(now));
    fail(3);
    breaker.succeeded();
    EXPECT_EQ(breaker.state(), State::closed);
}

TEST_F(Breaker, DoesNotCountLateFailuresAgain)
{
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(breaker.allow(now));
    for (int i = 0; i < 5; ++i) breaker.failed(now + milliseconds{i});
    EXPECT_TRUE(breaker.allow(now + milliseconds{102}));
}

}  // namespace
}  // namespace inference
