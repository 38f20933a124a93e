#include "tests/unit/node/http/server_fixture.hpp"

#include <deque>
#include <future>
#include <thread>

namespace node {
namespace {

using namespace std::chrono_literals;

TEST_F(ServerTest, AnswersManyRequestsOnOneConnection)
{
    add_common_routes();
    start();
    auto caller = client();
    for (int i = 0; i < 50; ++i) {
        const auto answer = caller.ask(i % 2 == 0 ? get("/hello") : post("/echo", "ping"));
        ASSERT_EQ(answer.status, 200u);
        EXPECT_EQ(answer.body, i % 2 == 0 ? "hello" : "ping");
        EXPECT_EQ(answer.header("Connection"), std::nullopt);
        EXPECT_TRUE(answer.header("Date"));
    }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInTheirOrder)
{
    add_common_routes();
    start({.pipelined_at_once = 3});
    std::string many;
    for (int i = 0; i < 40; ++i) many += post("/echo", "n" + std::to_string(i)) + "\r\n";
    auto caller = client();
    caller.send(many);
    for (int i = 0; i < 40; ++i) EXPECT_EQ(caller.read().body, "n" + std::to_string(i));
}

TEST_F(ServerTest, TakesARequestByteByByte)
{
    add_common_routes();
    start();
    auto caller = client();
    for (const char c : post("/echo", "slow but steady")) caller.send({&c, 1});
    EXPECT_EQ(caller.read().body, "slow but steady");
}

TEST_F(ServerTest, AnswersHeadLikeGetWithoutTheBody)
{
    add_common_routes();
    start();
    auto caller = client();
    const auto answer = caller.ask("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n", true);
    EXPECT_EQ(answer.status, 200u);
    EXPECT_EQ(answer.header("Content-Length"), "5");
    EXPECT_EQ(caller.ask(get("/hello")).body, "hello");  // nothing of a body was in between
}

TEST_F(ServerTest, TakesChunkedBodiesAndWhatFollowsThem)
{
    add_common_routes();
    start();
    auto caller = client();
    caller.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n6; a=b\r\n world\r\n0\r\nX-T: 1\r\n\r\n" +
        get("/hello"));
    EXPECT_EQ(caller.read().body, "hello world");
    EXPECT_EQ(caller.read().body, "hello");
}

TEST_F(ServerTest, EchoesABodyOfAMebibyteBothWays)
{
    add_common_routes();
    start();
    std::string body(1 << 20, ' ');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31);
    auto caller = client();
    const auto answer = caller.ask(post("/echo", body));
    EXPECT_EQ(answer.status, 200u);
    EXPECT_TRUE(answer.body == body);
    std::string chunked = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < body.size(); at += 4096)
        chunked += "1000\r\n" + body.substr(at, 4096) + "\r\n";
    EXPECT_TRUE(caller.ask(chunked + "0\r\n\r\n").body == body);
}

TEST_F(ServerTest, ClosesWhenTheCallerAsksAndKeepsOldCallersThatAsk)
{
    add_common_routes();
    start();
    auto one = client();
    EXPECT_EQ(one.ask(get("/hello", "Connection: close\r\n")).header("Connection"), "close");
    EXPECT_TRUE(one.closed());
    auto old = client();
    EXPECT_EQ(old.ask("GET /hello HTTP/1.0\r\n\r\n").body, "hello");
    EXPECT_TRUE(old.closed());
    auto kept = client();
    const std::string ask = "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    EXPECT_EQ(kept.ask(ask).header("Connection"), "keep-alive");
    EXPECT_EQ(kept.ask(ask).body, "hello");
}

TEST_F(ServerTest, SendsContinueOnlyWhenTheBodyIsWanted)
{
    add_common_routes();
    start();
    auto caller = client();
    const std::string head =
        " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    EXPECT_EQ(caller.ask("POST /echo" + head).status, 100u);
    EXPECT_EQ(caller.ask("abc").body, "abc");
    // Refused at once, without a byte of the body; whether the caller sends it is unclear, so
    // the connection ends.
    const auto refused = caller.ask("POST /paid" + head);
    EXPECT_EQ(refused.status, 402u);
    EXPECT_EQ(refused.header("PAYMENT-REQUIRED"), "b2ZmZXI=");
    EXPECT_EQ(refused.header("Connection"), "close");
    caller.finish_sending();
    EXPECT_TRUE(caller.closed());
}

