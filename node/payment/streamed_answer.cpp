#include "node/payment/streamed_answer.hpp"

namespace node {
namespace {

std::string late_headers(const Response& response)
{
    std::string comments;
    for (const auto& [name, value] : response.headers())
        if (name == "PAYMENT-RESPONSE" || name == "Millrace-Pass-Left")
            comments += ": " + name + " " + value + "\n\n";
    return comments;
}

}  // namespace

std::string to_event(std::string_view data)
{
    return "data: " + std::string{data} + "\n\n";
}

asio::awaitable<void> give_answer(Exchange& exchange, Response response,
                                  std::optional<std::size_t> sent)
{
    if (!exchange.answered()) {
        co_await exchange.respond(std::move(response));
        co_return;
    }
    auto text = late_headers(response);
    const auto body = response.body().view();
    if (!sent)
        text += to_event(body);
    else if (*sent < body.size())
        text += body.substr(*sent);
    co_await exchange.write_chunk(ledger::as_bytes(text));
    co_await exchange.finish();
}

}  // namespace node
