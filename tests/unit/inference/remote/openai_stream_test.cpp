#include "inference/remote/openai_stream.hpp"

#include <gtest/gtest.h>

namespace inference {
namespace {

using Events = std::vector<std::string>;

constexpr const char* hello = R"({"choices":[{"index":0,"delta":{"content":"hel"}}]})";
constexpr const char* there = R"({"choices":[{"index":0,"delta":{"content":"lo"}}],"usage":null})";
constexpr const char* used = R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4}})";

std::string event(const std::string& data)
{
    return "data: " + data + "\n\n";
}

Events events_in(const std::string& text, std::size_t piece = std::string::npos)
{
    EventReader reader{1000};
    Events events;
    for (std::size_t at = 0; at < text.size(); at += std::min(piece, text.size()))
        EXPECT_TRUE(reader.read(std::string_view{text}.substr(at, piece), events));
    return events;
}

/// What of it goes on, in pieces of so many bytes; the error's message where there is one.
std::string passed_on(OpenAiStream& stream, const std::string& text,
                      std::size_t piece = std::string::npos)
{
    std::string passed;
    for (std::size_t at = 0; at < text.size(); at += std::min(piece, text.size())) {
        const auto part = stream.take(ledger::as_bytes(std::string_view{text}.substr(at, piece)));
        if (!part) return part.error().message;
        passed += *part;
    }
    return passed;
}

TEST(EventReader, TakesEveryEndOfALineThatTheStandardHas)
{
    const Events expected{"one", "two", "three"};
    for (const std::string end : {"\n", "\r\n", "\r"})
        EXPECT_EQ(
            events_in("data: one" + end + end + "data:two" + end + end + "data: three" + end + end),
            expected);
    EXPECT_EQ(events_in("data: one\r\n\ndata: two\n\r\ndata: three\r\r"), expected);
}

TEST(EventReader, GivesTheSameEventsWhereverTheBytesAreParted)
{
    const std::string text =
        "\xef\xbb\xbf"
        "data: a\r\ndata: b\r\n\r\n: note\rdata:c\r\rid: 5\nevent: x\ndata:  d\n\ndata";
    const Events expected{"a\nb", "c", " d"};
    for (std::size_t piece = 1; piece <= text.size(); ++piece)
        EXPECT_EQ(events_in(text, piece), expected) << piece;
}

TEST(EventReader, DropsCommentsOtherFieldsAndWhatHasNoDataOrNoEnd)
{
    EXPECT_EQ(events_in(": hello\n\nretry: 5\n\nevent: ping\n\ndata\n\ndatum: x\n\ndata: y\n"),
              Events{});
}

TEST(EventReader, KeepsNoMoreThanItsBound)
{
    Events events;
    EXPECT_FALSE(EventReader{100}.read("data: " + std::string(95, 'x'), events));
    EXPECT_FALSE(EventReader{100}.read(":" + std::string(100, 'x'), events));
    EventReader lines{100};
    std::string many;
    for (int i = 0; i < 12; ++i) many += "data: 12345678\n";
    EXPECT_FALSE(lines.read(many, events)) << "lines that are joined count together";
    EXPECT_FALSE(lines.read("\n\ndata: x\n\n", events)) << "once too long, for good";
    EXPECT_TRUE(events.empty());
}

TEST(OpenAiStream, PassesEventsOnAsTheyComeAndHoldsTheEndBack)
{
    const auto text = event(hello) + ": still here\n\n" + event(there) + event("[DONE]");
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        OpenAiStream stream{false};
        EXPECT_EQ(passed_on(stream, text, piece), event(hello) + event(there)) << piece;
        EXPECT_TRUE(stream.ended());
        EXPECT_EQ(stream.rest(), "data: [DONE]\n\n");
    }
    OpenAiStream open{false};
    EXPECT_EQ(passed_on(open, event(hello)), event(hello));
    EXPECT_FALSE(open.ended());
}

TEST(OpenAiStream, DropsWhatComesAfterTheEnd)
{
    OpenAiStream stream{false};
    EXPECT_EQ(passed_on(stream, event("[DONE]") + event(hello)), "");
    EXPECT_EQ(passed_on(stream, "nonsense\n\ndata: nonsense\n\n"), "");
    EXPECT_EQ(stream.counted(), 0u);
}

