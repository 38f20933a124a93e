#include "tests/support/operator_case.hpp"
#include "tests/support/shared_engine.hpp"
#include "tests/support/tiny_models.hpp"
#include "tests/unit/training/executors.hpp"
#include "training/conform/compare.hpp"
#include "training/operators/tensors.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace training {
namespace {

namespace tiny = inference::tiny;
using inference::DataType;

/// Layers as exporters write them: several operators for what others call one.
class Layers {
public:
    Layers(const Shape& input, const Shape& output)
    {
        tiny::add_input(model_, "x", DataType::FP32, input);
        tiny::add_output(model_, "y", DataType::FP32, output);
    }

    std::string weights(const std::string& name, const Shape& shape)
    {
        std::vector<float> numbers(*inference::element_count(shape));
        for (auto& number : numbers) number = static_cast<float>(random_() % 2001) / 1000.0F - 1.0F;
        tiny::add_floats(model_, name, shape, numbers);
        return name;
    }

    std::string number(float value)
    {
        const auto name = next();
        tiny::add_floats(model_, name, {}, {value});
        return name;
    }

    std::string whole(const Ints& values)
    {
        const auto name = next();
        tiny::add_ints(model_, name, {static_cast<std::int64_t>(values.size())}, values);
        return name;
    }

    std::string add(const std::string& op, const std::vector<std::string>& inputs,
                    const Ints& perm = {})
    {
        const auto name = next();
        auto& node = tiny::add_node(*model_.mutable_graph(), op, inputs, {name});
        if (perm.empty()) return name;
        auto& attribute = *node.add_attribute();
        attribute.set_name("perm");
        attribute.set_type(onnx::AttributeProto::INTS);
        for (const auto axis : perm) attribute.add_ints(axis);
        return name;
    }

    std::string gelu(const std::string& x)
    {
        const auto erf = add("Erf", {add("Div", {x, number(std::sqrt(2.0F))})});
        const auto half = add("Mul", {x, number(0.5F)});
        return add("Mul", {half, add("Add", {erf, number(1)})});
    }

    onnx::ModelProto finished(const std::string& result)
    {
        tiny::add_node(*model_.mutable_graph(), "Identity", {result}, {"y"});
        return model_;
    }

private:
    std::string next() { return "v" + std::to_string(++count_); }

