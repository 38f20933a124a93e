#pragma once

#include "node/http/exchange.hpp"

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace node {

/// One request without a socket: tests of handlers make it, run the handler on it and look at
/// the answer. The head goes through the real parser.
class FakeExchange : public Exchange {
public:
    using Headers = std::vector<std::pair<std::string, std::string>>;

    FakeExchange(std::string_view method, std::string_view target, Headers headers = {},
                 std::string_view body = {});

    /// Runs `handler` to its end on an io_context of its own.
    void run(Handler& handler);

    /// What was answered; streamed chunks are in `text()` too. Fails the test when there is none.
    const Response& response() const;
    unsigned status() const { return response().status(); }
    std::string text() const;
    /// A header of the answer, of those added by the router or handler too.
    std::optional<std::string> answer_header(std::string_view name) const;

    bool body_was_read() const { return body_was_read_; }
    bool finished() const { return finished_; }
    /// What the caller would see when it hangs up now.
    void hang_up();
    /// Told of each chunk before it is written.
    std::function<void(std::string_view)> on_chunk = [](std::string_view) {};

    const RequestHead& head() const override { return head_; }
    asio::ip::tcp::endpoint peer() const override;
    std::uint64_t id() const override { return 1; }
    asio::awaitable<ledger::Result<ledger::Bytes, HttpError>> read_body(std::size_t limit) override;
    asio::awaitable<bool> respond(Response response) override;
    asio::awaitable<bool> begin(Response response) override;
    asio::awaitable<bool> write_chunk(ledger::ByteView bytes) override;
    asio::awaitable<bool> finish() override;
    bool peer_gone() override { return gone_; }
    asio::awaitable<std::unique_ptr<WebSocket>> upgrade() override;
    bool answered() const override { return response_.has_value(); }

private:
    std::string raw_;
    RequestHead head_;
    std::string body_;
    bool body_was_read_ = false;
    bool finished_ = false;
    std::optional<Response> response_;
    std::string streamed_;
    std::atomic<bool> gone_ = false;
    asio::io_context io_{1};
};

}  // namespace node
