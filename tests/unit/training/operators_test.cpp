#include "inference/model/onnx_reader.hpp"
#include "tests/support/shared_engine.hpp"
#include "tests/support/tiny_models.hpp"
#include "tests/unit/training/cases/cases.hpp"
#include "tests/unit/training/executors.hpp"
#include "training/conform/compare.hpp"
#include "training/operators/table.hpp"
#include "training/operators/tensors.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <utility>

namespace training {
namespace {

class EveryOperator : public testing::TestWithParam<const OperatorCase*> {};

TEST_P(EveryOperator, ComputesWhatOnnxRuntimeComputes)
{
    const auto& each = *GetParam();
    const auto model = inference::shared_engine().load(inference::tiny::to_bytes(each.model));
    ASSERT_TRUE(model) << model.error().detail;
    const auto expected = (*model)->run(each.inputs);
    ASSERT_TRUE(expected) << expected.error().detail;

    auto executor = executor_of(each.model);
    std::vector<at::Tensor> inputs;
    for (const auto& input : each.inputs) inputs.push_back(to_torch(input));
    const auto got = executor.run(inputs);
    ASSERT_TRUE(got) << got.error().detail;
    ASSERT_EQ(got->size(), expected->tensors.size());
    for (std::size_t i = 0; i < got->size(); ++i) {
        const auto& wanted = expected->tensors[i];
        const auto fault =
            difference(from_torch((*got)[i], wanted.name), wanted, {each.relative, each.absolute});
        EXPECT_FALSE(fault) << *fault;
    }
}

void widen(onnx::ValueInfoProto& value)
{
    auto& tensor = *value.mutable_type()->mutable_tensor_type();
    if (tensor.elem_type() == onnx::TensorProto::FLOAT)
        tensor.set_elem_type(onnx::TensorProto::DOUBLE);
}

inference::Tensor widened(const inference::Tensor& tensor)
{
    if (tensor.type != inference::DataType::FP32) return tensor;
    return from_torch(to_torch(tensor).to(at::kDouble), tensor.name);
}

void widen(onnx::TensorProto& proto)
{
    if (proto.data_type() != onnx::TensorProto::FLOAT) return;
    const inference::Tensor narrow{proto.name(),
                                   inference::DataType::FP32,
                                   {proto.dims().begin(), proto.dims().end()},
                                   {proto.raw_data().begin(), proto.raw_data().end()}};
    onnx::TensorProto wide;
    write_proto(widened(narrow), wide);
    proto = wide;
}

// The same model over doubles: finite differences of floats say little.
onnx::ModelProto in_doubles(onnx::ModelProto model)
{
    auto& graph = *model.mutable_graph();
    for (auto* values : {graph.mutable_input(), graph.mutable_output()})
        for (auto& value : *values) widen(value);
    for (auto& tensor : *graph.mutable_initializer()) widen(tensor);
    return model;
}

/// A weighted sum of all floating outputs: one number whose gradient has every output's in it.
at::Tensor summed(const std::vector<at::Tensor>& outputs)
{
    auto sum = at::zeros({}, at::kDouble);
    for (const auto& output : outputs) {
        if (!output.is_floating_point() || output.numel() == 0) continue;
        const auto weights = at::cos(at::arange(output.numel(), at::kDouble) * 1.7 + 0.3);
        sum = sum + (output.to(at::kDouble).flatten() * weights).sum();
    }
    return sum;
}

TEST_P(EveryOperator, HasTheGradientOfFiniteDifferences)
{
    const auto& each = *GetParam();
    if (!each.gradient || operator_named(each.op)->gradient == Gradient::straight_through)
        GTEST_SKIP() << "rounds";
    auto executor = executor_of(in_doubles(each.model));
    std::vector<at::Tensor> inputs;
    for (const auto& input : each.inputs) inputs.push_back(to_torch(widened(input)));
    const auto value = [&] {
        const auto outputs = executor.run(inputs);
        EXPECT_TRUE(outputs) << (outputs ? "" : outputs.error().detail);
        return outputs ? summed(*outputs).item<double>() : 0.0;
    };
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        auto& input = inputs[i];
        // Settings have no gradient, but for the statistics of a normalisation.
        const auto place = static_cast<std::size_t>(std::stoi(each.inputs[i].name.substr(2)));
        const bool setting = place >= operator_named(each.op)->settings_from;
        if (!input.is_floating_point() || (setting && each.op != "BatchNormalization")) continue;
        auto leaf = input.clone().set_requires_grad(true);
        const auto plain = std::exchange(input, leaf);
        const auto outputs = executor.run(inputs, Pass::gradients);
        ASSERT_TRUE(outputs) << outputs.error().detail;
        const auto sum = summed(*outputs);
        if (sum.requires_grad()) sum.backward();
        const auto gradient =
            leaf.grad().defined() ? leaf.grad().contiguous() : at::zeros_like(plain).contiguous();
        input = plain;
        const auto count = input.numel();
        for (std::int64_t k = 0; k < count; k += 1 + count / 24) {
            auto& number = input.data_ptr<double>()[k];
            const auto before = number;
            constexpr double step = 1e-5;
            number = before + step;
            const auto above = value();
            number = before - step;
            const auto below = value();
            number = before;
            const auto slope = (above - below) / (2 * step);
            EXPECT_NEAR(gradient.data_ptr<double>()[k], slope, 1e-6 + 1e-5 * std::abs(slope))
                << "number " << k;
        }
    }
}

std::vector<const OperatorCase*> pointers()
{
    std::vector<const OperatorCase*> all;
    for (const auto& each : cases::all()) all.push_back(&each);
    return all;
}

INSTANTIATE_TEST_SUITE_P(All, EveryOperator, testing::ValuesIn(pointers()), [](const auto& each) {
    std::string name;
    for (const auto letter : each.param->name)
        name += std::isalnum(static_cast<unsigned char>(letter)) ? letter : '_';
    return name;
});

TEST(Operators, NormaliseABatchByItsOwnStatisticsInTraining)
{
    auto each = Case{"BatchNormalization", "training"}
                    .floats({4, 3, 2}, -2, 3)
                    .floats({3}, 0.5, 2)
                    .floats({3})
                    .floats({3})
                    .floats({3}, 0.5, 2)
                    .set("training_mode", 1)
                    .set("momentum", 0.75)
                    .outputs(3)
                    .made();
    auto executor = executor_of(each.model);
    std::vector<at::Tensor> in;
    for (const auto& input : each.inputs) in.push_back(to_torch(input));
    const auto got = executor.run(in);
    ASSERT_TRUE(got) << got.error().detail;
    const auto columns = in[0].permute({1, 0, 2}).reshape({3, 8});
    const auto mean = columns.sum(1) / 8;
    const auto variance = (columns - mean.unsqueeze(1)).pow(2).sum(1) / 8;
    const auto near = [](const at::Tensor& a, const at::Tensor& b) {
        return at::allclose(a, b, 1e-5, 1e-6);
    };
    EXPECT_TRUE(near((*got)[1], in[3] * 0.75 + mean * 0.25));
    EXPECT_TRUE(near((*got)[2], in[4] * 0.75 + variance * 0.25));
    const auto scaled = (columns - mean.unsqueeze(1)) / (variance + 1e-5).sqrt().unsqueeze(1);
    const auto expected = scaled * in[1].unsqueeze(1) + in[2].unsqueeze(1);
    EXPECT_TRUE(near((*got)[0].permute({1, 0, 2}).reshape({3, 8}), expected));
}

TEST(Operators, EachHasACase)
{
    EXPECT_GE(cases::all().size(), 150u);
    std::set<std::string_view> tried;
    for (const auto& each : cases::all()) tried.insert(each.op);
    for (const auto* row : all_operators())
        EXPECT_TRUE(tried.contains(row->name)) << row->name << " is never tried";
}

TEST(Operators, AreTheOnesThatTheDocumentLists)
{
    std::ifstream file{"docs/training.md"};
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_NE(text.str().find(operators_as_markdown()), std::string::npos)
        << "docs/training.md should have\n"
        << operators_as_markdown();
}

}  // namespace
}  // namespace training
