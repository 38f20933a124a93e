#include "training/session/fake_quantisation.hpp"

#include "tests/unit/training/sessions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace training {
namespace {

Recipe quantised_recipe(std::uint64_t bits, std::uint64_t epochs = 5)
{
    auto recipe = short_recipe(epochs);
    recipe.quantise.bits = bits;
    return recipe;
}

/// How far the numbers are from whole multiples of the largest divided by `levels`, in such steps.
double way_from_grid(const at::Tensor& numbers, std::int64_t levels)
{
    const auto places = numbers * static_cast<double>(levels) / numbers.abs().max();
    return (places - places.round()).abs().max().item<double>();
}

double way_from_grids(const at::Tensor& weight, std::int64_t levels)
{
    double most = 0;
    for (std::int64_t column = 0; column < weight.size(1); ++column)
        most = std::max(most, way_from_grid(weight.select(1, column), levels));
    return most;
}

at::Tensor tensor_in(const Checkpoint& checkpoint, std::string_view name)
{
    const auto found = std::ranges::find(checkpoint.tensors, name, &NamedTensor::name);
    EXPECT_NE(found, checkpoint.tensors.end()) << name;
    return found->tensor.clone();
}

TEST(FakeQuantisationTest, PutsWhatIsPublishedOntoAGridForEachChannel)
{
    const auto samples = clouds(200, 6, 3);
    for (const auto& model : {net(), normalised_net()}) {
        auto session = made(model, quantised_recipe(4), samples, &samples);
        run(session);
        for (const auto* name : {"w1", "w2"})
            EXPECT_LT(way_from_grids(tensor_of(session, name), 7), 1e-4) << name;
        // What training goes on with is not rounded.
        EXPECT_GT(way_from_grids(tensor_in(session.checkpoint(), "weights/w1"), 7), 0.1);
        // Biases are of 32 bits in a quantised model.
        EXPECT_GT(way_from_grid(tensor_of(session, "b2"), 7), 1e-3);
    }
    auto recipe = quantised_recipe(4);
    recipe.quantise.per_channel = false;
    auto session = made(net(), recipe, samples);
    run(session);
    EXPECT_LT(way_from_grid(tensor_of(session, "w1"), 7), 1e-4);
    EXPECT_GT(way_from_grids(tensor_of(session, "w1"), 7), 0.05);
}

TEST(FakeQuantisationTest, IsWithinHalfAPointOfFloatsInEightBits)
{
    const auto samples = clouds(600, 6, 3, 1, 1.5F);
    const auto held_out = clouds(2000, 6, 3, 2, 1.5F);
    auto floats = made(net(), short_recipe(10), samples, &held_out);
    auto bytes = made(net(), quantised_recipe(8, 10), samples, &held_out);
    run(floats);
    run(bytes);
    const auto accuracy = *floats.measure()->accuracy;
    EXPECT_GT(accuracy, 0.7);
    EXPECT_LT(accuracy, 0.999) << "a task that says nothing";
    EXPECT_GT(*bytes.measure()->accuracy, accuracy - 0.005);
}

TEST(FakeQuantisationTest, LearnsWhatRoundingAfterwardsLoses)
{
    const auto samples = clouds(400, 6, 3);
    const auto held_out = clouds(1000, 6, 3, 2);
    auto recipe = quantised_recipe(2, 20);
    auto learnt = made(net(), recipe, samples, &held_out);
    recipe.quantise.start = 1;
    auto rounded = made(net(), recipe, samples, &held_out);
    run(learnt);
    run(rounded);
    EXPECT_LT(learnt.measure()->loss, rounded.measure()->loss);
}

TEST(FakeQuantisationTest, TakesTheStepsOfFloatsUntilItStarts)
{
    const auto samples = clouds(160, 6, 3);
    auto floats = made(net(), short_recipe(4), samples);
    auto bytes = made(net(), quantised_recipe(4, 4), samples);
    ASSERT_EQ(bytes.steps(), 40U);
    run(floats, 20);
    run(bytes, 20);
    const auto ranges = tensor_in(bytes.checkpoint(), "quantise/ranges");
    EXPECT_EQ(ranges.sizes().vec(), (std::vector<std::int64_t>{2, 2}));
    EXPECT_EQ(ranges.abs().max().item<double>(), 0);
    for (const auto* name : {"weights/w1", "weights/b1", "weights/w2", "weights/b2"})
        EXPECT_TRUE(
            at::equal(tensor_in(floats.checkpoint(), name), tensor_in(bytes.checkpoint(), name)))
            << name;
    run(floats, 21);
    run(bytes, 21);
    EXPECT_FALSE(at::equal(tensor_in(floats.checkpoint(), "weights/w1"),
                           tensor_in(bytes.checkpoint(), "weights/w1")));
    const auto seen = tensor_in(bytes.checkpoint(), "quantise/ranges");
    EXPECT_LT(seen[0][0].item<double>(), 0) << "what comes from the samples";
    EXPECT_EQ(seen[1][0].item<double>(), 0) << "what comes from Relu";
    EXPECT_GT(seen[1][1].item<double>(), 0);
}

TEST(FakeQuantisationTest, GoesOnFromACheckpointBitByBit)
{
    const auto samples = clouds(100, 6, 3);
    const auto held_out = clouds(50, 6, 3, 2);
    const auto recipe = quantised_recipe(8, 4);
    auto straight = made(normalised_net(), recipe, samples, &held_out);
    run(straight);
    for (const std::uint64_t stop : {0U, 13U, 14U, 15U, 21U, 28U}) {
        auto before = made(normalised_net(), recipe, samples, &held_out);
        run(before, stop);
        ledger::PosixDisk disk;
        const auto path = testing::TempDir() + "/quantised_checkpoint";
        ASSERT_TRUE(write_checkpoint(disk, path, before.checkpoint()));
        auto after = made(normalised_net(), recipe, samples, &held_out);
        const auto restored = after.restore(*read_checkpoint(disk, path));
        ASSERT_TRUE(restored) << restored.error().detail;
        EXPECT_EQ(commitment_to(after.checkpoint()), commitment_to(before.checkpoint())) << stop;
        run(after);
        EXPECT_EQ(commitment_to(after.checkpoint()), commitment_to(straight.checkpoint())) << stop;
        EXPECT_EQ(*after.model(), *straight.model()) << stop;
    }
    auto other = straight.checkpoint();
    std::erase_if(other.tensors,
                  [](const NamedTensor& each) { return each.name == "quantise/ranges"; });
    EXPECT_EQ(straight.restore(other).error().detail,
              "the checkpoint has no ranges for what is quantised");
}

TEST(FakeQuantisationTest, LeavesAloneWhatIsNotTrained)
{
    const auto samples = clouds(100, 6, 3);
    auto recipe = quantised_recipe(4, 2);
    recipe.tensors.freeze = {"w1"};
    auto session = made(net(), recipe, samples);
    run(session);
    EXPECT_TRUE(at::equal(tensor_of(session, "w1"), tensor_of(net(), "w1")));
    EXPECT_LT(way_from_grids(tensor_of(session, "w2"), 7), 1e-4);
    recipe.tensors.train = {"b*"};
    const auto none = Session::make(plan_of(net()), recipe, {&samples, nullptr});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().detail,
              "the recipe's 'quantise' finds no weight of Conv, Gemm or MatMul that is trained");
}

