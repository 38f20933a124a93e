#include "tests/unit/node/upstream/http_upstream_fixture.hpp"

#include <algorithm>
#include <latch>
#include <optional>
#include <vector>

namespace node {
namespace {

using namespace std::chrono_literals;

/// What a stream brought, and how it ended.
struct Streamed {
    std::string text;
    std::size_t largest = 0;
    std::optional<UpstreamReply> reply;
    std::optional<UpstreamFault> fault;
};

Streamed stream_of(HttpUpstream& upstream, const RunControl& control = {},
                   std::size_t most = std::string::npos)
{
    Streamed got;
    const auto reply = upstream.stream({"GET", "/x"}, control, [&](ledger::ByteView piece) {
        got.text += ledger::as_text(piece);
        got.largest = std::max(got.largest, piece.size());
        return got.text.size() < most;
    });
    if (reply)
        got.reply = *reply;
    else
        got.fault = reply.error().fault;
    return got;
}

TEST_F(HttpUpstreamTest, StreamsABodyInWhateverWayItsLengthIsTold)
{
    serve([&](Caller& caller) {
        caller.request();
        caller.say(answer.taken());
    });
    for (const auto* whole : {"HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: "
                              "chunked\r\n\r\n3\r\nall\r\n6\r\n of it\r\n"
                              "0\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 9\r\n\r\nall of it",
                              "HTTP/1.1 200 OK\r\nX-A: b\r\n\r\nall of it"}) {
        answer = whole;
        open(server->url());  // no connection that the server is just closing
        const auto got = stream_of(*upstream);
        ASSERT_TRUE(got.reply) << whole;
        EXPECT_EQ(got.text, "all of it") << whole;
        EXPECT_EQ(got.reply->status, 200u);
        EXPECT_EQ(got.reply->header("x-a"), "b");
        EXPECT_TRUE(got.reply->body.empty());
    }
}

TEST_F(HttpUpstreamTest, HandsAPieceOnBeforeTheNextIsThere)
{
    std::latch first{1};
    serve([&](Caller& caller) {
        caller.request();
        caller.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        first.wait();  // a stream that is kept back until its end would wait for good
        caller.say("3\r\ntwo\r\n0\r\n\r\n");
        caller.wait_until_gone();
    });
    std::vector<std::string> pieces;
    const auto reply = upstream->stream({"GET", "/x"}, {}, [&](ledger::ByteView piece) {
        pieces.emplace_back(ledger::as_text(piece));
        if (pieces.size() == 1) first.count_down();
        return true;
    });
    ASSERT_TRUE(reply);
    EXPECT_EQ(pieces, (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(upstream->idle(), 1u) << "a stream that was read to its end leaves the connection";
}

TEST_F(HttpUpstreamTest, ClosesTheConnectionOfAStreamThatNobodyWantsMoreOf)
{
    std::latch hung_up{1};
    serve([&](Caller& caller) {
        caller.request();
        caller.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        caller.wait_until_gone();
        hung_up.count_down();
    });
    const auto got = stream_of(*upstream, {}, 1);
    ASSERT_TRUE(got.reply);
    EXPECT_EQ(got.text, "one");
    hung_up.wait();
    EXPECT_EQ(upstream->idle(), 0u);
}

TEST_F(HttpUpstreamTest, EndsAStreamAtTheDeadlineAndAtAStop)
{
    serve([&](Caller& caller) {
        caller.request();
        caller.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        caller.wait_until_gone();
    });
    const auto late = stream_of(*upstream, {std::chrono::steady_clock::now() + 2s, {}});
    EXPECT_EQ(late.fault, UpstreamFault::deadline);
    EXPECT_EQ(late.text, "one");

    std::stop_source stop;
    const auto reply = upstream->stream({"GET", "/x"}, {{}, stop.get_token()}, [&](auto) {
        stop.request_stop();
        return true;
    });
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().fault, UpstreamFault::cancelled);
    EXPECT_EQ(upstream->idle(), 0u);
}

TEST_F(HttpUpstreamTest, StreamsNoMoreThanItsBoundsAndTellsWhatBroke)
{
    serve([&](Caller& caller) {
        caller.request();
        caller.say(answer.taken());
    });
    answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n" +
             std::string(500, 'x') + "\r\n1f5\r\n" + std::string(501, 'x') + "\r\n0\r\n\r\n";
    const auto large = stream_of(*upstream);
    EXPECT_EQ(large.fault, UpstreamFault::too_large);
    EXPECT_LE(large.text.size(), 1000u);
    answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n";
    const auto cut = stream_of(*upstream);
    EXPECT_EQ(cut.fault, UpstreamFault::broken);
    EXPECT_EQ(cut.text, "one");

    open(server->url(), [](auto& options) { options.limits.body_bytes = 1'000'000; });
    answer = "HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n" + std::string(500'000, 'x');
    const auto whole = stream_of(*upstream);
    EXPECT_EQ(whole.text.size(), 500'000u);
    EXPECT_LE(whole.largest, 64u * 1024);
}

TEST_F(HttpUpstreamTest, GivesTheBodyOfARefusalToWhoAskedForAStream)
{
    serve([](Caller& caller) {
        caller.request();
        caller.say("HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\nno");
    });
    const auto got = stream_of(*upstream);
    ASSERT_TRUE(got.reply);
    EXPECT_EQ(got.text, "");
    EXPECT_EQ(got.reply->status, 400u);
    EXPECT_EQ(ledger::as_text(got.reply->body), "no");
}

}  // namespace
}  // namespace node
