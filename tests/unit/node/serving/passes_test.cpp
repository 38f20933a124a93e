#include "node/payment/paid_exchange.hpp"
#include "node/serving/pass_routes.hpp"
#include "tests/unit/node/serving/serving_fixture.hpp"

#include <atomic>
#include <thread>

namespace node {
namespace {

using ledger::Amount;

/// A model with a price, of which the host gives calls away and sells them ahead.
struct PassesTest : ServingTest {
    PassesTest()
    {
        parts.offers = &world.node->offers;
        parts.payments = &payments;
        parts.passes = &book;
        parts.callers = &callers;
        parts.alias_targets = [](const market::ModelId&, const std::string&) {
            return std::vector<market::AliasTarget>{{{2}, 1}};
        };
        add_pass_routes(router, parts, openai);
        serve({});
        world.open_channel(50'000);
    }
    void serve(const Tiers& tiers)
    {
        ServedModel served{"m", world.model, "stable"};
        served.versions.emplace(market::Version{2}, version(2, shifted_sum(0)));
        served.tiers = tiers;
        add(std::move(served));
    }
    static Tiers sold(std::uint64_t calls)
    {
        Tiers tiers;
        tiers.subscription = {calls, std::chrono::hours{1}, Amount::micros(1000)};
        return tiers;
    }
    static Tiers given(std::uint64_t calls)
    {
        Tiers tiers;
        tiers.free = {calls, std::chrono::hours{1}};
        return tiers;
    }
    Answer buy() { return buy(world.exact({})); }
    /// The ledger settles what is sent to it meanwhile.
    Answer buy(const std::string& payment)
    {
        std::atomic<bool> waiting = false, over = false;
        world.ledger.on_submit = [&] { waiting = true; };
        std::thread ledger{[&] {
            while (!waiting && !over) std::this_thread::yield();
            world.ledger.settle_all();
        }};
        auto answer = ask("POST", "/v1/passes/m", "", {{"PAYMENT-SIGNATURE", payment}});
        over = true;
        ledger.join();
        world.ledger.on_submit = {};
        return answer;
    }
    std::string bought() { return buy().body["pass"].get<std::string>(); }
    Answer call(const std::string& token)
    {
        return infer(sum_request(), "m", {{"Authorization", "Bearer " + token}});
    }
    Answer show(const std::string& token)
    {
        return ask("GET", "/v1/passes/m", "", {{"Authorization", "bearer " + token}});
    }

    OpenAiModels openai;
    CallerLimits callers{1000};
    PassBook book{world.host.key, world.journal};
    PaidExchanges payments{world.node->services, world.journal, world.node->settlements, clock};
};

TEST_F(PassesTest, AreOnTheListWithWhatIsGivenAway)
{
    EXPECT_EQ(ask("GET", "/v1/passes").body["passes"], json::array());
    auto tiers = sold(3);
    tiers.free = {20, std::chrono::hours{24}};
    serve(tiers);
    const auto listed = ask("GET", "/v1/passes").body["passes"];
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed[0]["model"], "m");
    EXPECT_EQ(listed[0]["subscription"],
              (json{{"calls", 3}, {"periodS", 3600}, {"price", "1000"}}));
    EXPECT_EQ(listed[0]["free"], (json{{"calls", 20}, {"periodS", 86'400}}));
}

TEST_F(PassesTest, ArePaidForLikeACallAtTheirOwnPrice)
{
    serve(sold(3));
    EXPECT_EQ(ask("POST", "/v1/passes/m").status, 402u);
    const auto answer = buy();
    ASSERT_EQ(answer.status, 200u) << answer.text;
    EXPECT_EQ(answer.body["calls"], 3);
    EXPECT_EQ(answer.body["price"], "1000");
    EXPECT_TRUE(answer.payment_response.has_value());
    ASSERT_EQ(world.ledger.applied.size(), 1u);
    EXPECT_EQ(std::get<market::TransferWithAuth>(world.ledger.applied[0]).value,
              Amount::micros(1000));
}

TEST_F(PassesTest, AreGivenOutAgainForTheSamePayment)
{
    serve(sold(3));
    const auto payment = world.exact({});
    const auto first = buy(payment);
    EXPECT_EQ(buy(payment).body, first.body);
    EXPECT_EQ(world.ledger.applied.size(), 1u);
}

TEST_F(PassesTest, AreNotSoldOnChannelsWhoseReceiptsShowAPriceThatTheLedgerDoesNotKnow)
{
    serve(sold(3));
    const auto asked = ask("POST", "/v1/passes/m");
    ASSERT_TRUE(asked.payment_required.has_value());
    const auto terms = from_header(*asked.payment_required);
    for (const auto& offer : terms["accepts"])
        EXPECT_TRUE(offer["scheme"] == "exact" || offer["scheme"] == "upto") << offer;
    EXPECT_EQ(buy(world.voucher({})).status, 402u);
    EXPECT_EQ(world.charged(), Amount{});
}

TEST_F(PassesTest, StandForPaymentUntilTheyAreUsedUp)
{
    serve(sold(2));
    const auto token = bought();
    const auto first = call(token);
    ASSERT_EQ(first.status, 200u) << first.text;
    EXPECT_EQ(first.body["outputs"][0]["data"], json({11, 22, 33}));
    EXPECT_EQ(first.pass_left, "1");
    EXPECT_EQ(first.payment_response, std::nullopt);
    EXPECT_EQ(call(token).pass_left, "0");

    const auto third = call(token);
    EXPECT_EQ(third.status, 402u);
    EXPECT_EQ(third.pass_left, "0");
    EXPECT_FALSE(third.body_was_read);
    EXPECT_EQ(world.ledger.applied.size(), 1u) << "its calls are not charged";
}

TEST_F(PassesTest, LoseNothingByACallThatFails)
{
    serve(sold(2));
    const auto token = bought();
    auto request = sum_request();
    request["inputs"][0]["datatype"] = "INT64";
    EXPECT_EQ(infer(request, "m", {{"Authorization", "Bearer " + token}}).status, 400u);
    EXPECT_EQ(show(token).body["left"], 2);
}

TEST_F(PassesTest, TellWhatIsLeftToWhoShowsThem)
{
    serve(sold(2));
    const auto token = bought();
    EXPECT_EQ(show(token).body["left"], 2);
    call(token);
    EXPECT_EQ(show(token).body["left"], 1);
    EXPECT_EQ(show(token).body["ended"], false);
    EXPECT_EQ(ask("GET", "/v1/passes/m").status, 401u);
}

TEST_F(PassesTest, AreRefusedWhenTheyAreNoneOfThisNode)
{
    const auto answer = call("mrp1_AAAA");
    EXPECT_EQ(answer.status, 401u);
    EXPECT_EQ(answer.authenticate, "Bearer error=\"invalid_token\"");
    EXPECT_FALSE(answer.body_was_read);
    EXPECT_EQ(call("sk-of-another-kind").status, 402u) << "whatever else stands there is ignored";
}

TEST_F(PassesTest, AreRefusedForAnotherModelAndAfterTheirEnd)
{
    market::ModelId other = world.model;
    other.bytes[0] ^= 1;
    const auto soon = clock.wall().value + 60'000;
    EXPECT_EQ(call(book.issue({{}, other, 5, soon})).status, 403u);
    EXPECT_EQ(call(book.issue({{}, world.model, 5, clock.wall().value})).status, 401u);
    EXPECT_EQ(call(book.issue({{}, world.model, 5, soon})).status, 200u);
}

TEST_F(PassesTest, AreLimitedLikeWhoPays)
{
    limits.paid.per_second = 1;
    const auto soon = clock.wall().value + 60'000;
    const auto token = book.issue({{}, world.model, 5, soon});
    EXPECT_EQ(call(token).status, 200u);
    EXPECT_EQ(call(token).status, 429u);
}

TEST_F(PassesTest, AreNotSoldOfAModelThatHasNone)
{
    EXPECT_EQ(buy().status, 404u);
    EXPECT_EQ(ask("POST", "/v1/passes/none").status, 404u);
    serve(sold(3));
    const auto payment = world.exact({});
    world.ledger.prices.clear();
    EXPECT_EQ(buy(payment).status, 503u);
}

TEST_F(PassesTest, FreeCallsAreGivenBeforePaymentIsAskedFor)
{
    serve(given(2));
    for (int i = 0; i < 2; ++i) {
        const auto answer = infer(sum_request(), "m");
        ASSERT_EQ(answer.status, 200u) << answer.text;
        EXPECT_EQ(answer.payment_response, std::nullopt);
    }
    const auto third = infer(sum_request(), "m");
    EXPECT_EQ(third.status, 402u);
    EXPECT_EQ(third.retry_after, std::nullopt);
    EXPECT_EQ(world.charged(), Amount{});
}

TEST_F(PassesTest, APaymentUsesUpNoFreeCall)
{
    serve(given(1));
    const auto paid = infer(sum_request(), "m", {{"PAYMENT-SIGNATURE", world.voucher({})}});
    EXPECT_EQ(paid.status, 200u);
    EXPECT_EQ(world.charged(), Amount::micros(103));
    EXPECT_EQ(infer(sum_request(), "m").status, 200u);
    EXPECT_EQ(infer(sum_request(), "m").status, 402u);
}

TEST_F(PassesTest, WhoIsTooFastForFreeCallsPays)
{
    serve(given(5));
    limits.free.per_second = 1;
    EXPECT_EQ(infer(sum_request(), "m").status, 200u);
    EXPECT_EQ(infer(sum_request(), "m").status, 402u);
}

}  // namespace
}  // namespace node