/// The weight, put onto its grids, of a model that is one node.
at::Tensor snapped(const std::string& op, const at::Tensor& weight, const Sizes& image,
                   std::int64_t transposed = 0)
{
    auto model = tiny::empty_model();
    tiny::add_input(model, "image", DataType::FP32, image);
    tiny::add_output(model, "y", DataType::FP32, Sizes(image.size(), -1));
    tiny::add_floats(model, "w", weight.sizes().vec(),
                     std::vector<float>(static_cast<std::size_t>(weight.numel()), 1));
    auto& node = tiny::add_node(*model.mutable_graph(), op, {"image", "w"}, {"y"});
    if (transposed != 0) {
        auto& attribute = *node.add_attribute();
        attribute.set_name("transB");
        attribute.set_type(onnx::AttributeProto::INT);
        attribute.set_i(transposed);
    }
    QuantiseOptions options;
    options.bits = 8;
    const auto tensor = weight.clone();
    auto chosen = FakeQuantisation::choose(plan_of(model), {{"w", tensor}}, options);
    EXPECT_TRUE(chosen) << (chosen ? "" : chosen.error().detail);
    chosen->snap();
    return tensor;
}

TEST(FakeQuantisationTest, HasAGridForEachOutputOfAProductAndAConvolution)
{
    // Each channel along `axis` is a hundred times smaller than the one before.
    const auto fine = [](const Sizes& sizes, std::int64_t axis) {
        auto weight = at::linspace(0.1, 1, product_of(sizes)).view(sizes).contiguous();
        Sizes along(sizes.size(), 1);
        along[static_cast<std::size_t>(axis)] = -1;
        return at::mul(weight,
                       at::pow(0.01, at::arange(sizes[static_cast<std::size_t>(axis)], at::kFloat))
                           .view(along));
    };
    const auto check = [](const at::Tensor& is, const at::Tensor& was, std::int64_t axis) {
        for (std::int64_t i = 0; i < was.size(axis); ++i) {
            const auto all = was.select(axis, i);
            const auto way = (is.select(axis, i) - all).abs().max().item<double>();
            EXPECT_GT(way, 0);
            EXPECT_LE(way, all.abs().max().item<double>() / 127 * 0.51) << i;
        }
    };
    const auto columns = fine({4, 3}, 1);
    check(snapped("MatMul", columns, {-1, 4}), columns, 1);
    check(snapped("Gemm", columns, {-1, 4}), columns, 1);
    const auto rows = fine({3, 4}, 0);
    check(snapped("Gemm", rows, {-1, 4}, 1), rows, 0);
    const auto filters = fine({3, 2, 2, 2}, 0);
    check(snapped("Conv", filters, {-1, 2, 5, 5}), filters, 0);
}

