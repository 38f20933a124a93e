#include "node/core/signature_pool.hpp"

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

TEST(SignaturePool, RunsEverythingBeforeItReturns)
{
    for (const unsigned threads : {0u, 1u, 3u}) {
        SignaturePool pool{threads};
        std::atomic<int> done = 0;
        std::vector<std::function<void()>> tasks(50, [&] { ++done; });
        pool.run_all(std::move(tasks));
        EXPECT_EQ(done, 50) << threads;
        pool.run_all({});
    }
}

TEST(SignaturePool, TakesPeersInTurn)
{
    SignaturePool pool{1};
    std::promise<void> open;
    std::promise<void> started;
    pool.post(peer(1), [&] {
        started.set_value();
        open.get_future().wait();
    });
    started.get_future().wait();
    std::string order;
    std::promise<void> done;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.post(peer(2), [&] { order += 'a'; }));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.post(peer(3), [&] { order += 'b'; }));
    pool.post(peer(4), [&] { order += 'c'; });
    pool.post(peer(2), [&] { done.set_value(); });
    open.set_value();
    done.get_future().wait();
    // The one who sent most waits longest.
    EXPECT_EQ(order, "abcabab");
}

TEST(SignaturePool, TakesNoMoreThanItsShareOfOnePeer)
{
    SignaturePool pool{1, 2};
    std::promise<void> open;
    std::promise<void> started;
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

TEST(SignaturePool, DropsWhatWaitsWhenItStops)
{
    SignaturePool pool{1};
    pool.stop();
    EXPECT_FALSE(pool.post(peer(1), [] {}));
}

}  // namespace
}  // namespace node
