#include "node/http/event_hub.hpp"

#include "tests/unit/node/http/server_fixture.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <future>
#include <thread>

namespace node {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using namespace std::chrono_literals;

/// A blocking WebSocket caller.
class Listener {
public:
    explicit Listener(asio::ip::tcp::endpoint server) { stream_.next_layer().connect(server); }
    beast::error_code shake_hands(const std::string& target)
    {
        beast::error_code error;
        stream_.handshake("localhost", target, error);
        return error;
    }
    /// The next message; empty with `closed_with` set once the server closed.
    std::string read()
    {
        beast::flat_buffer buffer;
        beast::error_code error;
        stream_.read(buffer, error);
        if (error == websocket::error::closed) closed_with = stream_.reason().code;
        if (error) ended = true;
        return beast::buffers_to_string(buffer.data());
    }
    void close()
    {
        beast::error_code ignored;
        stream_.close(websocket::close_code::normal, ignored);
    }

    unsigned closed_with = 0;
    bool ended = false;

private:
    asio::io_context io_;
    websocket::stream<asio::ip::tcp::socket> stream_{io_};
};

struct EventHubTest : ServerTest {
    void start_hub(EventLimits limits = {}, HttpLimits http = {})
    {
        hub.emplace(std::vector<std::string>{"block", "transaction"}, limits);
        router.add(Method::get, "/v1/events", {"events"},
                   [this](Exchange& e) { return hub->serve(e); });
        start(http);
    }
    void TearDown() override { server.reset(); }  // before the hub
    std::optional<EventHub> hub;
};

TEST_F(EventHubTest, TellsEachSubscriberWhatItAskedFor)
{
    start_hub();
    const auto mine_key = "0x" + std::string(40, 'a');
    const auto other_key = "0x" + std::string(64, 'c');
    Listener all{server->local()}, blocks{server->local()}, mine{server->local()};
    ASSERT_FALSE(all.shake_hands("/v1/events"));
    ASSERT_FALSE(blocks.shake_hands("/v1/events?topics=block"));
    ASSERT_FALSE(mine.shake_hands("/v1/events?topics=block,transaction&key=" + mine_key));
    hub->publish({"transaction", {other_key}, "t1"});
    hub->publish({"transaction", {mine_key, other_key}, "t2"});
    hub->publish({"block", {}, "b1"});
    for (const auto* text : {"t1", "t2", "b1"}) EXPECT_EQ(all.read(), text);
    EXPECT_EQ(blocks.read(), "b1");
    EXPECT_EQ(mine.read(), "t2");
    EXPECT_EQ(hub->subscribers(), 3u);
    all.close();
    blocks.close();
    mine.close();
    ASSERT_EQ(recorder.line(2).status, 101u);
    EXPECT_EQ(hub->subscribers(), 0u);
}

TEST_F(EventHubTest, TakesAKeyInAnyCaseAndRefusesWhatIsNone)
{
    start_hub();
    const auto key = "0x" + std::string(38, '0') + "cd";
    Listener checksummed{server->local()}, bare{server->local()};
    ASSERT_FALSE(checksummed.shake_hands("/v1/events?key=0x" + std::string(38, '0') + "Cd"));
    ASSERT_FALSE(bare.shake_hands("/v1/events?key=" + std::string(38, '0') + "CD"));
    hub->publish({"block", {key}, "b1"});
    EXPECT_EQ(checksummed.read(), "b1");
    EXPECT_EQ(bare.read(), "b1");
    auto caller = client();
    for (const auto& none : {std::string{"zz"}, std::string{}, std::string{"0xcd"}, key + "0",
                             "0x" + std::string(38, '0') + "zz", key + "00"}) {
        const auto refused = caller.ask(get("/v1/events?key=" + none));
        EXPECT_EQ(refused.status, 400u) << none;
        EXPECT_NE(refused.body.find("bad_key"), std::string::npos) << refused.body;
    }
    EXPECT_EQ(caller.ask(get("/v1/events?key=" + key)).status, 426u);
}

TEST_F(EventHubTest, DropsASlowSubscriberAndServesTheOthers)
{
    start_hub({.queued = 4});
    Listener slow{server->local()}, quick{server->local()};
    ASSERT_FALSE(slow.shake_hands("/v1/events?topics=block"));
    ASSERT_FALSE(quick.shake_hands("/v1/events?topics=transaction"));
    // More at once than the queue and the network between them can hold: the rest is refused.
    const std::string large(4 << 20, 'x');
    for (int i = 0; i < 12; ++i) hub->publish({"block", {}, large});
    hub->publish({"transaction", {}, "still here"});
    EXPECT_EQ(quick.read(), "still here");
    int received = 0;
    while (!slow.ended) received += slow.read().size() == large.size();
    EXPECT_EQ(slow.closed_with, 1013u);
    EXPECT_LT(received, 12);
}

TEST_F(EventHubTest, CutsOffASubscriberThatReadsNothingAtAll)
{
    start_hub({.queued = 2}, {.body_grace = 40ms, .drain_time = 40ms});
    Listener stuck{server->local()};
    ASSERT_FALSE(stuck.shake_hands("/v1/events"));
    for (int i = 0; i < 8; ++i) hub->publish({"block", {}, std::string(8 << 20, 'x')});
    EXPECT_TRUE(recorder.wait_for_closed(1));
    EXPECT_EQ(hub->subscribers(), 0u);
}

TEST_F(EventHubTest, RefusesUnknownTopicsTooManySubscribersAndPlainRequests)
{
    start_hub({.subscribers = 1});
    auto caller = client();
    const auto plain = caller.ask(get("/v1/events"));
    EXPECT_EQ(plain.status, 426u);
    EXPECT_EQ(plain.header("Sec-WebSocket-Version"), "13");
    EXPECT_EQ(caller.ask(get("/v1/events?topics=block,weather")).status, 400u);
    const std::string upgrade =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    EXPECT_EQ(caller.ask(get("/v1/events", upgrade + "Sec-WebSocket-Key: short\r\n")).status, 400u);
    Listener one{server->local()};
    ASSERT_FALSE(one.shake_hands("/v1/events"));
    EXPECT_EQ(
        caller.ask(get("/v1/events", upgrade + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"))
            .status,
        503u);
}

TEST_F(EventHubTest, TakesACallerWhoseHeadIsAsLongAsTheServerAllows)
{
    HttpLimits limits;
    start_hub({}, limits);
    auto caller = client();
    auto head = get("/v1/events",
                    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: \r\n");
    head.insert(head.rfind("\r\n\r\n"), limits.head_bytes - head.size(), 'c');
    const auto answer = caller.ask(head);
    EXPECT_EQ(answer.status, 101u);
    EXPECT_EQ(answer.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_F(EventHubTest, SaysGoodbyeWhenTheServerStops)
{
    start_hub();
    Listener one{server->local()};
    ASSERT_FALSE(one.shake_hands("/v1/events"));
    std::thread stopping{[&] { server->stop(10s); }};
    one.read();
    EXPECT_EQ(one.closed_with, 1001u);
    stopping.join();
}

TEST_F(EventHubTest, TakesEventsFromManyThreads)
{
    start_hub({.queued = 10'000});
    Listener one{server->local()};
    ASSERT_FALSE(one.shake_hands("/v1/events"));
    std::vector<std::thread> sources;
    for (int i = 0; i < 3; ++i) {
        sources.emplace_back([&] {
            for (int n = 0; n < 500; ++n) hub->publish({"block", {}, "b"});
        });
    }
    int received = 0;
    while (received < 1'500 && one.read() == "b") ++received;
    for (auto& source : sources) source.join();
    EXPECT_EQ(received, 1'500);
}

}  // namespace
}  // namespace node
