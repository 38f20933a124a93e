#include "node/http/as_result.hpp"
#include "node/http/chunked.hpp"
#include "node/http/connection.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>

namespace node {
namespace {

constexpr std::size_t read_step = 4096;
/// What a vector first grows to; a caller has to send bytes before it gets more memory.
constexpr std::size_t first_body_step = 64 * 1024;
/// JSON parsers read a little beyond the end.
constexpr std::size_t padding = 64;

HttpError too_large(std::size_t limit)
{
    return {413, "body_too_large",
            "the body is larger than this path takes: " + std::to_string(limit) + " bytes"};
}

}  // namespace

std::string_view Connection::buffered() const
{
    const auto data = input_.data();
    return {static_cast<const char*>(data.data()), data.size()};
}

/// Reads once into `input_`; 0 when nothing more will come (`why_no_more` says why).
/// `deadline` is the caller's to set; it is cleared.
asio::awaitable<std::size_t> Connection::fill()
{
    expired_ = false;
    const auto room = std::min(input_.max_size() - input_.size(), read_step);
    if (input_ended_ || room == 0) {
        deadline = Clock::Steady::max();
        co_return 0;
    }
    const auto [error, size] = co_await socket_.async_read_some(input_.prepare(room), as_result);
    deadline = Clock::Steady::max();
    if (error && !expired_) input_ended_ = true;
    input_.commit(size);
    co_return size;
}

HttpError Connection::why_no_more() const
{
    if (expired_) return {408, "body_too_slow", "the body did not arrive in time"};
    return {499, "caller_gone", "the caller hung up before the end of the body"};
}

void Connection::allow_body_time(std::size_t received)
{
    const auto earned = received * 1000 / share_.limits.body_bytes_per_second;
    deadline = body_began_ + share_.limits.body_grace + std::chrono::milliseconds{earned};
}

asio::awaitable<ledger::Result<ledger::Bytes, HttpError>> Connection::read_body(std::size_t limit)
{
    ledger::Bytes body;
    if (body_state_ == BodyState::none) {
        body.reserve(padding);
        co_return body;
    }
    if (body_state_ != BodyState::unread || answered()) {
        co_return HttpError{500, "internal", "the body was read already"};
    }
    if (head_.content_length.value_or(0) > limit) co_return too_large(limit);
    if (head_.expects_continue && input_.size() == 0 &&
        !co_await write("HTTP/1.1 100 Continue\r\n\r\n")) {
        body_state_ = BodyState::failed;
        co_return why_no_more();
    }
    body_began_ = shard_.now();
    body_state_ = BodyState::failed;  // until the end was seen
    Refused read = Refused{};
    if (head_.chunked) {
        read = co_await read_chunked(body, limit);
    } else {
        read = co_await read_sized(body, static_cast<std::size_t>(*head_.content_length));
    }
    if (!read) co_return read.error();
    body_state_ = BodyState::done;
    co_return body;
}

asio::awaitable<Connection::Refused> Connection::read_sized(ledger::Bytes& body, std::size_t size)
{
    body.reserve(std::min(size, first_body_step) + padding);
    const auto first = buffered().substr(0, size);
    ledger::append(body, ledger::as_bytes(first));
    input_.consume(first.size());
    body_bytes_ = first.size();

    auto filled = body.size();
    while (filled < size) {
        // Memory follows the bytes that came: at most twice as much.
        body.reserve(std::min(size, std::max(filled * 2, first_body_step)) + padding);
        body.resize(std::min(size, body.capacity() - padding));
        allow_body_time(filled);
        expired_ = false;
        const auto space = asio::buffer(body.data() + filled, body.size() - filled);
        const auto [error, count] = co_await socket_.async_read_some(space, as_result);
        deadline = Clock::Steady::max();
        if (error && !expired_) input_ended_ = true;
        if (count == 0) co_return why_no_more();
        filled += count;
        body_bytes_ = filled;
    }
    co_return Refused{};
}

asio::awaitable<Connection::Refused> Connection::read_chunked(ledger::Bytes& body,
                                                              std::size_t limit)
{
    ChunkedDecoder decoder;
    while (!decoder.done()) {
        const auto step = decoder.decode(buffered());
        if (!step) co_return step.error();
        if (step->data.size() > limit - body.size()) co_return too_large(limit);
        ledger::append(body, ledger::as_bytes(step->data));
        input_.consume(step->consumed);
        body_bytes_ = body.size();
        if (step->consumed != 0) continue;
        allow_body_time(body.size());
        if (co_await fill() == 0) co_return why_no_more();
    }
    body.reserve(body.size() + padding);
    co_return Refused{};
}

/// Throws away the body that nobody read, so that the next request can follow. False when it is
/// too much or too slow; the connection then ends.
asio::awaitable<bool> Connection::drain()
{
    ChunkedDecoder decoder;
    auto left = head_.content_length.value_or(0);
    std::size_t seen = 0;
    const auto until = shard_.now() + share_.limits.drain_time;
    while (head_.chunked ? !decoder.done() : left != 0) {
        std::size_t consumed = 0;
        if (head_.chunked) {
            const auto step = decoder.decode(buffered());
            if (!step) co_return false;
            consumed = step->consumed;
        } else {
            consumed = static_cast<std::size_t>(std::min<std::uint64_t>(left, input_.size()));
            left -= consumed;
        }
        input_.consume(consumed);
        seen += consumed;
        if (seen > share_.limits.drain_bytes) co_return false;
        if (consumed != 0) continue;
        deadline = until;
        if (co_await fill() == 0) co_return false;
    }
    co_return true;
}

}  // namespace node
