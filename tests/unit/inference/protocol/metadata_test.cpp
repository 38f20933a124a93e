#include "inference/protocol/metadata.hpp"

#include "inference/protocol/protocol_error.hpp"

#include <gtest/gtest.h>

namespace inference {
namespace {

TEST(Metadata, OfTheServerHasAllThreeMembersThatTheProtocolRequires)
{
    EXPECT_EQ(server_metadata_body("millrace", "0.1.0"),
              R"({"name":"millrace","version":"0.1.0","extensions":["binary_tensor_data",)"
              R"("classification","model_repository","schedule_policy","statistics"]})");
}

TEST(Metadata, OfAModelListsItsTensors)
{
    const std::vector<std::string> versions{"1", "2"};
    EXPECT_EQ(
        model_metadata_body("m", versions,
                            {{{"x", DataType::FP32, {-1, 784}}}, {{"y", DataType::BYTES, {}}}}),
        R"({"name":"m","versions":["1","2"],"platform":"onnx_onnxv1",)"
        R"("inputs":[{"name":"x","datatype":"FP32","shape":[-1,784]}],)"
        R"("outputs":[{"name":"y","datatype":"BYTES","shape":[]}]})");
    EXPECT_EQ(model_metadata_body("m", {}, {}),
              R"({"name":"m","platform":"onnx_onnxv1","inputs":[],"outputs":[]})");
}

TEST(Metadata, OfHealthSaysBothSpellings)
{
    EXPECT_EQ(live_body(true), R"({"live":true})");
    EXPECT_EQ(ready_body(false), R"({"live":false,"ready":false})");
    EXPECT_EQ(model_ready_body("m", true), R"({"name":"m","ready":true})");
}

TEST(Metadata, OfErrorsIsTextWhateverTheMessageHolds)
{
    EXPECT_EQ(error_body("no \"such\" model"), R"({"error":"no \"such\" model"})");
    EXPECT_EQ(error_body("\xff"), "{\"error\":\"\xef\xbf\xbd\"}");
}

TEST(Metadata, OfTheRepositoryIsAList)
{
    EXPECT_EQ(repository_index_body(std::vector<RepositoryEntry>{
                  {"m", "1", "READY", ""}, {"n", "", "UNAVAILABLE", "unloaded"}}),
              R"([{"name":"m","version":"1","state":"READY","reason":""},)"
              R"({"name":"n","state":"UNAVAILABLE","reason":"unloaded"}])");
    EXPECT_EQ(repository_index_body({}), "[]");
}

TEST(Metadata, OfStatisticsCountsItemsAndRunsApart)
{
    PoolStats stats;
    stats.inference_count = 8;
    stats.execution_count = 1;
    stats.success.add(std::chrono::nanoseconds{5});
    stats.batches[8].compute_infer.add(std::chrono::nanoseconds{4});
    stats.loading.memory_bytes = 4096;
    stats.loading.provider = "cpu";
    stats.loading.batch_rows = 8;
    EXPECT_EQ(
        statistics_body(std::vector<ModelStatistics>{{"m", "1", stats, 12}}),
        R"({"model_stats":[{"name":"m","version":"1","last_inference":12,"inference_count":8,)"
        R"("execution_count":1,"inference_stats":{"success":{"count":1,"ns":5},)"
        R"("fail":{"count":0,"ns":0},"queue":{"count":0,"ns":0},)"
        R"("compute_input":{"count":0,"ns":0},"compute_infer":{"count":0,"ns":0},)"
        R"("compute_output":{"count":0,"ns":0},"cache_hit":{"count":0,"ns":0},)"
        R"("cache_miss":{"count":0,"ns":0}},"batch_stats":[{"batch_size":8,)"
        R"("compute_input":{"count":0,"ns":0},"compute_infer":{"count":1,"ns":4},)"
        R"("compute_output":{"count":0,"ns":0}}],)"
        R"("memory_usage":[{"type":"CPU","id":0,"byte_size":4096}],"loading":{"provider":"cpu",)"
        R"("load_ns":0,"warm_up_ns":0,"self_test_ns":0,"max_batch_size":8,"why_not_more":""}}]})");
}

TEST(Status, FollowsWhoseFaultItIs)
{
    EXPECT_EQ(http_status(InferErrorKind::invalid_input), 400);
    EXPECT_EQ(http_status(InferErrorKind::too_large), 413);
    EXPECT_EQ(http_status(InferErrorKind::busy), 503);
    EXPECT_EQ(http_status(InferErrorKind::closed), 503);
    EXPECT_EQ(http_status(InferErrorKind::deadline), 504);
    EXPECT_EQ(http_status(InferErrorKind::failed), 500);
}

}  // namespace
}  // namespace inference
