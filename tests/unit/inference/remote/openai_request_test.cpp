#include "inference/remote/openai_request.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace inference {
namespace {

using nlohmann::json;

const json chat{{"model", "ours"}, {"messages", {{{"role", "user"}, {"content", "hi"}}}}};

Result<OpenAiRequest, ProtocolError> read(const std::string& text,
                                          std::optional<std::uint64_t> most_out = {},
                                          OpenAiCall call = OpenAiCall::chat_completions)
{
    return read_openai_request(call, ledger::as_bytes(text), "theirs", most_out);
}

json sent(const json& body, std::optional<std::uint64_t> most_out = {},
          OpenAiCall call = OpenAiCall::chat_completions)
{
    const auto request = read(body.dump(), most_out, call);
    EXPECT_TRUE(request) << request.error().message;
    return request ? json::parse(request->body) : json{};
}

json with(json body, const char* name, json value)
{
    body[name] = std::move(value);
    return body;
}

TEST(OpenAiRequest, GoesOnWithItsModelRenamedAndTheRestAsItWas)
{
    auto body = with(chat, "temperature", 0.1);
    body["seed"] = 18446744073709551615u;
    body["unknown"] = {{"x", nullptr}};
    auto expected = body;
    expected["model"] = "theirs";
    EXPECT_EQ(sent(body), expected);
    const auto request = read(body.dump());
    EXPECT_EQ(request->model, "ours");
    EXPECT_FALSE(request->most_out);
}

TEST(OpenAiRequest, AsksForNoMoreTokensThanArePaidFor)
{
    EXPECT_EQ(sent(chat, 100)["max_tokens"], 100);
    EXPECT_EQ(sent(with(chat, "max_tokens", 40), 100)["max_tokens"], 40);
    EXPECT_EQ(sent(with(chat, "max_tokens", 400), 100)["max_tokens"], 100);
    const auto newer = sent(with(chat, "max_completion_tokens", 400), 100);
    EXPECT_EQ(newer["max_completion_tokens"], 100);
    EXPECT_FALSE(newer.contains("max_tokens"));
    EXPECT_EQ(sent(with(chat, "n", 3), 100)["max_tokens"], 33);
    EXPECT_EQ(read(with(chat, "n", 3).dump(), 100)->most_out, 99u);
    EXPECT_EQ(read(with(chat, "n", 101).dump(), 100).error().status, 400);
    EXPECT_EQ(sent(with(chat, "best_of", 100), 100)["best_of"], 1);
}

TEST(OpenAiRequest, CountsPromptsAndTexts)
{
    const auto rows = [](const char* name, const json& value, OpenAiCall call) {
        const auto request = read(json{{"model", "m"}, {name, value}}.dump(), 100, call);
        EXPECT_TRUE(request);
        return request ? request->rows : 0;
    };
    EXPECT_EQ(rows("input", "one", OpenAiCall::embeddings), 1u);
    EXPECT_EQ(rows("input", {"one", "two"}, OpenAiCall::embeddings), 2u);
    EXPECT_EQ(rows("input", {1, 2, 3}, OpenAiCall::embeddings), 1u);
    EXPECT_EQ(rows("input", {{1, 2}, {3}}, OpenAiCall::embeddings), 2u);
    EXPECT_EQ(rows("prompt", {"a", "b"}, OpenAiCall::completions), 2u);
    EXPECT_EQ(
        sent({{"model", "m"}, {"prompt", {"a", "b"}}}, 100, OpenAiCall::completions)["max_tokens"],
        50);
    EXPECT_EQ(
        read(json{{"model", "m"}, {"input", "x"}}.dump(), {}, OpenAiCall::embeddings)->most_out,
        0u);
}

TEST(OpenAiRequest, SaysWhetherItAsksForAStream)
{
    EXPECT_TRUE(read(with(chat, "stream", true).dump())->stream);
    EXPECT_FALSE(read(with(chat, "stream", false).dump())->stream);
    EXPECT_FALSE(read(with(chat, "stream", nullptr).dump())->stream);
}

TEST(OpenAiRequest, AsksAStreamForItsUsageWhoeverWantsToKnow)
{
    const auto streaming = with(chat, "stream", true);
    EXPECT_EQ(sent(streaming)["stream_options"]["include_usage"], true);
    EXPECT_FALSE(read(streaming.dump())->wants_usage);
    const auto with_options = [&](json options) {
        return with(streaming, "stream_options", std::move(options));
    };
    const auto declined = with_options({{"include_usage", false}, {"other", 5}});
    EXPECT_EQ(sent(declined)["stream_options"], json({{"include_usage", true}, {"other", 5}}));
    EXPECT_FALSE(read(declined.dump())->wants_usage);
    EXPECT_TRUE(read(with_options({{"include_usage", true}}).dump())->wants_usage);
    EXPECT_FALSE(read(with_options(nullptr).dump())->wants_usage);
    for (const auto& wrong : {json(5), json::array(), json({{"include_usage", "yes"}})})
        EXPECT_EQ(read(with_options(wrong).dump()).error().status, 400) << wrong;
    EXPECT_FALSE(sent(chat).contains("stream_options"));
}

TEST(OpenAiRequest, IsRefusedWhereItMakesNoSense)
{
    for (const auto& text :
         {std::string{""}, std::string{"[]"}, std::string{"{"}, std::string{R"({"messages":[]})"},
          std::string{R"({"model":5,"messages":[{}]})"}, std::string{R"({"model":"m"})"},
          std::string{R"({"model":"m","messages":[]})"},
          std::string{R"({"model":"m","messages":[1]})"}, with(chat, "n", 0).dump(),
          with(chat, "n", -1).dump(), with(chat, "n", 1.5).dump(), with(chat, "n", 129).dump(),
          with(chat, "stream", "yes").dump(), with(chat, "model", std::string(257, 'm')).dump(),
          R"({"model":"m","messages":)" + std::string(100'000, '[') + "}"})
        EXPECT_EQ(read(text).error().status, 400) << text.substr(0, 100);
    EXPECT_EQ(read(with(chat, "max_tokens", 0).dump(), 5).error().status, 400);
    EXPECT_EQ(read(std::string((4u << 20) + 1, ' ')).error().status, 413);
    EXPECT_FALSE(read(R"({"model":"m","input":"x","stream":true})", {}, OpenAiCall::embeddings));
    EXPECT_FALSE(read(R"({"model":"m","input":5})", {}, OpenAiCall::embeddings));
}

TEST(OpenAiUsage, IsReadWhereItIs)
{
    const auto usage = [](const char* text) { return read_openai_usage(ledger::as_bytes(text)); };
    const auto both = usage(R"({"usage":{"prompt_tokens":7,"completion_tokens":3,"x":{}}})");
    ASSERT_TRUE(both && *both);
    EXPECT_EQ((**both).in, 7u);
    EXPECT_EQ((**both).out, 3u);
    EXPECT_FALSE(*usage("{}"));
    EXPECT_FALSE(*usage(R"({"usage":null})"));
    for (const auto* wrong :
         {"", "[]", R"({"usage":5})", R"({"usage":{"prompt_tokens":-1}})",
          R"({"usage":{"prompt_tokens":1.5}})", R"({"usage":{"completion_tokens":"3"}})"})
        EXPECT_FALSE(usage(wrong)) << wrong;
}

TEST(OpenAiUsage, IsChargedNoHigherThanTheRequestAllows)
{
    const auto request = *read(chat.dump(), 100);
    const auto charged = within_bounds({1'000'000, 1'000'000}, request);
    EXPECT_EQ(charged.out, 100u);
    EXPECT_LT(charged.in, chat.dump().size() + 300);
    EXPECT_EQ(within_bounds({5, 6}, request).in, 5u);
    EXPECT_EQ(within_bounds({5, 6}, request).out, 6u);
}

TEST(OpenAiError, IsBoundedText)
{
    const auto of = [](const std::string& text) { return openai_error(ledger::as_bytes(text)); };
    EXPECT_EQ(of(R"({"error":{"message":"no\nsuch"}})"), "no such");
    EXPECT_EQ(of(R"({"error":{"message":")" + std::string(900, 'x') + R"("}})").size(), 300u);
    EXPECT_EQ(of(R"({"error":"x"})"), "");
    EXPECT_EQ(of("<html>"), "");
}

}  // namespace
}  // namespace inference
