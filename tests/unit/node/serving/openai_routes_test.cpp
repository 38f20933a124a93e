#include "node/serving/openai_routes.hpp"
#include "node/serving/openai_call.hpp"

#include "tests/unit/inference/remote/fake_upstream.hpp"
#include "tests/unit/node/serving/serving_fixture.hpp"

namespace node {
namespace {

using inference::FakeUpstream;
using inference::UpstreamError;
using inference::UpstreamFault;

struct OpenAiRoutes : ServingTest {
    std::shared_ptr<FakeUpstream> upstream = std::make_shared<FakeUpstream>();
    OpenAiModels models;
    const json chat{{"model", "talk"}, {"messages", {{{"role", "user"}, {"content", "hi"}}}}};

    OpenAiRoutes()
    {
        add_openai_routes(router, parts, models);
        add_model("talk");
    }
    ~OpenAiRoutes() override { models.close(); }

    void add_model(const std::string& name, std::optional<market::ModelId> model = {})
    {
        EXPECT_TRUE(
            models.add({name,
                        model,
                        {1},
                        "theirs",
                        std::make_shared<inference::Backend>(upstream, inference::BackendOptions{}),
                        std::make_shared<CallThreads>(1, 4)}));
    }
    Answer post(const json& body, const std::string& path = "/v1/chat/completions")
    {
        return ask("POST", path, body.dump());
    }
    std::size_t asked() const { return upstream->requests().size(); }
};

TEST_F(OpenAiRoutes, SendACallOnAndGiveItsAnswerBackAsItIs)
{
    const std::string said = R"({ "choices":[],"usage":{"prompt_tokens":1} })";
    upstream->usually(FakeUpstream::reply(200, said));
    for (const auto* path : {"/v1/chat/completions", "/v1/chat/completions?model=talk",
                             "/openai/talk/v1/chat/completions"}) {
        const auto answer = post(chat, path);
        EXPECT_EQ(answer.status, 200u) << answer.text;
        EXPECT_EQ(answer.text, said);
    }
    EXPECT_EQ(upstream->requests().back().target, "/chat/completions");
    EXPECT_EQ(json::parse(upstream->requests().back().body)["model"], "theirs");
    EXPECT_EQ(post({{"model", "talk"}, {"input", "x"}}, "/v1/embeddings").status, 200u);
    EXPECT_EQ(upstream->requests().back().target, "/embeddings");
}

TEST_F(OpenAiRoutes, WantToKnowWhichModelWhereThereAreSeveral)
{
    add_model("other");
    EXPECT_EQ(post(chat).status, 404u);
    EXPECT_EQ(post(chat, "/v1/chat/completions?model=none").status, 404u);
    EXPECT_EQ(post(chat, "/openai/other/v1/chat/completions").status, 404u);
    EXPECT_EQ(asked(), 0u);
    EXPECT_EQ(openai_list(models)["data"].size(), 2u);
    EXPECT_EQ(ask("GET", "/openai/talk/v1/models").body["data"][1]["id"], "talk");
}

TEST_F(OpenAiRoutes, RefuseWhatIsNoCallBeforeTheServerIsAsked)
{
    auto stream = chat;
    stream["stream"] = "yes";
    EXPECT_EQ(post(stream).body["error"]["code"], "invalid_request");
    EXPECT_EQ(post(json::array()).body["error"]["code"], "invalid_request");
    EXPECT_EQ(asked(), 0u);
}

TEST_F(OpenAiRoutes, SayWhatTheServerDidWrong)
{
    upstream->queue(FakeUpstream::reply(400, R"({"error":{"message":"too long"}})"));
    const auto refused = post(chat);
    EXPECT_EQ(refused.status, 400u);
    EXPECT_NE(refused.text.find("too long"), std::string::npos);
    upstream->queue(FakeUpstream::reply(200, "<html>"));
    EXPECT_EQ(post(chat).status, 502u);
    upstream->queue(UpstreamError{UpstreamFault::unreachable, {}});
    const auto gone = post(chat);
    EXPECT_EQ(gone.status, 503u);
    EXPECT_TRUE(gone.retry_after);
    upstream->queue(FakeUpstream::reply(429));
    EXPECT_EQ(post(chat).status, 429u);
}

TEST_F(OpenAiRoutes, ServeNothingForPayWhileTheLedgerHasNoPrice)
{
    add_model("dear", market::ModelId{});
    EXPECT_EQ(post(chat, "/openai/dear/v1/chat/completions").status, 503u);
    EXPECT_EQ(asked(), 0u);
}

TEST(TokenTerms, AreTheSmallestOfAllSheets)
{
    const auto sheet = [](market::Unit unit, std::uint64_t most) {
        market::PriceSheet made;
        made.parts.push_back({unit, 1, 1, most});
        return DatedSheet{made, {}};
    };
    EXPECT_FALSE(token_terms({{{1}, {sheet(market::Unit::call, 1)}}}).counted);
    EXPECT_TRUE(token_terms({{{1}, {sheet(market::Unit::token_in, 9)}}}).counted);
    const auto both = token_terms(
        {{{1}, {sheet(market::Unit::token_out, 9), sheet(market::Unit::token_out, 7)}}});
    EXPECT_TRUE(both.counted);
    EXPECT_EQ(both.most_out, 7u);
    EXPECT_FALSE(both.most_bytes_out || both.most_ms);
    const auto others =
        token_terms({{{1}, {sheet(market::Unit::byte_out, 9), sheet(market::Unit::ms, 5)}},
                     {{2}, {sheet(market::Unit::byte_out, 8), sheet(market::Unit::ms, 6)}}});
    EXPECT_FALSE(others.counted);
    EXPECT_EQ(others.most_bytes_out, 8u);
    EXPECT_EQ(others.most_ms, 5u);
}

}  // namespace
}  // namespace node
