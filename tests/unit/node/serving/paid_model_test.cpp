#include "node/payment/paid_exchange.hpp"
#include "tests/unit/node/serving/serving_fixture.hpp"

namespace node {
namespace {

using ledger::Amount;

/// The model of the payment world, really served: versions 1 and 2 under an alias.
struct PaidModelTest : ServingTest {
    PaidModelTest()
    {
        ServedModel served{"m", world.model, "stable"};
        for (std::uint32_t ver : {1u, 2u})
            served.versions.emplace(market::Version{ver}, version(ver, shifted_sum(shift(ver))));
        add(std::move(served));
        parts.offers = &world.node->offers;
        parts.payments = &payments;
        parts.alias_targets = [this](const market::ModelId&, const std::string&) {
            return targets;
        };
    }
    static float shift(std::uint32_t ver) { return ver == 2 ? 0 : 1000; }
    Answer pay(const std::string& header, const json& request)
    {
        return ask("POST", "/v2/models/m/infer", request.dump(), {{"PAYMENT-SIGNATURE", header}});
    }
    std::uint64_t runs() const
    {
        std::uint64_t sum = 0;
        for (const auto& [ver, version] : catalog.find("m")->versions)
            sum += version->pool->stats().execution_count;
        return sum;
    }

    std::vector<market::AliasTarget> targets{{{2}, 1}};
    PaidExchanges payments{world.node->services, world.journal, world.node->settlements, clock};
};

TEST_F(PaidModelTest, AsksForPaymentBeforeItReadsTheBody)
{
    const auto answer = infer(sum_request(), "m");
    EXPECT_EQ(answer.status, 402u);
    EXPECT_FALSE(answer.body_was_read);
    EXPECT_EQ(runs(), 0u);
}

TEST_F(PaidModelTest, DescribesItselfForNothing)
{
    EXPECT_EQ(ask("GET", "/v2/models/m").body["versions"], json({"1", "2"}));
}

TEST_F(PaidModelTest, RunsTheAliassTargetAndChargesWhatItUsed)
{
    world.open_channel(5'000);
    const auto answer = pay(world.voucher({}), sum_request());
    ASSERT_EQ(answer.status, 200u) << answer.text;
    EXPECT_EQ(answer.body["outputs"][0]["data"], json({11, 22, 33}));
    EXPECT_EQ(answer.body["model_version"], "2");
    // 100 a call and 3 a row; the tensors have one dimension and no batch.
    EXPECT_EQ(world.charged(), Amount::micros(103));
}

TEST_F(PaidModelTest, ChargesNothingForARequestThatDoesNotFit)
{
    world.open_channel(5'000);
    auto request = sum_request();
    request["inputs"][0]["datatype"] = "INT64";
    const auto header = world.voucher({});
    EXPECT_EQ(pay(header, request).status, 400u);
    EXPECT_EQ(world.charged(), Amount{});
    EXPECT_EQ(pay(header, sum_request()).status, 200u) << "the same voucher is still good";
}

TEST_F(PaidModelTest, QuotesWhatACallWouldBeOffered)
{
    const auto quote = ask("POST", "/v1/quote", R"({"model":"m"})");
    EXPECT_EQ(quote.status, 200u);
    EXPECT_FALSE(quote.body["accepts"].empty()) << quote.text;
    EXPECT_EQ(ask("POST", "/v1/quote", R"({"model":"m","version":"1"})").status, 200u);
    EXPECT_EQ(ask("POST", "/v1/quote", R"({"model":"m","version":"3"})").status, 404u);
    EXPECT_EQ(ask("POST", "/v1/quote", R"({"model":"none"})").status, 404u);
    for (const auto* body : {"", "{}", "[]", R"({"model":1})", R"({"model":"m","version":1})"})
        EXPECT_EQ(ask("POST", "/v1/quote", body).status, 400u) << body;
}

TEST_F(PaidModelTest, IsNotServedForNothingWhileTheLedgerHasNoPrice)
{
    world.ledger.prices.clear();
    EXPECT_EQ(infer(sum_request(), "m").status, 503u);
    EXPECT_EQ(ask("POST", "/v1/quote", R"({"model":"m"})").status, 503u);
    EXPECT_EQ(runs(), 0u);
}

TEST_F(PaidModelTest, IsNotServedForNothingByANodeThatTakesNoPayments)
{
    parts.payments = nullptr;
    EXPECT_EQ(infer(sum_request(), "m").status, 503u);
    EXPECT_EQ(runs(), 0u);
}

}  // namespace
}  // namespace node
