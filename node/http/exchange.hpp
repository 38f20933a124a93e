#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"
#include "node/http/http_error.hpp"
#include "node/http/observer.hpp"
#include "node/http/request.hpp"
#include "node/http/response.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace node {

namespace asio = boost::asio;

/// The two directions of an upgraded connection; text messages only. Calls come from the
/// coroutine that upgraded; one send and one receive may be under way at the same time.
class WebSocket {
public:
    virtual ~WebSocket() = default;
    /// False when the caller is gone or too slow (the write timeout passed).
    virtual asio::awaitable<bool> send(std::string_view text) = 0;
    /// The next message; empty once the connection ended. Longer than the limit ends it.
    virtual asio::awaitable<std::optional<std::string>> receive() = 0;
    /// Close codes of RFC 6455 7.4: 1000 normal, 1001 going away, 1008 policy, 1013 try later.
    virtual asio::awaitable<void> close(unsigned code, std::string_view reason) = 0;
};

/// One request and its one answer. The head is there from the start; the body is read only if
/// the handler asks for it, so a refusal costs neither memory nor time.
///
/// All calls come from the coroutine that handles the request, which runs on the connection's
/// own executor (one thread); work done elsewhere has to come back to it before it answers.
/// Answer exactly once: `respond`, or `begin` ... `finish`, or `upgrade`. A second answer is
/// ignored. With GCC 12, build a Response in a variable before `co_await respond(...)`.
class Exchange {
public:
    virtual ~Exchange() = default;
    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    virtual const RequestHead& head() const = 0;
    virtual asio::ip::tcp::endpoint peer() const = 0;
    /// Counts up within this process; the access log names it.
    virtual std::uint64_t id() const = 0;

    /// Reads the whole body, sending `100 Continue` first where the caller waits for it. At most
    /// once. The vector's capacity is at least 64 bytes beyond its size (JSON parsers want that).
    /// Errors carry the status to answer: 413 above `limit` bytes (told from Content-Length
    /// before anything is read), 408 too slow, 400 bad chunks, 499 the caller is gone.
    virtual asio::awaitable<ledger::Result<ledger::Bytes, HttpError>> read_body(
        std::size_t limit) = 0;

    /// Writes the answer; true when all of it was handed to the network. When the body was not
    /// read, the server drains up to 1 MiB or 2 s of it afterwards, then closes if more comes.
    virtual asio::awaitable<bool> respond(Response response) = 0;

    /// An answer of unknown length, in chunks; `response`'s body is sent as the first of them.
    /// False once the caller is gone or too slow; nothing more has to be written then.
    virtual asio::awaitable<bool> begin(Response response) = 0;
    virtual asio::awaitable<bool> write_chunk(ledger::ByteView bytes) = 0;
    virtual asio::awaitable<bool> finish() = 0;

    /// Whether the caller has hung up: nobody will read the answer. One system call; for who
    /// works long, to ask now and then on the exchange's executor.
    virtual bool peer_gone() = 0;

    /// Hands the connection over. Null when the request is no valid upgrade; the refusal (400 or
    /// 426) has then been sent.
    virtual asio::awaitable<std::unique_ptr<WebSocket>> upgrade() = 0;

    virtual bool answered() const = 0;

    /// Answers with `error` in the form the path's protocol wants.
    asio::awaitable<bool> refuse(HttpError error);

    /// What stood in the place of `{name}` in the route's pattern; empty for an unknown name.
    std::string_view parameter(std::string_view name) const;
    /// The pattern that matched, for logs and metrics; "none" when no route did.
    std::string_view route() const { return route_; }
    /// Sent with whatever answer follows.
    void add_header(std::string name, std::string value);
    const Response::Headers& added_headers() const { return added_headers_; }

    /// What logs and metrics tell of the call beside its route: a name that the operator gave,
    /// never text of the caller's.
    void note_model(std::string_view name) { model_ = name; }
    void note_payment(PaymentOutcome outcome) { payment_ = outcome; }
    std::string_view noted_model() const { return model_; }
    PaymentOutcome noted_payment() const { return payment_; }

    /// For the router. `route` and the names must outlive the exchange.
    void set_route(std::string_view route) { route_ = route; }
    void set_parameter(std::string_view name, std::string_view value);

protected:
    void reset_route();

private:
    std::string_view route_ = "none";
    std::vector<std::pair<std::string_view, std::string_view>> parameters_;
    Response::Headers added_headers_;
    std::string model_;  ///< its own: the model may be gone when the call ends
    PaymentOutcome payment_ = PaymentOutcome::none;
};

/// Answers requests. Called on the connection's executor, many exchanges at a time on one thread.
class Handler {
public:
    virtual ~Handler() = default;
    /// An exception or a return without an answer becomes 500.
    virtual asio::awaitable<void> handle(Exchange& exchange) = 0;
};

}  // namespace node
