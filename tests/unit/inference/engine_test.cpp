#include "inference/engine.hpp"

#include "inference/onnx_engine_library.hpp"
#include "tests/support/shared_engine.hpp"
#include "tests/support/tiny_models.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <thread>

namespace inference {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

std::unique_ptr<Model> loaded(const onnx::ModelProto& model, const LoadOptions& options = {})
{
    auto made = shared_engine().load(tiny::to_bytes(model), options);
    EXPECT_TRUE(made) << (made ? "" : made.error().detail);
    return std::move(*made);
}

Tensor floats(std::string name, std::vector<std::int64_t> shape, const std::vector<float>& values)
{
    Tensor tensor{std::move(name), DataType::FP32, std::move(shape), Bytes(values.size() * 4)};
    std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
    return tensor;
}

std::vector<float> values_of(const Tensor& tensor)
{
    std::vector<float> values(tensor.data.size() / 4);
    std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
    return values;
}

class EveryType : public testing::TestWithParam<DataType> {};

TEST_P(EveryType, GoesThroughTheEngineUnchanged)
{
    const auto model = loaded(tiny::identity(GetParam(), {-1, 3}));
    Tensor in{"in", GetParam(), {2, 3}, {}};
    if (GetParam() == DataType::BYTES) {
        const std::vector<std::string> texts{"mill", "", std::string{"a\0b", 3}, "\xff", "é", "x"};
        for (const auto& text : texts) append_string(in.data, ledger::as_bytes(text));
    } else {
        in.data.resize(6 * size_of(GetParam()));
        std::iota(in.data.begin(), in.data.end(), std::uint8_t{100});
        if (GetParam() == DataType::BOOL) in.data = {1, 0, 0, 1, 1, 0};
    }
    const auto out = model->run(std::vector{in});
    ASSERT_TRUE(out) << out.error().detail;
    ASSERT_EQ(out->tensors.size(), 1u);
    in.name = "out";
    EXPECT_EQ(out->tensors[0], in);
}

TEST_P(EveryType, MayBeEmpty)
{
    const auto model = loaded(tiny::identity(GetParam(), {-1, 3}));
    const Tensor in{"in", GetParam(), {0, 3}, {}};
    const auto out = model->run(std::vector{in});
    ASSERT_TRUE(out) << out.error().detail;
    EXPECT_EQ(out->tensors[0].shape, in.shape);
    EXPECT_TRUE(out->tensors[0].data.empty());
}

INSTANTIATE_TEST_SUITE_P(All, EveryType, testing::ValuesIn(all_datatypes),
                         [](const auto& each) { return std::string{name_of(each.param)}; });

TEST(Engine, ComputesWhatTheModelSays)
{
    const auto model = loaded(tiny::add({-1}));
    const auto out =
        model->run(std::vector{floats("b", {3}, {10, 20, 30}), floats("a", {3}, {1, 2, 3})});
    ASSERT_TRUE(out) << out.error().detail;
    EXPECT_EQ(values_of(out->tensors[0]), (std::vector<float>{11, 22, 33}));
    EXPECT_GT(out->timing.infer.count(), 0);
}

TEST(Engine, GivesProbabilitiesFromSmallNets)
{
    for (const bool convolution : {false, true}) {
        const auto model = loaded(convolution ? tiny::cnn() : tiny::mlp());
        auto shape = model->io().inputs[0].shape;
        shape[0] = 4;
        const auto in = floats("image", shape, std::vector<float>(4 * 784, 0.25F));
        const auto out = model->run(std::vector{in});
        ASSERT_TRUE(out) << out.error().detail;
        EXPECT_EQ(out->tensors[0].shape, (std::vector<std::int64_t>{4, 10}));
        const auto values = values_of(out->tensors[0]);
        EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0F), 4.0F, 1e-4F);
    }
}

