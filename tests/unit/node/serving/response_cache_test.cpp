#include "node/serving/response_cache.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using inference::DataType;
using inference::InferRequest;

InferRequest request()
{
    InferRequest made;
    made.id = "1";
    made.inputs = {{"a", DataType::FP32, {1}, {1, 2, 3, 4}}, {"b", DataType::INT64, {}, {8}}};
    made.outputs = {{"x"}, {"y"}};
    return made;
}

ledger::Hash key(const InferRequest& asked, std::uint8_t content = 1)
{
    market::ContentId id;
    id.bytes[0] = content;
    return ResponseCache::key(id, asked);
}

ledger::Hash numbered(std::uint8_t number)
{
    ledger::Hash made;
    made.bytes[0] = number;
    return made;
}

KeptAnswer answer(std::size_t bytes)
{
    return {{{"x", DataType::UINT8, {static_cast<std::int64_t>(bytes)}, ledger::Bytes(bytes)}}, {}};
}

TEST(ResponseCache, TellsApartWhateverDecidesAnAnswer)
{
    const auto known = key(request());
    EXPECT_NE(key(request(), 2), known) << "another content";
    const auto differs = [&](auto change) {
        auto asked = request();
        change(asked);
        EXPECT_NE(key(asked), known);
    };
    differs([](InferRequest& r) { r.inputs[0].data[3] = 5; });
    differs([](InferRequest& r) { r.inputs[0].shape = {1, 1}; });
    differs([](InferRequest& r) { r.inputs[0].type = DataType::INT32; });
    differs([](InferRequest& r) { r.inputs[0].name = "c"; });
    differs([](InferRequest& r) { r.inputs.pop_back(); });
    differs([](InferRequest& r) { r.outputs.pop_back(); });
    differs([](InferRequest& r) { std::swap(r.outputs[0], r.outputs[1]); });
    differs([](InferRequest& r) { r.parameters["temperature"] = 0.5; });
    differs([](InferRequest& r) { r.parameters["temperature"] = true; });
    auto wide = request(), tall = request();
    wide.inputs[0].shape = {2, 3};
    tall.inputs[0].shape = {3, 2};
    EXPECT_NE(key(wide), key(tall)) << "the same bytes in another shape";
    // Bytes that move from one input's name into its data.
    differs([](InferRequest& r) { r.inputs[0].name = "a" + std::string(1, '\0'); });
}

TEST(ResponseCache, TakesForEqualWhatDiffersInFormOnly)
{
    auto asked = request();
    asked.id = "2";
    asked.priority = 3;
    asked.timeout_us = 1'000;
    asked.parameters["timeout"] = std::int64_t{1'000};
    asked.parameters["priority"] = std::int64_t{3};
    asked.parameters["binary_data_output"] = true;
    asked.outputs[0].binary = true;
    asked.outputs[1].classification = 3;
    std::swap(asked.inputs[0], asked.inputs[1]);
    EXPECT_EQ(key(asked), key(request()));
}

TEST(ResponseCache, LetsTheLongestUnusedGoWhenItsBytesAreUsedUp)
{
    ResponseCache cache{100'000};
    for (std::uint8_t i = 1; i <= 9; ++i) cache.keep(numbered(i), answer(10'000));
    EXPECT_LE(cache.bytes(), 100'000u);
    ASSERT_TRUE(cache.find(numbered(1)));
    cache.keep(numbered(10), answer(10'000));
    EXPECT_LE(cache.bytes(), 100'000u);
    EXPECT_TRUE(cache.find(numbered(1))) << "used just now";
    EXPECT_FALSE(cache.find(numbered(2)));
    EXPECT_TRUE(cache.find(numbered(10)));
}

TEST(ResponseCache, KeepsNothingThatWouldDriveOutTheRest)
{
    ResponseCache cache{100'000};
    cache.keep(numbered(1), answer(12'500));
    EXPECT_FALSE(cache.find(numbered(1)));
    EXPECT_EQ(cache.bytes(), 0u);
}

TEST(ResponseCache, ShrinksWhenItIsTold)
{
    ResponseCache cache{100'000};
    for (std::uint8_t i = 1; i <= 5; ++i) cache.keep(numbered(i), answer(10'000));
    const auto held = cache.find(numbered(1));
    cache.set_limit(0);
    EXPECT_EQ(cache.bytes(), 0u);
    EXPECT_FALSE(cache.find(numbered(5)));
    EXPECT_EQ(held->outputs[0].data.size(), 10'000u) << "whoever holds it keeps it";
}

}  // namespace
}  // namespace node
