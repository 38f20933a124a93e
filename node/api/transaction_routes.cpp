#include "market/execute.hpp"
#include "node/api/answers.hpp"
#include "node/http/await_callback.hpp"

#include <algorithm>

namespace node {
namespace {

using namespace ledger;
using namespace node::api;
using codec::to_json;

constexpr std::size_t body_limit = 4 * TransactionLimits::bytes;

json final_json(const TxId& id, const FinalTransaction& final)
{
    return {{"txId", to_json(id)},
            {"status", "final"},
            {"height", final.height.value},
            {"index", final.index},
            {"receipt", to_json(final.receipt)}};
}

struct Waiting {
    bool wait = false;
    std::chrono::milliseconds patience{};
};

Waiting waiting_of(const Exchange& exchange)
{
    const auto wait = exchange.head().target.parameter("wait");
    if (!wait) return {};
    if (*wait != "final") api::refuse(400, "bad_wait", "wait can only be final");
    const auto seconds = number_query(exchange, "timeout_s").value_or(30);
    if (seconds < 1 || seconds > 60) api::refuse(400, "bad_timeout", "timeout_s is 1 to 60");
    return {true, std::chrono::seconds{seconds}};
}

unsigned status_of(MempoolFault fault)
{
    return fault == MempoolFault::pool_full || fault == MempoolFault::account_full ? 429 : 422;
}

/// Nothing when it takes longer than `patience`.
asio::awaitable<std::optional<FinalTransaction>> await_final(const ApiParts& parts, TxId id,
                                                             std::chrono::milliseconds patience)
{
    auto wait = std::make_shared<std::uint64_t>(0);
    auto final = co_await await_callback<Waited>(
        [&](auto done) { *wait = parts.ledger.wait_final(id, done); }, patience,
        [&] { parts.ledger.cancel(*wait); });
    if (!final) co_return std::nullopt;
    if (*final) co_return std::move(**final);
    const auto& [error, departed] = final->error();
    if (!departed) api::refuse(error);
    api::refuse(status_of(*departed), std::string{codec::enum_name(*departed)}, error.detail);
}

asio::awaitable<json> json_body(Exchange& exchange)
{
    auto body = co_await exchange.read_body(body_limit);
    if (!body) throw Refusal{body.error()};
    auto parsed = codec::parse_json(as_text(*body), {.bytes = body_limit, .depth = 32});
    if (!parsed) api::refuse(400, "bad_json", parsed.error().detail);
    if (!parsed->is_object()) api::refuse(400, "bad_json", "the body must be an object");
    co_return std::move(*parsed);
}

unsigned status_of(const SubmitError& error)
{
    switch (error.kind) {
        case SubmitError::Kind::malformed:
            return 400;
        case SubmitError::Kind::busy:
            return 429;
        case SubmitError::Kind::halted:
            return 503;
        case SubmitError::Kind::refused:
            break;
    }
    return status_of(error.fault);
}

std::string code_of(const SubmitError& error)
{
    switch (error.kind) {
        case SubmitError::Kind::malformed:
            return "malformed";
        case SubmitError::Kind::busy:
            return "busy";
        case SubmitError::Kind::halted:
            return "halted";
        case SubmitError::Kind::refused:
            break;
    }
    return std::string{codec::enum_name(error.fault)};
}

asio::awaitable<json> submit(const ApiParts& parts, Exchange& exchange)
{
    const auto waiting = waiting_of(exchange);
    const auto body = co_await json_body(exchange);
    const auto found = body.find("tx");
    if (found == body.end() || !found->is_string() || body.size() != 1)
        api::refuse(400, "malformed", "the body is {\"tx\":\"0x...\"}");
    const auto encoded = from_hex(found->get_ref<const std::string&>());
    if (!encoded) api::refuse(400, "malformed", "tx must be 0x and hex digits");

    const auto submitted = co_await await_callback<Submitted>(
        [&](auto done) { parts.ledger.submit(*encoded, done); }, core_patience);
    if (!submitted) api::refuse(503, "unavailable", "the ledger does not answer");
    if (!*submitted) {
        const auto& error = submitted->error();
        api::refuse(status_of(error), code_of(error), "the transaction was not taken",
                    error.detail);
    }
    const auto id = **submitted;
    if (waiting.wait) {
        const auto final = co_await await_final(parts, id, waiting.patience);
        if (final) co_return final_json(id, *final);
    }
    co_return json{{"$status", 202}, {"txId", to_json(id)}, {"status", "accepted"}};
}

json transaction_json(const market::CheckedTransaction& transaction)
{
    const auto& envelope = transaction.envelope;
    return {{"sender", to_json(envelope.sender)},
            {"lane", envelope.lane.value},
            {"nonce", envelope.nonce.value},
            {"fee", to_json(envelope.fee)},
            {"validUntil", envelope.valid_until},
            {"message", market::message_json(transaction.message)},
            {"signature", to_json(envelope.signature)}};
}

asio::awaitable<std::optional<market::CheckedTransaction>> find_waiting(const ApiParts& parts,
                                                                        TxId id)
{
    auto found = co_await await_callback<Result<market::CheckedTransaction>>(
        [&](auto done) { parts.ledger.find_waiting(id, done); }, core_patience);
    if (!found) api::refuse(503, "unavailable", "the ledger does not answer");
    if (*found) co_return std::move(**found);
    if (found->error().kind != ErrorKind::not_found) api::refuse(found->error());
    co_return std::nullopt;
}

asio::awaitable<json> show(const ApiParts& parts, const Exchange& exchange)
{
    const auto waiting = waiting_of(exchange);
    const auto id = id_parameter<TxId>(exchange, "txId");
    auto final = parts.ledger.find_final(id);
    if (!final && final.error().kind == ErrorKind::not_found && waiting.wait) {
        auto waited = co_await await_final(parts, id, waiting.patience);
        if (waited) final = std::move(*waited);
    }
    if (!final && final.error().kind == ErrorKind::not_found) {
        auto waiting_here = co_await find_waiting(parts, id);
        if (waiting_here)
            co_return json{{"txId", to_json(id)},
                           {"status", "pending"},
                           {"tx", transaction_json(*waiting_here)}};
        // It may have left the mempool for a block since we looked.
        final = parts.ledger.find_final(id);
    }
    const auto found = must(std::move(final));
    auto made = final_json(id, found);
    const auto block = must(parts.store.block(found.height));
    const auto body = must(decode_body(block.body));
    if (found.index < body.size()) {
        const auto decoded = must(market::decode_checked(parts.network, body[found.index]));
        made["tx"] = transaction_json(decoded);
    }
    co_return made;
}

asio::awaitable<json> simulate(const ApiParts& parts, Exchange& exchange)
{
    const auto body = co_await json_body(exchange);
    if (body.size() != 2 || !body.contains("sender") || !body.contains("message"))
        api::refuse(400, "malformed", "the body is {\"sender\",\"message\"}");
    const auto sender = codec::from_json<Address>(body["sender"]);
    if (!sender) api::refuse(400, "malformed", "sender: " + sender.error().detail);
    const auto message = market::message_from_json(body["message"]);
    if (!message) api::refuse(400, "malformed", message.error().detail);

    const auto snapshot = must(parts.store.snapshot());
    Overlay overlay{*snapshot};
    std::vector<market::Event> events;
    const auto head = parts.ledger.head()->header;
    const auto now = parts.now ? parts.now() : ledger::TimeMs{};
    const market::BlockContext block{
        {head.height.value + 1}, std::max(now, ledger::TimeMs{head.time_ms.value + 1}), {}};
    const auto verdict =
        market::apply_message(overlay, parts.network, block, *sender, TxId{}, *message, events);
    const auto rejection = verdict ? market::Rejection::none : verdict.error();
    co_return json{{"accepted", verdict.has_value()},
                   {"rejection", to_json(rejection)},
                   {"events", to_json(events)}};
}

}  // namespace

void add_transaction_routes(Router& router, const ApiParts& parts)
{
    router.add(Method::post, "/v1/transactions",
               {"Takes a signed transaction: {\"tx\":\"0x...\"}; ?wait=final&timeout_s=N",
                {},
                {},
                {202, 400, 422, 429, 503}},
               guarded([parts](Exchange& exchange) { return submit(parts, exchange); }));
    router.add(Method::get, "/v1/transactions/{txId}",
               {"A transaction, waiting or final with its receipt; ?wait=final&timeout_s=N",
                {},
                {},
                {404}},
               guarded([parts](Exchange& exchange) { return show(parts, exchange); }));
    router.add(Method::post, "/v1/simulate",
               {"What a message would do now: {\"sender\",\"message\"}; changes nothing"},
               guarded([parts](Exchange& exchange) { return simulate(parts, exchange); }));
}

}  // namespace node
