#include "inference/remote/oip_model.hpp"

#include "inference/protocol/infer_response.hpp"
#include "inference/protocol/metadata.hpp"
#include "tests/unit/inference/remote/fake_upstream.hpp"

#include <gtest/gtest.h>

namespace inference {
namespace {

const ModelIo io{{{"x", DataType::FP32, {-1, 2}}},
                 {{"y", DataType::FP32, {-1, 2}}, {"n", DataType::BYTES, {-1}}}};

struct OipModelTest : testing::Test {
    std::shared_ptr<FakeUpstream> upstream = std::make_shared<FakeUpstream>();
    std::shared_ptr<Backend> backend = std::make_shared<Backend>(upstream, BackendOptions{});
    std::vector<std::unique_ptr<Model>> models;
    std::vector<Tensor> inputs{{"x", DataType::FP32, {1, 2}, Bytes(8)}};

    Result<void> open(const std::string& metadata, unsigned status = 200)
    {
        upstream->queue(FakeUpstream::reply(status, metadata));
        auto opened = open_oip_models(backend, {"a/b", "3"}, 2);
        if (!opened) return opened.error();
        models = std::move(*opened);
        return {};
    }
    void open() { ASSERT_TRUE(open(model_metadata_body("a/b", {}, io))); }

    /// Queues an answer as a server of the protocol renders it.
    void answer(const std::vector<Tensor>& outputs)
    {
        InferRequest request;
        for (const auto& output : outputs) request.outputs.push_back({output.name, true, 0});
        const auto rendered = render_infer_response(request, {"a/b", "3", {}}, outputs);
        ASSERT_TRUE(rendered);
        upstream->queue(UpstreamReply{
            200,
            {{"inference-header-content-length", std::to_string(*rendered->json_bytes)}},
            rendered->body});
    }
    InferError refused(std::span<const std::string> outputs = {})
    {
        const auto run = models.front()->run(inputs, outputs);
        EXPECT_FALSE(run);
        return run ? InferError{} : run.error();
    }
};

const Tensor y{"y", DataType::FP32, {1, 2}, {0, 0, 128, 63, 0, 0, 0, 64}};
const Tensor n{"n", DataType::BYTES, {1}, {1, 0, 0, 0, 'z'}};

TEST_F(OipModelTest, TakesInputsAndOutputsFromTheServerAndSaysThatNobodyVerifiedIt)
{
    open();
    ASSERT_EQ(models.size(), 2u);
    EXPECT_EQ(models.front()->io(), io);
    EXPECT_TRUE(models.front()->summary().unverified);
    EXPECT_TRUE(models.front()->ready());
    EXPECT_EQ(upstream->requests().front().target, "/v2/models/a%2Fb/versions/3");
    EXPECT_EQ(ready_path({"m", {}}), "/v2/models/m/ready");
}

TEST_F(OipModelTest, IsNotOpenedWhereTheServerDoesNotDescribeIt)
{
    EXPECT_EQ(open("", 404).error().kind, ledger::ErrorKind::not_found);
    EXPECT_EQ(open("", 503).error().kind, ledger::ErrorKind::unavailable);
    const char* const wrong[]{
        "",
        "[]",
        "{}",
        R"({"inputs":[]})",
        R"({"inputs":{},"outputs":[]})",
        R"({"inputs":[{"name":"x","datatype":"FP99","shape":[1]}],"outputs":[]})",
        R"({"inputs":[{"name":"x","datatype":"FP32","shape":[-2]}],"outputs":[]})",
        R"({"inputs":[{"name":"x","datatype":"FP32"}],"outputs":[]})",
        R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1,1,1,1,1,1,1,1,1]}],"outputs":[]})",
        R"({"inputs":[],"outputs":[{"name":"y","datatype":"FP32","shape":[]},)"
        R"({"name":"y","datatype":"FP32","shape":[]}]})"};
    for (const auto* metadata : wrong)
        EXPECT_EQ(open(metadata).error().kind, ledger::ErrorKind::invalid) << metadata;
}

TEST_F(OipModelTest, SendsBinaryTensorsAndGivesBackWhatWasAskedForInThatOrder)
{
    open();
    answer({y, n});
    const std::vector<std::string> wanted{"n", "y"};
    const auto run = models.front()->run(inputs, wanted);
    ASSERT_TRUE(run) << run.error().detail;
    EXPECT_EQ(run->tensors, (std::vector{n, y}));
    const auto sent = upstream->requests().back();
    EXPECT_EQ(sent.target, "/v2/models/a%2Fb/versions/3/infer");
    EXPECT_EQ(
        ledger::as_text(sent.body),
        std::string{R"({"parameters":{"binary_data_output":true},"inputs":[{"name":"x",)"
                    R"("datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}],)"
                    R"("outputs":[{"name":"n"},{"name":"y"}]})"} +
            std::string(8, '\0'));
}

TEST_F(OipModelTest, ChecksInputsAndNamesBeforeItSendsAnything)
{
    open();
    inputs.front().shape = {1, 3};
    EXPECT_EQ(refused().kind, InferErrorKind::invalid_input);
    inputs.front().shape = {1, 2};
    const std::vector<std::string> unknown{"z"};
    EXPECT_EQ(refused(unknown).kind, InferErrorKind::invalid_input);
    EXPECT_EQ(upstream->requests().size(), 1u);
}

TEST_F(OipModelTest, RefusesAnswersThatAreNotWhatTheModelPromised)
{
    open();
    auto wrong_type = y;
    wrong_type.type = DataType::INT32;
    auto wrong_shape = y;
    wrong_shape.shape = {2};
    for (const auto& outputs : {std::vector{n}, {wrong_type, n}, {wrong_shape, n}}) {
        answer(outputs);
        EXPECT_EQ(refused().kind, InferErrorKind::failed);
    }
    for (const auto* body : {"", "{", "[]", R"({"outputs":3})", "<html>"}) {
        upstream->queue(FakeUpstream::reply(200, body));
        EXPECT_EQ(refused().kind, InferErrorKind::failed) << body;
    }
    upstream->queue(UpstreamReply{200, {{"Inference-Header-Content-Length", "x"}}, {}});
    EXPECT_EQ(refused().kind, InferErrorKind::failed);
}

TEST_F(OipModelTest, SaysWhyTheServerRefused)
{
    open();
    upstream->queue(FakeUpstream::reply(429));
    EXPECT_EQ(refused().kind, InferErrorKind::busy);
    upstream->queue(UpstreamError{UpstreamFault::cancelled, {}});
    EXPECT_EQ(refused().kind, InferErrorKind::cancelled);
}

}  // namespace
}  // namespace inference
