#include "node/api/answers.hpp"

#include "ledger/crypto/address.hpp"

namespace node::api {

using namespace ledger;

void refuse(unsigned status, std::string code, std::string message, std::string detail)
{
    throw Refusal{{status, std::move(code), std::move(message), std::move(detail)}};
}

void refuse(const Error& error)
{
    switch (error.kind) {
        case ErrorKind::not_found:
            // The store's own word for what was there once: asking again elsewhere may help.
            if (error.detail.find("pruned") != std::string::npos)
                refuse(410, "pruned", "not kept here any more", error.detail);
            refuse(404, "not_found", "not found", error.detail);
        case ErrorKind::invalid:
            refuse(400, "invalid", error.detail);
        case ErrorKind::corrupt:
            refuse(500, "corrupt", "stored data is damaged", error.detail);
        case ErrorKind::full:
            refuse(429, "busy", "too much at once", error.detail);
        default:
            refuse(503, "unavailable", "not available now", error.detail);
    }
}

Router::Handle guarded(std::function<asio::awaitable<json>(Exchange&)> make)
{
    return [make = std::move(make)](Exchange& exchange) -> asio::awaitable<void> {
        std::optional<HttpError> error;
        unsigned status = 200;
        std::string text;
        try {
            auto made = co_await make(exchange);
            if (exchange.answered()) co_return;
            if (made.is_object() && made.contains("$status")) {
                status = made["$status"].get<unsigned>();
                made.erase("$status");
            }
            // Messages may quote what a stranger sent: bytes that are no UTF-8 become U+FFFD.
            text = made.dump(-1, ' ', false, json::error_handler_t::replace);
        } catch (const Refusal& refusal) {
            error = refusal.error;
        } catch (const StateFault& fault) {
            error = HttpError{500, "corrupt", "stored data is damaged", fault.what()};
        }
        if (error) {
            co_await exchange.refuse(*error);
            co_return;
        }
        Response response = Response::json(status, std::move(text));
        co_await exchange.respond(std::move(response));
    };
}

Router::Handle answering(std::function<json(const Exchange&)> make)
{
    return guarded([make = std::move(make)](Exchange& exchange) -> asio::awaitable<json> {
        co_return make(exchange);
    });
}

Router::Handle reading(const ApiParts& parts,
                       std::function<json(const ledger::StateView&, const Exchange&)> make)
{
    return answering([parts, make = std::move(make)](const Exchange& exchange) {
        const auto snapshot = must(parts.store.snapshot());
        return make(*snapshot, exchange);
    });
}

Address address_parameter(const Exchange& exchange, std::string_view name)
{
    const auto address = parse_address(exchange.parameter(name));
    if (!address)
        refuse(400, "bad_address", "not an address, or its EIP-55 checksum is wrong",
               std::string{exchange.parameter(name)});
    return *address;
}

std::optional<Address> address_query(const Exchange& exchange, std::string_view name)
{
    const auto text = exchange.head().target.parameter(name);
    if (!text) return {};
    const auto address = parse_address(*text);
    if (!address) refuse(400, "bad_address", std::string{name} + " is not an address");
    return *address;
}

std::uint64_t number_parameter(const Exchange& exchange, std::string_view name)
{
    const auto number = codec::parse_decimal(exchange.parameter(name));
    if (!number) refuse(400, "bad_number", std::string{name} + " must be a whole number");
    return *number;
}

std::optional<std::uint64_t> number_query(const Exchange& exchange, std::string_view name)
{
    const auto text = exchange.head().target.parameter(name);
    if (!text) return {};
    const auto number = codec::parse_decimal(*text);
    if (!number) refuse(400, "bad_number", std::string{name} + " must be a whole number");
    return number;
}

Page page_of(const Exchange& exchange)
{
    Page page;
    const auto limit = number_query(exchange, "limit").value_or(page.limit);
    if (limit < 1 || limit > 1000) refuse(400, "bad_limit", "limit is 1 to 1000");
    page.limit = limit;
    if (const auto after = exchange.head().target.parameter("after")) {
        const auto bytes = from_hex(*after);
        if (!bytes || bytes->size() > 512)
            refuse(400, "bad_after", "after is hex of a page before");
        page.after = *bytes;
    }
    return page;
}

}  // namespace node::api