TEST(OpenAiStream, TellsTheUsageToWhoAskedForItAndReadsItForAll)
{
    for (const bool wanted : {false, true}) {
        OpenAiStream stream{wanted};
        EXPECT_EQ(passed_on(stream, event(hello) + event(used) + event("[DONE]")), event(hello));
        EXPECT_EQ(stream.rest(), (wanted ? event(used) : "") + "data: [DONE]\n\n");
        ASSERT_TRUE(stream.usage());
        EXPECT_EQ(stream.usage()->in, 9u);
        EXPECT_EQ(stream.usage()->out, 4u);
    }
}

TEST(OpenAiStream, BelievesTheUsageThatWasSaidLast)
{
    OpenAiStream stream{false};
    EXPECT_TRUE(passed_on(stream, event(there)) == event(there) && !stream.usage());
    const auto running = [](int out) {
        return event(R"({"choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":9,)"
                     R"("completion_tokens":)" +
                     std::to_string(out) + "}}");
    };
    EXPECT_EQ(passed_on(stream, running(1) + running(2)), running(1) + running(2));
    passed_on(stream, event(there));
    ASSERT_TRUE(stream.usage());
    EXPECT_EQ(stream.usage()->out, 2u);
}

TEST(OpenAiStream, CountsATokenForEachChoiceThatHasContent)
{
    const auto counted = [](const std::string& choices) {
        OpenAiStream stream{false};
        EXPECT_NE(passed_on(stream, event("{\"choices\":" + choices + "}")), "") << choices;
        return stream.counted();
    };
    EXPECT_EQ(counted(R"([{"delta":{"role":"assistant","content":""}}])"), 0u);
    EXPECT_EQ(counted(R"([{"delta":{},"finish_reason":"stop"}])"), 0u);
    EXPECT_EQ(counted(R"([])"), 0u);
    EXPECT_EQ(counted(R"([{"delta":{"content":"many words"}}])"), 1u);
    EXPECT_EQ(counted(R"([{"delta":{"content":"a"}},{"delta":{"content":"b"}}])"), 2u);
    EXPECT_EQ(counted(R"([{"text":"a"}])"), 1u);
    EXPECT_EQ(counted(R"([{"delta":{"tool_calls":[{"index":0}]}}])"), 1u);
}

TEST(OpenAiStream, SaysWhatIsWrongWithNonsense)
{
    const auto wrong = [](const std::string& text) {
        OpenAiStream stream{false};
        const auto taken = stream.take(ledger::as_bytes(text));
        EXPECT_FALSE(taken) << text.substr(0, 100);
        return taken ? ProtocolError{} : taken.error();
    };
    for (const auto* data : {"hello", "[]", "5", R"({"choices":5})", R"({"choices":[5]})",
                             R"({"choices":[],"usage":{"prompt_tokens":-1}})"}) {
        EXPECT_EQ(wrong(event(data)).status, 502) << data;
        EXPECT_TRUE(wrong(event(data)).message.starts_with("the model's server sends nonsense"));
    }
    EXPECT_EQ(wrong(event("{\"a\":" + std::string(100, '[') + "}")).status, 502);
    EXPECT_EQ(wrong(event(R"({"error":{"message":"out of\nmemory"}})")).message,
              "the model's server failed: out of memory");
    EXPECT_EQ(wrong(event(R"({"error":"x"})")).message, "the model's server failed");
    EXPECT_EQ(wrong("data: " + std::string(300'000, 'x')).message,
              "the model's server sends an event that is too long");
    EXPECT_EQ(wrong("data: " + std::string(300'000, 'x')).status, 413) << "a bound of ours";
}

TEST(OpenAiStream, PassesNoMoreOnThanItsBound)
{
    OpenAiStreamLimits limits;
    limits.json.body_bytes = 200;
    OpenAiStream stream{false, limits};
    EXPECT_EQ(passed_on(stream, event(hello) + event(hello)), event(hello) + event(hello));
    EXPECT_EQ(stream.take(ledger::as_bytes(event(hello) + event(hello))).error().status, 413);
}

}  // namespace
}  // namespace inference
