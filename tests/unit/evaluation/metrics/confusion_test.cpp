#include "evaluation/metrics/confusion.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace evaluation {
namespace {

ConfusionMatrix of(const std::vector<std::uint32_t>& labels,
                   const std::vector<std::uint32_t>& answers, std::size_t classes)
{
    ConfusionMatrix matrix{classes};
    for (std::size_t i = 0; i < labels.size(); ++i) matrix.add(labels[i], answers[i]);
    return matrix;
}

ConfusionMatrix of_counts(const std::vector<std::vector<int>>& counts)
{
    ConfusionMatrix matrix{counts.size()};
    for (std::uint32_t i = 0; i < counts.size(); ++i)
        for (std::uint32_t j = 0; j < counts.size(); ++j)
            for (int k = 0; k < counts[i][j]; ++k) matrix.add(i, j);
    return matrix;
}

// The example of scikit-learn's precision_score, recall_score and f1_score.
const std::vector<std::uint32_t> labels{0, 1, 2, 0, 1, 2}, answers{0, 2, 1, 0, 0, 1};

TEST(Confusion, MacroAveragesAreThoseOfScikitLearn)
{
    const auto macro = average_measures(of(labels, answers, 3), Average::macro);
    EXPECT_NEAR(macro.precision.value, 2.0 / 9, 1e-15);
    EXPECT_NEAR(macro.recall.value, 1.0 / 3, 1e-15);
    EXPECT_NEAR(macro.f1.value, 0.8 / 3, 1e-15);
}

TEST(Confusion, WeightedAveragesAreThoseOfScikitLearn)
{
    const auto weighted = average_measures(of(labels, answers, 3), Average::weighted);
    EXPECT_NEAR(weighted.precision.value, 2.0 / 9, 1e-15);
    EXPECT_NEAR(weighted.recall.value, 1.0 / 3, 1e-15);
    EXPECT_NEAR(weighted.f1.value, 0.8 / 3, 1e-15);
}

TEST(Confusion, EachClassHasItsOwn)
{
    const auto zero = class_measures(of(labels, answers, 3), 0);
    EXPECT_EQ(zero.support, 2U);
    EXPECT_NEAR(zero.precision.value, 2.0 / 3, 1e-15);
    EXPECT_EQ(zero.precision.n, 3U);
    EXPECT_EQ(zero.recall.value, 1);
    EXPECT_NEAR(zero.f1.value, 0.8, 1e-15);
}

TEST(Confusion, F1HasTheBoundsThatFollowFromTheOverlap)
{
    // 2 of 3 samples that are of class 0 or were taken for it.
    const auto zero = class_measures(of(labels, answers, 3), 0);
    EXPECT_EQ(zero.f1.n, 3U);
    EXPECT_NEAR(zero.f1.interval->low, 0.17234649054012613, 1e-12);
    EXPECT_NEAR(zero.f1.interval->high, 0.9957803903797505, 1e-12);
}

TEST(Confusion, AClassThatNeverOccursIsNothingAndDoesNotCount)
{
    const auto matrix = of({0, 1}, {0, 1}, 3);
    EXPECT_EQ(class_measures(matrix, 2).f1.value, 0);
    EXPECT_EQ(class_measures(matrix, 2).f1.n, 0U);
    EXPECT_EQ(average_measures(matrix, Average::macro).f1.value, 1);
}

TEST(Confusion, AverageBoundsAreThoseOfTheDeltaMethod)
{
    // From a program that takes the derivatives of each average numerically.
    const auto matrix = of_counts({{8, 2, 0}, {1, 9, 3}, {2, 0, 12}});
    const auto macro = average_measures(matrix, Average::macro);
    EXPECT_NEAR(macro.f1.value, 0.7798303229337712, 1e-12);
    EXPECT_NEAR(macro.f1.interval->low, 0.6432478120079634, 1e-8);
    EXPECT_NEAR(macro.f1.interval->high, 0.916412833859579, 1e-8);
    EXPECT_NEAR(macro.precision.interval->low, 0.6457222090263229, 1e-8);
    EXPECT_NEAR(macro.recall.interval->low, 0.6488216914380397, 1e-8);
    const auto weighted = average_measures(matrix, Average::weighted);
    EXPECT_NEAR(weighted.f1.interval->low, 0.6465577684126331, 1e-8);
    EXPECT_NEAR(weighted.precision.value, 0.7867321867321868, 1e-12);
    EXPECT_NEAR(weighted.precision.interval->low, 0.6531472373494505, 1e-8);
}

TEST(Confusion, AllRightIsNoCertainty)
{
    const auto macro = average_measures(of({0, 1, 0, 1}, {0, 1, 0, 1}, 2), Average::macro);
    EXPECT_EQ(macro.f1.value, 1);
    EXPECT_LT(macro.f1.interval->low, 0.41);
    EXPECT_EQ(macro.f1.method, Method::clopper_pearson);
}

TEST(Confusion, WeightedRecallIsTheAccuracy)
{
    const auto matrix = of_counts({{8, 2, 0}, {1, 9, 3}, {2, 0, 12}});
    EXPECT_NEAR(average_measures(matrix, Average::weighted).recall.value, accuracy(matrix).value,
                1e-15);
    EXPECT_NEAR(accuracy(matrix).value, 29.0 / 37, 1e-15);
}

TEST(Confusion, NamesOfClassesDoNotMatter)
{
    const auto one = of_counts({{8, 2, 0}, {1, 9, 3}, {2, 0, 12}});
    const auto other = of_counts({{12, 2, 0}, {0, 8, 2}, {3, 1, 9}});
    const auto a = average_measures(one, Average::macro),
               b = average_measures(other, Average::macro);
    EXPECT_NEAR(a.f1.value, b.f1.value, 1e-15);
    EXPECT_NEAR(a.f1.interval->low, b.f1.interval->low, 1e-12);
}

}  // namespace
}  // namespace evaluation
