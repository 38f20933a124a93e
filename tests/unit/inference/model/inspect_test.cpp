#include "inference/model/inspect.hpp"

#include "tests/support/tiny_models.hpp"

#include <gtest/gtest.h>

namespace inference {
namespace {

TEST(Inspect, SaysWhatACallerAndAnOperatorNeedToKnow)
{
    const auto file = tiny::to_bytes(tiny::mlp());
    const auto summary = inspect_model(file);
    ASSERT_TRUE(summary) << summary.error().detail;
    EXPECT_EQ(summary->file_bytes, file.size());
    EXPECT_EQ(summary->parameters, 784u * 128 + 128 + 1280 + 10);
    EXPECT_EQ(summary->parameter_bytes, summary->parameters * 4);
    EXPECT_EQ(summary->nodes, 4u);
    EXPECT_EQ(summary->opset, 17);
    EXPECT_EQ(summary->ir_version, 8);
    const ModelIo io{{{"image", DataType::FP32, {-1, 784}}},
                     {{"probabilities", DataType::FP32, {-1, 10}}}};
    EXPECT_EQ(summary->io, io);
}

TEST(Inspect, ListsTheOperatorsWithTheVersionThatDefinesThem)
{
    const auto summary = inspect_model(tiny::to_bytes(tiny::mlp()));
    ASSERT_TRUE(summary);
    ASSERT_EQ(summary->operators.size(), 3u);
    EXPECT_EQ(summary->operators[0].op, "Gemm");
    EXPECT_EQ(summary->operators[0].since, 13);
    EXPECT_EQ(summary->operators[0].nodes, 2u);
    EXPECT_EQ(summary->operators[0].domain, "ai.onnx");
    EXPECT_EQ(summary->operators[0].types, std::set{DataType::FP32});
    EXPECT_EQ(summary->operators[1].op, "Relu");
    EXPECT_EQ(summary->operators[2].op, "Softmax");
    EXPECT_EQ(summary->operators[2].types, std::set{DataType::FP32});
}

TEST(Inspect, FollowsTypesThroughCastsAndIntoLoops)
{
    auto model = tiny::slow(3, 4);
    auto& graph = *model.mutable_graph();
    auto& cast = tiny::add_node(graph, "Cast", {"y"}, {"d"});
    auto& to = *cast.add_attribute();
    to.set_name("to");
    to.set_type(onnx::AttributeProto::INT);
    to.set_i(onnx::TensorProto::DOUBLE);
    tiny::add_node(graph, "Neg", {"d"}, {"n"});
    tiny::add_output(model, "n", DataType::FP64, {4, 4});
    const auto summary = inspect_model(tiny::to_bytes(model));
    ASSERT_TRUE(summary) << summary.error().detail;
    std::set<std::string> seen;
    for (const auto& use : summary->operators) {
        seen.insert(use.op);
        const auto expected = use.op == "Neg" ? DataType::FP64 : DataType::FP32;
        if (use.op == "Neg" || use.op == "MatMul") {
            EXPECT_EQ(use.types, std::set{expected});
        }
    }
    EXPECT_EQ(seen, (std::set<std::string>{"Cast", "Identity", "Loop", "MatMul", "Neg"}));
}

TEST(Inspect, KnowsEveryTypeOfTheProtocol)
{
    for (const auto type : all_datatypes) {
        const auto summary = inspect_model(tiny::to_bytes(tiny::identity(type, {-1, 3})));
        ASSERT_TRUE(summary) << name_of(type) << ": " << summary.error().detail;
        EXPECT_EQ(summary->io.inputs[0].datatype, type);
        EXPECT_EQ(summary->operators[0].types, std::set{type});
    }
}

TEST(Inspect, DoesNotAskTheCallerForInputsThatHaveAValue)
{
    auto model = tiny::add({2});
    tiny::add_floats(model, "b", {2}, {1, 2});
    const auto summary = inspect_model(tiny::to_bytes(model));
    ASSERT_TRUE(summary) << summary.error().detail;
    ASSERT_EQ(summary->io.inputs.size(), 1u);
    EXPECT_EQ(summary->io.inputs[0].name, "a");
}

}  // namespace
}  // namespace inference
