#include "evaluation/metrics/class_answer.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace evaluation {
namespace {

ClassAnswer of(std::vector<double> scores, ScoreKind kind, std::uint32_t label)
{
    return answer_of(scores, kind, label);
}

TEST(ClassAnswer, TakesProbabilitiesAsTheyAre)
{
    const auto answer = of({0.2, 0.5, 0.3}, ScoreKind::probabilities, 2);
    EXPECT_EQ(answer.predicted, 1U);
    EXPECT_EQ(answer.rank, 1U);
    EXPECT_DOUBLE_EQ(answer.label_probability, 0.3);
    EXPECT_DOUBLE_EQ(answer.confidence, 0.5);
    EXPECT_NEAR(answer.brier, 0.04 + 0.25 + 0.49, 1e-15);
    EXPECT_FALSE(answer.is_right());
}

TEST(ClassAnswer, TurnsLogitsIntoProbabilities)
{
    const auto answer = of({0, std::log(3.0)}, ScoreKind::logits, 1);
    EXPECT_NEAR(answer.label_probability, 0.75, 1e-15);
    EXPECT_NEAR(answer.brier, 2 * 0.0625, 1e-15);
    EXPECT_TRUE(answer.is_right());
}

TEST(ClassAnswer, LargeLogitsDoNotOverflow)
{
    const auto answer = of({1000, -1000, 999}, ScoreKind::logits, 2);
    EXPECT_NEAR(answer.label_probability, 1 / (1 + std::exp(1.0)), 1e-15);
    EXPECT_EQ(answer.rank, 1U);
}

TEST(ClassAnswer, OfEqualScoresTheFirstClassIsMeant)
{
    EXPECT_EQ(of({0.4, 0.4, 0.2}, ScoreKind::probabilities, 1).predicted, 0U);
    EXPECT_EQ(of({0.4, 0.4, 0.2}, ScoreKind::probabilities, 1).rank, 1U);
    EXPECT_EQ(of({0.4, 0.4, 0.2}, ScoreKind::probabilities, 0).rank, 0U);
}

TEST(ClassAnswer, KnowsProbabilitiesWhenItSeesThem)
{
    EXPECT_TRUE(are_probabilities(std::vector{0.25, 0.75}));
    EXPECT_TRUE(are_probabilities(std::vector{0.0, 1.0}));
    EXPECT_FALSE(are_probabilities(std::vector{0.25, 0.7}));
    EXPECT_FALSE(are_probabilities(std::vector{-0.25, 1.25}));
    EXPECT_FALSE(are_probabilities(std::vector{std::nan(""), 1.0}));
}

TEST(ClassAnswer, LogisticIsSteadyAtBothEnds)
{
    EXPECT_DOUBLE_EQ(logistic(0), 0.5);
    EXPECT_NEAR(logistic(std::log(4.0)), 0.8, 1e-15);
    EXPECT_DOUBLE_EQ(logistic(-1000), 0);
    EXPECT_DOUBLE_EQ(logistic(1000), 1);
}

}  // namespace
}  // namespace evaluation
