// Callers that hang up, and a server that stops.
#include "tests/unit/node/http/server_fixture.hpp"

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
        EXPECT_FALSE(e.peer_gone());
        began.set_value();
        asio::steady_timer pause{co_await asio::this_coro::executor};
        while (!e.peer_gone()) {
            pause.expires_after(1ms);
            co_await pause.async_wait(asio::use_awaitable);
        }
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

TEST_F(ServerTest, SeesTheCallerOnEachRequestOfOneConnection)
{
    router.add(Method::get, "/watched", {"watched"}, [](Exchange& e) -> asio::awaitable<void> {
        auto response = Response::text(200, e.peer_gone() ? "gone" : "here");
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

TEST_F(ServerTest, ServesOnWhileItDrainsAndEndsEachConnectionWithItsAnswer)
{
    add_common_routes();
    start();
    auto known = client();
    EXPECT_NE(known.ask(get("/hello")).header("Connection"), "close");
    std::thread draining{[&] { server->drain(10s); }};
    // The flag is set by the other thread: whoever asks sees it soon.
    while (known.ask(get("/hello")).header("Connection") != "close") {
    }
    EXPECT_TRUE(known.closed());
    auto late = client();
    const auto answer = late.ask(get("/hello"));
    EXPECT_EQ(answer.status, 200u);
    EXPECT_EQ(answer.header("Connection"), "close");
    late.close();
    draining.join();  // nobody is left: long before the patience is over
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
