#include "node/blobs/background.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <future>

namespace node {
namespace {

using namespace ledger;
using namespace std::chrono_literals;

struct BackgroundTest : testing::Test {
    std::future<Result<int>> ask(int answer)
    {
        std::function<Result<int>()> work = [this, answer]() -> Result<int> {
            gate.wait();
            return answer;
        };
        return asio::co_spawn(io, background.run<int>(std::move(work)), asio::use_future);
    }
    static bool is_told(const std::future<Result<int>>& asked)
    {
        return asked.wait_for(0s) == std::future_status::ready;
    }

    std::promise<void> opening;
    std::shared_future<void> gate = opening.get_future().share();
    asio::io_context io;
    Background background{1, {2}};
};

TEST_F(BackgroundTest, RefusesAtOnceWhatIsBeyondItsBound)
{
    auto first = ask(1);
    auto second = ask(2);
    auto third = ask(3);
    io.poll();
    EXPECT_FALSE(is_told(first));
    EXPECT_FALSE(is_told(second)) << "it waits for the only thread";
    EXPECT_TRUE(is_told(third)) << "before anything else is done";
    opening.set_value();
    io.run();
    const auto refused = third.get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(refused.error().detail, "2 requests wait for the store already: ask again later");
    EXPECT_EQ(*first.get(), 1);
    EXPECT_EQ(*second.get(), 2);
}

TEST_F(BackgroundTest, TakesMoreOnceOneIsDone)
{
    opening.set_value();
    for (int i = 0; i < 5; ++i) {
        auto asked = ask(i);
        io.restart();
        io.run();
        const auto told = asked.get();
        ASSERT_TRUE(told) << told.error().detail;
        EXPECT_EQ(*told, i);
    }
}

}  // namespace
}  // namespace node
