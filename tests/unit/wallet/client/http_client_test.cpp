#include "wallet/client/http_client.hpp"

#include "tests/support/fake_node.hpp"
#include "wallet/client/base64.hpp"
#include "wallet/client/ledger_client.hpp"

#include <gtest/gtest.h>

namespace wallet {
namespace {

TEST(HttpClient, ReadsUrlsOfNodes)
{
    const auto url = parse_url("http://127.0.0.1:8700/base/");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "127.0.0.1");
    EXPECT_EQ(url->port, "8700");
    EXPECT_EQ(url->base, "/base");
    EXPECT_EQ(parse_url("http://node.example")->port, "80");
    EXPECT_EQ(parse_url("http://[::1]:8700")->authority(), "[::1]:8700");
    EXPECT_EQ(url->origin(), "http://127.0.0.1:8700");
    EXPECT_EQ(parse_url("https://node.example/x")->port, "443");
    EXPECT_EQ(parse_url("https://node.example:443/x")->origin(), "https://node.example");
    EXPECT_EQ(parse_url("https://node.example:80")->origin(), "https://node.example:80");
}

TEST(HttpClient, RefusesOtherUrls)
{
    for (const auto* text : {"", "127.0.0.1:8700", "ftp://x", "https://", "http://", "http://x:0x1",
                             "http://x:70000", "http://a b", "http://u@h", "http://x\r\nEvil: 1"})
        EXPECT_FALSE(parse_url(text)) << text;
}

TEST(HttpClient, SaysThatNobodyIsThere)
{
    const HttpClient client{*parse_url("http://127.0.0.1:1")};
    const auto reply = client.call({"GET", "/"});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().fault, Fault::unreachable);
}

TEST(HttpClient, AsksNobodyAtAnAddressThatIsNotPublicWhereItIsToldSo)
{
    FakeNode node;
    node.on(node::Method::get, "/",
            [](const FakeRequest&) { return node::Response::json(200, "{}"); });
    node.start();
    HttpBounds bounds;
    bounds.public_alone = true;
    const auto port = parse_url(node.url())->port;
    for (const auto* host : {"127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]"}) {
        const auto url = *parse_url("http://" + std::string{host} + ":" + port);
        const auto refused = HttpClient{url, bounds}.call({"GET", "/"});
        ASSERT_FALSE(refused) << host;
        EXPECT_EQ(refused.error().fault, Fault::unreachable);
        EXPECT_NE(refused.error().message.find("has no public address"), std::string::npos);
    }
    EXPECT_EQ(node.calls("/"), 0);
    EXPECT_TRUE(HttpClient{*parse_url(node.url())}.call({"GET", "/"}));
    EXPECT_EQ(node.calls("/"), 1);
}

TEST(HttpClient, ExchangesBodiesAndHeaders)
{
    FakeNode node;
    node.on(node::Method::post, "/echo", [](const FakeRequest& request) {
        return node::Response{201, "text/x", request.body}.with("X-Seen", request.payment);
    });
    node.start();
    const HttpClient client{*parse_url(node.url())};
    HttpRequest request{"POST", "/echo", {{"PAYMENT-SIGNATURE", "abc"}}, {1, 2, 3}};
    const auto reply = client.call(request);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->status, 201u);
    EXPECT_EQ(reply->body, (ledger::Bytes{1, 2, 3}));
    EXPECT_EQ(reply->header("x-seen"), "abc");
}

TEST(HttpClient, TakesNoMoreThanItsBounds)
{
    FakeNode node;
    node.on(node::Method::get, "/big", [](const FakeRequest&) {
        return node::Response{200, "text/plain", std::string(2'000, 'x')};
    });
    node.start();
    HttpBounds bounds;
    bounds.body_bytes = 1'000;
    const auto reply = HttpClient{*parse_url(node.url()), bounds}.call({"GET", "/big"});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().fault, Fault::failed);
}

TEST(HttpClient, TellsABrokenConnectionFromAnAnswer)
{
    FakeNode node;
    node.on(node::Method::get, "/half", [](const FakeRequest&) { return std::nullopt; });
    node.start();
    const auto reply = HttpClient{*parse_url(node.url())}.call({"GET", "/half"});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().fault, Fault::unreachable);
}

TEST(LedgerClient, TurnsStatusesIntoFaultsWithTheNodesWords)
{
    FakeNode node;
    node.on(node::Method::get, "/v1/status", [](const FakeRequest&) {
        return node::Response::json(
            503, R"({"error":{"code":"halted","message":"no work","detail":"disk full"}})");
    });
    node.start();
    const LedgerClient client{HttpClient{*parse_url(node.url())}};
    const auto status = client.status();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().fault, Fault::unreachable);
    EXPECT_EQ(status.error().message, "halted: no work: disk full");
    EXPECT_EQ(client.get("/nothing").error().fault, Fault::not_found);
}

TEST(Base64, HasOneTextForEachValue)
{
    for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
        EXPECT_EQ(ledger::as_text(*from_base64(to_base64(ledger::as_bytes(text)))), text);
    EXPECT_EQ(to_base64(ledger::as_bytes("foobar")), "Zm9vYmFy");
    EXPECT_EQ(to_base64(ledger::as_bytes("fo")), "Zm8=");
    for (const auto* wrong : {"Zm8", "Zm9=", "Zm8==", "Z", "====", "Zm9v\n", "Zm-v"})
        EXPECT_EQ(from_base64(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace wallet