TEST_F(ServerTest, SendsNoContinueWhenTheBodyIsAlreadyHere)
{
    add_common_routes();
    start();
    auto caller = client();
    const auto answer = caller.ask(
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\n"
        "Content-Length: 3\r\n\r\nabc");
    EXPECT_EQ(answer.status, 200u);
    EXPECT_EQ(answer.body, "abc");
}

TEST_F(ServerTest, AnswersBeforeTheBodyAndDrainsIt)
{
    add_common_routes();
    start();
    auto caller = client();
    const std::string body(300'000, 'b');
    const auto request = post("/paid", body);
    caller.send(request.substr(0, 100));
    EXPECT_EQ(caller.read().status, 402u);  // the body is still with the caller
    caller.send(request.substr(100));
    EXPECT_EQ(caller.ask(get("/hello")).body, "hello");
    EXPECT_EQ(recorder.line(0).in, 0u);
    EXPECT_EQ(recorder.line(0).status, 402u);

    caller.send(
        "POST /paid HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    EXPECT_EQ(caller.read().status, 402u);
    EXPECT_EQ(caller.ask("0\r\n\r\n" + get("/hello")).body, "hello");
}

TEST_F(ServerTest, ClosesAfterAnEarlyAnswerWhenTooMuchBodyFollows)
{
    add_common_routes();
    start({.drain_bytes = 10'000});
    auto known = client();
    const auto answer =
        known.ask("POST /paid HTTP/1.1\r\nHost: x\r\nContent-Length: 10001\r\n\r\n");
    EXPECT_EQ(answer.status, 402u);
    EXPECT_EQ(answer.header("Connection"), "close");
    known.finish_sending();
    EXPECT_TRUE(known.closed());

    auto unknown = client();
    EXPECT_EQ(
        unknown.ask("POST /paid HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").status,
        402u);
    const std::string chunk = "1000\r\n" + std::string(4096, 'x') + "\r\n";
    while (unknown.send(chunk)) {  // ends when the server has closed
    }
}

TEST_F(ServerTest, ClosesWhenTheDrainedBodyDoesNotCome)
{
    add_common_routes();
    start({.drain_time = 40ms});
    auto caller = client();
    EXPECT_EQ(caller.ask("POST /paid HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123").status,
              402u);
    EXPECT_TRUE(caller.closed());
}

TEST_F(ServerTest, RefusesABodyOverTheRoutesLimitBeforeReadingIt)
{
    add_common_routes();
    start();
    auto caller = client();
    const auto said =
        caller.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n");
    EXPECT_EQ(said.status, 413u);
    EXPECT_NE(said.body.find("body_too_large"), std::string::npos);
    auto huge = client();
    EXPECT_EQ(
        huge.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999999999\r\n\r\n")
            .status,
        413u);
    auto chunked = client();
    std::string body = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 257; ++i) body += "1000\r\n" + std::string(4096, 'x') + "\r\n";
    const auto counted = chunked.ask(body);
    EXPECT_EQ(counted.status, 413u);
    EXPECT_EQ(counted.header("Connection"), "close");
}

TEST_F(ServerTest, RefusesAHeadThatIsTooLong)
{
    add_common_routes();
    start({.head_bytes = 1024});
    const std::string base = get("/hello", "X: ");
    auto fits = client();
    EXPECT_EQ(
        fits.ask(get("/hello", "X: " + std::string(1024 - base.size() - 2, 'a') + "\r\n")).status,
        200u);
    auto over = client();
    EXPECT_EQ(
        over.ask(get("/hello", "X: " + std::string(1025 - base.size() - 2, 'a') + "\r\n")).status,
        431u);
    auto endless = client();
    EXPECT_EQ(endless.ask("GET /hello HTTP/1.1\r\nX: " + std::string(5000, 'a')).status, 431u);
    EXPECT_EQ(recorder.line(1).status, 431u);
    EXPECT_EQ(recorder.line(1).route, "none");
}

TEST_F(ServerTest, GivesUpOnSlowHeadsSlowBodiesAndIdleConnections)
{
    add_common_routes();
    start({.head_time = 40ms, .idle_time = 40ms, .body_grace = 40ms, .drain_time = 40ms});
    auto head = client();
    EXPECT_EQ(head.ask("GET /hello HTTP/1.1\r\nHost:").status, 408u);
    EXPECT_TRUE(head.closed());
    auto body = client();
    EXPECT_EQ(body.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab").status,
              408u);
    EXPECT_TRUE(body.closed());
    auto chunked = client();
    EXPECT_EQ(
        chunked.ask("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab")
            .status,
        408u);
    auto silent = client();
    EXPECT_TRUE(silent.closed());  // without a word
    auto idle = client();
    EXPECT_EQ(idle.ask(get("/hello")).status, 200u);
    EXPECT_TRUE(idle.closed());
}

TEST_F(ServerTest, CutsOffACallerThatDoesNotTakeItsAnswer)
{
    std::promise<bool> delivered;
    router.add(Method::get, "/big", {"big"}, [&](Exchange& e) -> asio::awaitable<void> {
        Response response{200, "text/plain", std::string(32 << 20, 'x')};
        delivered.set_value(co_await e.respond(std::move(response)));
    });
    start({.body_grace = 40ms, .body_bytes_per_second = 1 << 30});
    HttpClient caller{server->local(), 4096};
    caller.send(get("/big"));
    auto told = delivered.get_future();
    ASSERT_EQ(told.wait_for(10s), std::future_status::ready);
    EXPECT_FALSE(told.get());
    EXPECT_EQ(recorder.line(0).status, 499u);
}

TEST_F(ServerTest, BoundsConnectionsInAllAndFromOneAddress)
{
    add_common_routes();
    start({.connections = 3, .connections_per_address = 2});
    auto one = client(), two = client();
    EXPECT_EQ(one.ask(get("/hello")).status, 200u);
    EXPECT_EQ(two.ask(get("/hello")).status, 200u);
    auto three = client();
    const auto refused = three.read();
    EXPECT_EQ(refused.status, 503u);
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_TRUE(refused.complete);
    EXPECT_TRUE(three.closed());
    one.close();
    ASSERT_TRUE(recorder.wait_for_closed(1));
    // The count is given back right after the observer heard of it.
    for (;;) {
        auto again = client();
        if (again.ask(get("/hello")).status == 200) break;
    }
}

TEST_F(ServerTest, LetsTheIdlestGoWhenItIsCrowded)
{
    add_common_routes();
    start({.connections = 8, .spared = 0ms});
    std::deque<HttpClient> idle;
    for (int i = 0; i < 8; ++i) idle.emplace_back(server->local());
    for (auto& one : idle) EXPECT_EQ(one.ask(get("/hello")).status, 200u);
    // The ninth may come before the place is free; whoever asks again gets it.
    for (;;) {
        auto newcomer = client();
        if (newcomer.ask(get("/hello")).status == 200) break;
    }
    EXPECT_TRUE(idle.front().closed()) << "it had waited the longest";
    EXPECT_EQ(idle.back().ask(get("/hello")).status, 200u);
}

TEST_F(ServerTest, SparesIdleOnesThatHaveJustCome)
{
    add_common_routes();
    start({.connections = 8, .spared = 1h});
    std::deque<HttpClient> idle;
    for (int i = 0; i < 8; ++i) idle.emplace_back(server->local());
    for (auto& one : idle) EXPECT_EQ(one.ask(get("/hello")).status, 200u);
    auto newcomer = client();
    EXPECT_EQ(newcomer.read().status, 503u);
    for (auto& one : idle) EXPECT_EQ(one.ask(get("/hello")).status, 200u);
}

TEST_F(ServerTest, StreamsInChunksAndUntilTheEndForOldCallers)
{
    router.add(Method::get, "/stream", {"stream"}, [](Exchange& e) -> asio::awaitable<void> {
        Response response{200, "text/event-stream", {}};
        co_await e.begin(std::move(response));
        for (const std::string part : {"data: one\n\n", "", "data: two\n\n"}) {
            co_await e.write_chunk(ledger::as_bytes(part));
        }
        co_await e.finish();
    });
    router.add(Method::get, "/broken", {"broken"}, [](Exchange& e) -> asio::awaitable<void> {
        Response response{200, "text/plain", "half"};
        co_await e.begin(std::move(response));
        throw std::runtime_error{"the other half is missing"};
    });
    start();
    auto caller = client();
    for (int i = 0; i < 2; ++i) {
        const auto answer = caller.ask(get("/stream"));
        EXPECT_TRUE(answer.complete);
        EXPECT_EQ(answer.body, "data: one\n\ndata: two\n\n");
        EXPECT_EQ(answer.header("Content-Length"), std::nullopt);
    }
    auto old = client();
    const auto whole = old.ask("GET /stream HTTP/1.0\r\n\r\n");
    EXPECT_EQ(whole.body, "data: one\n\ndata: two\n\n");
    EXPECT_EQ(whole.header("Transfer-Encoding"), std::nullopt);
    const auto broken = caller.ask(get("/broken"));
    EXPECT_EQ(broken.body, "half");
    EXPECT_FALSE(broken.complete);
    EXPECT_TRUE(caller.closed());
}

TEST_F(ServerTest, AnswersForHandlersThatFail)
{
    router.add(Method::get, "/throws", {"throws"}, [](Exchange&) -> asio::awaitable<void> {
        throw std::runtime_error{"secret detail"};
        co_return;
    });
    router.add(Method::get, "/v2/silent", {"silent"},
               [](Exchange&) -> asio::awaitable<void> { co_return; });
    start();
    auto caller = client();
    const auto thrown = caller.ask(get("/throws"));
    EXPECT_EQ(thrown.status, 500u);
    EXPECT_EQ(thrown.body.find("secret"), std::string::npos);
    EXPECT_EQ(caller.ask(get("/v2/silent")).status, 500u);
    EXPECT_EQ(recorder.failures(),
              (std::vector<std::string>{"secret detail", "the handler did not answer"}));
}

TEST_F(ServerTest, DropsHeadersThatWouldSplitTheAnswer)
{
    router.add(Method::get, "/split", {"split"}, [](Exchange& e) -> asio::awaitable<void> {
        auto response = Response::text(200, "ok");
        response.with("X-Bad", "a\r\nX-Injected: b")
            .with("X-Good", "c")
            .with("Content-Length", "99");
        e.add_header("X-Added", "d");
        co_await e.respond(std::move(response));
        auto second = Response::text(200, "never");
        EXPECT_FALSE(co_await e.respond(std::move(second)));
    });
    start();
    auto caller = client();
    const auto answer = caller.ask(get("/split"));
    EXPECT_EQ(answer.body, "ok");
    EXPECT_EQ(answer.header("X-Bad"), std::nullopt);
    EXPECT_EQ(answer.header("X-Injected"), std::nullopt);
    EXPECT_EQ(answer.header("X-Good"), "c");
    EXPECT_EQ(answer.header("X-Added"), "d");
}

TEST_F(ServerTest, SaysThatItsPortIsTaken)
{
    start();
    Server second{{.port = server->local().port()}, router, clock};
    const auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().kind, ledger::ErrorKind::unavailable);
    EXPECT_NE(started.error().detail.find(std::to_string(server->local().port())),
              std::string::npos);
}

TEST_F(ServerTest, AnswersWhoCameBetweenListeningAndStarting)
{
    add_common_routes();
    server = std::make_unique<Server>(ServerConfig{.port = 0}, router, clock);
    ASSERT_TRUE(server->listen());
    auto caller = client();
    ASSERT_TRUE(caller.send(get("/hello")));
    ASSERT_TRUE(server->start());
    EXPECT_EQ(caller.read().body, "hello");
}

TEST_F(ServerTest, ServesManyCallersOnManyThreads)
{
    add_common_routes();
    start({}, 3);
    std::vector<std::thread> callers;
    std::atomic<int> right{0};
    for (int i = 0; i < 8; ++i) {
        callers.emplace_back([&, i] {
            auto caller = client();
            for (int n = 0; n < 100; ++n) {
                const auto text = std::to_string(i) + "/" + std::to_string(n);
                if (caller.ask(post("/echo", text)).body == text) ++right;
            }
        });
    }
    for (auto& caller : callers) caller.join();
    EXPECT_EQ(right.load(), 800);
}

TEST_F(ServerTest, TellsObserversTheRouteAndNothingThatTheCallerWrote)
{
    add_common_routes();
    start();
    auto caller = client();
    caller.ask(post("/echo?token=secret", "12345"));
    const auto line = recorder.line(0);
    EXPECT_EQ(line.route, "/echo");
    EXPECT_EQ(line.method, "POST");
    EXPECT_EQ(line.in, 5u);
    EXPECT_GT(line.out, 50u);
}

}  // namespace
}  // namespace node
