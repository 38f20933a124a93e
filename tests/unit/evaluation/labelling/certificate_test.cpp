#include "evaluation/labelling/certificate.hpp"

#include "evaluation/statistics/intervals.hpp"

#include <gtest/gtest.h>

namespace evaluation {
namespace {

/// `n` answers of class 0 with confidences 1/n to 1, each of which is in the pool and verified;
/// those at `wrong`, counted from the most confident, are of class 1.
Certificate certificate_of(std::size_t n, const std::vector<std::size_t>& wrong,
                           const CertificateRules& rules = {})
{
    std::vector<TeacherAnswer> pool;
    std::vector<VerifiedAnswer> verified;
    for (std::size_t i = 0; i < n; ++i) {
        const auto confidence = real(n - i) / real(n);
        pool.push_back({0, confidence});
        verified.push_back({0, 0, confidence});
    }
    for (const auto i : wrong) verified[i].label = 1;
    return certify(pool, verified, 2, rules);
}

TEST(Certificate, NeedsSoManyAnswersWithoutAnError)
{
    EXPECT_EQ(least_verified(), 149U);
    EXPECT_EQ(least_verified({0.02, 0.99}), 228U);
    EXPECT_EQ(least_verified({0.05, 0.95}), 59U);
    EXPECT_EQ(least_verified({0.5, 0.5}), 1U);
    EXPECT_EQ(least_verified({0.9, 0.1}), 1U);
}

TEST(Certificate, LeastVerifiedIsTheLeastForAllRules)
{
    for (const auto epsilon : {1e-9, 0.001, 0.02, 0.3, 1 - 1e-9})
        for (const auto level : {1e-9, 0.5, 0.95, 0.999, 1 - 1e-9}) {
            const auto n = least_verified({epsilon, level});
            EXPECT_LE(clopper_pearson_upper(0, n, level), epsilon);
            EXPECT_GT(clopper_pearson_upper(0, n - 1, level), epsilon);
        }
}

TEST(Certificate, TakesAllOfAClassThatWasVerifiedJustEnough)
{
    const auto found = certificate_of(149, {}).of[0];
    EXPECT_EQ(found.threshold, 1.0 / 149);
    EXPECT_EQ(found.verified, 149U);
    EXPECT_EQ(found.above, 149U);
    EXPECT_EQ(found.errors, 0U);
    EXPECT_NEAR(found.bound, 0.0199048, 1e-7);
    EXPECT_EQ(found.labelled, 149U);
}

TEST(Certificate, AClassThatWasHardlyVerifiedIsNeverLabelled)
{
    const auto certificate = certificate_of(148, {});
    EXPECT_FALSE(certificate.of[0].threshold);
    EXPECT_EQ(certificate.of[0].verified, 148U);
    EXPECT_EQ(certificate.of[0].bound, 1);
    EXPECT_EQ(certificate.of[0].labelled, 0U);
    EXPECT_FALSE(certificate.labels_itself(0, 1));
}

TEST(Certificate, BeginsWithAQuarterWhereThatIsEnough)
{
    EXPECT_EQ(first_expected(149, 149), 149U);
    EXPECT_EQ(first_expected(186, 149), 186U);
    EXPECT_EQ(first_expected(500, 149), 186U);
    EXPECT_EQ(first_expected(1000, 149), 250U);
    EXPECT_EQ(first_expected(5000, 149), 298U);
    EXPECT_EQ(first_expected(1, 1), 1U);
}

TEST(Certificate, OneErrorNeedsMoreAnswers)
{
    // 1 - 0.98^n - n 0.02 0.98^(n - 1) is above 0.95 from n = 236 on.
    EXPECT_GT(clopper_pearson_upper(1, 235, 0.95), 0.02);
    EXPECT_LE(clopper_pearson_upper(1, 236, 0.95), 0.02);
    EXPECT_FALSE(certificate_of(900, {0}).of[0].threshold);
    EXPECT_TRUE(certificate_of(944, {0}).of[0].threshold);
}

TEST(Certificate, StopsWhereErrorsBegin)
{
    std::vector<std::size_t> wrong;
    for (std::size_t i = 700; i < 1000; i += 2) wrong.push_back(i);
    const auto certificate = certificate_of(1000, wrong);
    const auto& found = certificate.of[0];
    // Of 1000, 250 are tried first, then 282, 318, 358, 403, 454, 511, 575, 647, 728, 820.
    EXPECT_EQ(found.above, 647U);
    EXPECT_EQ(found.threshold, 0.354);
    EXPECT_EQ(found.errors, 0U);
    EXPECT_EQ(found.labelled, 647U);
    EXPECT_TRUE(certificate.labels_itself(0, 0.354));
    EXPECT_FALSE(certificate.labels_itself(0, 0.3539));
}

TEST(Certificate, WhatFailsFirstIsReported)
{
    const auto found = certificate_of(1000, {0, 1, 2, 3, 4}).of[0];
    EXPECT_FALSE(found.threshold);
    EXPECT_EQ(found.above, 250U);
    EXPECT_EQ(found.errors, 5U);
    EXPECT_GT(found.bound, 0.02);
}

TEST(Certificate, NothingIsTriedAfterAFailure)
{
    // Five errors among 1000 would pass, had not the strictest threshold failed.
    EXPECT_LE(clopper_pearson_upper(5, 1000, 0.95), 0.02);
    EXPECT_EQ(certificate_of(1000, {995, 996, 997, 998, 999}).of[0].above, 1000U);
    EXPECT_FALSE(certificate_of(1000, {0, 1, 2, 3, 4}).of[0].threshold);
}

TEST(Certificate, EqualConfidencesStandOrFallTogether)
{
    const std::vector<TeacherAnswer> pool(5000, {0, 1});
    std::vector<VerifiedAnswer> verified(400, {0, 0, 1});
    const auto found = certify(pool, verified, 1).of[0];
    EXPECT_EQ(found.threshold, 1);
    EXPECT_EQ(found.above, 400U);
    EXPECT_EQ(found.labelled, 5000U);
    for (std::size_t i = 0; i < 20; ++i) verified[i].label = 7;
    EXPECT_FALSE(certify(pool, verified, 1).of[0].threshold);
}

TEST(Certificate, ClassesAreJudgedByThemselves)
{
    std::vector<TeacherAnswer> pool;
    std::vector<VerifiedAnswer> verified;
    for (std::uint32_t i = 0; i < 600; ++i) {
        const auto predicted = i % 3;
        pool.push_back({predicted, 0.5});
        // Class 0 is always right, 1 always wrong, 2 hardly verified.
        if (predicted < 2 || i < 100) verified.push_back({predicted, 0, 0.5});
    }
    const auto certificate = certify(pool, verified, 4);
    ASSERT_EQ(certificate.of.size(), 4U);
    EXPECT_TRUE(certificate.labels_itself(0, 0.5));
    EXPECT_FALSE(certificate.labels_itself(1, 1));
    EXPECT_FALSE(certificate.labels_itself(2, 1));
    EXPECT_FALSE(certificate.labels_itself(3, 1));
    EXPECT_FALSE(certificate.labels_itself(4, 1));
    EXPECT_EQ(certificate.of[1].errors, 200U);
}

TEST(Certificate, OrderOfAnswersDoesNotMatter)
{
    std::vector<TeacherAnswer> pool;
    std::vector<VerifiedAnswer> verified;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        pool.push_back({0, (i % 50) / 50.0});
        verified.push_back({0, i % 50 == 3 && i % 4 == 0, (i % 50) / 50.0});
    }
    const auto one = certify(pool, verified, 1).of[0];
    std::reverse(pool.begin(), pool.end());
    std::reverse(verified.begin(), verified.end());
    const auto other = certify(pool, verified, 1).of[0];
    ASSERT_TRUE(one.threshold);
    EXPECT_EQ(one.threshold, other.threshold);
    EXPECT_EQ(one.errors, other.errors);
    EXPECT_EQ(one.bound, other.bound);
}

TEST(Certificate, OfNothingLabelsNothing)
{
    EXPECT_TRUE(certify({}, {}, 0).of.empty());
    EXPECT_FALSE(certify({}, {}, 3).labels_itself(0, 1));
    const std::vector<VerifiedAnswer> verified(500, {0, 0, 1});
    EXPECT_FALSE(certify({}, verified, 1).of[0].threshold);
}

TEST(Certificate, ForAllClassesEachHasToBeSurer)
{
    EXPECT_NEAR(level_for_all(0.95, 10), 0.995, 1e-15);
    EXPECT_NEAR(level_for_all(0.95, 1), 0.95, 1e-15);
    EXPECT_NEAR(level_for_all(0.95, 0), 0.95, 1e-15);
    EXPECT_EQ(least_verified({0.02, level_for_all(0.95, 10)}), 263U);
}

}  // namespace
}  // namespace evaluation
