#include "node/payment/paid_exchange.hpp"

#include "node/payment/streamed_answer.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <memory>

namespace node {
namespace {

/// A value that comes from any thread, once, to a coroutine that waits on its own executor.
/// Shared, because the executor may still hold what was sent when nobody waits any more.
template <class T>
class Arrival : public std::enable_shared_from_this<Arrival<T>> {
public:
    explicit Arrival(asio::any_io_executor executor) : timer_{executor} {}

    /// What another thread keeps, to call once: it owns no timer, so that it may be dropped at any
    /// time and place, after the io_context too.
    std::function<void(T)> sender()
    {
        return [weak = this->weak_from_this(), executor = timer_.get_executor()](T value) {
            auto arrival = weak.lock();
            if (!arrival) return;
            asio::post(executor,
                       [arrival = std::move(arrival), value = std::move(value)]() mutable {
                           arrival->value_ = std::move(value);
                           arrival->timer_.cancel();
                       });
        };
    }

    /// Empty when nothing came in time; without a time it waits for good.
    asio::awaitable<std::optional<T>> wait(std::optional<Clock::Steady::duration> time)
    {
        if (!value_) {
            if (time)
                timer_.expires_after(*time);
            else
                timer_.expires_at(Clock::Steady::max());
            co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
        }
        co_return std::move(value_);
    }

private:
    asio::steady_timer timer_;
    std::optional<T> value_;
};

PaymentOutcome outcome_of(bool had_payment, Stage stage, unsigned status)
{
    if (!had_payment) return PaymentOutcome::asked;
    if (stage == Stage::answered) return PaymentOutcome::paid;
    if (status == 202) return PaymentOutcome::pending;
    return stage == Stage::refused || status == 402 ? PaymentOutcome::refused
                                                    : PaymentOutcome::failed;
}

}  // namespace

PaidExchanges::PaidExchanges(const PaymentServices& services, PaymentJournal& journal,
                             Settlements& settlements, const Clock& clock)
    : services_{services}, journal_{journal}, settlements_{settlements}, clock_{clock}
{
}

asio::awaitable<void> PaidExchanges::handle(Exchange& exchange, PaidResource resource,
                                            PaidRunner& runner)
{
    RequestMachine machine{services_, std::move(resource)};
    std::vector<std::string_view> headers;
    const auto& head = exchange.head();
    if (head.header_count("PAYMENT-SIGNATURE") == 1)
        headers.push_back(*head.header("PAYMENT-SIGNATURE"));
    else if (head.header_count("PAYMENT-SIGNATURE") > 1)
        headers.resize(2);

    auto action = machine.start(headers, now());
    while (!std::holds_alternative<Answer>(action))
        action = co_await carry(exchange, machine, runner, std::move(action));
    Response response = std::move(std::get<Answer>(action).response);
    exchange.note_payment(outcome_of(!headers.empty(), machine.stage(), response.status()));
    const bool good = machine.stage() == Stage::answered;
    co_await give_answer(exchange, std::move(response),
                         good ? machine.sent() : std::optional<std::size_t>{});
}

asio::awaitable<Action> PaidExchanges::carry(Exchange& exchange, RequestMachine& machine,
                                             PaidRunner& runner, Action action)
{
    if (std::holds_alternative<ReadBody>(action))
        co_return co_await read(exchange, machine, runner);
    if (auto* order = std::get_if<Run>(&action))
        co_return co_await run(exchange, machine, runner, *order);
    if (auto* order = std::get_if<Write>(&action))
        co_return co_await write(machine, std::move(*order));
    co_return co_await settle(machine, std::move(std::get<Settle>(action)));
}

asio::awaitable<Action> PaidExchanges::read(Exchange& exchange, RequestMachine& machine,
                                            PaidRunner& runner)
{
    if (const auto payer = machine.payer_of_new_call())
        if (const auto refused = runner.admit(exchange, *payer))
            co_return machine.on_body_refused(*refused);
    auto body = co_await exchange.read_body(runner.body_limit());
    if (!body) co_return machine.on_body_refused(body.error());
    if (machine.moves_money_first())
        if (auto why = runner.unfit(exchange, *body))
            co_return machine.on_body_unfit(std::move(*why));
    co_return machine.on_body(std::move(*body), now());
}

asio::awaitable<Action> PaidExchanges::run(Exchange& exchange, RequestMachine& machine,
                                           PaidRunner& runner, Run order)
{
    auto result = co_await runner.run(exchange, order, machine.body(), machine.deadline());
    // What was delivered is charged: or who hangs up before the last event would never pay.
    if (const auto* served = std::get_if<Served>(&result); served && served->sent)
        co_return machine.on_ran(std::move(result), now());
    // Nobody reads the answer of a caller who hung up: it is not charged either.
    if (exchange.peer_gone() && machine.on_caller_gone()) {
        Response unread = Response::json(499, "{}");
        co_return Answer{std::move(unread)};
    }
    if (clock_.now() >= machine.deadline())
        if (auto late = machine.on_deadline(now())) co_return std::move(*late);
    co_return machine.on_ran(std::move(result), now());
}

asio::awaitable<Action> PaidExchanges::write(RequestMachine& machine, Write order)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto written = std::make_shared<Arrival<ledger::Result<void>>>(executor);
    journal_.commit(std::move(order.batch), written->sender());
    // The journal always answers; giving up before it does would leave the charge in doubt.
    auto result = co_await written->wait({});
    if (!result) result = ledger::Error{ledger::ErrorKind::io, "the node is shutting down"};
    co_return machine.on_written(*result, now());
}

asio::awaitable<Action> PaidExchanges::settle(RequestMachine& machine, Settle order)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto settled = std::make_shared<Arrival<Settled>>(executor);
    const auto sent = settlements_.settle(order.key, order.message, settled->sender());
    if (auto failed = machine.on_submitted(sent)) co_return std::move(*failed);
    const auto outcome = co_await settled->wait(machine.deadline() - clock_.now());
    if (outcome) co_return machine.on_settled(*outcome, now());
    auto late = machine.on_deadline(now());
    ledger::ensure(late.has_value(), "a settlement that is late is answered with 202");
    co_return std::move(*late);
}

}  // namespace node
