#include "node/http/websocket_session.hpp"

#include "node/http/as_result.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

namespace node {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

/// Beast reads the head of a handshake again, and has 1,536 bytes for it, fewer than browsers may
/// send: it gets one with nothing but what it looks at.
std::string shortest_head(std::string_view key)
{
    std::string head =
        "GET / HTTP/1.1\r\nHost: -\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
    return head.append(key).append("\r\n\r\n");
}

/// Shared by its user and the coroutine that closes it when the server stops.
class Session : public Timed, public std::enable_shared_from_this<Session> {
public:
    Session(asio::ip::tcp::socket socket, Shard& shard, const HttpLimits& limits)
        : stream_{std::move(socket)}, shard_{shard}, patience_{limits.body_grace}
    {
        auto timeouts = websocket::stream_base::timeout::suggested(beast::role_type::server);
        timeouts.handshake_timeout = limits.head_time;
        timeouts.idle_timeout = limits.idle_time;  // pings go out in between
        stream_.set_option(timeouts);
        stream_.read_message_max(limits.websocket_message_bytes);
        stream_.text(true);
        shard_.add(*this);
    }
    ~Session() override { shard_.remove(*this); }

    asio::awaitable<bool> accept(std::string received)
    {
        const auto [error] = co_await stream_.async_accept(asio::buffer(received), as_result);
        co_return !error;
    }

    asio::awaitable<bool> send(std::string_view text)
    {
        deadline = shard_.now() + patience_;
        const auto [error, size] = co_await stream_.async_write(asio::buffer(text), as_result);
        deadline = Clock::Steady::max();
        co_return !error;
    }

    asio::awaitable<std::optional<std::string>> receive()
    {
        beast::flat_buffer message;
        const auto [error, size] = co_await stream_.async_read(message, as_result);
        if (error) co_return std::nullopt;
        co_return beast::buffers_to_string(message.data());
    }

    asio::awaitable<void> close(unsigned code, std::string_view text)
    {
        if (closing_ || !stream_.is_open()) co_return;
        closing_ = true;
        const websocket::close_reason why{static_cast<websocket::close_code>(code),
                                          beast::string_view{text.data(), text.size()}};
        deadline = shard_.now() + patience_;
        static_cast<void>(co_await stream_.async_close(why, as_result));
        deadline = Clock::Steady::max();
    }

    void expire() override { hang_up(); }
    void abort() override { hang_up(); }
    void stop() override
    {
        const auto say_goodbye = [](std::shared_ptr<Session> self) -> asio::awaitable<void> {
            co_await self->close(1001, "the node is stopping");
        };
        asio::co_spawn(stream_.get_executor(), say_goodbye(shared_from_this()), asio::detached);
    }
    void hang_up()
    {
        boost::system::error_code ignored;
        beast::get_lowest_layer(stream_).close(ignored);
    }

private:
    websocket::stream<asio::ip::tcp::socket> stream_;
    Shard& shard_;
    std::chrono::milliseconds patience_;
    bool closing_ = false;
};

class SharedSession : public WebSocket {
public:
    explicit SharedSession(std::shared_ptr<Session> session) : session_{std::move(session)} {}
    ~SharedSession() override { session_->hang_up(); }

    asio::awaitable<bool> send(std::string_view text) override { return session_->send(text); }
    asio::awaitable<std::optional<std::string>> receive() override { return session_->receive(); }
    asio::awaitable<void> close(unsigned code, std::string_view reason) override
    {
        return session_->close(code, reason);
    }

private:
    std::shared_ptr<Session> session_;
};

}  // namespace

asio::awaitable<std::unique_ptr<WebSocket>> accept_websocket(asio::ip::tcp::socket socket,
                                                             std::string key, std::string received,
                                                             Shard& shard, const HttpLimits& limits)
{
    auto session = std::make_shared<Session>(std::move(socket), shard, limits);
    received.insert(0, shortest_head(key));
    if (!co_await session->accept(std::move(received))) co_return nullptr;
    // A stop that came during the handshake found nothing open that it could close.
    if (shard.stopping()) session->stop();
    co_return std::make_unique<SharedSession>(std::move(session));
}

}  // namespace node
