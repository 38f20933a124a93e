#pragma once

#include "node/env/clock.hpp"
#include "node/http/router.hpp"
#include "node/http/server.hpp"
#include "tests/support/http_client.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace node {

/// Keeps what the server told, and lets a test wait for it.
class Recorder : public RequestObserver {
public:
    struct Line {
        unsigned status;
        std::string method, route;
        std::uint64_t in, out;
    };
    void answered(const AccessRecord& r) override
    {
        const std::lock_guard lock{mutex_};
        lines_.push_back(
            {r.status, std::string{r.method}, std::string{r.route}, r.body_bytes_in, r.bytes_out});
        changed_.notify_all();
    }
    void handler_failed(std::string_view, std::string_view what) override
    {
        const std::lock_guard lock{mutex_};
        failures_.emplace_back(what);
    }
    void connection_closed() override
    {
        const std::lock_guard lock{mutex_};
        ++closed_;
        changed_.notify_all();
    }
    /// The line of that number (from 0), once it is there.
    Line line(std::size_t number)
    {
        std::unique_lock lock{mutex_};
        const bool there = changed_.wait_for(lock, std::chrono::seconds{10},
                                             [&] { return lines_.size() > number; });
        return there ? lines_[number] : Line{};
    }
    bool wait_for_closed(std::size_t count)
    {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, std::chrono::seconds{10}, [&] { return closed_ >= count; });
    }
    std::vector<std::string> failures()
    {
        const std::lock_guard lock{mutex_};
        return failures_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Line> lines_;
    std::vector<std::string> failures_;
    std::size_t closed_ = 0;
};

/// A real server on a free port of the loopback interface. Add routes, then `start`.
struct ServerTest : testing::Test {
    void start(HttpLimits limits = {}, unsigned io_threads = 1)
    {
        server = std::make_unique<Server>(
            ServerConfig{.port = 0, .io_threads = io_threads, .limits = limits}, router, clock,
            std::vector<RequestObserver*>{&recorder});
        const auto started = server->start();
        ASSERT_TRUE(started) << started.error().detail;
    }
    HttpClient client() { return HttpClient{server->local()}; }

    /// Routes that most tests use.
    void add_common_routes()
    {
        router.add(Method::get, "/hello", {"hello"}, [](Exchange& e) -> asio::awaitable<void> {
            auto response = Response::text(200, "hello");
            co_await e.respond(std::move(response));
        });
        router.add(Method::post, "/echo", {"echo"}, [](Exchange& e) -> asio::awaitable<void> {
            auto body = co_await e.read_body(1 << 20);
            if (!body) {
                co_await e.refuse(body.error());
                co_return;
            }
            Response response{200, "application/octet-stream", std::move(*body)};
            co_await e.respond(std::move(response));
        });
        router.add(Method::post, "/paid", {"paid"}, [](Exchange& e) -> asio::awaitable<void> {
            auto response = Response::json(402, "{}").with("PAYMENT-REQUIRED", "b2ZmZXI=");
            co_await e.respond(std::move(response));
        });
    }

    SystemClock clock;
    Router router;
    Recorder recorder;
    std::unique_ptr<Server> server;
};

inline std::string get(std::string_view target, std::string_view more = {})
{
    return "GET " + std::string{target} + " HTTP/1.1\r\nHost: x\r\n" + std::string{more} + "\r\n";
}

inline std::string post(std::string_view target, std::string_view body, std::string_view more = {})
{
    return "POST " + std::string{target} + " HTTP/1.1\r\nHost: x\r\n" + std::string{more} +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

}  // namespace node
