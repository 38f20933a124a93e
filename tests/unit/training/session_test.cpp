#include "training/session/session.hpp"

#include "inference/model/content_id.hpp"
#include "tests/support/shared_engine.hpp"
#include "tests/unit/training/sessions.hpp"
#include "training/conform/compare.hpp"
#include "training/operators/tensors.hpp"
#include "training/session/schedule.hpp"

#include <cmath>

namespace training {
namespace {

TEST(SessionTest, LearnsClassesAndWritesWhatOnnxRuntimeComputes)
{
    const auto samples = clouds(400, 6, 3);
    const auto held_out = clouds(200, 6, 3, 2);
    auto session = made(net(), short_recipe(), samples, &held_out);
    run(session);
    EXPECT_EQ(session.step(), 5 * 25);
    const auto measure = session.measure();
    ASSERT_TRUE(measure);
    EXPECT_GT(*measure->accuracy, 0.97);

    const auto file = session.model();
    ASSERT_TRUE(file) << file.error().detail;
    const auto was = inference::canonicalise(tiny::to_bytes(net()));
    const auto is = inference::canonicalise(*file);
    EXPECT_EQ(is->skeleton_hash, was->skeleton_hash);
    const auto served = inference::shared_engine().load(*file);
    ASSERT_TRUE(served) << served.error().detail;
    auto executor = Executor::make(std::move(*read_plan(*file)));
    const auto x = at::rand({5, 6});
    const auto mine = executor->run(std::vector{x});
    const auto theirs = (*served)->run(std::vector{from_torch(x, "image")});
    ASSERT_TRUE(theirs) << theirs.error().detail;
    const auto fault =
        difference(from_torch(mine->front(), "probabilities"), theirs->tensors.front(), {0, 1e-4});
    EXPECT_FALSE(fault) << *fault;
}

TEST(SessionTest, GoesThroughTheSameNumbersTwice)
{
    const auto samples = clouds(100, 6, 3);
    auto recipe = short_recipe(2);
    recipe.augment.noise = 0.1;
    auto first = made(net(), recipe, samples);
    auto second = made(net(), recipe, samples);
    run(first);
    run(second);
    EXPECT_EQ(commitment_to(first.checkpoint()), commitment_to(second.checkpoint()));
    recipe.seed = 2;
    auto other = made(net(), recipe, samples);
    run(other);
    EXPECT_NE(commitment_to(other.checkpoint()), commitment_to(first.checkpoint()));
}

TEST(SessionTest, GoesOnFromACheckpointBitByBit)
{
    const auto samples = clouds(100, 6, 3);
    const auto held_out = clouds(50, 6, 3, 2);
    for (const auto kind : {OptimiserOptions::Kind::sgd, OptimiserOptions::Kind::adamw}) {
        auto recipe = short_recipe(4);
        recipe.optimiser.kind = kind;
        recipe.schedule.kind = ScheduleOptions::Kind::cosine;
        recipe.augment.gain = 0.1;
        recipe.tensors.towards_start = 0.01;
        auto straight = made(normalised_net(), recipe, samples, &held_out);
        run(straight);
        for (const std::uint64_t stop : {0U, 1U, 7U, 10U, 14U}) {
            auto before = made(normalised_net(), recipe, samples, &held_out);
            run(before, stop);
            ledger::PosixDisk disk;
            const auto path = testing::TempDir() + "/checkpoint";
            ASSERT_TRUE(write_checkpoint(disk, path, before.checkpoint()));
            auto after = made(normalised_net(), recipe, samples, &held_out);
            const auto restored = after.restore(*read_checkpoint(disk, path));
            ASSERT_TRUE(restored) << restored.error().detail;
            EXPECT_EQ(after.step(), stop);
            run(after);
            EXPECT_EQ(commitment_to(after.checkpoint()), commitment_to(straight.checkpoint()))
                << stop;
            EXPECT_EQ(*after.model(), *straight.model()) << stop;
        }
    }
}

TEST(SessionTest, RefusesACheckpointOfSomethingElse)
{
    const auto samples = clouds(100, 6, 3);
    auto session = made(net(), short_recipe(), samples);
    const auto why = [&](auto change) {
        auto checkpoint = session.checkpoint();
        change(checkpoint);
        const auto done = session.restore(checkpoint);
        return done ? std::string{} : done.error().detail;
    };
    EXPECT_EQ(why([](Checkpoint& c) { c.base.bytes[0] ^= 1; }),
              "the checkpoint is of another model");
    EXPECT_EQ(why([](Checkpoint& c) { c.recipe.bytes[0] ^= 1; }),
              "the checkpoint is of another recipe");
    EXPECT_EQ(why([](Checkpoint& c) { c.samples = 99; }),
              "the checkpoint is of a training with 99 samples, these are 100");
    EXPECT_EQ(why([](Checkpoint& c) { c.teacher.bytes[0] = 1; }),
              "the checkpoint is of a training with another teacher, or none");
    EXPECT_EQ(why([](Checkpoint& c) { c.validation = 7; }),
              "the checkpoint is of a training that measured on 7 samples, these are 0");
    EXPECT_EQ(why([](Checkpoint& c) { c.step = 1000; }), "the checkpoint is of a longer training");
    EXPECT_EQ(why([](Checkpoint& c) { c.tensors.clear(); }).substr(0, 40),
              "there are no numbers for the tensor 'b1'");
    EXPECT_EQ(why([](Checkpoint&) {}), "");
}

TEST(SessionTest, MeasuresTripletsThoughTheFilesComeClassByClass)
{
    PointSource::Rows rows;
    std::vector<std::int64_t> labels;
    for (std::int64_t kind = 0; kind < 3; ++kind)
        for (std::size_t i = 0; i < 40; ++i) {
            rows.push_back(std::vector<float>(6, static_cast<float>(i % 5)));
            labels.push_back(kind);
        }
    const PointSource sorted{rows, labels, 3};
    auto recipe = short_recipe(1);
    recipe.loss.kind = LossOptions::Kind::triplet;
    auto session = made(net(), recipe, sorted, &sorted);
    const auto measure = session.measure();
    ASSERT_TRUE(measure);
    EXPECT_GT(measure->loss, 0.1) << "batches of one class would have nothing to tell apart";
}

TEST(SessionTest, StopsWhereTheLossIsNoNumber)
{
    const auto samples = clouds(100, 6, 3);
    auto recipe = short_recipe(50);
    recipe.loss.kind = LossOptions::Kind::cross_entropy;
    recipe.optimiser.kind = OptimiserOptions::Kind::sgd;
    recipe.optimiser.rate = 1000;
    recipe.optimiser.momentum = 0.99;
    auto session = made(normalised_net(), recipe, samples);
    std::string why;
    while (why.empty() && !session.is_finished())
        if (const auto step = session.take_step(); !step) why = step.error().detail;
    EXPECT_TRUE(why.starts_with("the loss is no number any more in step ") || !session.model())
        << why;
}

TEST(SessionTest, EndsEarlyAndKeepsTheBest)
{
    const auto samples = clouds(60, 6, 3, 1, 3.0F);
    const auto held_out = clouds(60, 6, 3, 2, 3.0F);
    auto recipe = short_recipe(400);
    recipe.optimiser.rate = 0.05;
    recipe.validation.patience = 3;
    auto session = made(net(), recipe, samples, &held_out);
    run(session);
    EXPECT_TRUE(session.ended_early());
    EXPECT_LT(session.step(), session.steps());
    EXPECT_EQ(session.step(), session.best_step() + 3 * session.steps_per_epoch());
    // The file holds what was best, not what was last.
    auto again = made(net(), recipe, samples, &held_out);
    run(again, session.best_step());
    EXPECT_EQ(*again.model(), *session.model());
}

TEST(SessionTest, LearnsFromATeacher)
{
    const auto samples = clouds(200, 6, 3);
    auto taught = made(net(), short_recipe(), samples);
    run(taught);
    const auto teacher = taught.model();
    // Labels that are all wrong: only the teacher knows.
    PointSource::Rows rows;
    for (std::size_t i = 0; i < 200; ++i) {
        std::vector<std::uint8_t> bytes(24);
        const std::span<std::uint8_t> row{bytes};
        std::int64_t label = 0;
        ASSERT_TRUE(samples.read(i, {{&row, 1}, &label, {}}));
        std::vector<float> numbers(6);
        std::memcpy(numbers.data(), bytes.data(), 24);
        rows.push_back(std::move(numbers));
    }
    const PointSource blind{rows, std::vector<std::int64_t>(200, 0), 3};
    auto recipe = short_recipe(10);
    recipe.loss.distillation = 1;
    const auto student = tiny::mlp(77, 6, 16, 3);
    auto session =
        Session::make(plan_of(student), recipe, {&blind, &samples}, *read_plan(*teacher));
    ASSERT_TRUE(session) << session.error().detail;
    run(*session);
    EXPECT_GT(*session->measure()->accuracy, 0.95);
    EXPECT_EQ(Session::make(plan_of(student), recipe, {&blind, nullptr}).error().detail,
              "the recipe wants a teacher, and none is given");
    recipe.loss.distillation = 0;
    EXPECT_FALSE(Session::make(plan_of(student), recipe, {&blind, nullptr}, *read_plan(*teacher)));
    recipe.loss.distillation = 1;
    EXPECT_EQ(
        Session::make(plan_of(student), recipe, {&blind, nullptr}, plan_of(tiny::mlp(1, 6, 16, 4)))
            .error()
            .detail,
        "the teacher's output has another shape");
}

TEST(SessionTest, LearnsToGiveBackWhatItIsGiven)
{
    const auto labelled = clouds(100, 6, 3);
    PointSource::Rows rows{{1, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0}, {0, 0, 1, 0, 0, 0}};
    const PointSource samples{rows, PointSource::Rows{}};
    auto model = tiny::empty_model();
    tiny::add_input(model, "image", DataType::FP32, {-1, 6});
    tiny::add_output(model, "y", DataType::FP32, {-1, 6});
    tiny::add_floats(model, "w", {6, 6}, std::vector<float>(36, 0.1F));
    tiny::add_node(*model.mutable_graph(), "MatMul", {"image", "w"}, {"y"});
    auto recipe = short_recipe();
    recipe.epochs = 300;
    auto session = made(model, recipe, samples, &samples);
    run(session);
    EXPECT_LT(session.measure()->loss, 1e-3);
    EXPECT_FALSE(session.measure()->accuracy);
}

TEST(SessionTest, TakesOnlyWholeBatchesWhereTheModelSaysHowMany)
{
    const auto model = net_of_batch(8);
    const auto samples = clouds(20, 6, 3);
    auto session = made(model, short_recipe(1), samples, &samples);
    EXPECT_EQ(session.steps_per_epoch(), 2);
    EXPECT_EQ(session.samples_per_step(), 8);
    run(session);
    const auto few = clouds(5, 6, 3);
    const auto none = Session::make(plan_of(model), short_recipe(1), {&few, nullptr});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().detail, "the model takes 8 samples at once, and there are fewer");
}

TEST(SessionTest, SaysWhySamplesDoNotFit)
{
    const auto samples = clouds(10, 5, 3);
    EXPECT_EQ(Session::make(plan_of(net()), short_recipe(), {&samples, nullptr})
                  .error()
                  .detail.substr(0, 29),
              "a sample does not fit: input ");
    auto recipe = short_recipe();
    recipe.loss.output = "z";
    EXPECT_EQ(Session::make(plan_of(net()), recipe, {&samples, nullptr}).error().detail,
              "the model has no output 'z'");
    recipe = short_recipe();
    recipe.validation.by = ValidationOptions::Measure::accuracy;
    recipe.loss.kind = LossOptions::Kind::triplet;
    const auto fitting = clouds(10, 6, 3);
    EXPECT_EQ(Session::make(plan_of(net()), recipe, {&fitting, nullptr}).error().detail,
              "'validation.by' is accuracy, and this loss counts none");
}

TEST(ScheduleTest, LeadsUpAndComesDown)
{
    ScheduleOptions schedule;
    schedule.warmup = 4;
    EXPECT_EQ(rate_factor(schedule, 0, 100, 10), 0.25);
    EXPECT_EQ(rate_factor(schedule, 50, 100, 10), 1);
    schedule.kind = ScheduleOptions::Kind::cosine;
    schedule.floor = 0.1;
    EXPECT_EQ(rate_factor(schedule, 4, 104, 10), 1);
    EXPECT_NEAR(rate_factor(schedule, 54, 104, 10), 0.55, 1e-12);
    EXPECT_NEAR(rate_factor(schedule, 104, 104, 10), 0.1, 1e-12);
    schedule.kind = ScheduleOptions::Kind::linear;
    EXPECT_NEAR(rate_factor(schedule, 29, 104, 10), 0.1 + 0.9 * 0.75, 1e-12);
    schedule.kind = ScheduleOptions::Kind::steps;
    schedule.warmup = 0;
    schedule.every = 2;
    EXPECT_EQ(rate_factor(schedule, 19, 100, 10), 1);
    EXPECT_NEAR(rate_factor(schedule, 20, 100, 10), 0.1, 1e-12);
    EXPECT_NEAR(rate_factor(schedule, 40, 100, 10), 0.01, 1e-12);
}

}  // namespace
}  // namespace training
