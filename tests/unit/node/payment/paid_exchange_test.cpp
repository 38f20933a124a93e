#include "node/payment/paid_exchange.hpp"

#include "tests/support/fake_exchange.hpp"
#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

#include <atomic>
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
    std::optional<Response> unfit(Exchange&, const ledger::Bytes& body) override
    {
        if (ledger::as_text(body) != "nonsense") return {};
        return Response::json(400, R"({"error":"nonsense"})");
    }
    asio::awaitable<RunResult> run(Exchange&, Run order, const ledger::Bytes& body,
                                   Clock::Steady) override
    {
        ++runs;
        asked = order.only;
        during();
        Served served{Response::json(200, std::string{ledger::as_text(body)}), {2}, {}};
        co_return served;
    }
};

const std::string half = "data: half\n\n";
const std::string whole = half + "data: [DONE]\n\n";

/// Sends half of its answer before it is charged, where it may.
struct StreamRunner : PaidRunner {
    std::function<void()> during = [] {};
    bool fails = false;
    bool could_stream = false;
    int runs = 0;

    std::size_t body_limit() const override { return 100; }
    asio::awaitable<RunResult> run(Exchange& exchange, Run order, const ledger::Bytes&,
                                   Clock::Steady) override
    {
        ++runs;
        could_stream = order.may_stream;
        if (order.may_stream) {
            Response head{200, "text/event-stream", {}};
            co_await exchange.begin(std::move(head));
            co_await exchange.write_chunk(ledger::as_bytes(half));
        }
        during();
        if (fails) co_return Failed{Response::json(502, R"({"error":"broken"})")};
        Served served{Response{200, "text/event-stream", whole}, {2}, {}};
        if (order.may_stream) served.sent = half.size();
        co_return served;
    }
};

/// The ledger and the journal answer from other threads, as in the node.
struct CarriedCall : testing::Test, Handler {
    PaymentWorld world;
    EchoRunner runner;
    StreamRunner streamer;
    PaidRunner* used = &runner;
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

    std::size_t receipts() const { return find_receipts(*journal, world.channel(), 0, 10)->size(); }

