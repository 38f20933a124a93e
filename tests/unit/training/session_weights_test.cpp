#include "training/session/weights.hpp"

#include "tests/unit/training/sessions.hpp"

#include <cmath>

namespace training {
namespace {

TEST(SessionWeightsTest, MovesOnlyWhatTheRecipeSays)
{
    const auto samples = clouds(100, 6, 3);
    auto recipe = short_recipe(1);
    recipe.tensors.freeze = {"w1", "shift"};
    auto session = made(normalised_net(), recipe, samples);
    run(session);
    for (const auto* name : {"w1", "shift"})
        EXPECT_TRUE(at::equal(tensor_of(session, name), tensor_of(normalised_net(), name))) << name;
    for (const auto* name : {"w2", "b2", "scale", "mean", "variance"})
        EXPECT_FALSE(at::equal(tensor_of(session, name), tensor_of(normalised_net(), name)))
            << name;

    recipe.tensors.batch_normalisation = false;
    auto frozen = made(normalised_net(), recipe, samples);
    run(frozen);
    for (const auto* name : {"mean", "variance"})
        EXPECT_TRUE(at::equal(tensor_of(frozen, name), tensor_of(normalised_net(), name))) << name;

    recipe.tensors = {};
    recipe.tensors.head_only = true;
    auto head = made(normalised_net(), recipe, samples);
    run(head);
    for (const auto* name : {"w2", "b2"})
        EXPECT_FALSE(at::equal(tensor_of(head, name), tensor_of(normalised_net(), name))) << name;
    for (const auto* name : {"w1", "scale", "shift", "mean", "variance"})
        EXPECT_TRUE(at::equal(tensor_of(head, name), tensor_of(normalised_net(), name))) << name;

    recipe.tensors = {};
    recipe.tensors.train = {"no such*"};
    const auto none = Session::make(plan_of(net()), recipe, {&samples, nullptr});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().detail.substr(0, 32), "no tensor is left to train: see ");
}

TEST(SessionWeightsTest, LearnsBatchStatisticsAsTheyAre)
{
    // One epoch of one batch: running = 0.9 * before + 0.1 * of the batch.
    const auto samples = clouds(64, 6, 3);
    auto recipe = short_recipe(1);
    recipe.batch = 64;
    auto session = made(normalised_net(), recipe, samples);
    std::vector<std::uint64_t> all(64);
    for (std::size_t i = 0; i < 64; ++i) all[i] = i;
    const auto batch = read_batch(samples, all);
    const auto h = at::matmul(batch->inputs[0], tensor_of(normalised_net(), "w1"));
    run(session);
    EXPECT_TRUE(
        at::allclose(tensor_of(session, "mean"), h.mean(at::IntArrayRef{0}) * 0.1, 1e-4, 1e-5));
    EXPECT_TRUE(at::allclose(tensor_of(session, "variance"),
                             0.9 + at::var(h, at::IntArrayRef{0}, true) * 0.1, 1e-4, 1e-5));
}

TEST(SessionWeightsTest, KeepsItsNumbersWhenABatchHasOneSample)
{
    const auto samples = clouds(65, 6, 3);
    auto recipe = short_recipe(2);
    recipe.batch = 64;
    auto session = made(normalised_net(), recipe, samples, &samples);
    run(session);
    EXPECT_TRUE(session.model()) << session.model().error().detail;
    EXPECT_TRUE(tensor_of(session, "variance").isfinite().all().item<bool>());
}

TEST(SessionWeightsTest, StaysNearerToWhereItBeganWhenPulled)
{
    const auto samples = clouds(100, 6, 3);
    const auto way = [&](double pull) {
        auto recipe = short_recipe(3);
        recipe.optimiser.kind = OptimiserOptions::Kind::sgd;
        recipe.tensors.towards_start = pull;
        auto session = made(net(), recipe, samples);
        const auto name = session.parameters().front().name;
        run(session);
        return (tensor_of(session, name) - tensor_of(net(), name)).norm().item<double>();
    };
    EXPECT_LT(way(3), way(0) * 0.7);
}

TEST(SessionWeightsTest, PublishesOnTheGridAndMeasuresThat)
{
    const auto samples = clouds(100, 6, 3);
    const auto held_out = clouds(50, 6, 3, 2);
    auto recipe = short_recipe(2);
    recipe.tensors.snap = TensorOptions::Grid::bfloat16;
    auto session = made(net(), recipe, samples, &held_out);
    run(session);
    for (const auto& each : session.parameters()) {
        const auto published = tensor_of(session, each.name);
        EXPECT_TRUE(at::equal(published, published.to(at::kBFloat16).to(at::kFloat))) << each.name;
        EXPECT_FALSE(at::equal(each.tensor, each.tensor.to(at::kBFloat16).to(at::kFloat)))
            << "training itself goes on between the points of the grid";
    }
}

TEST(SessionWeightsTest, ClipsGradients)
{
    const auto samples = clouds(64, 6, 3);
    auto recipe = short_recipe(1);
    recipe.batch = 64;
    recipe.optimiser.kind = OptimiserOptions::Kind::sgd;
    recipe.optimiser.momentum = 0;
    recipe.optimiser.rate = 1;
    recipe.clip.norm = 0.001;
    auto session = made(net(), recipe, samples);
    std::vector<at::Tensor> before;
    for (const auto& each : session.parameters()) before.push_back(each.tensor.detach().clone());
    run(session);
    double squares = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
        squares += std::pow(
            (session.parameters()[i].tensor.detach() - before[i]).norm().item<double>(), 2);
    EXPECT_NEAR(std::sqrt(squares), 0.001, 1e-5);
    recipe.clip = {0, 1e-4};
    auto by_value = made(net(), recipe, samples);
    run(by_value);
    for (std::size_t i = 0; i < before.size(); ++i)
        EXPECT_LE((by_value.parameters()[i].tensor.detach() - before[i]).abs().max().item<double>(),
                  1.01e-4);
}

TEST(SessionWeightsTest, TrainsHalvesInSmallerStepsThanTheyHave)
{
    auto model = tiny::empty_model();
    tiny::add_input(model, "image", DataType::FP32, {-1, 2});
    tiny::add_output(model, "y", DataType::FP32, {-1, 1});
    auto& weight = *model.mutable_graph()->add_initializer();
    weight.set_name("w");
    weight.set_data_type(onnx::TensorProto::FLOAT16);
    weight.add_dims(2);
    weight.add_dims(1);
    weight.set_raw_data(std::string{"\0\x3c\0\x3c", 4});  // 1 and 1
    auto& graph = *model.mutable_graph();
    auto& cast = tiny::add_node(graph, "Cast", {"w"}, {"wide"});
    auto& to = *cast.add_attribute();
    to.set_name("to");
    to.set_type(onnx::AttributeProto::INT);
    to.set_i(onnx::TensorProto::FLOAT);
    tiny::add_node(graph, "MatMul", {"image", "wide"}, {"y"});
    const PointSource samples{{{1, 0}, {0, 1}}, {{2}, {0}}};
    auto recipe = short_recipe();
    recipe.steps = 40;
    recipe.batch = 2;
    recipe.optimiser.kind = OptimiserOptions::Kind::sgd;
    recipe.optimiser.momentum = 0;
    recipe.optimiser.rate = 1e-4;  // far below what a half near 1 can tell apart
    auto session = made(model, recipe, samples);
    run(session);
    EXPECT_NEAR(session.parameters().front().tensor[0].item<double>(), 1 + 40e-4, 1e-4);
    EXPECT_GT(tensor_of(session, "w")[0].item<double>(), 1);
}

TEST(SessionWeightsTest, TrainsInMixedPrecision)
{
    const auto samples = clouds(400, 6, 3);
    auto recipe = short_recipe();
    recipe.precision = Precision::bfloat16;
    auto session = made(net(), recipe, samples, &samples);
    run(session);
    EXPECT_GT(*session.measure()->accuracy, 0.95);
    for (const auto& each : session.parameters())
        EXPECT_EQ(each.tensor.scalar_type(), at::kFloat) << each.name;
    auto plain = made(net(), short_recipe(), samples, &samples);
    run(plain);
    EXPECT_NE(commitment_to(plain.checkpoint()), commitment_to(session.checkpoint()));
}

}  // namespace
}  // namespace training
