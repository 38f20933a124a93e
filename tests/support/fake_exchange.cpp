#include "tests/support/fake_exchange.hpp"

#include "ledger/base/ensure.hpp"
#include "node/http/head.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/string.hpp>

namespace node {

FakeExchange::FakeExchange(std::string_view method, std::string_view target, Headers headers,
                           std::string_view body)
    : body_{body}
{
    raw_.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: test\r\n");
    for (const auto& [name, value] : headers)
        raw_.append(name).append(": ").append(value).append("\r\n");
    if (!body.empty())
        raw_.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    raw_.append("\r\n");
    const auto parsed = parse_head(raw_, head_);
    ledger::ensure(parsed.has_value(), "a test's request is valid");
}

void FakeExchange::run(Handler& handler)
{
    asio::co_spawn(io_, handler.handle(*this), [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
    io_.restart();
    io_.run();
}

const Response& FakeExchange::response() const
{
    ledger::ensure(response_.has_value(), "the handler answered");
    return *response_;
}

std::string FakeExchange::text() const
{
    return std::string{response().body().view()} + streamed_;
}

std::optional<std::string> FakeExchange::answer_header(std::string_view name) const
{
    for (const auto* headers : {&response().headers(), &added_headers()}) {
        for (const auto& [known, value] : *headers) {
            if (boost::beast::iequals(known, name)) return value;
        }
    }
    return {};
}

void FakeExchange::hang_up()
{
    gone_ = true;
}

asio::ip::tcp::endpoint FakeExchange::peer() const
{
    return {asio::ip::address_v4::loopback(), 50'000};
}

asio::awaitable<ledger::Result<ledger::Bytes, HttpError>> FakeExchange::read_body(std::size_t limit)
{
    if (body_.size() > limit) co_return HttpError{413, "body_too_large", "the body is too large"};
    body_was_read_ = true;
    ledger::Bytes body;
    body.reserve(body_.size() + 64);
    ledger::append(body, ledger::as_bytes(body_));
    co_return body;
}

asio::awaitable<bool> FakeExchange::respond(Response response)
{
    if (!response_) response_.emplace(std::move(response));
    finished_ = true;
    co_return !peer_gone();
}

asio::awaitable<bool> FakeExchange::begin(Response response)
{
    if (!response_) response_.emplace(std::move(response));
    co_return !peer_gone();
}

asio::awaitable<bool> FakeExchange::write_chunk(ledger::ByteView bytes)
{
    on_chunk(ledger::as_text(bytes));
    streamed_.append(ledger::as_text(bytes));
    co_return !peer_gone();
}

asio::awaitable<bool> FakeExchange::finish()
{
    finished_ = true;
    co_return !peer_gone();
}

asio::awaitable<std::unique_ptr<WebSocket>> FakeExchange::upgrade()
{
    Response response{426};
    co_await respond(std::move(response));
    co_return nullptr;
}

}  // namespace node
