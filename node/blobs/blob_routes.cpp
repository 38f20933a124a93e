#include "node/blobs/blob_routes.hpp"

#include "ledger/crypto/hash.hpp"
#include "node/api/answers.hpp"
#include "node/http/await_callback.hpp"

namespace node {
namespace {

using namespace ledger;
using namespace node::api;

asio::awaitable<json> take(const BlobParts& parts, Exchange& exchange)
{
    auto body = co_await exchange.read_body(CardLimits::card_bytes);
    if (!body) throw Refusal{body.error()};
    if (body->empty()) api::refuse(400, "malformed", "the body is the card");
    const auto hash = sha256(*body);
    const auto bytes = body->size();
    if (!must(parts.registered.contains(hash)))
        api::refuse(422, "unknown_card",
                    "no model, version or dataset on the ledger names this card",
                    to_hex0x(hash.view()));
    auto stored = co_await await_callback<Result<void>>(
        [&](auto done) { parts.cards.put(std::move(*body), done); }, std::chrono::seconds{10});
    if (!stored) api::refuse(503, "unavailable", "the disk does not answer");
    if (!*stored && stored->error().kind == ErrorKind::full)
        api::refuse(507, "full", "there is no room for more cards");
    if (!*stored) api::refuse(stored->error());
    co_return json{{"$status", 201}, {"sha256", to_hex0x(hash.view())}, {"bytes", bytes}};
}

asio::awaitable<json> show(const BlobParts& parts, Exchange& exchange)
{
    const auto hash = id_parameter<Hash>(exchange, "sha256");
    auto card = must(parts.cards.get(hash));
    if (!card) api::refuse(404, "not_found", "this node has no such card");
    Response response{200, "application/octet-stream", std::move(*card)};
    response.with("Cache-Control", "public, max-age=31536000, immutable");
    response.with("X-Content-Type-Options", "nosniff");
    co_await exchange.respond(std::move(response));
    co_return json{};
}

}  // namespace

void add_blob_routes(Router& router, const BlobParts& parts)
{
    router.add(Method::post, "/v1/blobs",
               {"Takes a card that the ledger names, at most 64 KiB", {}, {}, {400, 413, 422, 507}},
               guarded([parts](Exchange& exchange) { return take(parts, exchange); }));
    router.add(Method::get, "/v1/blobs/{sha256}", {"A card by its hash", {}, {}, {404}},
               guarded([parts](Exchange& exchange) { return show(parts, exchange); }));
}

}  // namespace node
