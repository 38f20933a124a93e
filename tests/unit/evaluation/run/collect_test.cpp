#include "evaluation/run/collect.hpp"

#include "tests/unit/evaluation/run/fake_source.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace evaluation {
namespace {

using inference::DataType;
using inference::ModelIo;
using inference::Tensor;
using ledger::ErrorKind;

Answers collected(const samples::Source& source, const ModelIo& io, const Infer& infer = echo,
                  const CollectOptions& options = {})
{
    auto made = collect(source, io, infer, options);
    EXPECT_TRUE(made) << made.error().detail;
    return made ? std::move(*made) : Answers{};
}

ledger::Error fault(const samples::Source& source, const ModelIo& io, const Infer& infer = echo,
                    const CollectOptions& options = {})
{
    const auto made = collect(source, io, infer, options);
    EXPECT_FALSE(made);
    return made ? ledger::Error{} : made.error();
}

/// Probabilities as inputs, which the model echoes.
FakeSource probabilities(std::size_t n = 70)
{
    std::vector<std::vector<float>> rows;
    std::vector<std::int64_t> labels;
    for (std::size_t i = 0; i < n; ++i) {
        rows.push_back(i % 2 == 0 ? std::vector<float>{0.75F, 0.25F}
                                  : std::vector<float>{0.5F, 0.5F});
        labels.push_back(static_cast<std::int64_t>(i % 3 == 0));
    }
    return FakeSource::of_classes(rows, labels, {"a", "b"});
}

TEST(Collect, PutsEverySampleInOrderBatchByBatch)
{
    std::vector<std::int64_t> batches;
    std::vector<std::uint64_t> done;
    const Infer infer = [&](auto inputs, auto outputs) {
        batches.push_back(inputs[0].shape[0]);
        return echo(inputs, outputs);
    };
    CollectOptions options;
    options.progress = [&](std::uint64_t count) { done.push_back(count); };
    const auto answers = collected(probabilities(), echo_io(2), infer, options);
    EXPECT_EQ(batches, (std::vector<std::int64_t>{32, 32, 32}));
    EXPECT_EQ(done, (std::vector<std::uint64_t>{32, 64, 70}));
    ASSERT_EQ(answers.classified.size(), 70U);
    EXPECT_EQ(answers.scores, ScoreKind::probabilities);
    EXPECT_EQ(answers.classified[0].label, 1U);
    EXPECT_EQ(answers.classified[0].label_probability, 0.25);
    EXPECT_EQ(answers.classified[69].confidence, 0.5);
    EXPECT_EQ(answers.kept.size(), 70U);
    EXPECT_EQ(answers.probabilities[0], 0.75);
}

TEST(Collect, BatchesOfAnySizeGiveTheSame)
{
    CollectOptions one;
    one.batch = 1;
    const auto a = collected(probabilities(), echo_io(2)),
               b = collected(probabilities(), echo_io(2), echo, one);
    EXPECT_EQ(a.dataset_root, b.dataset_root);
    EXPECT_EQ(a.probabilities, b.probabilities);
}

TEST(Collect, AModelThatFixesItsBatchIsFedWithFullOnes)
{
    auto io = echo_io(2);
    io.inputs[0].shape[0] = io.outputs[0].shape[0] = 4;
    std::vector<std::int64_t> batches;
    const Infer infer = [&](auto inputs, auto outputs) {
        batches.push_back(inputs[0].shape[0]);
        return echo(inputs, outputs);
    };
    EXPECT_EQ(collected(probabilities(6), io, infer).classified.size(), 6U);
    EXPECT_EQ(batches, (std::vector<std::int64_t>{4, 4}));
}

TEST(Collect, AModelWithoutABatchTakesOneSampleAtATime)
{
    const ModelIo io{{{"x", DataType::FP32, {2}}}, {{"y", DataType::FP32, {2}}}};
    const auto answers = collected(probabilities(5), io);
    EXPECT_EQ(answers.classified.size(), 5U);
    EXPECT_EQ(answers.classified[1].confidence, 0.5);
}

TEST(Collect, TellsLogitsFromProbabilities)
{
    const auto logits = FakeSource::of_classes({{0, std::log(3.0F)}, {-1, -1}}, {1, 0}, {"a", "b"});
    const auto answers = collected(logits, echo_io(2));
    EXPECT_EQ(answers.scores, ScoreKind::logits);
    EXPECT_NEAR(answers.classified[0].confidence, 0.75, 1e-6);
    EXPECT_NEAR(answers.probabilities[2], 0.5, 1e-12);
    EXPECT_TRUE(answers.notes.empty());
}

TEST(Collect, SaysWhereSharesWereTakenForLogits)
{
    const auto shares = FakeSource::of_classes({{0.2F, 0.2F}, {0.9F, 0.8F}}, {1, 0}, {"a", "b"});
    const auto answers = collected(shares, echo_io(2));
    EXPECT_EQ(answers.scores, ScoreKind::logits);
    ASSERT_EQ(answers.notes.size(), 1U);
    EXPECT_NE(answers.notes[0].find("do not sum to 1"), std::string::npos);
}

TEST(Collect, ProbabilitiesThatTurnIntoLogitsAreAFault)
{
    auto source = probabilities(40);
    source.rows[35] = {3, -3};
    EXPECT_EQ(fault(source, echo_io(2)).detail.substr(0, 42),
              "sample 35: the scores are no probabilities");
    CollectOptions options;
    options.plan.scores = ScoreKind::logits;
    EXPECT_EQ(collected(source, echo_io(2), echo, options).scores, ScoreKind::logits);
}

TEST(Collect, OneNumberIsTheSecondOfTwoClasses)
{
    const auto source = FakeSource::of_classes({{0.75F}, {0.25F}}, {1, 1}, {"no", "yes"});
    const auto answers = collected(source, echo_io(1));
    EXPECT_EQ(answers.scores, ScoreKind::probabilities);
    EXPECT_TRUE(answers.classified[0].is_right());
    EXPECT_FALSE(answers.classified[1].is_right());
    EXPECT_EQ(answers.classified[1].label_probability, 0.25);
    EXPECT_EQ(answers.probabilities, (std::vector<double>{0.25, 0.75, 0.75, 0.25}));
}

TEST(Collect, OneLogitIsThatOfTheSecondClass)
{
    const auto source = FakeSource::of_classes({{std::log(3.0F)}, {-2}}, {1, 1}, {"no", "yes"});
    const auto answers = collected(source, echo_io(1));
    EXPECT_EQ(answers.scores, ScoreKind::logits);
    EXPECT_NEAR(answers.classified[0].label_probability, 0.75, 1e-6);
}

TEST(Collect, MoreClassesThanTheDataHaveMustBeNumbers)
{
    const auto numbered = FakeSource::of_classes({{1, 0, 0}, {0, 1, 0}}, {0, 1}, {"0", "1"});
    EXPECT_EQ(collected(numbered, echo_io(3)).classes, (std::vector<std::string>{"0", "1", "2"}));
    const auto named = FakeSource::of_classes({{1, 0, 0}, {0, 1, 0}}, {0, 1}, {"cat", "dog"});
    EXPECT_EQ(fault(named, echo_io(3)).detail, "the model has 3 classes and the data have 2");
}

TEST(Collect, AClassSaidAsANumberHasNoProbabilities)
{
    const auto source = FakeSource::of_classes({{0}, {3}}, {0, 1}, {"0", "1"});
    const ModelIo io{{{"x", DataType::FP32, {-1, 1}}}, {{"label", DataType::INT64, {-1}}}};
    const Infer infer = [](auto inputs, auto) -> ledger::Result<std::vector<Tensor>> {
        Tensor label{"label", DataType::INT64, {inputs[0].shape[0]}, {}};
        label.data.resize(8 * static_cast<std::size_t>(inputs[0].shape[0]));
        for (std::size_t i = 0; 4 * i < inputs[0].data.size(); ++i) {
            float x = 0;
            std::memcpy(&x, inputs[0].data.data() + 4 * i, 4);
            label.data[8 * i] = static_cast<std::uint8_t>(x);
        }
        return std::vector{label};
    };
    CollectOptions options;
    options.batch = 2;
    const auto answers = collected(source, io, infer, options);
    EXPECT_FALSE(answers.has_probabilities);
    EXPECT_TRUE(answers.classified[0].is_right());
    EXPECT_EQ(answers.classified[1].predicted, 3U);
    EXPECT_EQ(answers.classes.size(), 4U);
}

TEST(Collect, KeepsAsManyNumbersAsItMay)
{
    CollectOptions options;
    options.limits.kept_numbers = 20;
    const auto answers = collected(probabilities(), echo_io(2), echo, options);
    EXPECT_EQ(answers.kept.size(), 10U);
    EXPECT_EQ(answers.probabilities.size(), 20U);
    EXPECT_EQ(answers.classified.size(), 70U);
    ASSERT_EQ(answers.notes.size(), 1U);
    EXPECT_NE(answers.notes[0].find("10 samples, chosen by the seed"), std::string::npos);
}

TEST(Collect, NumbersAreARegression)
{
    const auto source = FakeSource::of_numbers({{1, 2}, {3, 4}}, {{1, 1}, {3, 7}}, {2});
    const auto answers = collected(source, echo_io(2));
    EXPECT_EQ(answers.plan.task, Task::regression);
    EXPECT_DOUBLE_EQ(answers.numbers[0].absolute, 0.5);
    EXPECT_DOUBLE_EQ(answers.numbers[1].squared, 4.5);
    EXPECT_EQ(answers.targets, (std::vector<float>{1, 1, 3, 7}));
}

TEST(Collect, ClustersAreMeasuredOnTheInput)
{
    FakeSource source;
    source.rows = {{0}, {1}, {10}, {12}};
    const ModelIo io{{{"x", DataType::FP32, {-1, 1}}}, {{"distances", DataType::FP32, {-1, 2}}}};
    const Infer infer = [](auto inputs, auto) -> ledger::Result<std::vector<Tensor>> {
        std::vector<float> distances;
        for (std::size_t i = 0; 4 * i < inputs[0].data.size(); ++i) {
            float x = 0;
            std::memcpy(&x, inputs[0].data.data() + 4 * i, 4);
            distances.push_back(std::abs(x));
            distances.push_back(std::abs(x - 11));
        }
        return std::vector{floats("distances", {inputs[0].shape[0], 2}, distances)};
    };
    const auto answers = collected(source, io, infer);
    ASSERT_EQ(answers.silhouettes.size(), 4U);
    EXPECT_NEAR(answers.silhouettes[0], 10.0 / 11, 1e-12);
    EXPECT_EQ(answers.notes, (std::vector<std::string>{"2 clusters have samples."}));
}

TEST(Collect, BoxesOfOneImageAtATimeAreADetection)
{
    // Padding in the data and in the answer is of class -1.
    const auto source = FakeSource::of_numbers(
        {{1}, {2}}, {{0, 0, 50, 50, 3, -1, -1, -1, -1, -1}, {0, 0, 50, 50, 3, 60, 60, 90, 90, 3}},
        {2, 5});
    const ModelIo io{{{"x", DataType::FP32, {-1, 1}}},
                     {{"boxes", DataType::FP32, {-1, 4}},
                      {"labels", DataType::FP32, {-1}},
                      {"scores", DataType::FP32, {-1}}}};
    const Infer infer = [](auto, auto) -> ledger::Result<std::vector<Tensor>> {
        return std::vector{floats("boxes", {2, 4}, {0, 0, 50, 50, 0, 0, 0, 0}),
                           floats("scores", {2}, {0.5F, 0}), floats("labels", {2}, {3, -1})};
    };
    const auto answers = collected(source, io, infer);
    EXPECT_EQ(answers.plan.task, Task::detection);
    EXPECT_EQ(answers.matches.images(), 2U);
    EXPECT_EQ(answers.matches.boxes(3), 3U);
    EXPECT_NEAR(answers.matches.average_precision({}), 67.0 / 101, 1e-12);
}

TEST(Collect, GroupsAreNumberedAsTheyCome)
{
    auto source = probabilities(3);
    source.slices = {"north", "", "north"};
    const auto answers = collected(source, echo_io(2));
    EXPECT_EQ(answers.slice_names, (std::vector<std::string>{"north", ""}));
    EXPECT_EQ(answers.slices, (std::vector<std::uint32_t>{0, 1, 0}));
    EXPECT_TRUE(collected(probabilities(3), echo_io(2)).slice_names.empty());
}

TEST(Collect, FaultsNameTheSample)
{
    auto source = probabilities(40);
    source.broken = 33;
    EXPECT_EQ(fault(source, echo_io(2)).detail, "row 4 cannot be read");
    source = probabilities(40);
    source.rows[34][0] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(fault(source, echo_io(2)).detail, "sample 34: output 'y' is not finite");
    const Infer failing = [](auto, auto) -> ledger::Result<std::vector<Tensor>> {
        return ledger::Error{ErrorKind::unavailable, "no memory"};
    };
    EXPECT_EQ(fault(probabilities(), echo_io(2), failing).detail, "sample 0: no memory");
}

TEST(Collect, WrongShapesAreRefused)
{
    EXPECT_EQ(fault(probabilities(), echo_io(3)).kind, ErrorKind::invalid);
    const Infer short_one = [](auto, auto) -> ledger::Result<std::vector<Tensor>> {
        return std::vector{floats("y", {1, 2}, {0, 0})};
    };
    EXPECT_EQ(fault(probabilities(), echo_io(2), short_one).detail,
              "sample 0: output 'y' of shape [1,2] has not one row for each of 32 samples");
    EXPECT_EQ(fault(FakeSource{}, echo_io(1)).detail, "there are no samples");
}

TEST(Collect, ALabelBeyondTheClassesIsRefused)
{
    auto source = probabilities(3);
    source.labels[2] = 2;
    EXPECT_EQ(fault(source, echo_io(2)).detail, "sample 2 has a class that is none");
}

TEST(Collect, LimitsAreKept)
{
    CollectOptions options;
    options.limits.samples = 69;
    EXPECT_EQ(fault(probabilities(), echo_io(2), echo, options).kind, ErrorKind::full);
    options = {};
    options.limits.classes = 1;
    EXPECT_EQ(fault(probabilities(), echo_io(2), echo, options).kind, ErrorKind::full);
    options = {};
    options.limits.batch_bytes = 7;  // a sample has 8
    EXPECT_EQ(fault(probabilities(), echo_io(2), echo, options).kind, ErrorKind::full);
    options = {};
    options.limits.slices = 1;
    auto source = probabilities(2);
    source.slices = {"a", "b"};
    EXPECT_EQ(fault(source, echo_io(2), echo, options).kind, ErrorKind::full);
}

}  // namespace
}  // namespace evaluation
