#include "node/http/connection.hpp"

#include "node/http/head.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>

namespace node {
namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, asio::ip::tcp::endpoint peer, Shard& shard,
                       ServerShare& share)
    : socket_{std::move(socket)},
      peer_{std::move(peer)},
      peer_text_{peer_.address().to_string()},
      shard_{shard},
      share_{share},
      input_{share.limits.head_bytes + 4096}
{
}

asio::awaitable<void> Connection::run(std::shared_ptr<Connection> self)
{
    auto& connection = *self;
    connection.shard_.add(connection);
    try {
        co_await connection.serve();
    } catch (const std::exception& thrown) {
        // Cancelled at the server's end, or out of memory: this connection ends, no other.
        connection.end_exchange();
    }
    connection.shard_.remove(connection);
    boost::system::error_code ignored;
    connection.socket_.close(ignored);
}

asio::awaitable<void> Connection::serve()
{
    boost::system::error_code error;
    socket_.set_option(asio::ip::tcp::no_delay{true}, error);
    socket_.non_blocking(true, error);
    std::size_t served = 0;
    while (!must_close_ && !shard_.stopping()) {
        HttpError refusal{};
        const auto arrival = co_await read_head(refusal);
        if (arrival == Arrival::ended) co_return;
        begin_exchange();
        if (arrival == Arrival::head) {
            if (const auto parsed = parse_head(head_text_, head_, {share_.limits.head_fields});
                !parsed) {
                refusal = parsed.error();
            }
        }
        if (refusal.status != 0) {
            co_await refuse_head(std::move(refusal));
            break;
        }
        co_await handle();
        if (answer_ == Answer::upgraded) co_return;
        if (!delivered_) co_return;
        if (!must_close_ && body_state_ == BodyState::unread && !co_await drain()) break;
        if (++served % share_.limits.pipelined_at_once == 0 && input_.size() != 0) {
            co_await asio::post(socket_.get_executor(), asio::use_awaitable);
        }
    }
    co_await linger();
}

asio::awaitable<Connection::Arrival> Connection::read_head(HttpError& error)
{
    // The first head has to come soon; later ones when the caller likes.
    const auto& limits = share_.limits;
    const bool first = id_ == 0;
    idle_from_ = shard_.now();
    auto allowed_until = idle_from_ + (first ? limits.head_time : limits.idle_time);
    bool begun = false;
    for (std::size_t searched = 0;;) {
        while (buffered().starts_with("\r\n")) {  // RFC 9112 2.2: empty lines before a request
            input_.consume(2);
            searched = 0;
        }
        const auto text = buffered();
        const auto end = text.find(end_of_head, searched > 3 ? searched - 3 : 0);
        const auto size = end == text.npos ? text.size() : end + end_of_head.size();
        if (size > limits.head_bytes || (end == text.npos && size == limits.head_bytes)) {
            error = {431, "head_too_large", "the request line and fields are too long"};
            co_return Arrival::refused;
        }
        if (end != text.npos) {
            head_text_.assign(text.substr(0, size));
            input_.consume(size);
            co_return Arrival::head;
        }
        if (text.find('\n', searched) != text.npos) {
            if (const auto fine = check_head_part(text); !fine) {
                error = fine.error();
                co_return Arrival::refused;
            }
        }
        searched = text.size();
        if (!begun && !text.empty()) {
            begun = true;
            allowed_until = shard_.now() + limits.head_time;
        }
        deadline = allowed_until;
        idle_ = text.empty();
        const auto received = co_await fill();
        idle_ = false;
        if (received != 0) continue;
        if (!expired_ || !begun) co_return Arrival::ended;
        error = {408, "head_too_slow", "the request head did not arrive in time"};
        co_return Arrival::refused;
    }
}

asio::awaitable<void> Connection::handle()
{
    body_state_ = head_.has_body() ? BodyState::unread : BodyState::none;
    if (!head_.keep_alive) must_close_ = true;
    std::string failure;
    try {
        co_await share_.handler.handle(*this);
        if (answer_ == Answer::none) failure = "the handler did not answer";
    } catch (const std::exception& thrown) {
        if (shard_.stopping()) throw;  // this is how an aborted handler ends
        failure = thrown.what();
    }
    if (!failure.empty()) {
        for (auto* observer : share_.observers) observer->handler_failed(route(), failure);
        HttpError error{500, "internal", "this server failed to answer; its log says why"};
        co_await refuse(std::move(error));
    }
    // A stream left without its end must not look complete.
    if (answer_ == Answer::streaming) delivered_ = false;
    end_exchange();
}

asio::awaitable<void> Connection::refuse_head(HttpError error)
{
    must_close_ = true;
    head_.clear();  // what was parsed is not to be trusted
    co_await refuse(std::move(error));
    end_exchange();
}

void Connection::begin_exchange()
{
    reset_route();
    id_ = share_.next_id.fetch_add(1, std::memory_order_relaxed);
    started_ = shard_.now();
    head_.clear();
    body_state_ = BodyState::none;
    answer_ = Answer::none;
    body_bytes_ = bytes_out_ = 0;
    status_ = 0;
    delivered_ = chunked_answer_ = false;
}

void Connection::end_exchange()
{
    if (started_ == Clock::Steady{}) return;  // told already
    const auto time =
        std::chrono::duration_cast<std::chrono::microseconds>(shard_.now() - started_);
    started_ = {};
    const auto or_dash = [](std::string_view text) { return text.empty() ? "-" : text; };
    const AccessRecord record{.id = id_,
                              .peer = peer_text_,
                              .method = or_dash(head_.method_text),
                              .route = route(),
                              .model = noted_model(),
                              .payment = noted_payment(),
                              .status = delivered_ || status_ == 101 ? status_ : 499,
                              .body_bytes_in = body_bytes_,
                              .bytes_out = bytes_out_,
                              .time = time};
    for (auto* observer : share_.observers) observer->answered(record);
}

/// Closing at once while the caller still sends would reset the connection and could destroy
/// the answer on its way: so our side is closed first, and what comes is thrown away for a while.
asio::awaitable<void> Connection::linger()
{
    boost::system::error_code error;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    if (error) co_return;
    const auto until = shard_.now() + share_.limits.drain_time;
    std::size_t dropped = 0;
    while (dropped < share_.limits.drain_bytes) {
        deadline = until;
        input_.consume(input_.size());
        const auto received = co_await fill();
        if (received == 0) co_return;
        dropped += received;
    }
}

void Connection::expire()
{
    expired_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void Connection::stop()
{
    must_close_ = true;
    if (!idle_) return;
    // A request that has arrived and not been read is still answered.
    boost::system::error_code error;
    if (socket_.available(error) != 0 && !error) return;
    socket_.cancel(error);
}

void Connection::abort()
{
    cancelled_.emit(asio::cancellation_type::terminal);
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace node
