#include "tests/unit/training/sessions.hpp"
#include "tests/unit/training/workers.hpp"
#include "training/session/shard_sums.hpp"

#include <algorithm>
#include <limits>
#include <mutex>

namespace training {
namespace {

using namespace std::chrono_literals;

/// libtorch draws from one generator for all threads: here one computes at a time, until it waits
/// for the others.
class InTurn final : public Crew {
public:
    InTurn(Link& link, std::mutex& turn) : link_{link}, turn_{turn} {}
    std::uint32_t workers() const override { return link_.workers(); }
    std::uint32_t place() const override { return link_.place(); }
    ledger::Result<void> add_up(std::uint64_t step, Sums& sums) override
    {
        turn_.unlock();
        auto done = link_.add_up(step, sums);
        turn_.lock();
        return done;
    }

private:
    Link& link_;
    std::mutex& turn_;
};

using Make = std::function<Session()>;

/// The states in which workers end that train together.
std::vector<Checkpoint> ends_of(std::uint32_t workers, const Make& make)
{
    Team team{workers, {}};
    std::vector<Checkpoint> ends(workers);
    std::mutex turn;
    for (std::uint32_t i = 0; i < workers; ++i)
        team.run(i, [&, i] {
            const auto link = team.link(i, {});
            std::unique_lock lock{turn};
            InTurn crew{*link, turn};
            auto session = make();
            ASSERT_TRUE(session.share(crew));
            lock.unlock();
            ASSERT_TRUE(link->join({}));
            lock.lock();
            run(session);
            ends[i] = session.checkpoint();
            link->wish(wish_done);
            Sums none;
            EXPECT_TRUE(crew.add_up(session.step(), none));
        });
    EXPECT_EQ(team.end().kind, Hub::End::Kind::done);
    return ends;
}

Session alone(std::uint32_t workers, const Make& make)
{
    auto session = make();
    EXPECT_TRUE(session.share(workers));
    run(session);
    return session;
}

void expect_the_same_bits(const Make& make)
{
    std::vector<ledger::Hash> seen;
    for (const std::uint32_t workers : {2U, 3U, 5U}) {
        const auto replayed = commitment_to(alone(workers, make).checkpoint());
        const auto ends = ends_of(workers, make);
        for (const auto& each : ends) EXPECT_EQ(commitment_to(each), replayed) << workers;
        EXPECT_EQ(ends.front().workers.text(), std::to_string(workers));
        EXPECT_EQ(std::ranges::count(seen, replayed), 0) << "the number of workers counts";
        seen.push_back(replayed);
    }
}

TEST(SharedStepTest, OneProcessComputesTheBitsOfSeveral)
{
    const auto samples = clouds(100, 6, 3);
    const auto held_out = clouds(50, 6, 3, 2);
    auto recipe = short_recipe(3);
    recipe.augment.noise = 0.1;
    recipe.clip.norm = 0.5;
    recipe.loss.balanced = true;
    recipe.tensors.towards_start = 0.01;
    recipe.validation.patience = 1;
    expect_the_same_bits([&] { return made(normalised_net(), recipe, samples, &held_out); });
}

// 6 numbers -> 16 -> 3 classes, and half of the 16 dropped.
onnx::ModelProto dropping_net()
{
    auto model = tiny::empty_model();
    tiny::add_input(model, "image", DataType::FP32, {-1, 6});
    tiny::add_output(model, "y", DataType::FP32, {-1, 3});
    std::vector<float> first(96);
    std::vector<float> second(48);
    ledger::Draws draws{3};
    for (auto& each : first) each = draws.next_float();
    for (auto& each : second) each = draws.next_float();
    tiny::add_floats(model, "w1", {6, 16}, first);
    tiny::add_floats(model, "w2", {16, 3}, second);
    tiny::add_floats(model, "ratio", {}, {0.5F});
    auto& graph = *model.mutable_graph();
    tiny::add_node(graph, "MatMul", {"image", "w1"}, {"h"});
    tiny::add_node(graph, "Dropout", {"h", "ratio"}, {"d"});
    tiny::add_node(graph, "MatMul", {"d", "w2"}, {"y"});
    return model;
}

TEST(SharedStepTest, WhatIsDroppedDoesNotDependOnWhoComputes)
{
    const auto samples = clouds(100, 6, 3);
    expect_the_same_bits([&] { return made(dropping_net(), short_recipe(2), samples); });
}

TEST(SharedStepTest, QuantisesAndRoundsAlike)
{
    const auto samples = clouds(100, 6, 3);
    auto recipe = short_recipe(2);
    recipe.quantise.bits = 4;
    recipe.quantise.start = 0.2;
    expect_the_same_bits([&] { return made(net(), recipe, samples, &samples); });
    recipe.quantise.bits = 0;
    recipe.precision = Precision::bfloat16;
    recipe.tensors.snap = TensorOptions::Grid::bfloat16;
    recipe.optimiser.kind = OptimiserOptions::Kind::sgd;
    expect_the_same_bits([&] { return made(net(), recipe, samples, &samples); });
}

TEST(SharedStepTest, OneWorkerTakesTheStepsThatWereTakenBeforeThereWereSeveral)
{
    const auto samples = clouds(100, 6, 3);
    auto never = made(normalised_net(), short_recipe(2), samples, &samples);
    run(never);
    const auto make = [&] { return made(normalised_net(), short_recipe(2), samples, &samples); };
    const auto hash = commitment_to(never.checkpoint());
    EXPECT_EQ(commitment_to(alone(1, make).checkpoint()), hash);
    EXPECT_EQ(commitment_to(ends_of(1, make).front()), hash);
}

// The largest difference of what training moves.
double way_between(const Checkpoint& one, const Checkpoint& other)
{
    double most = 0;
    for (std::size_t i = 0; i < one.tensors.size(); ++i)
        if (one.tensors[i].name.starts_with("weights/"))
            most = std::max(
                most, (one.tensors[i].tensor - other.tensors[i].tensor).abs().max().item<double>());
    return most;
}

TEST(SharedStepTest, ShardsMakeTheGradientOfTheWholeBatch)
{
    const auto samples = clouds(50, 6, 3);
    auto recipe = short_recipe(2);
    recipe.optimiser.kind = OptimiserOptions::Kind::sgd;
    for (const bool weighs : {false, true}) {
        // Shards of 16 / 7 samples: some of them have none of the classes that count.
        if (weighs) recipe.loss.class_weights = {0, 0.5, 3};
        const auto make = [&] { return made(net(), recipe, samples); };
        const auto whole = alone(1, make).checkpoint();
        const auto shared = alone(7, make).checkpoint();
        EXPECT_LT(way_between(whole, shared), 1e-5) << weighs;
        EXPECT_EQ(whole.hits, shared.hits);
        EXPECT_NEAR(whole.loss_sum, shared.loss_sum, 1e-3);
    }
}

TEST(SharedStepTest, RunningStatisticsAreTheMeanOfWhatTheShardsMakeOfThem)
{
    // One batch of 5 samples, in shards of 2 and 3.
    const PointSource samples{{{1, 0, 0, 0, 0, 0},
                               {3, 0, 0, 0, 0, 0},
                               {5, 0, 0, 0, 0, 0},
                               {11, 0, 0, 0, 0, 0},
                               {2, 0, 0, 0, 0, 0}},
                              {0, 1, 2, 0, 1},
                              3};
    auto recipe = short_recipe(1);
    recipe.batch = 5;
    recipe.optimiser.rate = 0;
    auto session = alone(2, [&] { return made(normalised_net(), recipe, samples); });
    const auto order = Order{5, 5, recipe.seed, false}.samples_of(0);
    const auto w1 = tensor_of(normalised_net(), "w1")[0];
    const auto mean_of = [&](std::size_t first, std::size_t end) {
        double sum = 0;
        const double numbers[] = {1, 3, 5, 11, 2};
        for (auto i = first; i < end; ++i) sum += numbers[order[i]];
        return sum / static_cast<double>(end - first);
    };
    // Each begins with 0 and moves a tenth of the way; 2 samples and 3.
    const auto expected = w1 * (0.1 * (mean_of(0, 2) * 2 + mean_of(2, 5) * 3) / 5);
    EXPECT_TRUE(at::allclose(tensor_of(session, "mean"), expected, 1e-5, 1e-6));
}

TEST(SharedStepTest, RangesReachAsFarAsThoseOfTheWholeBatch)
{
    const auto samples = clouds(48, 6, 3);
    auto recipe = short_recipe(1);
    recipe.batch = 48;
    recipe.quantise.bits = 8;
    recipe.quantise.start = 0;
    recipe.optimiser.rate = 0;
    const auto ranges_of = [](const Checkpoint& checkpoint) {
        return std::ranges::find(checkpoint.tensors, "quantise/ranges", &NamedTensor::name)
            ->tensor.clone();
    };
    const auto make = [&] { return made(net(), recipe, samples); };
    const auto whole = ranges_of(alone(1, make).checkpoint());
    const auto shared = ranges_of(alone(5, make).checkpoint());
    // What comes first is the samples themselves.
    EXPECT_TRUE(at::equal(whole[0], shared[0]));
    EXPECT_TRUE(at::allclose(whole, shared, 0.05));
}

TEST(SharedStepTest, WorkersMeasureWhatOneWouldMeasure)
{
    const auto samples = clouds(60, 6, 3);
    const auto held_out = clouds(75, 6, 3, 2);
    const auto make = [&] { return made(net(), short_recipe(2), samples, &held_out); };
    const auto shared = ends_of(3, make).front();
    const auto replayed = alone(3, make);
    EXPECT_EQ(shared.best, *replayed.best());
    EXPECT_EQ(shared.best_step, replayed.best_step());
}

TEST(SharedStepTest, TheLastBatchMayHaveFewerSamplesThanThereAreWorkers)
{
    const auto samples = clouds(33, 6, 3);
    expect_the_same_bits([&] { return made(normalised_net(), short_recipe(2), samples); });
}

TEST(SharedStepTest, GoesOnWithFewerFromAStateAndSaysSo)
{
    const auto samples = clouds(100, 6, 3);
    auto session = made(net(), short_recipe(3), samples);
    ASSERT_TRUE(session.share(3));
    run(session, 5);
    auto kept = session.checkpoint();
    for (auto& each : kept.tensors) each.tensor = each.tensor.detach().clone();
    run(session, 8);
    ASSERT_TRUE(session.restore(kept));
    ASSERT_TRUE(session.share(2));
    run(session);
    EXPECT_EQ(session.workers().text(), "3,2@5");
    auto again = made(net(), short_recipe(3), samples);
    ASSERT_TRUE(again.share(3));
    run(again, 5);
    ASSERT_TRUE(again.share(2));
    run(again);
    EXPECT_EQ(commitment_to(again.checkpoint()), commitment_to(session.checkpoint()));
}

TEST(SharedStepTest, SaysWhyABatchCannotBeShared)
{
    const auto samples = clouds(100, 6, 3);
    auto session = made(net(), short_recipe(1), samples);
    EXPECT_TRUE(session.share(16));
    EXPECT_EQ(session.share(17).error().detail,
              "a batch of 16 samples has none for each of 17 workers");
    const auto model = net_of_batch(8);
    auto whole = made(model, short_recipe(1), samples);
    EXPECT_TRUE(whole.share(1));
    EXPECT_EQ(whole.share(2).error().detail,
              "the model takes whole batches of 8 samples only: several workers cannot share them");
}

TEST(SharedStepTest, ALossThatIsNoNumberEndsItForAll)
{
    const auto samples = clouds(100, 6, 3);
    // A number in one sample that is none: its shard has no loss, and so have all.
    PointSource::Rows rows(16, {1, 2, 3, 4, 5, 6});
    rows[3][0] = std::numeric_limits<float>::infinity();
    const PointSource spoilt{rows, std::vector<std::int64_t>(16, 1), 3};
    auto recipe = short_recipe(5);
    auto session = made(net(), recipe, spoilt);
    ASSERT_TRUE(session.share(3));
    const auto before = tensor_of(session, "w1");
    EXPECT_EQ(session.take_step().error().detail,
              "the loss is no number any more in step 1: a lower rate or clipping may help");
    EXPECT_TRUE(at::equal(tensor_of(session, "w1"), before));
    // No class that counts: there is nothing to go by.
    recipe.loss.class_weights = {0, 0, 0};
    auto blind = made(net(), recipe, samples);
    ASSERT_TRUE(blind.share(3));
    EXPECT_EQ(blind.take_step().error().detail,
              "the loss is no number any more in step 1: a lower rate or clipping may help");
}

}  // namespace
}  // namespace training
