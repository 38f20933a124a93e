#include "node/http/router.hpp"

#include "tests/support/fake_exchange.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace node {
namespace {

using nlohmann::json;

Router::Handle says(std::string text)
{
    return [text](Exchange& exchange) -> asio::awaitable<void> {
        auto response = Response::text(200, text);
        co_await exchange.respond(std::move(response));
    };
}

asio::awaitable<void> infer(Exchange& exchange)
{
    auto response = Response::text(200, std::string{exchange.parameter("model")} + "@" +
                                            std::string{exchange.parameter("version")});
    co_await exchange.respond(std::move(response));
}

struct RouterTest : testing::Test {
    RouterTest()
    {
        router.add(Method::get, "/v2/models/{model}", {"model metadata"}, says("one"));
        router.add(Method::get, "/v2/models/stats", {"statistics"}, says("stats"));
        router.add(
            Method::post, "/v2/models/{model}/infer",
            {.summary = "infer", .request_schema = "#/components/schemas/Infer", .errors = {402}},
            infer);
        router.add(Method::post, "/v2/models/{model}/versions/{version}/infer", {"infer"}, infer);
        router.add(Method::get, "/v1/accounts", {"accounts"}, says("list"));
        router.add(Method::post, "/v1/accounts", {"make"}, says("made"));
        router.add(Method::get, "/", {"root"}, says("root"));
    }
    Router router{{.allowed_origins = {"https://app.example"}}};
};

TEST_F(RouterTest, GivesTheDecodedSegmentAsTheParameter)
{
    FakeExchange exchange{"POST", "/v2/models/a%2Fb%20c/versions/1.0/infer"};
    exchange.run(router);
    EXPECT_EQ(exchange.status(), 200u);
    EXPECT_EQ(exchange.text(), "a/b c@1.0");
    EXPECT_EQ(exchange.route(), "/v2/models/{model}/versions/{version}/infer");
    EXPECT_EQ(exchange.parameter("nothing"), "");
}

TEST_F(RouterTest, PrefersAFixedSegmentOverANameInEitherOrderOfAdding)
{
    FakeExchange fixed{"GET", "/v2/models/stats"};
    fixed.run(router);
    EXPECT_EQ(fixed.text(), "stats");
    FakeExchange named{"GET", "/v2/models/mnist"};
    named.run(router);
    EXPECT_EQ(named.text(), "one");
}

TEST_F(RouterTest, TakesOneTrailingSlashAndNoEmptyParameter)
{
    FakeExchange slash{"GET", "/v1/accounts/?page=2"};
    slash.run(router);
    EXPECT_EQ(slash.text(), "list");
    FakeExchange empty{"POST", "/v2/models//infer"};
    empty.run(router);
    EXPECT_EQ(empty.status(), 404u);
    FakeExchange root{"GET", "/"};
    root.run(router);
    EXPECT_EQ(root.text(), "root");
}

TEST_F(RouterTest, ServesHeadWithTheGetHandler)
{
    FakeExchange exchange{"HEAD", "/v1/accounts"};
    exchange.run(router);
    EXPECT_EQ(exchange.text(), "list");  // the server drops the body
}

TEST_F(RouterTest, NamesTheMethodsThatAPathKnows)
{
    FakeExchange exchange{"DELETE", "/v1/accounts"};
    exchange.run(router);
    EXPECT_EQ(exchange.status(), 405u);
    EXPECT_EQ(exchange.answer_header("Allow"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(json::parse(exchange.text())["error"]["code"], "method_not_allowed");

    FakeExchange unknown{"BREW", "/v1/accounts"};
    unknown.run(router);
    EXPECT_EQ(unknown.status(), 501u);
}

TEST_F(RouterTest, RefusesInTheFormOfTheProtocolOfThePath)
{
    FakeExchange ours{"GET", "/v1/nothing"};
    ours.run(router);
    EXPECT_EQ(ours.status(), 404u);
    EXPECT_EQ(json::parse(ours.text())["error"]["code"], "not_found");
    EXPECT_EQ(ours.route(), "none");
    FakeExchange inference{"GET", "/v2/nothing"};
    inference.run(router);
    EXPECT_TRUE(json::parse(inference.text())["error"].is_string());
}

TEST_F(RouterTest, AnswersPreflightsOfAllowedOriginsOnly)
{
    const FakeExchange::Headers ask = {{"Origin", "https://app.example"},
                                       {"Access-Control-Request-Method", "POST"}};
    FakeExchange allowed{"OPTIONS", "/v2/models/m/infer", ask};
    allowed.run(router);
    EXPECT_EQ(allowed.status(), 204u);
    EXPECT_EQ(allowed.answer_header("Access-Control-Allow-Origin"), "https://app.example");
    EXPECT_EQ(allowed.answer_header("Access-Control-Expose-Headers"),
              "PAYMENT-REQUIRED, PAYMENT-RESPONSE");
    EXPECT_EQ(allowed.answer_header("Access-Control-Allow-Methods"), "POST, OPTIONS");
    EXPECT_NE(allowed.answer_header("Access-Control-Allow-Headers")->find("PAYMENT-SIGNATURE"),
              std::string::npos);

    FakeExchange stranger{
        "OPTIONS",
        "/v2/models/m/infer",
        {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "POST"}}};
    stranger.run(router);
    EXPECT_EQ(stranger.answer_header("Access-Control-Allow-Origin"), std::nullopt);
    EXPECT_EQ(stranger.answer_header("Access-Control-Allow-Methods"), std::nullopt);

    FakeExchange everywhere{"OPTIONS", "*"};
    everywhere.run(router);
    EXPECT_EQ(everywhere.status(), 204u);
}

TEST_F(RouterTest, DescribesItsRoutesAsOpenApi)
{
    const auto document =
        json::parse(router.openapi("Millrace", "0.1.0", R"({"Infer":{"type":"object"}})"));
    EXPECT_EQ(document["openapi"], "3.1.0");
    const auto& path = document["paths"]["/v2/models/{model}/infer"];
    EXPECT_EQ(path["post"]["summary"], "infer");
    EXPECT_EQ(path["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"],
              "#/components/schemas/Infer");
    EXPECT_TRUE(path["post"]["responses"].contains("402"));
    EXPECT_EQ(path["parameters"][0]["name"], "model");
    EXPECT_EQ(document["components"]["schemas"]["Infer"]["type"], "object");
    EXPECT_EQ(document["paths"].size(), 6u);
}

TEST(HttpError, QuotesBytesThatAreNoTextWithoutFailing)
{
    const auto response = error_response("/v1/x", {400, "bad", "no model \xff\xfe"});
    EXPECT_NE(response.body().view().find("no model \xef\xbf\xbd"), std::string::npos);
}

}  // namespace
}  // namespace node
