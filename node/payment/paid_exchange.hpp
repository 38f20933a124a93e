#pragma once

#include "node/http/exchange.hpp"
#include "node/payment/request_machine.hpp"
#include "node/payment/settlements.hpp"

namespace node {

/// Runs the model for a call that is paid for; whoever holds the models implements it.
class PaidRunner {
public:
    virtual ~PaidRunner() = default;

    /// Largest body it takes, in bytes.
    virtual std::size_t body_limit() const = 0;
    /// Whether a call of this payer, whose signature is good, may go on to its body; otherwise why
    /// not. Not asked of a call that was paid for already.
    virtual std::optional<HttpError> admit(Exchange&, const ledger::Address&) { return {}; }
    /// Why nothing can be made of such a body, as far as can be told without a run. Asked before
    /// money moves for a call, so that who sends nonsense does not cost the host a transaction.
    virtual std::optional<Response> unfit(Exchange&, const ledger::Bytes&) { return {}; }
    /// Runs what `order` says. `body` lives until the coroutine ends. Work may stop when the caller
    /// is gone: nobody waits for it any more. Comes back on the exchange's executor. Where it may
    /// stream it may begin the answer and write to it, as server-sent events, but not finish it:
    /// then it says what was sent, or fails, and the end is written by its caller.
    virtual asio::awaitable<RunResult> run(Exchange& exchange, Run order, const ledger::Bytes& body,
                                           Clock::Steady deadline) = 0;
};

/// Carries paid requests: moves what the machine asks for between the caller, the model, the
/// journal and the ledger. One for the whole node; `handle` is called on the exchanges' executors.
class PaidExchanges {
public:
    /// The referred-to must outlive this and every request under way.
    PaidExchanges(const PaymentServices& services, PaymentJournal& journal,
                  Settlements& settlements, const Clock& clock);

    /// Answers the request, paid or not.
    asio::awaitable<void> handle(Exchange& exchange, PaidResource resource, PaidRunner& runner);

private:
    RequestMachine::Now now() const { return {clock_.wall(), clock_.now()}; }
    asio::awaitable<Action> carry(Exchange&, RequestMachine&, PaidRunner&, Action);
    asio::awaitable<Action> read(Exchange&, RequestMachine&, PaidRunner&);
    asio::awaitable<Action> run(Exchange&, RequestMachine&, PaidRunner&, Run);
    asio::awaitable<Action> write(RequestMachine&, Write);
    asio::awaitable<Action> settle(RequestMachine&, Settle);

    const PaymentServices& services_;
    PaymentJournal& journal_;
    Settlements& settlements_;
    const Clock& clock_;
};

}  // namespace node
