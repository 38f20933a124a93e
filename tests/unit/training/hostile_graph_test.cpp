#include "tests/support/operator_case.hpp"
#include "tests/support/tiny_models.hpp"
#include "training/executor/executor.hpp"
#include "training/executor/tensor_memory.hpp"
#include "training/graph/read_plan.hpp"
#include "training/operators/tensors.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>

namespace training {
namespace {

namespace tiny = inference::tiny;
using inference::DataType;

/// Why the model is not read, not computed or not run; empty where it is.
std::string refusal_of(const OperatorCase& each)
{
    auto plan = read_plan(tiny::to_bytes(each.model));
    if (!plan) return plan.error().detail;
    auto executor = Executor::make(std::move(*plan));
    if (!executor) return executor.error().detail;
    std::vector<at::Tensor> inputs;
    for (const auto& input : each.inputs) inputs.push_back(to_torch(input));
    const auto outputs = executor->run(inputs);
    return outputs ? "" : outputs.error().detail;
}

void expect_refused(OperatorCase each, const std::string& why)
{
    const auto reason = refusal_of(each);
    EXPECT_FALSE(reason.empty()) << each.name << " is computed";
    EXPECT_NE(reason.find(why), std::string::npos) << each.name << " said '" << reason << "'";
}

OperatorCase changed(OperatorCase each, const std::function<void(onnx::GraphProto&)>& change)
{
    change(*each.model.mutable_graph());
    return each;
}

TEST(HostileGraph, ThatGoesInACircleIsRefused)
{
    auto model = tiny::add({2});
    auto& graph = *model.mutable_graph();
    tiny::add_node(graph, "Add", {"a", "second"}, {"first"});
    tiny::add_node(graph, "Add", {"b", "first"}, {"second"});
    const auto plan = read_plan(tiny::to_bytes(model));
    ASSERT_FALSE(plan);
    EXPECT_NE(plan.error().detail.find("topologically"), std::string::npos) << plan.error().detail;
}

TEST(HostileGraph, ThatReadsWhatNobodyComputesIsRefused)
{
    expect_refused(changed(Case{"Relu", "fed nothing"}.floats({2}).made(),
                           [](auto& graph) { graph.mutable_node(0)->set_input(0, "elsewhere"); }),
                   "elsewhere");
}

TEST(HostileGraph, ThatKeepsItsNumbersInAnotherFileIsRefused)
{
    const auto each = Case{"Add", "external"}.floats({2}).fixed_floats({2}, {1, 2}).made();
    expect_refused(changed(each,
                           [](auto& graph) {
                               auto& tensor = *graph.mutable_initializer(0);
                               tensor.clear_raw_data();
                               tensor.set_data_location(onnx::TensorProto::EXTERNAL);
                               auto& entry = *tensor.add_external_data();
                               entry.set_key("location");
                               entry.set_value("/etc/passwd");
                           }),
                   "another file");
}

TEST(HostileGraph, WithAttributesOfAnotherTypeIsRefused)
{
    expect_refused(Case{"Transpose", "perm as a word"}
                       .floats({2, 3})
                       .set("perm", "10")
                       .gives(DataType::FP32, 2)
                       .made(),
                   "perm");
    expect_refused(Case{"LeakyRelu", "alpha as a whole number"}
                       .floats({2})
                       .set("alpha", 1)
                       .gives(DataType::FP32, 1)
                       .made(),
                   "alpha");
}

TEST(HostileGraph, WithoutAnInputThatIsNeededIsRefused)
{
    expect_refused(Case{"Add", "one input"}.floats({2}).gives(DataType::FP32, 1).made(), "Add");
    expect_refused(
        Case{"Add", "one left out"}.floats({2}).left_out().gives(DataType::FP32, 1).made(), "");
    expect_refused(
        Case{"Gather", "no indices"}.floats({2}).left_out().gives(DataType::FP32, 1).made(), "");
}

TEST(HostileGraph, WithSequencesOfNothingIsRefused)
{
    expect_refused(Case{"LSTM", "no state"}
                       .floats({1, 1, 1})
                       .fixed_floats({1, 0, 1}, {})
                       .fixed_floats({1, 0, 0}, {})
                       .gives(DataType::FP32, 4)
                       .made(),
                   "a state without numbers");
    expect_refused(Case{"LSTM", "no sequences"}
                       .floats({3, 0, 1})
                       .fixed_floats({1, 4, 1}, {1, 1, 1, 1})
                       .fixed_floats({1, 4, 1}, {1, 1, 1, 1})
                       .gives(DataType::FP32, 4)
                       .made(),
                   "a batch without sequences");
}

TEST(HostileGraph, WithHugeShapesIsRefusedBeforeMemoryIsTaken)
{
    limit_tensor_memory(256u << 20);
    const std::int64_t huge = std::int64_t{1} << 40;
    const auto memory = "they may hold";
    expect_refused(Case{"ConstantOfShape", "huge"}
                       .ints({2}, {1 << 20, 1 << 20})
                       .gives(DataType::FP32, 2)
                       .made(),
                   memory);
    expect_refused(
        Case{"Tile", "huge"}.floats({2}).ints({1}, {huge}).gives(DataType::FP32, 1).made(), memory);
    expect_refused(Case{"Range", "huge"}
                       .ints({}, {0})
                       .ints({}, {huge})
                       .ints({}, {1})
                       .gives(DataType::INT64, 1)
                       .made(),
                   memory);
    expect_refused(
        Case{"Pad", "huge"}.floats({2}).ints({2}, {0, huge / 2}).gives(DataType::FP32, 1).made(),
        memory);
    expect_refused(Case{"Pad", "huge edge"}
                       .floats({2})
                       .ints({2}, {0, huge / 2})
                       .set("mode", "edge")
                       .gives(DataType::FP32, 1)
                       .made(),
                   memory);
    expect_refused(Case{"OneHot", "huge"}
                       .ints({1}, {0})
                       .ints({}, {huge})
                       .floats({2})
                       .gives(DataType::FP32, 2)
                       .made(),
                   memory);
    expect_refused(Case{"Resize", "huge"}
                       .floats({1, 1, 2, 2})
                       .left_out()
                       .left_out()
                       .ints({4}, {1, 1, 1 << 20, 1 << 20})
                       .gives(DataType::FP32, 4)
                       .made(),
                   memory);
    // Without memory of its own: a wide view that costs nothing until somebody computes with it.
    auto wide =
        Case{"Expand", "huge"}.floats({1}).ints({1}, {1 << 30}).gives(DataType::FP32, 1).made();
    auto& graph = *wide.model.mutable_graph();
    graph.mutable_node(0)->set_output(0, "wide");
    tiny::add_node(graph, "Sin", {"wide"}, {"out0"});
    expect_refused(std::move(wide), memory);
    expect_refused(
        Case{"Expand", "beyond"}.floats({1}).ints({1}, {huge}).gives(DataType::FP32, 1).made(),
        "a dimension of 1099511627776");
    limit_tensor_memory(UINT64_MAX);
}

TEST(HostileGraph, ThatDividesByZeroOrBeyondTheLargestNumberStaysAlive)
{
    const auto least = static_cast<double>(INT32_MIN);
    for (const auto* op : {"Div", "Mod"}) {
        const auto by = [&](double divisor) {
            return Case{op, "integers"}
                .typed(DataType::INT32, {1}, {least})
                .typed(DataType::INT32, {1}, {divisor})
                .made();
        };
        EXPECT_EQ(refusal_of(by(-1)), "");
        EXPECT_NE(refusal_of(by(0)), "");
    }
}

TEST(HostileGraph, WithIndicesOutsideIsRefused)
{
    const auto outside = "an index outside";
    expect_refused(Case{"Gather", "outside"}.floats({3}).ints({1}, {3}).made(), outside);
    expect_refused(Case{"GatherElements", "outside"}.floats({3}).ints({1}, {-4}).made(), outside);
    expect_refused(Case{"GatherND", "outside"}.floats({3, 2}).ints({1, 2}, {2, 2}).made(), outside);
    expect_refused(Case{"ScatterElements", "outside"}.floats({3}).ints({1}, {7}).floats({1}).made(),
                   outside);
    expect_refused(
        Case{"ScatterND", "outside"}.floats({3, 2}).ints({1, 2}, {0, -3}).floats({1}).made(),
        outside);
}

TEST(HostileGraph, WithSettingsThatMakeNoSenseIsRefused)
{
    expect_refused(Case{"Slice", "step 0"}
                       .floats({3})
                       .ints({1}, {0})
                       .ints({1}, {2})
                       .ints({1}, {0})
                       .ints({1}, {0})
                       .gives(DataType::FP32, 1)
                       .made(),
                   "step of 0");
    expect_refused(Case{"Transpose", "perm"}
                       .floats({2, 3})
                       .set("perm", Ints{0, 0})
                       .gives(DataType::FP32, 2)
                       .made(),
                   "Transpose");
    expect_refused(Case{"Conv", "strides of 0"}
                       .floats({1, 1, 3, 3})
                       .floats({1, 1, 2, 2})
                       .set("strides", Ints{0, 1})
                       .gives(DataType::FP32, 4)
                       .made(),
                   "'strides' contains 0");
    expect_refused(Case{"Conv", "too few pads"}
                       .floats({1, 1, 3, 3})
                       .floats({1, 1, 2, 2})
                       .set("pads", Ints{1})
                       .gives(DataType::FP32, 4)
                       .made(),
                   "'pads' has 1 entries");
    expect_refused(Case{"Conv", "no groups"}
                       .floats({1, 1, 3, 3})
                       .floats({1, 1, 2, 2})
                       .set("group", 0)
                       .gives(DataType::FP32, 4)
                       .made(),
                   "0 groups");
    expect_refused(Case{"MaxPool", "too large"}
                       .floats({1, 1, 3, 3})
                       .set("kernel_shape", Ints{9, 9})
                       .gives(DataType::FP32, 4)
                       .made(),
                   "larger than the image");
    expect_refused(Case{"Split", "uneven"}
                       .floats({5})
                       .outputs(2)
                       .gives(DataType::FP32, 1)
                       .gives(DataType::FP32, 1)
                       .made(),
                   "even");
    expect_refused(Case{"TopK", "too many"}
                       .floats({3})
                       .ints({1}, {4})
                       .outputs(2)
                       .gives(DataType::FP32, 1)
                       .gives(DataType::INT64, 1)
                       .made(),
                   "more than there is");
}

TEST(HostileGraph, WithALoopIsNotComputed)
{
    const auto plan = read_plan(tiny::to_bytes(tiny::slow(3)));
    ASSERT_TRUE(plan);
    const auto found = unsupported_nodes(*plan);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].node->op, "Loop");
    EXPECT_EQ(found[0].reason, "the operator is not computed");
}

}  // namespace
}  // namespace training
