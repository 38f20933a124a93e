#include "tests/unit/node/serving/serving_fixture.hpp"

#include <cstring>
#include <thread>

namespace node {
namespace {

using namespace inference;

struct InferenceRoutes : ServingTest {
    /// What is refused with this status says why in the protocol's own form.
    void refused(const json& request, unsigned status, std::string_view part)
    {
        const auto answer = infer(request);
        EXPECT_EQ(answer.status, status) << answer.text;
        ASSERT_TRUE(answer.body.contains("error")) << answer.text;
        EXPECT_NE(answer.body["error"].get<std::string>().find(part), std::string::npos)
            << answer.text;
    }
};

TEST_F(InferenceRoutes, DescribeTheServer)
{
    for (const auto* path : {"/v2", "/v2/"}) {
        const auto answer = ask("GET", path);
        EXPECT_EQ(answer.status, 200u);
        EXPECT_EQ(answer.body["name"], "millrace");
        EXPECT_EQ(answer.body["version"], "1.2.3");
        EXPECT_NE(answer.text.find("binary_tensor_data"), std::string::npos);
    }
}

TEST_F(InferenceRoutes, AreReadyOnlyWhenTheNodeTakesWork)
{
    add_sum();
    EXPECT_EQ(ask("GET", "/v2/health/live").body["live"], true);
    EXPECT_EQ(ask("GET", "/v2/health/ready").body["ready"], true);
    EXPECT_EQ(ask("GET", "/v2/models/sum/ready").body["ready"], true);
    ready = false;
    EXPECT_EQ(ask("GET", "/v2/health/live").status, 200u);
    EXPECT_EQ(ask("GET", "/v2/health/ready").status, 503u);
    EXPECT_EQ(ask("GET", "/v2/models/sum/ready").status, 503u);
}

TEST_F(InferenceRoutes, DescribeAModelAndItsVersions)
{
    add_sum();
    for (const auto* path : {"/v2/models/sum", "/v2/models/sum/versions/1"}) {
        const auto answer = ask("GET", path);
        EXPECT_EQ(answer.status, 200u);
        EXPECT_EQ(answer.body["name"], "sum");
        EXPECT_EQ(answer.body["versions"], json({"1"}));
        EXPECT_EQ(answer.body["platform"], "onnx_onnxv1");
        EXPECT_EQ(answer.body["inputs"][1],
                  (json{{"name", "b"}, {"datatype", "FP32"}, {"shape", {3}}}));
    }
}

TEST_F(InferenceRoutes, KnowNoOtherModelOrVersion)
{
    add_sum();
    for (const auto* path :
         {"/v2/models/none", "/v2/models/sum/versions/2", "/v2/models/sum/versions/01",
          "/v2/models/sum/versions/x", "/v2/models/sum/versions/0", "/v2/models/none/ready",
          "/v2/models/none/stats", "/v2/models/sum/versions/4294967297", "/v2/models/%ff"}) {
        const auto answer = ask("GET", path);
        EXPECT_EQ(answer.status, 404u) << path;
        EXPECT_TRUE(answer.body["error"].is_string()) << path;
    }
    EXPECT_EQ(ask("POST", "/v2/models/none/infer", "{}").status, 404u);
    EXPECT_FALSE(ask("POST", "/v2/models/none/infer", "{}").body_was_read);
}

TEST_F(InferenceRoutes, RunAModel)
{
    add_sum();
    const auto answer = infer(sum_request());
    ASSERT_EQ(answer.status, 200u) << answer.text;
    EXPECT_EQ(answer.body["id"], "call-7");
    EXPECT_EQ(answer.body["model_name"], "sum");
    EXPECT_EQ(answer.body["model_version"], "1");
    EXPECT_EQ(
        answer.body["outputs"][0],
        (json{{"name", "sum"}, {"datatype", "FP32"}, {"shape", {3}}, {"data", {11, 22, 33}}}));
}

TEST_F(InferenceRoutes, AnswerByTheNewestVersionUnlessOneIsNamed)
{
    ServedModel model{"m", {}, {}};
    for (std::uint32_t ver : {1u, 2u})
        model.versions.emplace(market::Version{ver}, version(ver, tiny::add({3})));
    add(std::move(model));
    EXPECT_EQ(infer(sum_request(), "m").body["model_version"], "2");
    EXPECT_EQ(infer(sum_request(), "m/versions/1").body["model_version"], "1");
}

TEST_F(InferenceRoutes, TakeAndGiveTensorsInBinary)
{
    add_sum();
    json head{{"inputs", json::array()}, {"parameters", {{"binary_data_output", true}}}};
    std::string tensors;
    for (const auto* name : {"a", "b"}) {
        head["inputs"].push_back({{"name", name},
                                  {"shape", {3}},
                                  {"datatype", "FP32"},
                                  {"parameters", {{"binary_data_size", 12}}}});
        const float values[3] = {1.5F, -2, 1e30F};
        tensors.append(reinterpret_cast<const char*>(values), sizeof values);
    }
    const auto text = head.dump();
    const auto answer = ask("POST", "/v2/models/sum/infer", text + tensors,
                            {{"inference-header-content-length", std::to_string(text.size())}});
    ASSERT_EQ(answer.status, 200u) << answer.text;
    ASSERT_TRUE(answer.json_bytes);
    const auto split = std::stoul(*answer.json_bytes);
    ASSERT_EQ(answer.text.size(), split + 12);
    float values[3];
    std::memcpy(values, answer.text.data() + split, sizeof values);
    EXPECT_EQ(values[0], 3.0F);
    EXPECT_EQ(values[1], -4.0F);
    EXPECT_EQ(values[2], 2e30F);
}

TEST_F(InferenceRoutes, SayWhatIsWrongWithARequest)
{
    add_sum();
    auto request = sum_request();
    request["inputs"][0]["name"] = "x";
    refused(request, 400, "x");
    request = sum_request();
    request["inputs"].erase(1);
    refused(request, 400, "b");
    request = sum_request();
    request["inputs"][0]["shape"] = {2};
    refused(request, 400, "");
    request = sum_request();
    request["inputs"][0]["datatype"] = "INT64";
    refused(request, 400, "INT64");
    request = sum_request();
    request["inputs"][0]["data"] = {1, 2};
    refused(request, 400, "");
    request = sum_request();
    request["outputs"] = {{{"name", "other"}}};
    refused(request, 400, "other");
    EXPECT_EQ(ask("POST", "/v2/models/sum/infer", "{").status, 400u);
    EXPECT_EQ(ask("POST", "/v2/models/sum/infer").status, 400u);
    EXPECT_EQ(ask("POST", "/v2/models/sum/infer", std::string(100'000, '[')).status, 400u);
    EXPECT_EQ(infer(sum_request(), "sum", {{"Inference-Header-Content-Length", "-1"}}).status,
              400u);
    EXPECT_EQ(infer(sum_request(), "sum", {{"Inference-Header-Content-Length", "999999"}}).status,
              400u);
}

TEST_F(InferenceRoutes, RefuseBodiesThatAreTooLongOrCompressed)
{
    add_sum();
    limits.protocol.body_bytes = 100;
    EXPECT_EQ(infer(sum_request()).status, 413u);
    limits.protocol.body_bytes = 10'000;
    EXPECT_EQ(infer(sum_request(), "sum", {{"Content-Encoding", "gzip"}}).status, 415u);
    EXPECT_EQ(infer(sum_request(), "sum", {{"Content-Encoding", "identity"}}).status, 200u);
}

TEST_F(InferenceRoutes, CountWhatTheyRanAndWhen)
{
    add_sum();
    auto stats = ask("GET", "/v2/models/sum/stats").body["model_stats"][0];
    EXPECT_EQ(stats["inference_count"], 0);
    EXPECT_EQ(stats["last_inference"], 0);
    const auto before = clock.wall().value;
    infer(sum_request());
    infer(sum_request());
    const auto after = clock.wall().value;
    for (const auto* path :
         {"/v2/models/sum/stats", "/v2/models/sum/versions/1/stats", "/v2/models/stats"}) {
        stats = ask("GET", path).body["model_stats"][0];
        EXPECT_EQ(stats["name"], "sum");
        EXPECT_EQ(stats["version"], "1");
        EXPECT_EQ(stats["inference_count"], 2);
        EXPECT_EQ(stats["inference_stats"]["success"]["count"], 2);
        EXPECT_GE(stats["last_inference"].get<std::uint64_t>() + 1, before);
        EXPECT_LE(stats["last_inference"].get<std::uint64_t>(), after + 1);
    }
}

TEST_F(InferenceRoutes, SetAPriceOnNothingThatIsFree)
{
    add_sum();
    EXPECT_EQ(ask("POST", "/v1/quote", R"({"model":"sum"})").status, 404u);
    EXPECT_EQ(infer(sum_request(), "sum", {{"PAYMENT-SIGNATURE", "nonsense"}}).status, 200u);
}

/// A model that takes as long as its caller waits.
struct SlowModel : ServingTest {
    static constexpr std::int64_t rounds = 10'000'000;  // minutes, were it let run

    SlowModel() { add("slow", tiny::slow(rounds, 64), 1); }

    static std::string request(std::uint64_t timeout_us = 0)
    {
        json made{{"inputs",
                   {{{"name", "x"},
                     {"shape", {64, 64}},
                     {"datatype", "FP32"},
                     {"data", std::vector<float>(64 * 64)}}}}};
        if (timeout_us != 0) made["parameters"] = {{"timeout", timeout_us}};
        return made.dump();
    }
    PoolStats stats() const
    {
        return catalog.find("slow")->versions.at(market::Version{1})->pool->stats();
    }
    template <class Condition>
    void wait_until(Condition condition) const
    {
        const auto late = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (!condition(stats())) {
            ASSERT_LT(std::chrono::steady_clock::now(), late);
            std::this_thread::yield();
        }
    }
};

TEST_F(SlowModel, Answers504WhenTheCallersOwnTimeIsOver)
{
    const auto answer = ask("POST", "/v2/models/slow/infer", request(20'000));
    EXPECT_EQ(answer.status, 504u) << answer.text;
    EXPECT_EQ(stats().expired, 1u);
}

TEST_F(SlowModel, Answers504WhenTheNodesTimeIsOver)
{
    limits.run = std::chrono::milliseconds{20};
    EXPECT_EQ(ask("POST", "/v2/models/slow/infer", request()).status, 504u);
}

TEST_F(SlowModel, Answers429WhenItsQueueIsFullAndStopsForCallersThatLeft)
{
    FakeExchange first{"POST", "/v2/models/slow/infer", {}, request()};
    FakeExchange second{"POST", "/v2/models/slow/infer", {}, request()};
    std::thread running{[&] { first.run(router); }};
    wait_until([](const PoolStats& s) { return s.running == 1; });
    std::thread waiting{[&] { second.run(router); }};
    wait_until([](const PoolStats& s) { return s.waiting == 1; });

    const auto refused = ask("POST", "/v2/models/slow/infer", request());
    EXPECT_EQ(refused.status, 429u) << refused.text;
    EXPECT_EQ(refused.retry_after, "1");
    EXPECT_TRUE(refused.body["error"].is_string());
    EXPECT_EQ(stats().rejected, 1u);

    first.hang_up();
    second.hang_up();
    running.join();
    waiting.join();
    EXPECT_EQ(stats().cancelled, 2u);
    EXPECT_EQ(stats().execution_count, 0u);
}

}  // namespace
}  // namespace node
