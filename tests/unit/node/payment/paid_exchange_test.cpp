#include "node/payment/paid_exchange.hpp"

#include "tests/support/fake_exchange.hpp"
#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace node {
namespace {

using ledger::Amount;
using namespace std::chrono_literals;

struct EchoRunner : PaidRunner {
    std::function<void()> during = [] {};
    std::optional<market::Version> asked;
    int runs = 0;

    std::size_t body_limit() const override { return 100; }
    asio::awaitable<RunResult> run(Exchange&, std::optional<market::Version> only,
                                   const ledger::Bytes& body, Clock::Steady) override
    {
        ++runs;
        asked = only;
        during();
        Served served{Response::json(200, std::string{ledger::as_text(body)}), {2}, {}};
        co_return served;
    }
};

/// The ledger and the journal answer from other threads, as in the node.
struct CarriedCall : testing::Test, Handler {
    PaymentWorld world;
    EchoRunner runner;
    std::unique_ptr<ledger::Journal> disk = ledger::make_memory_journal();
    std::optional<GroupedJournal> journal{std::in_place, *disk};
    AnswerShelf shelf{*journal};
    PaymentServices services{world.network,
                             world.host,
                             world.node->offers,
                             world.node->answers,
                             world.ledger,
                             world.node->book,
                             shelf,
                             *journal};
    PaidExchanges exchanges{services, *journal, world.node->settlements, world.clock};

    asio::awaitable<void> handle(Exchange& exchange) override
    {
        auto resource = world.resource();
        resource.path = std::string{exchange.head().target.path()};
        co_await exchanges.handle(exchange, std::move(resource), runner);
    }
};

TEST_F(CarriedCall, LeavesTheBodyOfAnUnpaidRequestUnread)
{
    FakeExchange exchange{"POST", "/v2/models/m/infer", {}, "hello"};
    exchange.run(*this);
    EXPECT_EQ(exchange.status(), 402u);
    EXPECT_FALSE(exchange.body_was_read());
    EXPECT_TRUE(exchange.answer_header("PAYMENT-REQUIRED"));
}

TEST_F(CarriedCall, RunsChargesAndAnswers)
{
    world.open_channel(5000);
    FakeExchange exchange{
        "POST", "/v2/models/m/infer", {{"payment-signature", world.voucher({})}}, "hello"};
    exchange.run(*this);
    EXPECT_EQ(exchange.status(), 200u);
    EXPECT_EQ(exchange.text(), "hello");
    EXPECT_EQ(from_header(*exchange.answer_header("PAYMENT-RESPONSE"))["extra"]["chargedAmount"],
              "100");
    EXPECT_EQ(find_receipts(*journal, world.channel(), 0, 10)->size(), 1u);
}

TEST_F(CarriedCall, WaitsForTheLedgerOnAnotherThread)
{
    FakeExchange exchange{"POST",
                          "/v2/models/m/infer",
                          {{"PAYMENT-SIGNATURE", world.voucher({.deposit = 3000})}},
                          "hello"};
    std::atomic<bool> waiting = false;
    world.ledger.on_submit = [&] { waiting = true; };
    std::thread ledger{[&] {
        while (!waiting) std::this_thread::yield();
        world.ledger.settle_all();
    }};
    exchange.run(*this);
    ledger.join();
    EXPECT_EQ(exchange.status(), 200u);
}

TEST_F(CarriedCall, ChargesNothingForACallerWhoHungUp)
{
    world.open_channel(5000);
    FakeExchange exchange{
        "POST", "/v2/models/m/infer", {{"PAYMENT-SIGNATURE", world.voucher({})}}, "hello"};
    runner.during = [&] { exchange.hang_up(); };
    exchange.run(*this);
    EXPECT_EQ(world.charged(), Amount{});
    EXPECT_TRUE(find_receipts(*journal, world.channel(), 0, 10)->empty());
}

TEST_F(CarriedCall, ChargesNothingWhenTheRunOverstays)
{
    world.open_channel(5000);
    FakeExchange exchange{
        "POST", "/v2/models/m/infer", {{"PAYMENT-SIGNATURE", world.voucher({})}}, "hello"};
    runner.during = [&] { world.advance(60s); };
    exchange.run(*this);
    EXPECT_EQ(exchange.status(), 504u);
    EXPECT_EQ(world.charged(), Amount{});
}

TEST_F(CarriedCall, RefusesABodyThatIsTooLongBeforeItRuns)
{
    world.open_channel(5000);
    FakeExchange exchange{"POST",
                          "/v2/models/m/infer",
                          {{"PAYMENT-SIGNATURE", world.voucher({})}},
                          std::string(101, 'x')};
    exchange.run(*this);
    EXPECT_EQ(exchange.status(), 413u);
    EXPECT_EQ(runner.runs, 0);
}

TEST_F(CarriedCall, RefusesTwoPayments)
{
    FakeExchange exchange{"POST",
                          "/v2/models/m/infer",
                          {{"PAYMENT-SIGNATURE", "a"}, {"Payment-Signature", "b"}},
                          "hello"};
    exchange.run(*this);
    EXPECT_EQ(exchange.status(), 400u);
}

}  // namespace
}  // namespace node