    onnx::ModelProto model_ = tiny::empty_model();
    std::mt19937 random_{7};
    int count_ = 0;
};

/// Forward as ONNX Runtime, and the slope along one direction as the gradient says. Float
/// differences are coarse: the bound is that of a sign or a factor gone wrong.
void expect_computed(const onnx::ModelProto& model, const at::Tensor& x)
{
    auto executor = executor_of(model);
    const auto outputs = executor.run(std::vector{x});
    ASSERT_TRUE(outputs) << outputs.error().detail;
    const auto served = inference::shared_engine().load(tiny::to_bytes(model));
    ASSERT_TRUE(served) << served.error().detail;
    const auto expected = (*served)->run(std::vector{from_torch(x, "x")});
    ASSERT_TRUE(expected) << expected.error().detail;
    const auto fault =
        difference(from_torch(outputs->front(), "y"), expected->tensors.front(), {1e-4, 1e-5});
    EXPECT_FALSE(fault) << *fault;

    const auto loss = [&](bool gradients) {
        return (*executor.run(std::vector{x}, gradients ? Pass::gradients : Pass::use))[0]
            .pow(2)
            .mean();
    };
    const auto names = executor.trainable();
    ASSERT_FALSE(names.empty());
    for (const auto& name : names) executor.weight(name)->set_requires_grad(true);
    loss(true).backward();
    for (const auto& name : names) {
        auto& weight = *executor.weight(name);
        ASSERT_TRUE(weight.grad().defined()) << name;
        const auto plain = weight.detach();
        const auto direction = weight.grad() / (weight.grad().norm() + 1e-12);
        const auto promised = weight.grad().norm().item<double>();
        const auto at_distance = [&](double step) {
            weight = plain + direction * step;
            return loss(false).item<double>();
        };
        constexpr double step = 0.01;
        const auto slope = (at_distance(step) - at_distance(-step)) / (2 * step);
        weight = plain;
        EXPECT_NEAR(slope, promised, 0.02 * promised + 1e-3) << name;
    }
}

TEST(Composites, ATransformerEncoderIsComputedAndHasGradients)
{
    Layers layers{{2, 5, 8}, {2, 5, 8}};
    const auto heads = [&](const std::string& name) {
        const auto mapped = layers.add("MatMul", {"x", layers.weights(name, {8, 8})});
        const auto split = layers.add("Reshape", {mapped, layers.whole({0, 0, 2, 4})});
        return layers.add("Transpose", {split}, {0, 2, 1, 3});
    };
    const auto query = heads("query");
    const auto key = layers.add("Transpose", {heads("key")}, {0, 1, 3, 2});
    const auto scores = layers.add("Div", {layers.add("MatMul", {query, key}), layers.number(2)});
    const auto mixed = layers.add("MatMul", {layers.add("Softmax", {scores}), heads("value")});
    const auto joined = layers.add("Transpose", {mixed}, {0, 2, 1, 3});
    const auto flat = layers.add("Reshape", {joined, layers.whole({0, 0, -1})});
    const auto first = layers.add("LayerNormalization",
                                  {layers.add("Add", {"x", flat}), layers.weights("scale", {8}),
                                   layers.weights("shift", {8})});
    const auto wide = layers.gelu(layers.add("MatMul", {first, layers.weights("wide", {8, 16})}));
    const auto result =
        layers.add("Add", {first, layers.add("MatMul", {wide, layers.weights("narrow", {16, 8})})});
    expect_computed(layers.finished(result), at::linspace(-1, 1, 80).view({2, 5, 8}).sin());
}

TEST(Composites, NormalisationByGroupsIsComputedAndHasGradients)
{
    Layers layers{{2, 4, 3, 3}, {2, 4, 3, 3}};
    const auto groups = layers.add("Reshape", {"x", layers.whole({0, 2, -1})});
    const auto plain = layers.add(
        "InstanceNormalization", {groups, layers.weights("one", {2}), layers.weights("none", {2})});
    const auto back = layers.add("Reshape", {plain, layers.add("Shape", {"x"})});
    const auto scaled = layers.add("Mul", {back, layers.weights("scale", {4, 1, 1})});
    const auto shifted = layers.add("Add", {scaled, layers.weights("shift", {4, 1, 1})});
    // Silu: x times its sigmoid.
    const auto result = layers.add("Mul", {shifted, layers.add("Sigmoid", {shifted})});
    expect_computed(layers.finished(result), at::linspace(-2, 2, 72).view({2, 4, 3, 3}).cos());
}

TEST(Composites, AShapeThatIsComputedFromAnotherIsFollowed)
{
    Layers layers{{-1, 6}, {-1, 3}};
    const auto rows =
        layers.add("Slice", {layers.add("Shape", {"x"}), layers.whole({0}), layers.whole({1})});
    const auto wanted = layers.add("Concat", {rows, layers.whole({2, 3})});
    const auto table = layers.add("Reshape", {"x", wanted});
    const auto total = layers.add("ReduceSum", {table, layers.whole({1})});
    const auto squeezed = layers.add("Squeeze", {total, layers.whole({1})});
    const auto result = layers.add("Mul", {squeezed, layers.weights("scale", {3})});
    auto model = layers.finished(result);
    for (auto& node : *model.mutable_graph()->mutable_node()) {
        if (node.op_type() != "Concat") continue;
        auto& axis = *node.add_attribute();
        axis.set_name("axis");
        axis.set_type(onnx::AttributeProto::INT);
        axis.set_i(0);
    }
    expect_computed(model, at::linspace(0, 1, 24).view({4, 6}));
}

}  // namespace
}  // namespace training
