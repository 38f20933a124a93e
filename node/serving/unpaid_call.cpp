#include "node/serving/unpaid_call.hpp"

#include "ledger/crypto/hash.hpp"
#include "node/http/await_callback.hpp"
#include "node/payment/streamed_answer.hpp"

#include <algorithm>

namespace node {
namespace {

/// How long a count may take to become durable before the call is answered without.
constexpr std::chrono::minutes journal_patience{1};

/// Reads the body and runs the model; empty when that was answered, with what was wrong.
asio::awaitable<std::optional<Served>> run(const ServingParts& parts, Exchange& exchange,
                                           PaidRunner& runner)
{
    auto body = co_await exchange.read_body(runner.body_limit());
    if (!body) {
        co_await exchange.refuse(body.error());
        co_return std::nullopt;
    }
    auto result =
        co_await runner.run(exchange, Run{}, *body, parts.clock.now() + parts.limits().run);
    if (auto* failed = std::get_if<Failed>(&result)) {
        exchange.note_payment(PaymentOutcome::failed);
        co_await give_answer(exchange, std::move(failed->response), {});
        co_return std::nullopt;
    }
    auto served = std::move(std::get<Served>(result));
    // Nobody reads the answer of a caller who hung up: it is not counted either, unless a part of
    // it was delivered.
    if (!served.sent && exchange.peer_gone()) {
        Response unread = Response::json(499, "{}");
        co_await exchange.respond(std::move(unread));
        co_return std::nullopt;
    }
    co_return served;
}

/// A grant is a caller's for one model; what it asks for elsewhere is counted elsewhere.
CallerKey grant_key(const market::ModelId& model, const CallerKey& caller)
{
    ledger::Bytes who;
    ledger::append(who, model.view());
    ledger::append(who, caller);
    const auto hash = ledger::sha256(who);
    CallerKey key{};
    std::copy_n(hash.bytes.begin(), key.size(), key.begin());
    return key;
}

asio::awaitable<bool> serve_granted(const ServingParts& parts, Exchange& exchange,
                                    const market::ModelId& model, const Tiers::FreeGrant& grant,
                                    PaidRunner& runner)
{
    CallerLimit limit;
    limit.quota = grant.calls;
    limit.quota_time = grant.period;
    const auto caller = caller_key(exchange.peer().address());
    // Who is too fast for a free call may still pay for it.
    const auto admitted = parts.callers->admit(caller, parts.limits().free, parts.clock.now());
    if (std::holds_alternative<CallerLimits::Refused>(admitted)) co_return false;
    const auto granted = parts.callers->admit(grant_key(model, caller), limit, parts.clock.now());
    if (std::holds_alternative<CallerLimits::Refused>(granted)) co_return false;
    exchange.note_payment(PaymentOutcome::granted);
    if (auto served = co_await run(parts, exchange, runner))
        co_await give_answer(exchange, std::move(served->response), served->sent);
    co_return true;
}

asio::awaitable<void> refuse_pass(Exchange& exchange, unsigned status, std::string message)
{
    exchange.note_payment(PaymentOutcome::refused);
    if (status == 401) exchange.add_header("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    HttpError error{status, status == 401 ? "invalid_pass" : "pass_of_other_model",
                    std::move(message)};
    co_await exchange.refuse(std::move(error));
}

/// A pass is limited like an account that pays.
ledger::Address as_account(const PassId& id)
{
    ledger::Address account;
    std::copy(id.bytes.begin(), id.bytes.end(), account.bytes.begin());
    return account;
}

asio::awaitable<void> serve_held(const ServingParts& parts, Exchange& exchange, const Pass& pass,
                                 PassBook::Hold hold, PaidRunner& runner)
{
    if (auto refused = runner.admit(exchange, as_account(pass.id))) {
        co_await exchange.refuse(std::move(*refused));
        co_return;
    }
    auto served = co_await run(parts, exchange, runner);
    if (!served) co_return;
    using Left = ledger::Result<std::uint64_t>;
    const auto held = std::make_shared<PassBook::Hold>(std::move(hold));
    const auto left = co_await await_callback<Left>(
        [&](std::function<void(Left)> done) {
            parts.passes->spend(std::move(*held), parts.clock.wall(), std::move(done));
        },
        journal_patience);
    if (!left || !*left) {
        exchange.note_payment(PaymentOutcome::failed);
        const HttpError error{503, "journal_failed", "the call could not be counted; try again"};
        auto failed = error_response(exchange.head().target.path(), error);
        co_await give_answer(exchange, std::move(failed), {});
        co_return;
    }
    exchange.note_payment(PaymentOutcome::pass);
    served->response.with("Millrace-Pass-Left", std::to_string(**left));
    co_await give_answer(exchange, std::move(served->response), served->sent);
}

asio::awaitable<bool> serve_by_pass(const ServingParts& parts, Exchange& exchange,
                                    const market::ModelId& model, std::string_view token,
                                    PaidRunner& runner)
{
    const auto pass = parts.passes->read(token);
    if (!pass) {
        co_await refuse_pass(exchange, 401, "this is no pass of this node");
        co_return true;
    }
    auto held = parts.passes->hold(*pass, model, parts.clock.wall());
    if (const auto* refused = std::get_if<PassBook::Refusal>(&held)) {
        if (*refused == PassBook::Refusal::used_up) {
            exchange.add_header("Millrace-Pass-Left", "0");
            co_return false;
        }
        if (*refused == PassBook::Refusal::ended)
            co_await refuse_pass(exchange, 401, "the time of this pass is over");
        else
            co_await refuse_pass(exchange, 403, "this pass is for another model");
        co_return true;
    }
    co_await serve_held(parts, exchange, *pass, std::move(std::get<PassBook::Hold>(held)), runner);
    co_return true;
}

}  // namespace

asio::awaitable<bool> serve_unpaid(const ServingParts& parts, Exchange& exchange,
                                   const market::ModelId& model, const Tiers& tiers,
                                   PaidRunner& runner)
{
    // Who pays has said so: neither a grant nor a pass is used up for it.
    if (exchange.head().header("PAYMENT-SIGNATURE")) co_return false;
    const auto token = exchange.head().bearer_token();
    if (parts.passes && PassBook::is_pass(token))
        co_return co_await serve_by_pass(parts, exchange, model, token, runner);
    if (tiers.free.calls == 0 || !parts.callers) co_return false;
    co_return co_await serve_granted(parts, exchange, model, tiers.free, runner);
}

}  // namespace node
