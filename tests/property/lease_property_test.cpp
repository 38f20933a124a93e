// Random histories of GPU leases: tenants that stall, providers that fake and leave, verifiers that
// lie, copy or sleep, juries that lie. After every block the supply adds up, each lease stands
// where its own table leads, and what it holds is what an oracle counts: escrow leaves once, and
// nothing is paid but co-signed time. Where juries are honest nobody honest loses a bond or a
// stake. MILLRACE_SEED reruns from a seed, MILLRACE_HISTORIES makes the run longer.
#include "market/execute.hpp"
#include "market/invariants.hpp"
#include "market/lease_draw.hpp"
#include "tests/property/lease_history.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace market {
namespace {

std::uint64_t lease_setting(const char* name, std::uint64_t otherwise)
{
    const auto* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 0) : otherwise;
}

void run_lease_histories(ledger::AssetKind kind, std::uint64_t histories)
{
    const auto seed = lease_setting("MILLRACE_SEED", 118);
    std::cout << "MILLRACE_SEED=" << seed << " MILLRACE_HISTORIES=" << histories << std::endl;
    std::mt19937_64 random{seed};
    const LeaseGround ground{kind};
    LeaseCounts counts;
    for (std::uint64_t number = 0; number < histories; ++number) {
        LeaseHistory{ground, random, number, counts}.run();
        ASSERT_FALSE(testing::Test::HasFailure()) << "history " << number;
    }
    for (const auto& [name, count] : counts.applied) std::cout << name << ' ' << count << ' ';
    std::cout << "of " << counts.transactions << '\n';
    for (const auto& [outcome, count] : counts.outcomes)
        std::cout << ledger::codec::enum_name(outcome) << ' ' << count << ' ';
    std::cout << "lazy " << counts.lazy << std::endl;
    // Every end was reached, and every message was of use.
    for (const auto outcome :
         {LeaseOutcome::unverified, LeaseOutcome::verified, LeaseOutcome::silent,
          LeaseOutcome::undecided, LeaseOutcome::unopened, LeaseOutcome::faked})
        EXPECT_GT(counts.outcomes[outcome], histories / 100) << ledger::codec::enum_name(outcome);
    EXPECT_GT(counts.lazy, 0u);
    for (const auto* name :
         {"GpuOffer",     "GpuOrder",        "GpuCancel",     "GpuBid",       "LeaseAccept",
          "LeaseStart",   "LeaseCheckpoint", "LeaseClaim",    "LeaseReclaim", "LeaseClose",
          "LeaseTimeout", "VerifierJoin",    "VerifierLeave", "VerifyAssign", "VerifyReport",
          "VerifyReveal", "DisputeOpen",     "JuryCommit",    "JuryReveal",   "LeaseSettle"})
        EXPECT_GT(counts.applied[name], 0u) << name;
}

TEST(LeaseProperty, EscrowLeavesOnceAndOnlyCoSignedTimeIsPaid)
{
    run_lease_histories(ledger::AssetKind::coin, lease_setting("MILLRACE_HISTORIES", 600));
}
TEST(LeaseProperty, AndSoOnANetworkOfCredit)
{
    run_lease_histories(ledger::AssetKind::credit, lease_setting("MILLRACE_HISTORIES", 600) / 4);
}

}  // namespace
}  // namespace market
