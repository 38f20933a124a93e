#include "node/http/server.hpp"

#include "ledger/base/ensure.hpp"
#include "node/http/as_result.hpp"
#include "node/http/connection.hpp"
#include "node/http/connection_counts.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <thread>

namespace node {
namespace {

using asio::ip::tcp;
using namespace std::chrono_literals;
using WorkGuard = asio::executor_work_guard<asio::io_context::executor_type>;

const std::string& too_many()
{
    static const std::string text = [] {
        const std::string body =
            R"({"error":{"code":"too_many_connections","message":"try again later","detail":""}})";
        return "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
               "Content-Length: " +
               std::to_string(body.size()) + "\r\nRetry-After: 1\r\nConnection: close\r\n\r\n" +
               body;
    }();
    return text;
}

ledger::Error failed(const char* what, const tcp::endpoint& where,
                     const boost::system::error_code& error)
{
    auto kind = ledger::ErrorKind::io;
    if (error == asio::error::address_in_use) kind = ledger::ErrorKind::unavailable;
    if (error == asio::error::access_denied) kind = ledger::ErrorKind::denied;
    return {kind, std::string{what} + " " + where.address().to_string() + " port " +
                      std::to_string(where.port()) + ": " + error.message()};
}

}  // namespace

struct Server::Parts {
    Parts(ServerConfig config_given, Handler& handler, const Clock& clock,
          std::vector<RequestObserver*> observers)
        : config{std::move(config_given)},
          share{handler, config.limits, std::move(observers)},
          counts{config.limits.connections, config.limits.connections_per_address}
    {
        const auto count = std::max(config.io_threads, 1U);
        for (unsigned i = 0; i < count; ++i) {
            shards.push_back(std::make_unique<Shard>(clock, config.limits));
        }
        acceptor.emplace(shards.front()->io());
    }

    asio::awaitable<void> accept();
    void begin(tcp::socket socket, const tcp::endpoint& peer, Shard& shard);

    ServerConfig config;
    ServerShare share;
    ConnectionCounts counts;
    std::vector<std::unique_ptr<Shard>> shards;
    std::optional<tcp::acceptor> acceptor;
    tcp::endpoint local;
    std::vector<std::thread> threads;
};

Server::Server(ServerConfig config, Handler& handler, const Clock& clock,
               std::vector<RequestObserver*> observers)
    : parts_{std::make_unique<Parts>(std::move(config), handler, clock, std::move(observers))}
{
}

Server::~Server()
{
    stop(0ms);
}

ledger::Result<void> Server::listen()
{
    const tcp::endpoint where{parts_->config.address, parts_->config.port};
    boost::system::error_code error;
    auto& acceptor = *parts_->acceptor;
    const auto fail = [&](const char* what) {
        boost::system::error_code ignored;
        acceptor.close(ignored);
        return failed(what, where, error);
    };
    acceptor.open(where.protocol(), error);
    if (error) return fail("cannot open a socket for");
    acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
    acceptor.bind(where, error);
    if (error) return fail("cannot take");
    acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return fail("cannot listen on");
    parts_->local = acceptor.local_endpoint(error);
    return {};
}

ledger::Result<void> Server::start()
{
    ledger::ensure(parts_->threads.empty(), "a server starts once");
    if (!parts_->acceptor->is_open())
        if (const auto listening = listen(); !listening) return listening;
    asio::co_spawn(parts_->shards.front()->io(), parts_->accept(), asio::detached);
    for (auto& shard : parts_->shards) {
        parts_->threads.emplace_back([&shard = *shard] {
            const WorkGuard guard{shard.io().get_executor()};
            shard.start_ticks();
            shard.io().run();
        });
    }
    return {};
}

tcp::endpoint Server::local() const
{
    return parts_->local;
}

asio::any_io_executor Server::executor()
{
    return parts_->shards.front()->io().get_executor();
}

asio::awaitable<void> Server::Parts::accept()
{
    asio::steady_timer pause{shards.front()->io()};
    for (std::size_t turn = 0; acceptor->is_open(); ++turn) {
        auto& shard = *shards[turn % shards.size()];
        tcp::socket socket{shard.io()};
        const auto [error] = co_await acceptor->async_accept(socket, as_result);
        if (error == asio::error::operation_aborted) co_return;
        if (error) {
            // Out of descriptors: the connections there are go on; asking again at once would spin.
            pause.expires_after(100ms);
            co_await pause.async_wait(as_result);
            continue;
        }
        boost::system::error_code unknown;
        const auto peer = socket.remote_endpoint(unknown);
        if (unknown) continue;
        if (counts.crowded()) shard.make_room();
        if (counts.enter(peer.address())) {
            begin(std::move(socket), peer, shard);
            continue;
        }
        for (auto* observer : share.observers) observer->connection_refused();
        boost::system::error_code ignored;
        socket.non_blocking(true, ignored);
        socket.write_some(asio::buffer(too_many()), ignored);
        socket.shutdown(tcp::socket::shutdown_send, ignored);
    }
}

void Server::drain(std::chrono::milliseconds patience)
{
    if (parts_->threads.empty()) return;
    parts_->share.draining.store(true, std::memory_order_relaxed);
    parts_->counts.wait_until_empty(patience);
}

void Server::Parts::begin(tcp::socket socket, const tcp::endpoint& peer, Shard& shard)
{
    for (auto* observer : share.observers) observer->connection_opened();
    const auto connection = std::make_shared<Connection>(std::move(socket), peer, shard, share);
    const auto ended = [this, address = peer.address(), connection](std::exception_ptr) {
        for (auto* observer : share.observers) observer->connection_closed();
        counts.leave(address);
    };
    asio::co_spawn(shard.io(), Connection::run(connection),
                   asio::bind_cancellation_slot(connection->cancellation().slot(), ended));
}

void Server::stop(std::chrono::milliseconds patience)
{
    if (parts_->threads.empty()) return;
    auto& shards = parts_->shards;
    asio::post(shards.front()->io(), [parts = parts_.get()] {
        boost::system::error_code ignored;
        parts->acceptor->close(ignored);
    });
    for (auto& shard : shards) asio::post(shard->io(), [&shard = *shard] { shard.stop_all(); });
    if (!parts_->counts.wait_until_empty(patience)) {
        for (auto& shard : shards)
            asio::post(shard->io(), [&shard = *shard] { shard.abort_all(); });
        // A handler that does not listen to its cancellation is left behind with its frame.
        parts_->counts.wait_until_empty(1s);
    }
    for (auto& shard : shards) shard->io().stop();
    for (auto& thread : parts_->threads) thread.join();
    parts_->threads.clear();
}

}  // namespace node
