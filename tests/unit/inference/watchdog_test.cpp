#include "inference/watchdog.hpp"

#include <gtest/gtest.h>

#include <future>

namespace inference {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST(Watchdog, CallsBackAtTheDeadlineAndNotBefore)
{
    Watchdog dog;
    std::promise<Clock::time_point> called;
    const auto when = Clock::now() + 20ms;
    const Watchdog::Watch watch{dog, when, [&] { called.set_value(Clock::now()); }};
    EXPECT_GE(called.get_future().get(), when);
}

TEST(Watchdog, CallsInTheOrderOfTheDeadlinesNotOfTheWatches)
{
    Watchdog dog;
    std::promise<void> done;
    std::string order;
    const auto now = Clock::now();
    const Watchdog::Watch third{dog, now + 30ms, [&] {
                                    order += 'c';
                                    done.set_value();
                                }};
    const Watchdog::Watch first{dog, now + 10ms, [&] { order += 'a'; }};
    const Watchdog::Watch second{dog, now + 20ms, [&] { order += 'b'; }};
    done.get_future().get();
    EXPECT_EQ(order, "abc");
}

TEST(Watchdog, ForgetsADeadlineThatWasMet)
{
    Watchdog dog;
    std::promise<void> later;
    bool called = false;
    const auto now = Clock::now();
    {
        const Watchdog::Watch met{dog, now + 5ms, [&] { called = true; }};
    }
    const Watchdog::Watch after{dog, now + 25ms, [&] { later.set_value(); }};
    later.get_future().get();
    EXPECT_FALSE(called);
}

TEST(Watchdog, CallsAtOnceForADeadlineInThePast)
{
    Watchdog dog;
    std::promise<void> called;
    const Watchdog::Watch watch{dog, Clock::now() - 1h, [&] { called.set_value(); }};
    called.get_future().get();
}

}  // namespace
}  // namespace inference
