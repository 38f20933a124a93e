#pragma once

#include "node/http/exchange.hpp"
#include "node/http/limits.hpp"
#include "node/http/observer.hpp"
#include "node/http/response_head.hpp"
#include "node/http/shard.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace node {

/// What all connections of a server share.
struct ServerShare {
    Handler& handler;
    HttpLimits limits;
    std::vector<RequestObserver*> observers;
    std::atomic<std::uint64_t> next_id{1};
    std::atomic<bool> draining{false};  ///< every answer ends its connection
};

/// One connection: a head, its exchange, its answer, and the next. It is the Exchange of the
/// request under way. All of it runs on the shard's thread; lives as long as `run` does.
class Connection : public Exchange, public Timed, public std::enable_shared_from_this<Connection> {
public:
    Connection(asio::ip::tcp::socket socket, asio::ip::tcp::endpoint peer, Shard& shard,
               ServerShare& share);

    /// Serves until either side closes. Start it bound to `cancellation()`'s slot.
    static asio::awaitable<void> run(std::shared_ptr<Connection> self);
    asio::cancellation_signal& cancellation() { return cancelled_; }

    void expire() override;
    std::optional<Clock::Steady> idle_since() const override
    {
        if (!idle_) return {};
        return idle_from_;
    }
    void stop() override;
    void abort() override;

    const RequestHead& head() const override { return head_; }
    asio::ip::tcp::endpoint peer() const override { return peer_; }
    std::uint64_t id() const override { return id_; }
    asio::awaitable<ledger::Result<ledger::Bytes, HttpError>> read_body(std::size_t limit) override;
    asio::awaitable<bool> respond(Response response) override;
    asio::awaitable<bool> begin(Response response) override;
    asio::awaitable<bool> write_chunk(ledger::ByteView bytes) override;
    asio::awaitable<bool> finish() override;
    bool peer_gone() override;
    asio::awaitable<std::unique_ptr<WebSocket>> upgrade() override;
    bool answered() const override { return answer_ != Answer::none; }

private:
    enum class BodyState { none, unread, done, failed };
    enum class Answer { none, streaming, whole, upgraded };
    enum class Arrival { head, refused, ended };
    using Refused = ledger::Result<void, HttpError>;

    // connection.cpp: the loop
    asio::awaitable<void> serve();
    asio::awaitable<Arrival> read_head(HttpError& error);
    asio::awaitable<void> handle();
    asio::awaitable<void> refuse_head(HttpError error);
    asio::awaitable<void> linger();
    void begin_exchange();
    void end_exchange();

    // connection_body.cpp
    asio::awaitable<std::size_t> fill();
    asio::awaitable<Refused> read_sized(ledger::Bytes& body, std::size_t size);
    asio::awaitable<Refused> read_chunked(ledger::Bytes& body, std::size_t limit);
    asio::awaitable<bool> drain();
    HttpError why_no_more() const;
    void allow_body_time(std::size_t received);
    std::string_view buffered() const;

    // connection_answer.cpp
    asio::awaitable<bool> write(std::string_view first, std::string_view second = {});
    bool start_answer(const Response& response, AnswerFraming framing);
    bool will_close() const;
    bool body_is_forbidden(unsigned status) const;

    asio::ip::tcp::socket socket_;
    asio::ip::tcp::endpoint peer_;
    std::string peer_text_;
    Shard& shard_;
    ServerShare& share_;
    asio::cancellation_signal cancelled_;

    boost::beast::flat_buffer input_;  ///< read, not yet used
    bool input_ended_ = false;         ///< the caller closed its side, or the network failed
    bool expired_ = false;             ///< the read or write under way took too long
    bool idle_ = false;                ///< between requests
    Clock::Steady idle_from_{};        ///< when the wait for the next head began
    bool must_close_ = false;

    // The exchange under way
    std::string head_text_;  ///< what head_ points into
    RequestHead head_;
    std::uint64_t id_ = 0;
    Clock::Steady started_{};
    BodyState body_state_ = BodyState::none;
    Clock::Steady body_began_{};
    std::uint64_t body_bytes_ = 0;
    Answer answer_ = Answer::none;
    bool chunked_answer_ = false;
    bool delivered_ = false;
    unsigned status_ = 0;
    std::uint64_t bytes_out_ = 0;
    std::string output_;
};

}  // namespace node
