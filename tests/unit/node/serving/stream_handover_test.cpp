#include "node/serving/stream_handover.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

namespace node {
namespace {

using namespace std::chrono_literals;

struct StreamHandoverTest : testing::Test {
    static std::string event(std::size_t bytes)
    {
        return "data: {\"x\":\"" + std::string(bytes, 'x') + "\"}\n\n";
    }
    void open(std::chrono::milliseconds time = 60s)
    {
        handover.emplace(inference::OpenAiStream{false}, std::chrono::steady_clock::now() + time,
                         [this] { ++woken; });
    }
    bool put(const std::string& text) { return handover->put(ledger::as_bytes(text)); }

    std::optional<StreamHandover> handover;
    std::atomic<int> woken = 0;
};

TEST_F(StreamHandoverTest, HandsOnWhatHasComeOnce)
{
    open();
    EXPECT_TRUE(put(event(1)));
    EXPECT_TRUE(put(event(2)));
    EXPECT_EQ(handover->take().text, event(1) + event(2));
    EXPECT_EQ(handover->take().text, "");
    EXPECT_EQ(woken, 2);
    EXPECT_TRUE(put(": no news\n\n"));
    EXPECT_EQ(woken, 2);
}

TEST_F(StreamHandoverTest, LetsNoMoreWaitThanItsBound)
{
    open(50ms);
    std::size_t taken = 0;
    while (put(event(10'000))) taken += event(10'000).size();
    EXPECT_GE(taken, StreamHandover::most_waiting);
    EXPECT_LT(taken, StreamHandover::most_waiting + event(10'000).size());
    EXPECT_EQ(handover->take().text.size(), taken);
}

TEST_F(StreamHandoverTest, GoesOnOnceWhatIsThereWasTaken)
{
    open();
    constexpr int events = 100;
    std::jthread reader{[&] {
        for (int i = 0; i < events; ++i) EXPECT_TRUE(put(event(10'000)));
        EXPECT_TRUE(put("data: [DONE]\n\n"));
    }};
    std::size_t bytes = 0;
    for (bool whole = false; !whole; std::this_thread::yield()) {
        const auto news = handover->take();
        EXPECT_LE(news.text.size(), StreamHandover::most_waiting + event(10'000).size());
        bytes += news.text.size();
        whole = news.rest.has_value();
    }
    EXPECT_EQ(bytes, events * event(10'000).size());
}

TEST_F(StreamHandoverTest, LetsTheThreadGoWhenNothingMoreIsWanted)
{
    open();
    std::jthread reader{[&] {
        while (put(event(10'000))) {
        }
        handover->end(inference::UpstreamReply{200, {}, {}});
    }};
    while (woken == 0) std::this_thread::yield();
    handover->close();
    const int before = woken;
    reader.join();
    EXPECT_EQ(woken, before) << "nobody is woken once it is closed";
    EXPECT_TRUE(handover->closed());
}

TEST_F(StreamHandoverTest, TellsTheEndAndWhatWentWrong)
{
    open();
    EXPECT_TRUE(put(event(1) + "data: [DONE]\n\n"));
    EXPECT_TRUE(put("whatever comes behind the end"));
    const auto whole = handover->take();
    EXPECT_EQ(whole.rest, "data: [DONE]\n\n");
    EXPECT_FALSE(whole.wrong);

    open();
    EXPECT_FALSE(put("data: nonsense\n\n"));
    EXPECT_EQ(handover->take().wrong->status, 502);
    handover->end(inference::InferError{inference::InferErrorKind::unavailable, "gone"});
    EXPECT_EQ(handover->take().outcome->error().detail, "gone");
}

}  // namespace
}  // namespace node
