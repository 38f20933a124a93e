#include "ledger/codec/binary.hpp"
#include "node/api/answers.hpp"
#include "node/api/stored_proofs.hpp"
#include "node/http/await_callback.hpp"

namespace node {
namespace {

using namespace ledger;
using namespace node::api;

/// JSON unless the caller asks for the canonical encoding.
bool wants_bytes(const Exchange& exchange)
{
    const auto accept = exchange.head().header("Accept");
    return accept && accept->find("application/octet-stream") != std::string_view::npos;
}

template <class Proof>
Router::Handle proving(std::function<asio::awaitable<Proof>(Exchange&)> make)
{
    return guarded([make = std::move(make)](Exchange& exchange) -> asio::awaitable<json> {
        const auto proof = co_await make(exchange);
        exchange.add_header("Vary", "Accept");
        if (!wants_bytes(exchange)) co_return codec::to_json(proof);
        Response response{200, "application/octet-stream", codec::encode(proof)};
        co_await exchange.respond(std::move(response));
        co_return json{};
    });
}

/// The same without waiting for anything.
template <class Make>
Router::Handle proving_at_once(Make make)
{
    using Proof = std::invoke_result_t<Make, const Exchange&>;
    return proving<Proof>(
        [make](Exchange& exchange) -> asio::awaitable<Proof> { co_return make(exchange); });
}

Bytes key_parameter(const Exchange& exchange)
{
    const auto text = exchange.parameter("key");
    const auto key = text.starts_with("0x") ? from_hex(text) : std::nullopt;
    if (!key || key->empty() || key->size() > light::ProofLimits::key_bytes)
        api::refuse(400, "bad_key", "key is 0x and 1 to 1024 bytes of hex");
    return *key;
}

asio::awaitable<light::StateProofAt> prove_state(std::shared_ptr<ProofSource> source, Bytes key)
{
    auto proved = co_await await_callback<Result<ProofSource::StateAt>>(
        [&](auto done) { source->prove_state(key, done); }, core_patience);
    if (!proved) api::refuse(503, "unavailable", "the ledger does not answer");
    const auto found = must(std::move(*proved));
    co_return must(state_proof(*source, std::move(key), found));
}

light::TrustedCheckpoint checkpoint_of(const ApiParts& parts, const ProofSource& source,
                                       const Exchange& exchange)
{
    std::optional<Height> anchor;
    if (const auto text = exchange.head().target.parameter("block")) {
        const auto id = id_from_hex<BlockId>(*text);
        if (!id) api::refuse(400, "bad_id", "block is an id: 0x and 64 hex digits");
        anchor = must(parts.store.height_of(*id));
    }
    return must(checkpoint(source, parts.network.genesis, parts.network.genesis_id, anchor));
}

}  // namespace

namespace api {

asio::awaitable<json> proof_json(const ApiParts& parts, Bytes key)
{
    const auto proof = co_await prove_state(
        std::make_shared<StoredProofs>(parts.store, parts.ledger), std::move(key));
    co_return codec::to_json(proof);
}

}  // namespace api

void add_proof_routes(Router& router, const ApiParts& parts)
{
    const std::shared_ptr<ProofSource> source =
        std::make_shared<StoredProofs>(parts.store, parts.ledger);
    router.add(Method::get, "/v1/proof/state/{key}",
               {"What stands under a key of the newest state, or that nothing does", {}, {}, {400}},
               proving<light::StateProofAt>([source](Exchange& exchange) {
                   return prove_state(source, key_parameter(exchange));
               }));
    router.add(Method::get, "/v1/proof/receipt/{txId}",
               {"What became of a final transaction", {}, {}, {400, 404}},
               proving_at_once([source](const Exchange& exchange) {
                   return must(receipt_proof(*source, id_parameter<TxId>(exchange, "txId")));
               }));
    router.add(
        Method::get, "/v1/proof/block/{block}",
        {"That a block, by height, id or latest, is final", {}, {}, {400, 404}},
        proving_at_once([source, parts](const Exchange& exchange) {
            return must(block_proof(*source, block_parameter(parts, exchange.parameter("block"))));
        }));
    router.add(Method::get, "/v1/proof/epoch/{from}",
               {"How the epochs from a number on ended, oldest first", {}, {}, {400, 404}},
               proving_at_once([source](const Exchange& exchange) {
                   return must(epoch_proofs(*source, number_parameter(exchange, "from")));
               }));
    router.add(
        Method::get, "/v1/checkpoint",
        {"Where the newest epoch begins, or the one that ?block=ID opened", {}, {}, {400, 404}},
        proving_at_once([source, parts](const Exchange& exchange) {
            return checkpoint_of(parts, *source, exchange);
        }));
}

}  // namespace node