    asio::awaitable<void> handle(Exchange& exchange) override
    {
        auto resource = world.resource();
        resource.path = std::string{exchange.head().target.path()};
        co_await exchanges.handle(exchange, std::move(resource), *used);
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

TEST_F(CarriedCall, RelaysNoDepositForABodyThatNothingCanBeMadeOf)
{
    const auto header = world.voucher({.deposit = 3000});
    FakeExchange exchange{
        "POST", "/v2/models/m/infer", {{"PAYMENT-SIGNATURE", header}}, "nonsense"};
    exchange.run(*this);
    EXPECT_EQ(exchange.status(), 400u);
    EXPECT_EQ(world.ledger.waiting(), 0u);
    EXPECT_FALSE(exchange.answer_header("PAYMENT-RESPONSE"));
    EXPECT_EQ(runner.runs, 0);
    RequestMachine next{world.node->services, world.resource()};
    const std::vector<std::string_view> headers{header};
    EXPECT_TRUE(std::holds_alternative<ReadBody>(next.start(headers, world.now())))
        << "the channel is free again";
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

TEST_F(CarriedCall, WritesTheEndOfAStreamOnceItIsCharged)
{
    world.open_channel(5000);
    used = &streamer;
    FakeExchange exchange{
        "POST", "/v2/models/m/infer", {{"PAYMENT-SIGNATURE", world.voucher({})}}, "hello"};
    int ends = 0;
    exchange.on_chunk = [&](std::string_view text) {
        const bool end = text.find("[DONE]") != text.npos;
        EXPECT_EQ(receipts(), end ? 1u : 0u);
        ends += end;
    };
    exchange.run(*this);
    EXPECT_EQ(ends, 1);
    EXPECT_TRUE(exchange.finished());
    const auto text = exchange.text();
    const std::string comment = ": PAYMENT-RESPONSE ";
    ASSERT_TRUE(text.starts_with(half + comment)) << text;
    const auto value = text.substr(half.size() + comment.size());
    EXPECT_EQ(value.substr(value.find('\n')), "\n\ndata: [DONE]\n\n");
    EXPECT_EQ(from_header(value.substr(0, value.find('\n')))["extra"]["chargedAmount"], "100");
    const auto receipt = find_receipts(*journal, world.channel(), 0, 10)->front().receipt;
    EXPECT_EQ(receipt.resp_hash, ledger::sha256(ledger::as_bytes(whole)))
        << "of the events without the comment";
}

TEST_F(CarriedCall, GivesTheWholeTextOfAStreamToWhoAsksAgain)
{
    world.open_channel(5000);
    used = &streamer;
    const auto header = world.voucher({});
    for (const bool again : {false, true}) {
        FakeExchange exchange{
            "POST", "/v2/models/m/infer", {{"PAYMENT-SIGNATURE", header}}, "hello"};
        exchange.run(*this);
        EXPECT_EQ(exchange.status(), 200u);
        if (!again) continue;
        EXPECT_EQ(exchange.text(), whole);
        EXPECT_EQ(exchange.response().content_type(), "text/event-stream");
        EXPECT_TRUE(exchange.answer_header("PAYMENT-RESPONSE"));
    }
    EXPECT_EQ(streamer.runs, 1);
    EXPECT_EQ(receipts(), 1u);
}

TEST_F(CarriedCall, ChargesAStreamWhoseCallerHungUpInTheMiddleOrThatTookTooLong)
{
    world.open_channel(5000);
    used = &streamer;
    FakeExchange left{
        "POST", "/v2/models/m/infer", {{"PAYMENT-SIGNATURE", world.voucher({})}}, "hello"};
    streamer.during = [&] { left.hang_up(); };
    left.run(*this);
    EXPECT_EQ(receipts(), 1u);

    FakeExchange slow{
        "POST", "/v2/models/m/infer", {{"PAYMENT-SIGNATURE", world.voucher({})}}, "hello"};
    streamer.during = [&] { world.advance(services.times.run); };
    slow.run(*this);
    EXPECT_EQ(receipts(), 2u);
    EXPECT_TRUE(slow.text().ends_with("data: [DONE]\n\n"));
}

TEST_F(CarriedCall, EndsAStreamThatFailsInTheMiddleWithAnErrorAndNoCharge)
{
    world.open_channel(5000);
    used = &streamer;
    streamer.fails = true;
    FakeExchange exchange{
        "POST", "/v2/models/m/infer", {{"PAYMENT-SIGNATURE", world.voucher({})}}, "hello"};
    exchange.run(*this);
    EXPECT_EQ(exchange.text(), half + "data: {\"error\":\"broken\"}\n\n");
    EXPECT_TRUE(exchange.finished());
    EXPECT_EQ(exchange.noted_payment(), PaymentOutcome::failed);
    EXPECT_EQ(receipts(), 0u);
}

TEST_F(CarriedCall, EndsAStreamWithAnErrorWhenItsChargeCannotBeMadeDurable)
{
    world.open_channel(5000);
    PaidExchanges on_bad_disk{world.node->services, world.journal, world.node->settlements,
                              world.clock};
    struct Handle : Handler {
        CarriedCall& test;
        PaidExchanges& exchanges;
        Handle(CarriedCall& of, PaidExchanges& by) : test{of}, exchanges{by} {}
        asio::awaitable<void> handle(Exchange& exchange) override
        {
            co_await exchanges.handle(exchange, test.world.resource(), test.streamer);
        }
    } handle{*this, on_bad_disk};
    FakeExchange exchange{
        "POST", "/v2/models/m/infer", {{"PAYMENT-SIGNATURE", world.voucher({})}}, "hello"};
    streamer.during = [&] { world.journal.failing = true; };
    exchange.run(handle);
    EXPECT_TRUE(exchange.text().starts_with(half + "data: {\"error\"")) << exchange.text();
    EXPECT_NE(exchange.text().find("could not be recorded"), std::string::npos);
    EXPECT_EQ(exchange.text().find("[DONE]"), std::string::npos);
    EXPECT_TRUE(exchange.finished());
    EXPECT_EQ(world.charged(), Amount{});
}

TEST_F(CarriedCall, WithholdsTheStreamOfAPaymentForOneCallUntilItIsSettled)
{
    used = &streamer;
    FakeExchange exchange{
        "POST", "/v2/models/m/infer", {{"PAYMENT-SIGNATURE", world.exact({})}}, "hello"};
    std::atomic<bool> waiting = false, over = false;
    bool answered_early = false;
    world.ledger.on_submit = [&] {
        answered_early = exchange.answered();
        waiting = true;
    };
    std::thread ledger{[&] {
        while (!waiting && !over) std::this_thread::yield();
        world.ledger.settle_all();
    }};
    exchange.run(*this);
    over = true;
    ledger.join();
    EXPECT_TRUE(waiting);
    EXPECT_FALSE(answered_early);
    EXPECT_FALSE(streamer.could_stream);
    EXPECT_EQ(exchange.text(), whole);
    EXPECT_TRUE(exchange.answer_header("PAYMENT-RESPONSE"));
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
