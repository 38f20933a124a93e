#include "samples/arguments/samples_json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace samples {
namespace {

using nlohmann::json;

std::string why(const json& from)
{
    const auto read = read_samples_json(from);
    return read ? std::string{"it is read"} : read.error().detail;
}

TEST(SamplesJson, SaysNothingByItself)
{
    const auto read = read_samples_json(json::object());
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(*read, SampleArguments{});
}

TEST(SamplesJson, ReadsEveryFieldThatTheCommandLineHas)
{
    const auto read = read_samples_json(json::parse(R"({
        "kind": "csv", "labels": "below/labels.csv", "input": "x", "targetKind": "numbers",
        "features": ["a", "b"], "targets": ["y"], "ignored": ["id"], "classes": ["cat", "dog"],
        "slice": "site", "delimiter": ";", "scale": 0.5, "invert": true, "mean": [1, 2.5],
        "deviation": [3], "rate": 16000})"));
    ASSERT_TRUE(read) << read.error().detail;
    SampleArguments wanted;
    wanted.kind = "csv";
    wanted.labels = "below/labels.csv";
    wanted.input = "x";
    wanted.target_kind = "numbers";
    wanted.features = {"a", "b"};
    wanted.targets = {"y"};
    wanted.ignored = {"id"};
    wanted.classes = {"cat", "dog"};
    wanted.slice = "site";
    wanted.delimiter = ";";
    wanted.scale = 0.5;
    wanted.has_scale = true;
    wanted.invert = true;
    wanted.mean = {1, 2.5};
    wanted.deviation = {3};
    wanted.rate = 16000;
    EXPECT_EQ(*read, wanted);
    const auto again = read_samples_json(samples_json(wanted));
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(*again, wanted);
}

TEST(SamplesJson, LeavesOutWhereTheSamplesAreAndAScaleThatNobodySaid)
{
    SampleArguments arguments;
    arguments.path = "/home/somebody/cats";
    EXPECT_EQ(samples_json(arguments).dump().find("somebody"), std::string::npos);
    EXPECT_FALSE(samples_json(arguments).contains("scale"));
    arguments.has_scale = true;
    EXPECT_EQ(samples_json(arguments).at("scale"), 0);
}

TEST(SamplesJson, TakesATabBetweenColumns)
{
    const auto read = read_samples_json(json{{"delimiter", "\t"}});
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->delimiter, "\t");
}

TEST(SamplesJson, NamesWhatIsWrong)
{
    const std::pair<const char*, const char*> cases[] = {
        {"[]", "what is said of samples is no JSON object"},
        {R"({"path": "/etc/passwd"})", "'path' is not known"},
        {R"({"data": "x"})", "'data' is not known"},
        {R"({"kind": "mp3"})", "'kind' is none of pictures, wav, csv, idx, npy"},
        {R"({"kind": 1})", "'kind' is none of pictures, wav, csv, idx, npy"},
        {R"({"labels": 1})", "'labels' is not a text"},
        {R"({"labels": "/etc/passwd"})", "'labels' is not the name of one of the samples"},
        {R"({"labels": "../x"})", "'labels' is not the name of one of the samples"},
        {R"({"labels": "a/../../x"})", "'labels' is not the name of one of the samples"},
        {R"({"input": ["x"]})", "'input' is not a text"},
        {R"({"input": "a\u001b[2J"})", "'input' has a control character"},
        {R"({"targetKind": "words"})", "'targetKind' is none of none, classes, numbers"},
        {R"({"features": "a"})", "'features' is not a list of texts"},
        {R"({"targets": ["a", 1]})", "'targets' is not a list of texts"},
        {R"({"ignored": ["a\u007f"]})", "'ignored' has a control character"},
        {R"({"classes": null})", "'classes' is not a list of texts"},
        {R"({"slice": {}})", "'slice' is not a text"},
        {R"({"delimiter": ""})", "'delimiter' is not one character"},
        {R"({"delimiter": "::"})", "'delimiter' is not one character"},
        {R"({"delimiter": 59})", "'delimiter' is not one character"},
        {R"({"scale": "1"})", "'scale' is not a number"},
        {R"({"scale": null})", "'scale' is not a number"},
        {R"({"invert": 1})", "'invert' is not true or false"},
        {R"({"mean": 1})", "'mean' is not a list of numbers"},
        {R"({"mean": [1, "2"]})", "'mean' is not a number"},
        {R"({"deviation": [1, 0]})", "'deviation' is not above 0"},
        {R"({"deviation": [-1]})", "'deviation' is not above 0"},
        {R"({"rate": -1})", "'rate' is not a whole number"},
        {R"({"rate": 1.5})", "'rate' is not a whole number"},
        {R"({"rate": 4294967296})", "'rate' is not from 0 to 4294967295"},
    };
    for (const auto& [text, reason] : cases) EXPECT_EQ(why(json::parse(text)), reason) << text;
}

TEST(SamplesJson, BoundsListsAndNames)
{
    const Limits limits;
    EXPECT_EQ(why({{"classes", std::vector<std::string>(limits.classes + 1)}}),
              "'classes' has more than 65536 texts");
    EXPECT_EQ(
        why({{"features", std::vector<std::string>{std::string(limits.name_bytes + 1, 'a')}}}),
        "'features' has a text of more than 1024 bytes");
    EXPECT_EQ(why({{"slice", std::string(limits.name_bytes + 1, 'a')}}),
              "'slice' has a text of more than 1024 bytes");
    EXPECT_EQ(why({{"mean", std::vector<double>(65'537)}}), "'mean' has more than 65536 numbers");
    EXPECT_EQ(why({{"scale", std::numeric_limits<double>::infinity()}}),
              "'scale' is too large a number");
}

}  // namespace
}  // namespace samples
