#include "node/serving/job_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace node {
namespace {

using namespace std::chrono_literals;

TEST(JobThread, RunsJobsInOrderAndTicksBetweenThem)
{
    std::atomic<int> ticks = 0;
    JobThread thread{8, 1ms, [&] { ++ticks; }};
    std::promise<std::vector<int>> done;
    std::vector<int> seen;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(thread.post([&, i] { seen.push_back(i); }));
    ASSERT_TRUE(thread.post([&] { done.set_value(seen); }));
    EXPECT_EQ(done.get_future().get(), (std::vector<int>{0, 1, 2}));
    const auto late = std::chrono::steady_clock::now() + 30s;
    while (ticks == 0) {
        ASSERT_LT(std::chrono::steady_clock::now(), late);
        std::this_thread::yield();
    }
}

TEST(JobThread, RefusesWhatItHasNoPlaceForAndWhatComesAfterItsEnd)
{
    JobThread thread{1, 1h, [] {}};
    std::promise<void> began, go_on;
    ASSERT_TRUE(thread.post([&] {
        began.set_value();
        go_on.get_future().wait();
    }));
    began.get_future().wait();
    EXPECT_TRUE(thread.post([] {}));
    EXPECT_FALSE(thread.post([] {}));
    go_on.set_value();
    thread.stop();
    EXPECT_FALSE(thread.post([] {}));
}

}  // namespace
}  // namespace node
