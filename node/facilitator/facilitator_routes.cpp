#include "node/facilitator/facilitator_routes.hpp"

#include "ledger/base/hex.hpp"
#include "node/http/await_callback.hpp"
#include "node/payment/x402_errors.hpp"

#include <nlohmann/json.hpp>

namespace node {
namespace {

using nlohmann::json;

constexpr std::string_view pending_reason = "settlement_pending";
constexpr std::string_view duplicate_reason = "duplicate_settlement";
constexpr std::string_view budget_reason = "facilitator_budget_spent";
constexpr std::string_view unavailable_reason = "facilitator_ledger_unavailable";

Response as_json(const json& value)
{
    return Response::json(200, value.dump(-1, ' ', false, json::error_handler_t::replace))
        .with("Cache-Control", "no-store");
}

asio::awaitable<bool> answer(Exchange& exchange, const json& value)
{
    Response response = as_json(value);
    co_return co_await exchange.respond(std::move(response));
}

asio::awaitable<void> later(Exchange& exchange, unsigned status, std::string code,
                            std::string message)
{
    exchange.add_header("Retry-After", status == 429 ? "60" : "5");
    HttpError error{status, std::move(code), std::move(message)};
    co_await exchange.refuse(std::move(error));
}

/// Empty when the caller has been answered already.
asio::awaitable<std::optional<ledger::Bytes>> body_of(const FacilitatorParts& parts,
                                                      Exchange& exchange)
{
    if (!parts.quota.take(exchange.peer().address(), parts.clock.now())) {
        co_await later(exchange, 429, "too_many_requests", "this caller asks too often");
        co_return std::nullopt;
    }
    if (!parts.ledger.head().current) {
        co_await later(exchange, 503, "ledger_not_current",
                       "the ledger is not current here; try again later");
        co_return std::nullopt;
    }
    auto body = co_await exchange.read_body(FacilitatorLimits::body_bytes);
    if (!body) {
        co_await exchange.refuse(body.error());
        co_return std::nullopt;
    }
    co_return std::move(*body);
}

/// Of "Authorization: Bearer KEY".
std::optional<ledger::Hash> key_of(const Exchange& exchange)
{
    const auto key = exchange.head().bearer_token();
    if (key.empty()) return {};
    return ledger::sha256(ledger::as_bytes(key));
}

asio::awaitable<void> bad_request(Exchange& exchange, const x402::Refusal& refusal)
{
    HttpError error{400, refusal.reason, refusal.message};
    co_await exchange.refuse(std::move(error));
}

json payer_json(const std::optional<ledger::Address>& payer)
{
    return payer ? json(x402::plain(*payer)) : json(nullptr);
}

json refusal_json(const char* verdict, const char* reason, const char* message,
                  const Refused& refused)
{
    json made{{verdict, false}, {reason, refused.reason}};
    if (!refused.message.empty()) made[message] = refused.message;
    if (refused.payer) made["payer"] = x402::plain(*refused.payer);
    return made;
}

json not_valid(const Refused& refused)
{
    return refusal_json("isValid", "invalidReason", "invalidMessage", refused);
}

json not_settled(const FacilitatorParts& parts, const Refused& refused,
                 const std::string& transaction = {})
{
    auto made = refusal_json("success", "errorReason", "errorMessage", refused);
    made["transaction"] = transaction;
    made["network"] = parts.facilitator.network_name();
    return made;
}

asio::awaitable<void> verify(const FacilitatorParts& parts, Exchange& exchange)
{
    const auto body = co_await body_of(parts, exchange);
    if (!body) co_return;
    const auto request = decode_facilitator_request(ledger::as_text(*body));
    if (!request && request.error().status == 400) {
        co_await bad_request(exchange, request.error());
        co_return;
    }
    json said;
    if (!request) {
        said = not_valid({request.error().reason, request.error().message});
    } else if (const auto good = parts.facilitator.verify(*request, key_of(exchange))) {
        said = {{"isValid", true}, {"payer", x402::plain(good->payer)}};
        if (good->channel) said["extra"] = parts.facilitator.channel_json(*good->channel);
    } else {
        said = not_valid(good.error());
    }
    co_await answer(exchange, said);
}

/// One request's hold on a payment, until it is answered.
class Hold {
public:
    Hold(SettleMemory& memory, const std::optional<ledger::Hash>& digest) : memory_{memory}
    {
        if (!digest) return;
        busy_ = !memory.begin(*digest);
        if (!busy_) held_ = digest;
    }
    ~Hold()
    {
        if (held_) memory_.end(*held_);
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    bool busy() const { return busy_; }

private:
    SettleMemory& memory_;
    std::optional<ledger::Hash> held_;
    bool busy_ = false;
};

struct Sent {
    std::optional<ledger::TxId> transaction;
    std::optional<Settled> outcome;  ///< empty while it is not final
};

asio::awaitable<Sent> send(const FacilitatorParts& parts, const SettleOrder::Step& step)
{
    Sent sent;
    std::function<void(std::function<void(Settled)>)> start =
        [&](std::function<void(Settled)> done) {
            const auto result = parts.settlements.settle(step.key, step.message, done);
            if (result)
                sent.transaction = *result;
            else
                done({Settled::What::dropped, {}});
        };
    sent.outcome = co_await await_callback<Settled>(std::move(start), parts.patience);
    co_return sent;
}

/// Sends what the order says and tells what became of it.
asio::awaitable<json> carry_out(const FacilitatorParts& parts, const SettleOrder& order)
{
    std::string transaction =
        order.settled ? ledger::to_hex0x(order.settled->view()) : std::string{};
    for (const auto& step : order.steps) {
        const auto sent = co_await send(parts, step);
        if (sent.transaction) transaction = ledger::to_hex0x(sent.transaction->view());
        const bool open = !sent.outcome || sent.outcome->what == Settled::What::dropped;
        // It may still be included: who asks again is told once it is.
        if (open && sent.transaction && order.once)
            parts.memory.owe(order.once->digest,
                             {*sent.transaction, order.amount.value_or(market::Amount{})});
        if (!sent.outcome)
            co_return not_settled(
                parts, {std::string{pending_reason}, "not final yet; ask again", order.payer},
                transaction);
        if (sent.outcome->what == Settled::What::dropped)
            co_return not_settled(parts, {std::string{unavailable_reason},
                                          "the ledger takes no transaction now", order.payer});
        // Something else with the same nonce may have been on its way and have been joined.
        const bool applied = sent.outcome->what == Settled::What::applied &&
                             (!order.once || parts.facilitator.is_settled(*order.once));
        // Refused because what was sent for it before has settled it meanwhile.
        const auto before = !applied && order.once && parts.facilitator.is_settled(*order.once)
                                ? parts.memory.owed(order.once->digest)
                                : std::nullopt;
        if (before)
            transaction = ledger::to_hex0x(before->transaction.view());
        else if (!applied)
            co_return not_settled(
                parts,
                {std::string{step.failed},
                 std::string{ledger::codec::enum_name(sent.outcome->rejection)}, order.payer});
    }
    for (const auto& [receiver, channel] : order.claimed) parts.memory.claimed(receiver, channel);
    if (!order.receiver.is_zero()) parts.memory.finalized(order.receiver, order.finalized);
    json said{{"success", true},
              {"transaction", transaction},
              {"network", parts.facilitator.network_name()}};
    if (order.payer) said["payer"] = payer_json(order.payer);
    if (order.amount) said["amount"] = x402::decimal(*order.amount);
    if (order.channel)
        said["extra"] = {{"channelState", parts.facilitator.channel_json(*order.channel)}};
    co_return said;
}

asio::awaitable<void> settle_order(const FacilitatorParts& parts, Exchange& exchange,
                                   const FacilitatorRequest& request)
{
    const auto key = key_of(exchange);
    const auto first = parts.facilitator.order(request, key);
    const Hold hold{parts.memory,
                    first && first->once ? std::optional{first->once->digest} : std::nullopt};
    // Another request may have settled it between looking and holding.
    const auto order = first ? parts.facilitator.order(request, key) : first;
    json said;
    if (!order) {
        said = not_settled(parts, order.error());
    } else if (hold.busy()) {
        said = not_settled(parts, {std::string{duplicate_reason}, {}, order->payer});
    } else if (!parts.budget.take(order->cost, parts.clock.wall())) {
        said = not_settled(
            parts, {std::string{budget_reason}, "no more fees are paid today", order->payer});
    } else {
        said = co_await carry_out(parts, *order);
    }
    const bool settled = order && said["success"] == true && order->once;
    const bool heard = co_await answer(exchange, said);
    if (!settled) co_return;
    const auto transaction =
        ledger::id_from_hex<ledger::TxId>(said["transaction"].get<std::string>());
    if (heard)
        parts.memory.told(order->once->digest);
    else if (transaction)
        parts.memory.owe(order->once->digest,
                         {*transaction, order->amount.value_or(market::Amount{})});
}

asio::awaitable<void> settle(const FacilitatorParts& parts, Exchange& exchange)
{
    const auto body = co_await body_of(parts, exchange);
    if (!body) co_return;
    const auto request = decode_facilitator_request(ledger::as_text(*body));
    if (request) {
        co_await settle_order(parts, exchange, *request);
    } else if (request.error().status == 400) {
        co_await bad_request(exchange, request.error());
    } else {
        const auto said = not_settled(parts, {request.error().reason, request.error().message});
        co_await answer(exchange, said);
    }
}

}  // namespace

void add_facilitator_routes(Router& router, const FacilitatorParts& parts)
{
    router.add(Method::get, "/supported",
               {"Which x402 payments this node verifies and settles for other servers"},
               [parts](Exchange& exchange) -> asio::awaitable<void> {
                   const auto said = parts.facilitator.supported();
                   co_await answer(exchange, said);
               });
    router.add(Method::post, "/verify",
               {"Whether an x402 payment to another server is good", {}, {}, {400, 413, 429, 503}},
               [parts](Exchange& exchange) { return verify(parts, exchange); });
    router.add(Method::post, "/settle",
               {"Settles an x402 payment to another server", {}, {}, {400, 413, 429, 503}},
               [parts](Exchange& exchange) { return settle(parts, exchange); });
}

}  // namespace node
