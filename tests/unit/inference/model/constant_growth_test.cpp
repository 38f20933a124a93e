#include "inference/model/constant_growth.hpp"

#include "tests/support/tiny_models.hpp"

#include <gtest/gtest.h>

namespace inference {
namespace {

onnx::ModelProto with_node(const std::string& op, const std::vector<std::string>& inputs)
{
    auto model = tiny::empty_model();
    tiny::add_input(model, "x", DataType::FP32, {1});
    tiny::add_floats(model, "row", {1, 100}, std::vector<float>(100));
    tiny::add_floats(model, "column", {100, 1}, std::vector<float>(100));
    tiny::add_ints(model, "shape", {1}, {5});
    tiny::add_output(model, "y", DataType::FP32, {-1});
    tiny::add_node(*model.mutable_graph(), op, inputs, {"y"});
    return model;
}

TEST(ConstantGrowth, HasABoundWhereOperatorsCannotGrow)
{
    EXPECT_TRUE(constants_stay_small(tiny::mlp(), 1000));
    EXPECT_TRUE(constants_stay_small(tiny::cnn(), 1000));
    EXPECT_TRUE(constants_stay_small(with_node("Mul", {"row", "column"}), 10'000));
}

TEST(ConstantGrowth, CountsABroadcastAsTheProductOfItsSides)
{
    EXPECT_FALSE(constants_stay_small(with_node("Mul", {"row", "column"}), 9'999));
    EXPECT_TRUE(constants_stay_small(with_node("Mul", {"row", "x"}), 99));
}

TEST(ConstantGrowth, HasNoBoundWhereAValueSaysHowLargeTheOutputIs)
{
    EXPECT_FALSE(constants_stay_small(with_node("ConstantOfShape", {"shape"}), 1u << 30));
    EXPECT_FALSE(constants_stay_small(with_node("Expand", {"row", "shape"}), 1u << 30));
    EXPECT_FALSE(constants_stay_small(with_node("RandomNormal", {}), 1u << 30));
}

TEST(ConstantGrowth, IsFoundInsideLoops)
{
    auto model = tiny::slow(2, 4);
    EXPECT_TRUE(constants_stay_small(model, 1000));
    auto& body = *model.mutable_graph()->mutable_node(0)->mutable_attribute(0)->mutable_g();
    tiny::add_node(body, "ConstantOfShape", {"rounds"}, {"big"});
    EXPECT_FALSE(constants_stay_small(model, 1000));
}

}  // namespace
}  // namespace inference
