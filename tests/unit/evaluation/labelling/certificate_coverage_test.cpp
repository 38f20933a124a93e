#include "evaluation/labelling/certificate.hpp"
#include "evaluation/statistics/intervals.hpp"
#include "ledger/base/draws.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

/// Certificates of many samples from a pool of which it is known what is wrong.
namespace evaluation {
namespace {

constexpr std::size_t pool_size = 3000, runs = 2000;
/// 5 % of the runs, and three times what chance adds.
constexpr std::size_t most_wrong = 100 + 30;

struct KnownPool {
    std::vector<TeacherAnswer> answers;  ///< from the most confident down
    std::vector<bool> is_wrong;

    /// `per_mille` are wrong from 0, the most confident answer, to 1, the least, evenly but
    /// never later than the rate says.
    explicit KnownPool(const std::function<double(double)>& per_mille)
    {
        double owed = 1;
        for (std::size_t i = 0; i < pool_size; ++i) {
            answers.push_back({0, 1 - real(i) / real(pool_size)});
            owed += per_mille(real(i) / real(pool_size)) / 1000;
            is_wrong.push_back(owed >= 1);
            if (owed >= 1) owed -= 1;
        }
    }

    double errors_from(double threshold) const
    {
        std::size_t above = 0, wrong = 0;
        for (; above < pool_size && answers[above].confidence >= threshold; ++above)
            wrong += is_wrong[above];
        return real(wrong) / real(above);
    }

    /// With repetition, which is harder than without.
    std::vector<VerifiedAnswer> sample(std::size_t n, std::uint64_t seed) const
    {
        std::vector<VerifiedAnswer> verified;
        ledger::Draws random{seed};
        while (verified.size() < n) {
            const auto i = random.below(pool_size);
            verified.push_back({0, is_wrong[i] ? 1U : 0U, answers[i].confidence});
        }
        return verified;
    }
};

/// The lowest of all thresholds at which the bound holds, as if it had been the only one tried.
std::optional<double> picked_freely(std::vector<VerifiedAnswer> verified)
{
    std::ranges::sort(verified, std::ranges::greater{}, &VerifiedAnswer::confidence);
    std::optional<double> lowest;
    std::size_t errors = 0;
    for (std::size_t i = 0; i < verified.size(); ++i) {
        errors += verified[i].label;
        if (clopper_pearson_upper(errors, i + 1, 0.95) <= 0.02) lowest = verified[i].confidence;
    }
    return lowest;
}

struct Outcome {
    std::size_t certified = 0, wrong = 0;
};

template <typename Threshold>
Outcome outcome(const KnownPool& pool, std::size_t verified, const Threshold& threshold)
{
    Outcome found;
    for (std::size_t run = 0; run < runs; ++run) {
        const auto chosen = threshold(pool.sample(verified, 1000 + run));
        if (!chosen) continue;
        ++found.certified;
        if (pool.errors_from(*chosen) > 0.02) ++found.wrong;
    }
    return found;
}

Outcome certified(const KnownPool& pool, std::size_t verified)
{
    return outcome(pool, verified, [&](const std::vector<VerifiedAnswer>& sample) {
        return certify(pool.answers, sample, 1).of[0].threshold;
    });
}

TEST(CertificateCoverage, ErrorsJustAboveEpsilonEverywhereAreSeldomCertified)
{
    const KnownPool pool{[](double) { return 20.1; }};
    for (const auto verified : {149U, 400U, 1000U}) {
        const auto found = certified(pool, verified);
        EXPECT_LE(found.wrong, most_wrong);
    }
}

TEST(CertificateCoverage, HoldsWhereErrorsGrowAsConfidenceFalls)
{
    const KnownPool pool{[](double rank) { return rank < 0.3 ? 1.0 : 100 * (rank - 0.3); }};
    for (const auto verified : {400U, 1000U, 2000U}) {
        const auto found = certified(pool, verified);
        EXPECT_LE(found.wrong, most_wrong);
        EXPECT_GT(found.certified, runs * (verified == 400U ? 4 : 8) / 10);
    }
}

TEST(CertificateCoverage, HoldsWhereTheTeacherIsMostWrongWhenMostSure)
{
    const KnownPool pool{[](double rank) { return rank < 0.35 ? 21.0 : 19.6; }};
    EXPECT_LE(certified(pool, 1000).wrong, most_wrong);
    const KnownPool waves{
        [](double rank) { return static_cast<int>(rank * 10) % 2 == 0 ? 40.0 : 1.5; }};
    EXPECT_LE(certified(waves, 1000).wrong, most_wrong);
}

TEST(CertificateCoverage, WouldNotHoldForAThresholdPickedFreely)
{
    const KnownPool pool{[](double) { return 20.1; }};
    EXPECT_GT(outcome(pool, 1000, picked_freely).wrong, most_wrong);
}

}  // namespace
}  // namespace evaluation
