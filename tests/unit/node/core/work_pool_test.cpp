#include "node/core/work_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>

namespace node {
namespace {

ledger::PublicKey peer(std::uint8_t n)
{
    ledger::PublicKey key;
    key.bytes[0] = n;
    return key;
}

TEST(WorkPool, RunsEverythingBeforeItReturns)
{
    for (const unsigned threads : {0u, 1u, 3u}) {
        WorkPool pool{threads};
        std::atomic<int> done = 0;
        std::vector<std::function<void()>> tasks(50, [&] { ++done; });
        pool.finish(pool.begin(std::move(tasks)));
        EXPECT_EQ(done, 50) << threads;
        pool.finish(pool.begin({}));
    }
}

TEST(WorkPool, RunsWhatWasBegunWhileItsOwnerDoesOtherThings)
{
    for (const unsigned threads : {0u, 1u, 3u}) {
        WorkPool pool{threads};
        std::atomic<int> first = 0;
        std::atomic<int> second = 0;
        const auto one = pool.begin(WorkPool::Tasks(20, [&] { ++first; }));
        const auto other = pool.begin(WorkPool::Tasks(20, [&] { ++second; }));
        pool.finish(one);
        EXPECT_EQ(first, 20) << threads;
        pool.finish(other);
        EXPECT_EQ(second, 20) << threads;
        pool.finish(one);
        pool.finish(pool.begin({}));
    }
}

TEST(WorkPool, FinishesWhatWasBegunBeforeItStopped)
{
    WorkPool pool{1};
    std::atomic<int> done = 0;
    const auto begun = pool.begin(WorkPool::Tasks(20, [&] { ++done; }));
    pool.stop();
    pool.finish(begun);
    EXPECT_EQ(done, 20);
    pool.finish(pool.begin(WorkPool::Tasks(5, [&] { ++done; })));
    EXPECT_EQ(done, 25);
}

TEST(WorkPool, RunsFirstWhatCannotWaitForTheRest)
{
    std::promise<void> open;
    std::promise<void> started;
    std::string order;  // one thread only writes it: the pool's is held up, the caller helps
    WorkPool pool{1};
    const auto held_up = pool.begin({[&] {
        started.set_value();
        open.get_future().wait();
    }});
    started.get_future().wait();
    const auto rest = pool.begin(WorkPool::Tasks(2, [&] { order += 'b'; }));
    pool.run_first({[&] { order += '1'; }, [&] { order += '2'; }});
    EXPECT_EQ(order, "12");
    pool.finish(rest);
    EXPECT_EQ(order, "12bb");
    open.set_value();
    pool.finish(held_up);
}

TEST(WorkPool, TakesPeersInTurn)
{
    std::promise<void> open;
    std::promise<void> started;
    std::promise<void> done;
    WorkPool pool{1};
    pool.post(peer(1), [&] {
        started.set_value();
        open.get_future().wait();
    });
    started.get_future().wait();
    std::string order;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.post(peer(2), [&] { order += 'a'; }));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.post(peer(3), [&] { order += 'b'; }));
    pool.post(peer(4), [&] { order += 'c'; });
    pool.post(peer(2), [&] { done.set_value(); });
    open.set_value();
    done.get_future().wait();
    // The one who sent most waits longest.
    EXPECT_EQ(order, "abcabab");
}

TEST(WorkPool, TakesNoMoreThanItsShareOfOnePeer)
{
    std::promise<void> open;
    std::promise<void> started;
    WorkPool pool{1, 2};
    pool.post(peer(1), [&] {
        started.set_value();
        open.get_future().wait();
    });
    started.get_future().wait();
    EXPECT_TRUE(pool.post(peer(1), [] {}));
    EXPECT_TRUE(pool.post(peer(1), [] {}));
    EXPECT_FALSE(pool.post(peer(1), [] {}));
    EXPECT_TRUE(pool.post(peer(2), [] {}));
    open.set_value();
}

TEST(WorkPool, DropsWhatWaitsWhenItStops)
{
    WorkPool pool{1};
    pool.stop();
    EXPECT_FALSE(pool.post(peer(1), [] {}));
}

}  // namespace
}  // namespace node
