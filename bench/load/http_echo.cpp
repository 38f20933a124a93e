// What our HTTP server costs beside a bare Beast server that checks nothing: the same 80-byte
// POST echoed by both, turn by turn, in one process.
//   bench_http_echo [connections=32] [requests per round=40000] [rounds=7]
#include "node/env/clock.hpp"
#include "node/http/router.hpp"
#include "node/http/server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Seconds = std::chrono::duration<double>;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// The least that Beast needs to echo: no limits, no deadlines, no routes.
asio::awaitable<void> echo_bare(tcp::socket socket)
{
    socket.set_option(tcp::no_delay{true});
    boost::beast::flat_buffer buffer;
    for (;;) {
        http::request<http::string_body> request;
        const auto [read_error, read] =
            co_await http::async_read(socket, buffer, request, as_result);
        if (read_error) co_return;
        http::response<http::string_body> response{http::status::ok, request.version()};
        response.set(http::field::content_type, "application/json");
        response.body() = std::move(request.body());
        response.keep_alive(request.keep_alive());
        response.prepare_payload();
        const auto [write_error, written] = co_await http::async_write(socket, response, as_result);
        if (write_error) co_return;
    }
}

asio::awaitable<void> accept_bare(tcp::acceptor& acceptor)
{
    for (;;) {
        auto [error, socket] = co_await acceptor.async_accept(as_result);
        if (error) co_return;
        asio::co_spawn(acceptor.get_executor(), echo_bare(std::move(socket)), asio::detached);
    }
}

/// CPU seconds that the executor's one thread has used.
double cpu_of(const asio::any_io_executor& executor)
{
    std::promise<double> told;
    asio::post(executor, [&told] {
        timespec used{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
        told.set_value(static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9);
    });
    return told.get_future().get();
}

/// Callers on one thread: all send, then all read, and again.
class Callers {
public:
    Callers(const tcp::endpoint& server, std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i) {
            sockets_.emplace_back(io_).connect(server);
            sockets_.back().set_option(tcp::no_delay{true});
        }
        const std::string body =
            R"({"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}  )";
        request_ =
            "POST /echo HTTP/1.1\r\nHost: localhost:8700\r\nUser-Agent: bench/1.0\r\nAccept: "
            "*/*\r\n"
            "Content-Type: application/json\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body;
        asio::write(sockets_[0], asio::buffer(request_));
        std::string first;
        while (!first.ends_with(body)) {
            char bytes[4096];
            first.append(bytes, sockets_[0].read_some(asio::buffer(bytes)));
        }
        answer_bytes_ = first.size();
    }

    void ask(std::size_t requests)
    {
        std::string answer(answer_bytes_, ' ');
        for (std::size_t done = 0; done < requests; done += sockets_.size()) {
            for (auto& socket : sockets_) asio::write(socket, asio::buffer(request_));
            for (auto& socket : sockets_) asio::read(socket, asio::buffer(answer));
        }
    }

private:
    asio::io_context io_;
    std::vector<tcp::socket> sockets_;
    std::string request_;
    std::size_t answer_bytes_ = 0;
};

struct Round {
    double requests_per_second;
    double cpu_us;
};

Round measure(Callers& callers, const asio::any_io_executor& server, std::size_t requests)
{
    const auto cpu_before = cpu_of(server);
    const auto began = std::chrono::steady_clock::now();
    callers.ask(requests);
    const Seconds took = std::chrono::steady_clock::now() - began;
    const auto count = static_cast<double>(requests);
    return {count / took.count(), (cpu_of(server) - cpu_before) * 1e6 / count};
}

double report(const char* name, std::vector<Round>& rounds, std::size_t connections)
{
    const auto by_cpu = [](const Round& a, const Round& b) { return a.cpu_us < b.cpu_us; };
    std::sort(rounds.begin(), rounds.end(), by_cpu);
    const auto& middle = rounds[rounds.size() / 2];
    std::printf(
        "http/echo/server=%s/connections=%zu  %9.0f req/s  %6.2f us CPU a request (%.2f to %.2f)\n",
        name, connections, middle.requests_per_second, middle.cpu_us, rounds.front().cpu_us,
        rounds.back().cpu_us);
    return middle.cpu_us;
}

}  // namespace

int main(int count, char** arguments)
{
    const auto number = [&](int index, std::size_t otherwise) {
        return count > index ? std::stoul(arguments[index]) : otherwise;
    };
    const auto connections = number(1, 32), requests = number(2, 40'000), rounds = number(3, 7);

    asio::io_context bare{1};
    tcp::acceptor acceptor{bare, {asio::ip::address_v4::loopback(), 0}};
    asio::co_spawn(bare, accept_bare(acceptor), asio::detached);
    std::thread bare_thread{[&] { bare.run(); }};

    const node::SystemClock clock;
    node::Router router;
    router.add(node::Method::post, "/echo", {"echo"},
               [](node::Exchange& exchange) -> asio::awaitable<void> {
                   auto body = co_await exchange.read_body(1 << 20);
                   if (!body) {
                       co_await exchange.refuse(body.error());
                       co_return;
                   }
                   auto response = node::Response::json(200, std::move(*body));
                   co_await exchange.respond(std::move(response));
               });
    node::Server server{{.port = 0}, router, clock};
    if (const auto started = server.start(); !started) {
        std::fprintf(stderr, "%s\n", started.error().detail.c_str());
        return 1;
    }
    {
        Callers to_bare{acceptor.local_endpoint(), connections},
            to_ours{server.local(), connections};
        std::vector<Round> bare_rounds, our_rounds;
        for (std::size_t i = 0; i < rounds; ++i) {
            bare_rounds.push_back(measure(to_bare, bare.get_executor(), requests));
            our_rounds.push_back(measure(to_ours, server.executor(), requests));
        }
        const auto bare_cpu = report("beast", bare_rounds, connections);
        const auto our_cpu = report("ours", our_rounds, connections);
        std::printf("ours / beast: %.2f of the CPU\n", our_cpu / bare_cpu);
    }
    server.stop(std::chrono::seconds{1});
    bare.stop();
    bare_thread.join();
}
