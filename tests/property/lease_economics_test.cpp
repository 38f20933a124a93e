// Faking pays less than working, whatever part is faked: leases played by the rules at a network's
// default parameters, against verifiers and jurors of whom some are lazy or lie. MILLRACE_SEED
// reruns from a seed, MILLRACE_RUNS plays more leases a point.
#include "tests/support/lease_economy.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace market {
namespace {

std::uint64_t economy_setting(const char* name, std::uint64_t otherwise)
{
    const auto* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 0) : otherwise;
}

class LeaseEconomics : public testing::TestWithParam<VerifierMix> {};

TEST_P(LeaseEconomics, FakingPaysLessThanWorkingWhateverPartIsFaked)
{
    LeaseEconomy economy{economy_setting("MILLRACE_SEED", 22)};
    const auto runs = economy_setting("MILLRACE_RUNS", 16);
    const auto honest = economy.provider_gain(0, GetParam(), 4 * runs);
    std::cout << GetParam().name << ": honest " << honest;
    for (const unsigned percent : {1u, 5u, 10u, 25u, 50u, 75u, 100u}) {
        // The less is faked the rarer it is found, and the more leases tell.
        const auto leases = percent == 1 ? 12 * runs : percent < 10 ? 4 * runs : runs;
        const auto faking = economy.provider_gain(percent, GetParam(), leases);
        std::cout << ", " << percent << " % " << faking;
        EXPECT_LT(faking, honest) << percent << " %";
    }
    std::cout << std::endl;
}

INSTANTIATE_TEST_SUITE_P(Mixes, LeaseEconomics,
                         testing::Values(VerifierMix{"all honest", 0, 0},
                                         VerifierMix{"30 % lazy", 30, 0},
                                         VerifierMix{"10 % lying", 0, 10},
                                         VerifierMix{"20 % lazy, 10 % lying", 20, 10}),
                         [](const auto& mix) { return "Mix" + std::to_string(mix.index); });

TEST(LazyVerifiers, EarnLessThanWorkingOnesWhereATenthIsPlanted)
{
    LeaseEconomy economy{economy_setting("MILLRACE_SEED", 22)};
    const auto runs = economy_setting("MILLRACE_RUNS", 24);
    const auto honest = economy.verifier_gain(false, runs);
    const auto lazy = economy.verifier_gain(true, runs);
    std::cout << "of a report's fee: working " << honest << ", lazy " << lazy << std::endl;
    EXPECT_GT(honest, 0.4) << "fee less 3 % less the work";
    EXPECT_LT(lazy, 0);
}

}  // namespace
}  // namespace market
