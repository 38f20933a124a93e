#include "evaluation/run/plan.hpp"

#include <gtest/gtest.h>

namespace evaluation {
namespace {

using inference::DataType;
using inference::ModelIo;
using samples::Target;

ModelIo with(std::vector<inference::TensorSpec> outputs)
{
    return {{{"x", DataType::FP32, {-1, 4}}}, std::move(outputs)};
}

const Target none{};
const Target three{Target::Kind::classes, {"a", "b", "c"}, {}};
const Target two{Target::Kind::classes, {"no", "yes"}, {}};
const Target number{Target::Kind::numbers, {}, {1}};
const Target boxes{Target::Kind::numbers, {}, {8, 5}};

Plan plan(const Target& target, const ModelIo& io, const PlanOptions& options = {})
{
    const auto made = make_plan(target, io, options);
    EXPECT_TRUE(made) << made.error().detail;
    return made ? *made : Plan{};
}

std::string fault(const Target& target, const ModelIo& io, const PlanOptions& options = {})
{
    const auto made = make_plan(target, io, options);
    EXPECT_FALSE(made);
    return made ? "" : made.error().detail;
}

TEST(Plan, ClassesWantANumberForEach)
{
    const auto made = plan(
        three, with({{"hidden", DataType::FP32, {-1, 2}}, {"logits", DataType::FP32, {-1, 3}}}));
    EXPECT_EQ(made.task, Task::classification);
    EXPECT_EQ(made.outputs, (std::vector<std::string>{"logits"}));
    EXPECT_FALSE(made.are_numbers_of_classes);
}

TEST(Plan, ProbabilitiesAreTakenFirst)
{
    const auto made = plan(three, with({{"logits", DataType::FP32, {-1, 3}},
                                        {"probabilities", DataType::FP32, {-1, 3}}}));
    EXPECT_EQ(made.outputs.front(), "probabilities");
}

TEST(Plan, OneIntegerMayBeTheClassItself)
{
    const auto made = plan(three, with({{"label", DataType::INT64, {-1}}}));
    EXPECT_TRUE(made.are_numbers_of_classes);
}

TEST(Plan, OfTwoClassesOneNumberWillDo)
{
    EXPECT_EQ(plan(two, with({{"p", DataType::FP32, {-1, 1}}})).outputs.front(), "p");
    EXPECT_NE(fault(three, with({{"p", DataType::FP32, {-1, 1}}})), "");
}

TEST(Plan, MapsOfClassesAreNotClasses)
{
    EXPECT_EQ(fault(three, with({{"mask", DataType::FP32, {-1, 64, 64, 3}}})),
              "no output has a floating number for each of 3 classes, or one integer");
}

TEST(Plan, NumbersAreARegression)
{
    const auto made =
        plan(number, with({{"n", DataType::INT64, {-1}}, {"y", DataType::FP32, {-1, 1}}}));
    EXPECT_EQ(made.task, Task::regression);
    EXPECT_EQ(made.outputs.front(), "y");
}

TEST(Plan, BoxesAreADetectionWhereAllThreeOutputsAreThere)
{
    const auto io = with({{"labels", DataType::INT64, {-1}},
                          {"boxes", DataType::FP32, {-1, 4}},
                          {"scores", DataType::FP32, {-1}}});
    const auto made = plan(boxes, io);
    EXPECT_EQ(made.task, Task::detection);
    EXPECT_EQ(made.outputs, (std::vector<std::string>{"boxes", "scores", "labels"}));
    EXPECT_EQ(plan(boxes, with({{"boxes", DataType::FP32, {-1, 4}}})).task, Task::regression);
    EXPECT_NE(fault(boxes, with({{"boxes", DataType::FP32, {-1, 4}}}), {Task::detection, "", {}})
                  .find("there is no 'scores'"),
              std::string::npos);
    EXPECT_NE(fault(number, io, {Task::detection, "", {}}).find("5 or 6 columns"),
              std::string::npos);
}

TEST(Plan, WithoutTargetsClustersAreMeasured)
{
    const auto made = plan(none, with({{"embedding", DataType::FP32, {-1, 2}},
                                       {"distances", DataType::FP32, {-1, 5}}}));
    EXPECT_EQ(made.task, Task::clustering);
    EXPECT_EQ(made.outputs.front(), "distances");
    EXPECT_TRUE(made.are_distances);
    EXPECT_EQ(made.points, "embedding");
    EXPECT_TRUE(plan(none, with({{"cluster", DataType::INT64, {-1}}})).are_numbers_of_classes);
}

TEST(Plan, WhoeverMeasuresMayNameTaskAndOutput)
{
    const auto io = with({{"a", DataType::FP32, {-1, 3}}, {"b", DataType::FP32, {-1, 3}}});
    EXPECT_EQ(plan(three, io, {{}, "b", {}}).outputs.front(), "b");
    EXPECT_EQ(plan(three, io, {Task::clustering, "", {}}).task, Task::clustering);
    EXPECT_EQ(fault(three, io, {{}, "c", {}}), "the model has no output 'c'");
    EXPECT_EQ(fault(three, io, {Task::regression, "", {}}),
              "the data have no targets for regression");
}

TEST(Plan, TasksHaveNames)
{
    EXPECT_EQ(task_named("detection"), Task::detection);
    EXPECT_EQ(name_of(Task::clustering), "clustering");
    EXPECT_FALSE(task_named("Detection"));
}

}  // namespace
}  // namespace evaluation
