#include "market/signing.hpp"
#include "node/payment/paid_exchange.hpp"
#include "node/serving/openai_routes.hpp"

#include "tests/unit/inference/remote/fake_upstream.hpp"
#include "tests/unit/node/serving/serving_fixture.hpp"

#include <atomic>
#include <thread>

namespace node {
namespace {

using namespace std::chrono_literals;
using inference::BodySink;
using inference::FakeUpstream;
using inference::RunControl;
using inference::UpstreamError;
using inference::UpstreamFault;
using ledger::Amount;

/// Two models of one server: "talk" is free, "dear" is paid for by token.
struct OpenAiStreams : ServingTest {
    static std::string event(const std::string& data) { return "data: " + data + "\n\n"; }
    static std::string says(const std::string& content)
    {
        return event(R"({"choices":[{"index":0,"delta":{"content":")" + content + R"("}}]})");
    }
    const std::string used =
        event(R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4}})");
    const std::string done = event("[DONE]");

    std::shared_ptr<FakeUpstream> upstream = std::make_shared<FakeUpstream>();
    OpenAiModels models;
    PassBook book{world.host.key, world.journal};
    PaidExchanges payments{world.node->services, world.journal, world.node->settlements, clock};

    OpenAiStreams()
    {
        add_openai_routes(router, parts, models);
        parts.offers = &world.node->offers;
        parts.payments = &payments;
        parts.passes = &book;
        add_model("talk", {});
        add_model("dear", world.model);
        price({{market::Unit::token_in, 1, 1, 100}, {market::Unit::token_out, 10, 1, 50}});
        market::Channel opened;
        opened.config = world.config(0, false);
        opened.balance = Amount::micros(50'000);
        world.ledger.channels[channel()] = opened;
    }
    ~OpenAiStreams() override { models.close(); }

    void add_model(const std::string& name, std::optional<market::ModelId> model)
    {
        EXPECT_TRUE(
            models.add({name,
                        model,
                        {2},
                        "theirs",
                        std::make_shared<inference::Backend>(upstream, inference::BackendOptions{}),
                        std::make_shared<CallThreads>(1, 4)}));
    }
    /// Its ceiling is 600.
    void price(std::vector<market::PricePart> parts_of_sheet)
    {
        auto& sheet = world.ledger.prices[{world.model, {2}}].front().sheet;
        sheet.base = {};
        sheet.parts = std::move(parts_of_sheet);
    }
    market::ChannelId channel() const
    {
        return market::channel_id(world.network, world.config(0, false));
    }
    Amount charged() const { return world.node->book.charged(channel(), {}); }
    std::string voucher() const
    {
        PaymentWorld::Voucher wanted;
        wanted.amount = 600;
        wanted.change_config = [this](auto& config) { config = world.config(0, false); };
        wanted.change = [this](json& payment) {
            payment["accepted"] = world.entry(600, x402::Scheme::batch, false);
        };
        return world.voucher(wanted);
    }

    static json chat(const std::string& model, bool wants_usage = false)
    {
        json body{{"model", model},
                  {"stream", true},
                  {"messages", {{{"role", "user"}, {"content", "hi"}}}}};
        if (wants_usage) body["stream_options"] = {{"include_usage", true}};
        return body;
    }
    Answer stream(bool wants_usage = false)
    {
        return ask("POST", "/openai/talk/v1/chat/completions", chat("talk", wants_usage).dump());
    }
    Answer pay(const std::string& header)
    {
        return ask("POST", path, chat("dear").dump(), {{"PAYMENT-SIGNATURE", header}});
    }
    static constexpr const char* path = "/openai/dear/v1/chat/completions";

    /// What the server says, and how its answer ends then.
    void server_says(std::vector<std::string> pieces,
                     FakeUpstream::Answer end = FakeUpstream::reply(200))
    {
        upstream->streams([pieces = std::move(pieces), end = std::move(end)](
                              const RunControl&, const BodySink& sink) -> FakeUpstream::Answer {
            for (const auto& piece : pieces)
                if (!sink(ledger::as_bytes(piece))) return FakeUpstream::reply(200);
            return end;
        });
    }
    /// Says `piece`, and then nothing until it is stopped or its time is over.
    void server_hangs_after(const std::string& piece)
    {
        upstream->streams([this, piece](const RunControl& control,
                                        const BodySink& sink) -> FakeUpstream::Answer {
            (void)sink(ledger::as_bytes(piece));
            while (!control.stop.stop_requested() &&
                   std::chrono::steady_clock::now() < *control.deadline)
                std::this_thread::yield();
            stopped = control.stop.stop_requested();
            return UpstreamError{stopped ? UpstreamFault::cancelled : UpstreamFault::deadline, {}};
        });
    }
    std::atomic<bool> stopped = false;
};

TEST_F(OpenAiStreams, PassAnEventOnBeforeTheNextIsThere)
{
    std::atomic<bool> arrived = false;
    upstream->streams([&](const RunControl& control, const BodySink& sink) -> FakeUpstream::Answer {
        (void)sink(ledger::as_bytes(says("hel")));
        while (!arrived && std::chrono::steady_clock::now() < *control.deadline)
            std::this_thread::yield();
        (void)sink(ledger::as_bytes(says("lo") + used + done));
        return FakeUpstream::reply(200);
    });
    FakeExchange exchange{"POST", "/openai/talk/v1/chat/completions", {}, chat("talk").dump()};
    exchange.on_chunk = [&](std::string_view text) {
        if (text == says("hel")) arrived = true;
    };
    carry(exchange);
    EXPECT_TRUE(arrived);
    EXPECT_EQ(exchange.text(), says("hel") + says("lo") + done);
    EXPECT_TRUE(exchange.finished());
    EXPECT_EQ(exchange.response().content_type(), "text/event-stream");
    EXPECT_EQ(exchange.answer_header("Cache-Control"), "no-store");
    EXPECT_EQ(exchange.answer_header("X-Accel-Buffering"), "no");
    EXPECT_EQ(json::parse(upstream->requests().back().body)["stream_options"]["include_usage"],
              true);
}

TEST_F(OpenAiStreams, TellTheUsageToWhoAskedForIt)
{
    server_says({says("hi"), used, done});
    EXPECT_EQ(stream(false).text, says("hi") + done);
    EXPECT_EQ(stream(true).text, says("hi") + used + done);
}

TEST_F(OpenAiStreams, AnswerAFailureBeforeTheFirstEventAsWithoutAStream)
{
    const auto fails = [&](unsigned status, const std::string& words) {
        const auto answer = stream();
        EXPECT_EQ(answer.status, status) << answer.text;
        ASSERT_TRUE(answer.body.is_object()) << "no stream has begun: " << answer.text;
        EXPECT_NE(answer.body["error"]["message"].get<std::string>().find(words), std::string::npos)
            << answer.text;
    };
    server_says({}, UpstreamError{UpstreamFault::broken, {}});
    fails(503, "hung up");
    auto refusal = FakeUpstream::reply(400, R"({"error":{"message":"too long"}})");
    server_says({}, refusal);
    fails(400, "too long");
    server_says({}, FakeUpstream::reply(429));
    fails(429, "more requests");
    server_says({": only a comment\n\n", "data: <html>\n\n"});
    fails(502, "nonsense");
    server_says({R"({"choices":[]})"});
    fails(502, "ends before its answer does");
    server_says({event(R"({"error":{"message":"no memory"}})")});
    fails(502, "no memory");
    limits.run = 50ms;
    server_hangs_after(": nothing\n\n");
    fails(504, "time was over");
}

TEST_F(OpenAiStreams, EndWithAnErrorWhereTheServerBreaksInTheMiddle)
{
    for (const auto& end : {FakeUpstream::Answer{UpstreamError{UpstreamFault::broken, {}}},
                            FakeUpstream::Answer{FakeUpstream::reply(200)}}) {
        server_says({says("hi")}, end);
        const auto answer = stream();
        EXPECT_EQ(answer.status, 200u);
        EXPECT_TRUE(answer.text.starts_with(says("hi") + "data: {\"error\":")) << answer.text;
        EXPECT_EQ(answer.text.find("[DONE]"), std::string::npos);
    }
    server_says({says("hi"), "data: nonsense\n\n" + done});
    EXPECT_EQ(stream().text.find("[DONE]"), std::string::npos);
}

TEST_F(OpenAiStreams, SayThatTheyWereCutOffWhenTheTimeIsOver)
{
    limits.run = 1s;
    server_hangs_after(says("hi"));
    const auto answer = stream();
    EXPECT_TRUE(answer.text.starts_with(says("hi") + "data: {\"error\":{\"code\":\"cut_off\""))
        << answer.text;
    EXPECT_TRUE(answer.text.ends_with("\n\n" + done));
}

TEST_F(OpenAiStreams, StopTheServerWhenTheCallerHangsUp)
{
    server_hangs_after(says("hi"));
    FakeExchange exchange{"POST", "/openai/talk/v1/chat/completions", {}, chat("talk").dump()};
    exchange.on_chunk = [&](std::string_view) { exchange.hang_up(); };
    carry(exchange);
    models.close();
    EXPECT_TRUE(stopped);
}

TEST_F(OpenAiStreams, StopTheServerWhenTheCallerHangsUpWhileNothingComes)
{
    FakeExchange exchange{"POST", "/openai/talk/v1/chat/completions", {}, chat("talk").dump()};
    std::atomic<bool> arrived = false;
    upstream->streams([&](const RunControl& control, const BodySink& sink) -> FakeUpstream::Answer {
        const auto wait_for = [&](const auto& what) {
            while (!what() && std::chrono::steady_clock::now() < *control.deadline)
                std::this_thread::yield();
        };
        (void)sink(ledger::as_bytes(says("hi")));
        wait_for([&] { return arrived.load(); });
        exchange.hang_up();
        wait_for([&] { return control.stop.stop_requested(); });
        stopped = control.stop.stop_requested();
        return UpstreamError{UpstreamFault::cancelled, {}};
    });
    exchange.on_chunk = [&](std::string_view) { arrived = true; };
    carry(exchange);
    models.close();
    EXPECT_TRUE(stopped);
}

TEST_F(OpenAiStreams, AreChargedByWhatTheServerSaysBeforeTheirEndIsGiven)
{
    server_says({says("hel"), says("lo"), used, done});
    FakeExchange exchange{"POST", path, {{"PAYMENT-SIGNATURE", voucher()}}, chat("dear").dump()};
    exchange.on_chunk = [&](std::string_view text) {
        const bool end = text.find("[DONE]") != text.npos;
        EXPECT_EQ(charged(), Amount::micros(end ? 9 + 4 * 10 : 0)) << text;
    };
    carry(exchange);
    const auto text = exchange.text();
    EXPECT_TRUE(text.starts_with(says("hel") + says("lo") + ": PAYMENT-RESPONSE ")) << text;
    EXPECT_TRUE(text.ends_with("\n\n" + done));
    EXPECT_EQ(exchange.noted_payment(), PaymentOutcome::paid);
    const auto receipts = find_receipts(world.journal, channel(), 0, 10);
    ASSERT_EQ(receipts->size(), 1u);
    EXPECT_EQ(receipts->front().receipt.units, (std::vector<std::uint64_t>{9, 4}));
    EXPECT_EQ(receipts->front().receipt.resp_hash,
              ledger::sha256(ledger::as_bytes(says("hel") + says("lo") + done)));
}

TEST_F(OpenAiStreams, AreGivenWholeToWhoPaidForThemAndAsksAgain)
{
    server_says({says("hi"), used, done});
    const auto header = voucher();
    pay(header);
    const auto again = pay(header);
    EXPECT_EQ(again.text, says("hi") + done);
    EXPECT_TRUE(again.payment_response.has_value());
    EXPECT_EQ(upstream->requests().size(), 1u);
}

TEST_F(OpenAiStreams, CostNothingWhereTheServerBreaksInTheMiddle)
{
    server_says({says("hi")}, UpstreamError{UpstreamFault::broken, {}});
    const auto header = voucher();
    EXPECT_EQ(pay(header).text.find("[DONE]"), std::string::npos);
    EXPECT_EQ(charged(), Amount{});
    server_says({says("hi"), used, done});
    EXPECT_NE(pay(header).text.find("[DONE]"), std::string::npos) << "the voucher is still good";
}

TEST_F(OpenAiStreams, AreChargedForWhatCameWhenTheCallerHangsUp)
{
    server_hangs_after(says("one") + says("two"));
    FakeExchange exchange{"POST", path, {{"PAYMENT-SIGNATURE", voucher()}}, chat("dear").dump()};
    exchange.on_chunk = [&](std::string_view) { exchange.hang_up(); };
    carry(exchange);
    EXPECT_EQ(charged(), Amount::micros(2 * 10)) << "each event with content is a token";
    models.close();
    EXPECT_TRUE(stopped);
}

TEST_F(OpenAiStreams, AreChargedForAllThatCameThoughTheServerSaidLongAgoWhatItUsed)
{
    const auto first = event(R"({"choices":[{"delta":{"content":"x"}}],)"
                             R"("usage":{"prompt_tokens":9,"completion_tokens":1}})");
    server_hangs_after(first + says("two") + says("three"));
    FakeExchange exchange{"POST", path, {{"PAYMENT-SIGNATURE", voucher()}}, chat("dear").dump()};
    exchange.on_chunk = [&](std::string_view) { exchange.hang_up(); };
    carry(exchange);
    EXPECT_EQ(charged(), Amount::micros(9 + 3 * 10));
}

TEST_F(OpenAiStreams, CostNothingWhenTheCallerHangsUpBeforeTheFirstEvent)
{
    server_hangs_after("");
    FakeExchange exchange{"POST", path, {{"PAYMENT-SIGNATURE", voucher()}}, chat("dear").dump()};
    exchange.hang_up();
    carry(exchange);
    EXPECT_EQ(charged(), Amount{});
}

TEST_F(OpenAiStreams, AreChargedForWhatCameWhenTheTimeIsOver)
{
    world.node->services.times.run = 1s;
    const auto said = event(R"({"choices":[{"delta":{"content":"x"}}],)"
                            R"("usage":{"prompt_tokens":9,"completion_tokens":2}})");
    server_hangs_after(said);
    const auto answer = pay(voucher());
    EXPECT_NE(answer.text.find("cut_off"), std::string::npos) << answer.text;
    EXPECT_TRUE(answer.text.ends_with(done));
    EXPECT_EQ(charged(), Amount::micros(9 + 2 * 10)) << "what the server said last";
}

TEST_F(OpenAiStreams, AreCutOffWhereNoMoreBytesArePaidFor)
{
    const auto each = says("x").size();
    price({{market::Unit::byte_out, 600, 2 * each, 2 * each}});
    server_hangs_after(says("x") + says("x"));
    const auto answer = pay(voucher());
    EXPECT_TRUE(answer.text.starts_with(says("x") + says("x") + ": PAYMENT-RESPONSE"));
    EXPECT_NE(answer.text.find("no more of it is paid for"), std::string::npos);
    EXPECT_EQ(charged(), Amount::micros(600));
}

TEST_F(OpenAiStreams, AreCutOffWhereNoMoreTimeIsPaidFor)
{
    price({{market::Unit::ms, 6, 1, 100}});
    server_hangs_after(says("x"));
    EXPECT_NE(pay(voucher()).text.find("no more of it is paid for"), std::string::npos);
    EXPECT_EQ(charged(), Amount::micros(600));
}

TEST_F(OpenAiStreams, AreCutOffAndChargedWhereTheyGrowLargerThanIsTaken)
{
    server_says({says("x")}, UpstreamError{UpstreamFault::too_large, {}});
    EXPECT_NE(pay(voucher()).text.find("larger than is taken"), std::string::npos);
    EXPECT_EQ(charged(), Amount::micros(10)) << "the bound is ours, the server did not fail";
}

TEST_F(OpenAiStreams, AreChargedByWhatCameWhereTheServerDoesNotSayWhatItUsed)
{
    server_says({says("one"), says("two"), done});
    const auto answer = pay(voucher());
    EXPECT_TRUE(answer.text.ends_with("\n\n" + done)) << answer.text;
    EXPECT_EQ(charged(), Amount::micros(2 * 10));
}

TEST_F(OpenAiStreams, AreWithheldUntilAPaymentForOneCallIsSettled)
{
    server_says({says("hi"), used, done});
    std::atomic<bool> waiting = false, over = false;
    FakeExchange exchange{
        "POST", path, {{"PAYMENT-SIGNATURE", world.exact({.amount = 600})}}, chat("dear").dump()};
    world.ledger.on_submit = [&] {
        EXPECT_FALSE(exchange.answered());
        waiting = true;
    };
    std::thread ledger{[&] {
        while (!waiting && !over) std::this_thread::yield();
        world.ledger.settle_all();
    }};
    carry(exchange);
    over = true;
    ledger.join();
    EXPECT_EQ(exchange.text(), says("hi") + done);
    EXPECT_EQ(exchange.response().content_type(), "text/event-stream");
    EXPECT_TRUE(exchange.answer_header("PAYMENT-RESPONSE"));
    EXPECT_EQ(world.ledger.applied.size(), 1u);
}

TEST_F(OpenAiStreams, CountAsCallsOfAPassOnceTheyWereDelivered)
{
    const auto token = book.issue({{}, world.model, 5, clock.wall().value + 60'000});
    const auto call = [&](const std::function<void(FakeExchange&)>& on_chunk) {
        FakeExchange exchange{
            "POST", path, {{"Authorization", "Bearer " + token}}, chat("dear").dump()};
        exchange.on_chunk = [&](std::string_view) { on_chunk(exchange); };
        carry(exchange);
        return exchange.text();
    };
    server_says({says("hi"), used, done});
    EXPECT_EQ(call([](auto&) {}), says("hi") + ": Millrace-Pass-Left 4\n\n" + done);
    server_says({says("hi")}, UpstreamError{UpstreamFault::broken, {}});
    EXPECT_EQ(call([](auto&) {}).find("Millrace-Pass-Left"), std::string::npos);
    server_hangs_after(says("hi"));
    call([](auto& exchange) { exchange.hang_up(); });
    server_says({says("hi"), used, done});
    EXPECT_NE(call([](auto&) {}).find("Millrace-Pass-Left 2"), std::string::npos)
        << "the one that was hung up on counts, the one that broke does not";
}

TEST_F(OpenAiStreams, EndWithAnErrorWhereACallOfAPassCannotBeCounted)
{
    const auto token = book.issue({{}, world.model, 5, clock.wall().value + 60'000});
    server_says({says("hi"), used, done});
    FakeExchange exchange{
        "POST", path, {{"Authorization", "Bearer " + token}}, chat("dear").dump()};
    exchange.on_chunk = [&](std::string_view) { world.journal.failing = true; };
    carry(exchange);
    EXPECT_TRUE(exchange.text().starts_with(says("hi") + "data: {\"error\":")) << exchange.text();
    EXPECT_EQ(exchange.text().find("[DONE]"), std::string::npos);
    EXPECT_EQ(exchange.noted_payment(), PaymentOutcome::failed);
}

}  // namespace
}  // namespace node
