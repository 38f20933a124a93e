#include "training/executor/executor.hpp"

#include "inference/model/content_id.hpp"
#include "tests/support/operator_case.hpp"
#include "tests/support/shared_engine.hpp"
#include "tests/support/tiny_models.hpp"
#include "tests/unit/training/executors.hpp"
#include "training/conform/compare.hpp"
#include "training/executor/tensor_memory.hpp"
#include "training/operators/tensors.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace training {
namespace {

namespace tiny = inference::tiny;
using inference::DataType;

// y = x·w + b through a rectifier, with a constant number added.
onnx::ModelProto small_net()
{
    auto model = tiny::empty_model();
    tiny::add_input(model, "x", DataType::FP32, {-1, 2});
    tiny::add_output(model, "y", DataType::FP32, {-1, 3});
    tiny::add_floats(model, "w", {2, 3}, {0.1F, 0.2F, 0.3F, 0.4F, 0.5F, 0.6F});
    tiny::add_floats(model, "b", {3}, {0.1F, 0.1F, 0.1F});
    tiny::add_floats(model, "offset", {}, {0.5F});
    auto& graph = *model.mutable_graph();
    tiny::add_node(graph, "Gemm", {"x", "w", "b"}, {"h"});
    tiny::add_node(graph, "Relu", {"h"}, {"r"});
    tiny::add_node(graph, "Add", {"r", "offset"}, {"y"});
    return model;
}

TEST(ExecutorTest, NamesTheTensorsThatTrainingMayChange)
{
    EXPECT_EQ(executor_of(small_net()).trainable(), (std::vector<std::string>{"b", "w"}));
}

TEST(ExecutorTest, DoesNotTrainSettings)
{
    const auto each = Case{"BatchNormalization", "settings"}
                          .floats({2, 3, 4})
                          .fixed_floats({3}, {1, 1, 1})
                          .fixed_floats({3}, {0, 0, 0})
                          .fixed_floats({3}, {0, 0, 0})
                          .fixed_floats({3}, {1, 1, 1})
                          .made();
    EXPECT_EQ(executor_of(each.model).trainable(), (std::vector<std::string>{"in1", "in2"}));
}

void take_a_step(Executor& executor, const at::Tensor& input, double rate)
{
    for (const auto& name : executor.trainable()) executor.weight(name)->set_requires_grad(true);
    const auto outputs = executor.run(std::vector{input}, Pass::gradients);
    ASSERT_TRUE(outputs) << outputs.error().detail;
    const auto wanted = at::ones_like(outputs->front());
    (outputs->front() - wanted).pow(2).mean().backward();
    for (const auto& name : executor.trainable()) {
        auto& weight = *executor.weight(name);
        ASSERT_TRUE(weight.grad().defined()) << name;
        weight = (weight.detach() - rate * weight.grad()).contiguous();
    }
}

TEST(ExecutorTest, WritesATrainedStepIntoTheSameSkeleton)
{
    for (const bool convolution : {false, true}) {
        const auto model = convolution ? tiny::cnn() : tiny::mlp();
        auto executor = executor_of(model);
        const auto image = convolution ? at::rand({4, 1, 28, 28}) : at::rand({4, 784});
        take_a_step(executor, image, 0.5);
        const auto after = executor.run(std::vector{image});
        ASSERT_TRUE(after) << after.error().detail;

        const auto file = executor.file();
        ASSERT_TRUE(file) << file.error().detail;
        const auto was = inference::canonicalise(tiny::to_bytes(model));
        const auto is = inference::canonicalise(*file);
        ASSERT_TRUE(is);
        EXPECT_EQ(is->skeleton_hash, was->skeleton_hash);
        EXPECT_NE(is->content_id, was->content_id);
        const auto served = inference::shared_engine().load(*file);
        ASSERT_TRUE(served) << served.error().detail;
        const auto outputs = (*served)->run(std::vector{from_torch(image, "image")});
        ASSERT_TRUE(outputs) << outputs.error().detail;
        const auto fault = difference(from_torch(after->front(), "probabilities"),
                                      outputs->tensors.front(), {0, 1e-4});
        EXPECT_FALSE(fault) << *fault;
    }
}

TEST(ExecutorTest, GivesTheSameFileWhereNothingWasTrained)
{
    const auto model = tiny::cnn();
    const auto file = executor_of(model).file();
    ASSERT_TRUE(file) << file.error().detail;
    EXPECT_EQ(inference::canonicalise(*file)->content_id,
              inference::canonicalise(tiny::to_bytes(model))->content_id);
}

TEST(ExecutorTest, LearnsToFitASmallNet)
{
    auto executor = executor_of(small_net());
    const auto input = at::rand({8, 2});
    const auto loss = [&] {
        return (executor.run(std::vector{input})->front() - 1).pow(2).mean().item<double>();
    };
    const auto before = loss();
    for (int i = 0; i < 500; ++i) take_a_step(executor, input, 0.3);
    EXPECT_LT(loss(), before / 10);
}

// ONNX Runtime has not got this one.
TEST(ExecutorTest, QuantisesWholeNumbersByAFractionToo)
{
    const auto each = Case{"QuantizeLinear", "whole numbers"}
                          .typed(inference::DataType::INT32, {3}, {1, 3, 300})
                          .fixed_floats({}, {0.5F})
                          .fixed_typed(inference::DataType::UINT8, {}, {0})
                          .made();
    const auto outputs =
        executor_of(each.model).run(std::vector{at::tensor({1, 3, 300}, at::kInt)});
    ASSERT_TRUE(outputs) << outputs.error().detail;
    EXPECT_TRUE(at::equal(outputs->front(), at::tensor({2, 6, 255}, at::kByte)));
}

TEST(ExecutorTest, PassesGradientsThroughRoundingAndBack)
{
    auto model = tiny::empty_model();
    tiny::add_input(model, "x", DataType::FP32, {4});
    tiny::add_output(model, "y", DataType::FP32, {4});
    tiny::add_floats(model, "scale", {}, {0.1F});
    auto& zero = *model.mutable_graph()->add_initializer();
    auto tensor = tensor_of(DataType::UINT8, {}, {128});
    tensor.name = "zero";
    write_proto(tensor, zero);
    auto& graph = *model.mutable_graph();
    tiny::add_node(graph, "QuantizeLinear", {"x", "scale", "zero"}, {"q"});
    tiny::add_node(graph, "DequantizeLinear", {"q", "scale", "zero"}, {"y"});
    auto executor = executor_of(model);
    auto x = at::tensor(at::ArrayRef<float>{0.27F, -0.31F, 50.0F, -50.0F}).set_requires_grad(true);
    const auto plain = executor.run(std::vector{x.detach()});
    const auto outputs = executor.run(std::vector{x}, Pass::gradients);
    ASSERT_TRUE(outputs) << outputs.error().detail;
    EXPECT_TRUE(at::equal(outputs->front(), plain->front())) << "rounded all the same";
    outputs->front().sum().backward();
    // As if it had not been rounded; nothing where the 8 bits end.
    EXPECT_TRUE(at::allclose(x.grad(), at::tensor(at::ArrayRef<float>{1, 1, 0, 0})));
}

TEST(ExecutorTest, ComputesHalvesAndRoundsOncePerOperator)
{
    auto model = tiny::empty_model();
    tiny::add_input(model, "x", DataType::FP16, {2, 3});
    tiny::add_output(model, "y", DataType::FP16, {2, 3});
    tiny::add_node(*model.mutable_graph(), "Softmax", {"x"}, {"y"});
    auto executor = executor_of(model);
    const auto x = at::rand({2, 3}).to(at::kHalf);
    const auto outputs = executor.run(std::vector{x});
    ASSERT_TRUE(outputs) << outputs.error().detail;
    EXPECT_TRUE(at::equal(outputs->front(), at::softmax(x.to(at::kFloat), 1).to(at::kHalf)));
}

TEST(ExecutorTest, FreesWhatIsBetweenAfterItsLastUse)
{
    auto model = tiny::empty_model();
    tiny::add_input(model, "x", DataType::FP32, {-1});
    tiny::add_output(model, "y", DataType::FP32, {-1});
    std::string last = "x";
    for (int i = 0; i < 20; ++i) {
        const auto next = i == 19 ? std::string{"y"} : "v" + std::to_string(i);
        tiny::add_node(*model.mutable_graph(), "Sin", {last}, {next});
        last = next;
    }
    auto executor = executor_of(model);
    const auto megabyte = at::zeros({262144});
    limit_tensor_memory(UINT64_MAX);
    const auto before = tensor_memory_held();
    limit_tensor_memory(before + (4u << 20));  // a few of the twenty, never all
    const auto outputs = executor.run(std::vector{megabyte});
    limit_tensor_memory(UINT64_MAX);
    EXPECT_TRUE(outputs) << outputs.error().detail;
}

TEST(ExecutorTest, RefusesInputsThatAreNotTheModels)
{
    auto executor = executor_of(small_net());
    const auto detail = [&](std::vector<at::Tensor> inputs) {
        return executor.run(inputs).error().detail;
    };
    EXPECT_EQ(detail({}), "the model takes 1 inputs, 0 are given");
    EXPECT_EQ(detail({at::zeros({1, 2}, at::kLong)}), "input 'x' is not FP32");
    EXPECT_EQ(detail({at::zeros({1, 3})}), "input 'x' has shape [1,3], the model takes [-1,2]");
    EXPECT_EQ(detail({at::Tensor{}}), "input 'x' is not FP32");
}

}  // namespace
}  // namespace training