TEST(Engine, GivesOnlyTheOutputsAskedFor)
{
    auto proto = tiny::add({1});
    tiny::add_node(*proto.mutable_graph(), "Neg", {"sum"}, {"minus"});
    tiny::add_output(proto, "minus", DataType::FP32, {1});
    const auto model = loaded(proto);
    const std::vector in{floats("a", {1}, {1}), floats("b", {1}, {2})};
    const auto one = model->run(in, std::vector<std::string>{"minus"});
    ASSERT_TRUE(one) << one.error().detail;
    ASSERT_EQ(one->tensors.size(), 1u);
    EXPECT_EQ(values_of(one->tensors[0]), std::vector<float>{-3});
    EXPECT_EQ(model->run(in)->tensors.size(), 2u);
    const auto unknown = model->run(in, std::vector<std::string>{"x"});
    EXPECT_EQ(unknown.error().kind, InferErrorKind::invalid_input);
    EXPECT_EQ(unknown.error().detail, "the model has no output 'x'");
}

TEST(Engine, RefusesInputsThatAreNotTheModelsBeforeRunning)
{
    const auto model = loaded(tiny::add({3}));
    const auto out = model->run(std::vector{floats("a", {3}, {1, 2, 3})});
    EXPECT_EQ(out.error().kind, InferErrorKind::invalid_input);
    EXPECT_EQ(out.error().detail, "input 'b' is missing");
}

TEST(Engine, ReportsAModelThatFailsOnItsInputs)
{
    const auto model = loaded(tiny::add({-1}));
    const auto out = model->run(std::vector{floats("a", {2}, {1, 2}), floats("b", {3}, {1, 2, 3})});
    EXPECT_EQ(out.error().kind, InferErrorKind::failed);
    EXPECT_NE(out.error().detail.find("Add"), std::string::npos) << out.error().detail;
}

TEST(Engine, StopsARunAtItsDeadline)
{
    const auto model = loaded(tiny::slow(100'000'000));
    RunControl control;
    control.deadline = steady_clock::now() + 30ms;
    const auto out =
        model->run(std::vector{floats("x", {256, 256}, std::vector<float>(65536))}, {}, control);
    EXPECT_EQ(out.error().kind, InferErrorKind::deadline);
    EXPECT_GE(steady_clock::now(), *control.deadline);
}

TEST(Engine, StopsARunThatIsCancelled)
{
    const auto model = loaded(tiny::slow(100'000'000));
    std::stop_source source;
    RunControl control;
    control.stop = source.get_token();
    std::jthread other{[&] { source.request_stop(); }};
    const auto out =
        model->run(std::vector{floats("x", {256, 256}, std::vector<float>(65536))}, {}, control);
    EXPECT_EQ(out.error().kind, InferErrorKind::cancelled);
}

TEST(Engine, RunsAgainAfterARunWasStopped)
{
    const auto model = loaded(tiny::slow(2));
    RunControl late;
    late.deadline = steady_clock::now();
    const std::vector in{floats("x", {256, 256}, std::vector<float>(65536))};
    EXPECT_EQ(model->run(in, {}, late).error().kind, InferErrorKind::deadline);
    EXPECT_TRUE(model->run(in));
}

TEST(Engine, WorksWithTheLibrarysArenaToo)
{
    LoadOptions options;
    options.memory_arena = true;
    const auto model = loaded(tiny::mlp(), options);
    const auto out =
        model->run(std::vector{floats("image", {1, 784}, std::vector<float>(784, 0.5F))});
    EXPECT_TRUE(out);
}

TEST(Engine, LoadsSeveralIndependentCopies)
{
    auto copies = shared_engine().load_copies(tiny::to_bytes(tiny::add({1})), 3, {});
    ASSERT_TRUE(copies);
    ASSERT_EQ(copies->size(), 3u);
    std::vector<std::jthread> threads;
    for (auto& copy : *copies)
        threads.emplace_back([&copy] {
            for (int i = 0; i < 100; ++i)
                EXPECT_TRUE(copy->run(std::vector{floats("a", {1}, {1}), floats("b", {1}, {2})}));
        });
}

TEST(Engine, RefusesWhatInspectionRefuses)
{
    const auto bad = shared_engine().load(ledger::Bytes{1, 2, 3});
    EXPECT_EQ(bad.error().kind, ledger::ErrorKind::invalid);
}

TEST(Engine, SaysWhichLibraryItUses)
{
    EXPECT_EQ(shared_engine().version().substr(0, 2), "1.");
    const auto other = load_onnx_library("/nowhere/libonnxruntime.so.1");
    EXPECT_NE(other.error().detail.find("this process already uses"), std::string::npos);
}

}  // namespace
}  // namespace inference
