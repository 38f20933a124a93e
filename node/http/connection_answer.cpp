#include "node/http/connection.hpp"

#include "node/http/as_result.hpp"
#include "node/http/response_head.hpp"
#include "node/http/websocket_session.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include <poll.h>

#include <array>
#include <charconv>

namespace node {
namespace {

using namespace std::chrono_literals;

}  // namespace

/// Hands both pieces to the network, as one packet where they fit.
asio::awaitable<bool> Connection::write(std::string_view first, std::string_view second)
{
    const auto rate_time =
        (first.size() + second.size()) * 1000 / share_.limits.body_bytes_per_second;
    std::array<asio::const_buffer, 2> parts{asio::buffer(first), asio::buffer(second)};
    boost::system::error_code error;
    // Nearly always the socket takes everything at once, and no wait is needed.
    auto written = socket_.write_some(parts, error);
    for (;;) {
        if (error && error != asio::error::would_block) break;
        bytes_out_ += written;
        for (auto& part : parts) {
            const auto taken = std::min(written, part.size());
            part += taken;
            written -= taken;
        }
        if (parts[0].size() + parts[1].size() == 0) {
            deadline = Clock::Steady::max();
            co_return true;
        }
        if (deadline == Clock::Steady::max()) {
            deadline =
                shard_.now() + share_.limits.body_grace + std::chrono::milliseconds{rate_time};
            expired_ = false;
        }
        std::tie(error, written) = co_await socket_.async_write_some(parts, as_result);
        if (error || expired_) break;
    }
    deadline = Clock::Steady::max();
    input_ended_ = must_close_ = true;
    co_return false;
}

bool Connection::will_close() const
{
    if (must_close_ || shard_.stopping() || share_.draining.load(std::memory_order_relaxed) ||
        body_state_ == BodyState::failed)
        return true;
    if (body_state_ != BodyState::unread) return false;
    // A caller told to go on with a body, or not told, may send it or not: the next bytes could
    // be read two ways. And a body that is known to be too long to drain ends the connection.
    return head_.expects_continue || head_.content_length.value_or(0) > share_.limits.drain_bytes;
}

bool Connection::body_is_forbidden(unsigned status) const
{
    return status < 200 || status == 204 || status == 304;
}

bool Connection::start_answer(const Response& response, AnswerFraming framing)
{
    if (answered()) return false;
    must_close_ = framing.close = framing.close || will_close();
    status_ = response.status();
    framing.keep_alive_1_0 = !head_.http_1_1;
    output_.clear();
    append_response_head(output_, response, added_headers(), framing, shard_.date());
    return true;
}

asio::awaitable<bool> Connection::respond(Response response)
{
    AnswerFraming framing;
    const bool no_body = body_is_forbidden(response.status());
    if (!no_body) framing.content_length = response.body().size();
    if (!start_answer(response, framing)) co_return false;
    answer_ = Answer::whole;
    const bool silent = no_body || head_.method == Method::head;
    delivered_ = co_await write(output_, silent ? std::string_view{} : response.body().view());
    co_return delivered_;
}

asio::awaitable<bool> Connection::begin(Response response)
{
    AnswerFraming framing;
    framing.chunked = head_.http_1_1;
    framing.close = !head_.http_1_1;  // the end of the connection is the end of the answer
    if (!start_answer(response, framing)) co_return false;
    answer_ = Answer::streaming;
    chunked_answer_ = framing.chunked;
    delivered_ = co_await write(output_);
    if (delivered_ && response.body().size() != 0) {
        co_await write_chunk(ledger::as_bytes(response.body().view()));
    }
    co_return delivered_;
}

asio::awaitable<bool> Connection::write_chunk(ledger::ByteView bytes)
{
    if (answer_ != Answer::streaming || !delivered_) co_return false;
    if (bytes.empty() || head_.method == Method::head) co_return true;
    if (!chunked_answer_) co_return delivered_ = co_await write(ledger::as_text(bytes));
    // Size line, data and CRLF: the data goes out from where it lies.
    std::array<char, 18> size_line;
    const auto end = std::to_chars(size_line.data(), size_line.data() + 16, bytes.size(), 16).ptr;
    end[0] = '\r';
    end[1] = '\n';
    const std::string_view size{size_line.data(),
                                static_cast<std::size_t>(end + 2 - size_line.data())};
    delivered_ = co_await write(size, ledger::as_text(bytes));
    if (delivered_) delivered_ = co_await write("\r\n");
    co_return delivered_;
}

asio::awaitable<bool> Connection::finish()
{
    if (answer_ != Answer::streaming || !delivered_) co_return false;
    answer_ = Answer::whole;
    if (chunked_answer_ && head_.method != Method::head) delivered_ = co_await write("0\r\n\r\n");
    co_return delivered_;
}

bool Connection::peer_gone()
{
    if (input_ended_ || !socket_.is_open()) return true;
    // Sees the caller's close behind bytes that are still unread, which a peek would not.
    pollfd look{socket_.native_handle(), POLLRDHUP, 0};
    return ::poll(&look, 1, 0) > 0 && (look.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

asio::awaitable<std::unique_ptr<WebSocket>> Connection::upgrade()
{
    if (answered()) co_return nullptr;
    const auto key = head_.header("Sec-WebSocket-Key").value_or("");
    const bool asks = head_.websocket_upgrade && head_.method == Method::get && head_.http_1_1 &&
                      !head_.has_body();
    if (!asks || head_.header("Sec-WebSocket-Version").value_or("") != "13") {
        add_header("Upgrade", "websocket");
        add_header("Sec-WebSocket-Version", "13");
        HttpError error{426, "upgrade_required", "this path speaks WebSocket, version 13"};
        co_await refuse(std::move(error));
        co_return nullptr;
    }
    if (key.size() != 24) {
        HttpError error{400, "bad_websocket_key", "Sec-WebSocket-Key is not 16 bytes in base64"};
        co_await refuse(std::move(error));
        co_return nullptr;
    }
    answer_ = Answer::upgraded;
    status_ = 101;
    co_return co_await accept_websocket(std::move(socket_), std::string{key},
                                        std::string{buffered()}, shard_, share_.limits);
}

}  // namespace node
