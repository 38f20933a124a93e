// Callers that hang up, and a server that stops.
#include "tests/unit/node/http/server_fixture.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <future>
#include <thread>

namespace node {
namespace {

using namespace std::chrono_literals;

TEST_F(ServerTest, TellsAHandlerThatItsCallerHungUp)
{
    std::promise<void> began;
    std::promise<bool> gone;
    router.add(Method::get, "/wait", {"wait"}, [&](Exchange& e) -> asio::awaitable<void> {
        const auto flag = e.watch_peer();
        EXPECT_FALSE(e.peer_gone());
        began.set_value();
        co_await e.until_peer_gone();
        gone.set_value(e.peer_gone());
        auto response = Response::text(200, "nobody reads this");
        co_await e.respond(std::move(response));
    });
    start();
    for (const bool with_more_bytes : {false, true}) {
        began = {};
        gone = {};
        auto caller = client();
        caller.send(get("/wait"));
        began.get_future().wait();
        if (with_more_bytes)
            caller.send(get("/wait").substr(0, 10));  // hides the close from a peek
        caller.close();
        auto told = gone.get_future();
        ASSERT_EQ(told.wait_for(10s), std::future_status::ready);
        EXPECT_TRUE(told.get());
    }
}

TEST_F(ServerTest, CancelsWorkWhoseCallerHungUpAndShowsItToOtherThreads)
{
    std::promise<std::shared_ptr<const std::atomic<bool>>> flag;
    std::promise<bool> finished;
    router.add(Method::get, "/work", {"work"}, [&](Exchange& e) -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        flag.set_value(e.watch_peer());
        asio::steady_timer work{co_await asio::this_coro::executor, 1h};
        const auto ended = co_await (work.async_wait(asio::use_awaitable) || e.until_peer_gone());
        finished.set_value(ended.index() == 0);
    });
    start();
    auto caller = client();
    caller.send(get("/work"));
    const auto shown = flag.get_future().get();
    EXPECT_FALSE(shown->load());
    caller.close();
    EXPECT_FALSE(finished.get_future().get());
    ASSERT_TRUE(recorder.wait_for_closed(1));
    EXPECT_TRUE(shown->load());
}

TEST_F(ServerTest, KeepsWatchingAcrossRequestsOfOneConnection)
{
    router.add(Method::get, "/watched", {"watched"}, [](Exchange& e) -> asio::awaitable<void> {
        const auto flag = e.watch_peer();
        EXPECT_EQ(flag, e.watch_peer());
        auto response = Response::text(200, flag->load() ? "gone" : "here");
        co_await e.respond(std::move(response));
    });
    start();
    auto caller = client();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(caller.ask(get("/watched")).body, "here");
}

TEST_F(ServerTest, FinishesWhatRunsAndClosesWhatIsIdleWhenItStops)
{
    add_common_routes();
    std::promise<void> began;
    std::promise<std::shared_ptr<asio::steady_timer>> gate;
    router.add(Method::get, "/slow", {"slow"}, [&](Exchange& e) -> asio::awaitable<void> {
        auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, 1h);
        gate.set_value(timer);
        began.set_value();
        boost::system::error_code opened;
        co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, opened));
        auto response = Response::text(200, "done");
        co_await e.respond(std::move(response));
    });
    start();
    auto idle = client(), running = client();
    EXPECT_EQ(idle.ask(get("/hello")).status, 200u);
    running.send(get("/slow"));
    began.get_future().wait();
    const auto where = server->local();
    std::thread stopping{[&] { server->stop(10s); }};
    EXPECT_TRUE(idle.closed());  // says that the stop has begun
    const auto timer = gate.get_future().get();
    asio::post(timer->get_executor(), [timer] { timer->cancel(); });
    const auto answer = running.read();
    EXPECT_EQ(answer.body, "done");
    EXPECT_EQ(answer.header("Connection"), "close");
    running.close();
    stopping.join();
    EXPECT_ANY_THROW(HttpClient{where});
}

TEST_F(ServerTest, CutsOffWhatDoesNotFinishInTime)
{
    std::promise<void> began;
    router.add(Method::get, "/forever", {"forever"}, [&](Exchange&) -> asio::awaitable<void> {
        asio::steady_timer timer{co_await asio::this_coro::executor, 1h};
        began.set_value();
        co_await timer.async_wait(asio::use_awaitable);
    });
    start();
    auto caller = client();
    caller.send(get("/forever"));
    began.get_future().wait();
    server->stop(20ms);
    EXPECT_TRUE(caller.closed());
}

}  // namespace
}  // namespace node
