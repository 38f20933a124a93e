#include "node/app/http_get.hpp"

#include "tests/support/fake_node.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using ledger::ErrorKind;
using namespace std::chrono_literals;

struct HttpGetTest : testing::Test {
    HttpGetTest()
    {
        answer("/v1/peers", Response::json(200, R"({"peers":[]})"));
        answer("/v1/text", Response::json(200, "peers"));
        answer("/v1/halted", Response::json(503, "{}"));
        answer("/v1/long", Response::json(200, "\"" + std::string(5 << 20, 'x') + "\""));
        fake.start();
    }
    void answer(const std::string& path, const Response& response)
    {
        fake.on(Method::get, path, [response](const wallet::FakeRequest&) { return response; });
    }
    ErrorKind refusal(const std::string& url, const std::string& path) const
    {
        const auto got = get_json(url, path, 5s);
        EXPECT_FALSE(got) << url << path;
        return got ? ErrorKind{} : got.error().kind;
    }
    wallet::FakeNode fake;
};

TEST_F(HttpGetTest, GivesTheDocument)
{
    const auto got = get_json(fake.url(), "/v1/peers", 5s);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ((*got)["peers"].size(), 0u);
}

TEST_F(HttpGetTest, TellsWhatWentWrong)
{
    EXPECT_EQ(refusal(fake.url(), "/v1/nothing"), ErrorKind::not_found);
    EXPECT_EQ(refusal(fake.url(), "/v1/halted"), ErrorKind::io);
    EXPECT_EQ(refusal(fake.url(), "/v1/text"), ErrorKind::invalid);
    EXPECT_EQ(refusal("http://127.0.0.1:1", "/v1/peers"), ErrorKind::unavailable);
}

TEST_F(HttpGetTest, ReadsNoMoreThanItsBound)
{
    EXPECT_EQ(refusal(fake.url(), "/v1/long"), ErrorKind::unavailable);
}

TEST_F(HttpGetTest, TakesNothingButAHost)
{
    for (const auto* url : {"", "127.0.0.1:8700", "https://127.0.0.1", "http://", "http://:80",
                            "http://127.0.0.1/v1"})
        EXPECT_EQ(refusal(url, "/v1/peers"), ErrorKind::invalid) << url;
}

}  // namespace
}  // namespace node
