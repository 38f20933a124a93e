#include "node/serving/shadow.hpp"

#include "tests/unit/node/serving/serving_fixture.hpp"

#include <cmath>
#include <cstring>
#include <thread>

namespace node {
namespace {

using inference::DataType;
using inference::Tensor;

Tensor floats(std::vector<float> values)
{
    Tensor made{"x", DataType::FP32, {static_cast<std::int64_t>(values.size())}, {}};
    made.data.resize(values.size() * sizeof(float));
    std::memcpy(made.data.data(), values.data(), made.data.size());
    return made;
}

bool same(const Tensor& one, const Tensor& other, double tolerance = 0)
{
    return same_answers({&one, 1}, {&other, 1}, tolerance);
}

TEST(ShadowAnswers, AreEqualWithinTheTolerance)
{
    EXPECT_TRUE(same(floats({1, 2}), floats({1, 2})));
    EXPECT_FALSE(same(floats({1, 2}), floats({1, 2.5F})));
    EXPECT_TRUE(same(floats({1, 2}), floats({1, 2.5F}), 0.5));
    EXPECT_TRUE(same(floats({NAN, INFINITY}), floats({NAN, INFINITY})));
    EXPECT_FALSE(same(floats({NAN}), floats({1}), 1e9));
    EXPECT_TRUE(same(floats({0.0F}), floats({-0.0F})));
    EXPECT_FALSE(same(floats({1}), floats({1, 1})));
    auto renamed = floats({1});
    renamed.name = "y";
    EXPECT_FALSE(same(floats({1}), renamed, 1e9));
    const Tensor whole{"x", DataType::INT32, {1}, {1, 0, 0, 0}};
    auto other = whole;
    other.data[0] = 2;
    EXPECT_TRUE(same(whole, whole));
    EXPECT_FALSE(same(whole, other, 1e9)) << "whole numbers have no tolerance";
}

/// Version 1 answers; version 2 gets copies.
struct ShadowTest : ServingTest {
    void serve(const onnx::ModelProto& shadow, std::uint32_t percent = 100, double tolerance = 0)
    {
        ServedModel served{"m", {}, {}};
        served.versions.emplace(market::Version{1}, version(1, shifted_sum(0)));
        served.versions.emplace(market::Version{2}, version(2, shadow));
        served.shadow = {{2}, percent, tolerance};
        add(std::move(served));
    }
    std::uint64_t count(const char* outcome) const
    {
        const auto text = metrics.text();
        const auto line = std::string{"outcome=\""} + outcome + "\",version=\"2\"} ";
        const auto at = text.find(line);
        return at == std::string::npos ? 0 : std::stoull(text.substr(at + line.size()));
    }
    void wait_for(const char* outcome, std::uint64_t wanted) const
    {
        const auto late = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (count(outcome) != wanted) {
            ASSERT_LT(std::chrono::steady_clock::now(), late) << metrics.text();
            std::this_thread::yield();
        }
    }
};

TEST_F(ShadowTest, GetsCopiesWhoseAnswersAreComparedAndNeverGiven)
{
    serve(shifted_sum(7));
    const auto answer = infer(sum_request(), "m");
    EXPECT_EQ(answer.body["model_version"], "1") << "the newest that is not only a shadow";
    EXPECT_EQ(answer.body["outputs"][0]["data"], json({11, 22, 33}));
    wait_for("DIFFERS", 1);
    EXPECT_EQ(count("EQUAL"), 0u);
}

TEST_F(ShadowTest, IsEqualWhereTheDifferenceIsAllowed)
{
    serve(shifted_sum(7), 100, 7);
    infer(sum_request(), "m");
    wait_for("EQUAL", 1);
}

TEST_F(ShadowTest, FailsAloneWhereItTakesOtherInputs)
{
    serve(inference::tiny::add({4}));
    EXPECT_EQ(infer(sum_request(), "m").status, 200u);
    wait_for("FAILED", 1);
}

TEST_F(ShadowTest, GetsNoCopyOfWhatItAnsweredItself)
{
    serve(shifted_sum(7));
    const auto pool = [this] {
        return catalog.find("m")->versions.at(market::Version{2})->pool->stats();
    };
    EXPECT_EQ(infer(sum_request(), "m/versions/2").body["outputs"][0]["data"], json({18, 29, 40}));
    infer(sum_request(), "m");
    wait_for("DIFFERS", 1);
    EXPECT_EQ(pool().execution_count, 2u);
}

TEST_F(ShadowTest, IsNotWaitedForAndDropsWhatItCannotTake)
{
    // Minutes for each copy, were it let run: at most two are under way.
    auto slow = inference::tiny::slow(10'000'000, 64);
    ServedModel served{"m", {}, {}};
    served.versions.emplace(market::Version{1}, version(1, inference::tiny::slow(1, 64)));
    served.versions.emplace(market::Version{2}, version(2, slow));
    served.shadow = {{2}, 100, 0};
    add(std::move(served));
    limits.run = std::chrono::seconds{3};
    const json request{{"inputs",
                        {{{"name", "x"},
                          {"shape", {64, 64}},
                          {"datatype", "FP32"},
                          {"data", std::vector<float>(64 * 64)}}}}};
    for (int i = 0; i < 5; ++i) EXPECT_EQ(infer(request, "m").status, 200u);
    const auto late = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (count("DROPPED") + count("FAILED") != 5) {
        ASSERT_LT(std::chrono::steady_clock::now(), late) << metrics.text();
        std::this_thread::yield();
    }
    EXPECT_GE(count("DROPPED"), 3u);
}

}  // namespace
}  // namespace node