/// One product, and what goes into it.
class RoundingTest : public testing::Test {
protected:
    RoundingTest()
    {
        tiny::add_input(model_, "image", DataType::FP32, {-1, 2});
        tiny::add_output(model_, "y", DataType::FP32, {-1, 2});
        tiny::add_floats(model_, "w", {2, 2}, {1, 0.004F, -0.5F, 0.25F});
        tiny::add_node(*model_.mutable_graph(), "MatMul", {"image", "w"}, {"y"});
    }

    FakeQuantisation of(const at::Tensor& weight, std::uint64_t bits)
    {
        QuantiseOptions options;
        options.bits = bits;
        auto chosen = FakeQuantisation::choose(plan_of(model_), {{"w", weight}}, options);
        EXPECT_TRUE(chosen) << (chosen ? "" : chosen.error().detail);
        chosen->turn_on(true);
        return std::move(*chosen);
    }

    onnx::ModelProto model_ = tiny::empty_model();
};

TEST_F(RoundingTest, HandsTheGradientOnAsIfNothingWereRounded)
{
    const auto weight = at::tensor({1.0F, 0.004F, -0.5F, 0.25F}).view({2, 2}).requires_grad_();
    auto quantisation = of(weight, 8);
    const auto x = at::tensor({0.3F, 2.0F}).view({1, 2}).requires_grad_();
    std::vector<at::Tensor> inputs{x, weight};
    quantisation.round_inputs(0, inputs);
    EXPECT_FALSE(at::equal(inputs[0], x));
    EXPECT_FALSE(at::equal(inputs[1], weight));
    EXPECT_TRUE(at::allclose(inputs[0], x, 0, 2.0 / 255));
    EXPECT_TRUE(at::allclose(inputs[1], weight, 0, 1.0 / 127));
    (inputs[0].sum() + 3 * inputs[1].sum()).backward();
    EXPECT_TRUE(at::equal(x.grad(), at::ones({1, 2})));
    EXPECT_TRUE(at::equal(weight.grad(), at::full({2, 2}, 3.0F)));
}

TEST_F(RoundingTest, MovesItsRangeSlowlyAndCutsWhatIsOutside)
{
    const auto weight = at::ones({2, 2});
    auto quantisation = of(weight, 8);
    const auto see = [&](float least, float most) {
        std::vector<at::Tensor> inputs{at::tensor({least, most}).view({1, 2}).requires_grad_(),
                                       weight};
        const auto x = inputs[0];
        quantisation.round_inputs(0, inputs);
        inputs[0].sum().backward();
        return std::pair{inputs[0].detach(), x.grad()};
    };
    see(-1, 1);
    EXPECT_TRUE(at::equal(quantisation.ranges(), at::tensor({-1.0F, 1.0F}).view({1, 2})));
    const auto [seen, gradient] = see(0.5F, 101);
    EXPECT_TRUE(at::allclose(quantisation.ranges(), at::tensor({-0.99F, 2.0F}).view({1, 2})));
    EXPECT_NEAR(seen[0][1].item<double>(), 2, 0.02);
    EXPECT_TRUE(at::equal(gradient, at::tensor({1.0F, 0.0F}).view({1, 2})));
}

TEST_F(RoundingTest, LeavesNumbersThatAreNoneToTheLoss)
{
    const auto weight = at::full({2, 2}, std::numeric_limits<float>::quiet_NaN());
    auto quantisation = of(weight, 8);
    std::vector<at::Tensor> inputs{at::full({1, 2}, std::numeric_limits<float>::infinity()),
                                   weight};
    quantisation.round_inputs(0, inputs);
    EXPECT_TRUE(inputs[1].isnan().all().item<bool>());
    EXPECT_TRUE(inputs[0].isinf().all().item<bool>());
    EXPECT_EQ(quantisation.ranges().abs().max().item<double>(), 0);
    // Of zeros, too, something comes out.
    inputs = {at::zeros({1, 2}), at::zeros({2, 2})};
    quantisation.round_inputs(0, inputs);
    EXPECT_EQ(inputs[0].abs().sum().item<double>() + inputs[1].abs().sum().item<double>(), 0);
}

TEST_F(RoundingTest, StaysOnItsGridWhenItIsRoundedAgain)
{
    const auto weight = at::tensor({1.0F, 0.004F, -0.5F, 0.25F}).view({2, 2});
    auto quantisation = of(weight, 3);
    quantisation.snap();
    const auto once = weight.clone();
    EXPECT_LT(way_from_grids(once, 3), 1e-5);
    quantisation.snap();
    EXPECT_TRUE(at::allclose(weight, once, 1e-6, 0));
}

}  // namespace
}  // namespace training
