#include "evaluation/metrics/class_measures.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace evaluation {
namespace {

std::vector<ClassAnswer> of(const std::vector<std::vector<double>>& scores,
                            const std::vector<std::uint32_t>& labels)
{
    std::vector<ClassAnswer> answers;
    for (std::size_t i = 0; i < scores.size(); ++i)
        answers.push_back(answer_of(scores[i], ScoreKind::probabilities, labels[i]));
    return answers;
}

/// Right or wrong with so much confidence.
ClassAnswer sure(double confidence, bool is_right)
{
    ClassAnswer answer;
    answer.predicted = is_right ? 0 : 1;
    answer.confidence = confidence;
    return answer;
}

TEST(ClassMeasures, TopKIsThatOfScikitLearn)
{
    // The example of top_k_accuracy_score.
    const auto answers =
        of({{0.5, 0.2, 0.2}, {0.3, 0.4, 0.2}, {0.2, 0.4, 0.3}, {0.7, 0.2, 0.1}}, {0, 1, 2, 2});
    EXPECT_EQ(top_k(answers, 2).value, 0.75);
    EXPECT_EQ(top_k(answers, 1).value, 0.5);
    EXPECT_EQ(top_k(answers, 3).value, 1);
    EXPECT_EQ(top_k(answers, 2).n, 4U);
}

TEST(ClassMeasures, LogLossIsThatOfScikitLearn)
{
    // The example of log_loss; ham is 0, spam is 1.
    const auto answers = of({{.1, .9}, {.9, .1}, {.8, .2}, {.35, .65}}, {1, 0, 0, 1});
    EXPECT_NEAR(log_loss(answers).value, 0.21616187468057912, 1e-15);
}

TEST(ClassMeasures, LogLossOfAClassCalledImpossibleIsFinite)
{
    EXPECT_NEAR(log_loss(of({{1, 0}}, {1})).value, -std::log(1e-15), 1e-12);
}

TEST(ClassMeasures, BrierIsTwiceThatOfScikitLearnForTwoClasses)
{
    // The example of brier_score_loss gives 0.0375.
    const auto answers = of({{.9, .1}, {.1, .9}, {.2, .8}, {.7, .3}}, {0, 1, 1, 0});
    EXPECT_NEAR(brier(answers).value, 2 * 0.0375, 1e-15);
}

TEST(ClassMeasures, CalibrationErrorIsTheMeanOverBins)
{
    // Bin 13, up to 14/15: 0.9 and 0.92, one of two right: |1 - 1.82|. Bin 9: |1 - 0.65|.
    const std::vector<ClassAnswer> answers{sure(0.9, true), sure(0.92, false), sure(0.65, true)};
    EXPECT_NEAR(calibration_error(answers).value, (0.82 + 0.35) / 3, 1e-15);
}

TEST(ClassMeasures, ABinHoldsItsUpperEndAndTheFirstZeroToo)
{
    const std::vector<ClassAnswer> answers{sure(0, false), sure(1.0 / 15, true), sure(0.0667, true),
                                           sure(1, true)};
    const auto bins = reliability(answers);
    EXPECT_EQ(bins[0].n, 2U);
    EXPECT_EQ(bins[1].n, 1U);
    EXPECT_EQ(bins[14].n, 1U);
    EXPECT_EQ(bins[14].right, 1U);
}

TEST(ClassMeasures, CalibrationErrorClaimsNoBounds)
{
    std::vector<ClassAnswer> answers;
    for (int i = 0; i < 400; ++i) answers.push_back(sure(0.95, i % 5 != 0));  // 80 % are right
    const auto found = calibration_error(answers);
    EXPECT_NEAR(found.value, 0.15, 1e-12);
    EXPECT_EQ(found.method, Method::none);
    EXPECT_FALSE(found.interval);
}

TEST(ClassMeasures, TheOrderOfSamplesDoesNotMatter)
{
    auto answers = of({{.1, .9}, {.9, .1}, {.8, .2}, {.35, .65}}, {1, 0, 1, 1});
    const auto loss = log_loss(answers), score = brier(answers);
    std::reverse(answers.begin(), answers.end());
    EXPECT_NEAR(log_loss(answers).value, loss.value, 1e-15);
    EXPECT_NEAR(brier(answers).interval->low, score.interval->low, 1e-12);
}

}  // namespace
}  // namespace evaluation
