#include "evaluation/results/results.hpp"

#include "tests/unit/evaluation/run/fake_source.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace evaluation {
namespace {

Answers collected(const samples::Source& source, const inference::ModelIo& io)
{
    auto made = collect(source, io, echo, {});
    EXPECT_TRUE(made) << made.error().detail;
    return made ? std::move(*made) : Answers{};
}

const Measure* find(const std::vector<NamedMeasure>& in, const std::string& name)
{
    for (const auto& [known, measure] : in)
        if (known == name) return &measure;
    return nullptr;
}

std::vector<std::string> names_of(const std::vector<NamedMeasure>& measures)
{
    std::vector<std::string> names;
    for (const auto& [name, measure] : measures) names.push_back(name);
    return names;
}

/// Six samples of three classes, four of them right; two groups.
FakeSource three_classes()
{
    auto source = FakeSource::of_classes({{.7F, .2F, .1F},
                                          {.1F, .8F, .1F},
                                          {.2F, .2F, .6F},
                                          {.5F, .3F, .2F},
                                          {.6F, .3F, .1F},
                                          {.1F, .2F, .7F}},
                                         {0, 1, 2, 1, 0, 1}, {"ant", "bee", "cow"});
    source.slices = {"day", "day", "day", "night", "night", "night"};
    return source;
}

TEST(Measure, ClassesHaveAllTheirMetrics)
{
    const auto results = measure(collected(three_classes(), echo_io(3)), {{2, 5}});
    EXPECT_EQ(names_of(results.metrics),
              (std::vector<std::string>{"accuracy", "top2", "macro_precision", "macro_recall",
                                        "macro_f1", "weighted_precision", "weighted_f1",
                                        "macro_auc", "log_loss", "brier", "ece"}));
    EXPECT_NEAR(find(results.metrics, "accuracy")->value, 4.0 / 6, 1e-15);
    EXPECT_NEAR(find(results.metrics, "top2")->value, 1, 1e-15);
    // Against the rest: ants 8 of 8 pairs; bees 6.5 of 9, with ties; the cow 4 of 5.
    EXPECT_NEAR(find(results.metrics, "macro_auc")->value, (1 + 6.5 / 9 + 0.8) / 3, 1e-12);
    const auto loss = -(std::log(.7F) + std::log(.8F) + std::log(.6F) + std::log(.3F) +
                        std::log(.6F) + std::log(.2F)) /
                      6;
    EXPECT_NEAR(find(results.metrics, "log_loss")->value, static_cast<double>(loss), 1e-6);
    EXPECT_EQ(results.confusion->at(1, 2), 1U);
    EXPECT_EQ(results.curves.size(), 3U);
    EXPECT_TRUE(results.reliability);
    EXPECT_TRUE(results.slices.empty());
}

TEST(Measure, EachClassHasItsOwnRow)
{
    const auto results = measure(collected(three_classes(), echo_io(3)), {});
    ASSERT_EQ(results.classes.size(), 3U);
    EXPECT_EQ(results.classes[1].name, "bee");
    EXPECT_EQ(results.classes[1].support, 3U);
    EXPECT_EQ(names_of(results.classes[1].measures),
              (std::vector<std::string>{"precision", "recall", "f1", "auc"}));
    EXPECT_NEAR(find(results.classes[1].measures, "recall")->value, 1.0 / 3, 1e-15);
    EXPECT_NEAR(find(results.classes[1].measures, "f1")->value, 0.5, 1e-15);
}

TEST(Measure, GroupsAreMeasuredAlone)
{
    MeasureOptions options;
    options.by_slice = true;
    const auto results = measure(collected(three_classes(), echo_io(3)), options);
    ASSERT_EQ(results.slices.size(), 2U);
    EXPECT_EQ(results.slices[0].name, "day");
    EXPECT_EQ(results.slices[0].samples, 3U);
    EXPECT_EQ(find(results.slices[0].metrics, "accuracy")->value, 1);
    EXPECT_NEAR(find(results.slices[1].metrics, "accuracy")->value, 1.0 / 3, 1e-15);
}

TEST(Measure, AGroupIsWhatItWouldBeWithoutTheOthers)
{
    MeasureOptions options;
    options.by_slice = true;
    const auto whole = measure(collected(three_classes(), echo_io(3)), options);
    auto alone = three_classes();
    alone.rows.erase(alone.rows.begin(), alone.rows.begin() + 3);
    alone.labels.erase(alone.labels.begin(), alone.labels.begin() + 3);
    alone.slices.clear();
    const auto part = measure(collected(alone, echo_io(3)), {});
    ASSERT_EQ(names_of(part.metrics), names_of(whole.slices[1].metrics));
    for (std::size_t i = 0; i < part.metrics.size(); ++i)
        EXPECT_EQ(part.metrics[i].measure.value, whole.slices[1].metrics[i].measure.value);
}

TEST(Measure, TwoClassesHaveOneAreaAndOneCurve)
{
    const auto source = FakeSource::of_classes({{.9F, .1F}, {.6F, .4F}, {.65F, .35F}, {.2F, .8F}},
                                               {0, 0, 1, 1}, {"no", "yes"});
    const auto results = measure(collected(source, echo_io(2)), {});
    EXPECT_DOUBLE_EQ(find(results.metrics, "auc")->value, 0.75);
    ASSERT_EQ(results.curves.size(), 1U);
    EXPECT_EQ(results.curves[0].name, "yes");
    EXPECT_EQ(find(results.metrics, "top5"), nullptr);
}

TEST(Measure, MetricsLieInTheirBoundsAndBetweenZeroAndOne)
{
    const auto results = measure(collected(three_classes(), echo_io(3)), {});
    for (const auto& [name, measure] : results.metrics) {
        ASSERT_TRUE(measure.interval || name == "ece" || name == "macro_auc") << name;
        if (!measure.interval) continue;
        EXPECT_LE(measure.interval->low, measure.value + 1e-12) << name;
        EXPECT_GE(measure.interval->high, measure.value - 1e-12) << name;
        if (name == "log_loss" || name == "brier") continue;
        EXPECT_GE(measure.interval->low, 0) << name;
        EXPECT_LE(measure.interval->high, 1) << name;
    }
}

TEST(Measure, NumbersHaveErrors)
{
    const auto source =
        FakeSource::of_numbers({{2.5F}, {0}, {2}, {8}}, {{3}, {-0.5F}, {2}, {7}}, {1});
    const auto results = measure(collected(source, echo_io(1)), {});
    EXPECT_EQ(names_of(results.metrics), (std::vector<std::string>{"mae", "rmse", "r2"}));
    EXPECT_DOUBLE_EQ(results.metrics[0].measure.value, 0.5);
    EXPECT_NEAR(results.metrics[2].measure.value, 0.9486081370449679, 1e-12);
}

/// Two images of one true box each, of which a model finds the first.
Answers detected()
{
    Answers answers;
    answers.plan.task = Task::detection;
    answers.samples = 2;
    answers.slices = {0, 1};
    answers.slice_names = {"day", "night"};
    const std::vector<TrueBox> box{{{0, 0, 50, 50}, 7}};
    answers.matches.add_image(box, std::vector<FoundBox>{{{0, 0, 50, 50}, 7, 0.5}});
    answers.matches.add_image(box, {});
    answers.matches.sort();
    return answers;
}

TEST(Measure, BoxesHavePrecisionAndRecall)
{
    const auto results = measure(detected(), {});
    EXPECT_EQ(names_of(results.metrics),
              (std::vector<std::string>{"map", "ap50", "ap75", "ap_medium", "ar1", "ar10", "ar100",
                                        "ar_medium"}));
    EXPECT_NEAR(results.metrics[0].measure.value, 51.0 / 101, 1e-12);
    EXPECT_EQ(results.metrics[0].measure.n, 2U);
    EXPECT_DOUBLE_EQ(find(results.metrics, "ar100")->value, 0.5);
    EXPECT_EQ(results.metrics[0].measure.interval->low, 0);
    EXPECT_EQ(results.metrics[0].measure.interval->high, 1);
    ASSERT_EQ(results.classes.size(), 1U);
    EXPECT_EQ(results.classes[0].name, "7");
    EXPECT_EQ(results.classes[0].support, 2U);
}

TEST(Measure, GroupsOfImagesAreMeasuredAlone)
{
    MeasureOptions options;
    options.by_slice = true;
    const auto results = measure(detected(), options);
    ASSERT_EQ(results.slices.size(), 2U);
    EXPECT_DOUBLE_EQ(find(results.slices[0].metrics, "map")->value, 1);
    EXPECT_DOUBLE_EQ(find(results.slices[1].metrics, "map")->value, 0);
    EXPECT_EQ(find(results.slices[1].metrics, "map")->n, 1U);
}

}  // namespace
}  // namespace evaluation
