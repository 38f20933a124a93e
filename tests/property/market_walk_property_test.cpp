// Random walks through the whole market, on a network with a coin and on one of credit.
// MILLRACE_SEED reruns a walk, MILLRACE_STEPS makes it longer.
#include "tests/support/market_walk.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

namespace market {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise)
{
    const auto* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 0) : otherwise;
}

void walk(ledger::AssetKind kind)
{
    const auto seed = from_environment("MILLRACE_SEED", 402);
    const auto steps = from_environment("MILLRACE_STEPS", 50'000);
    // Printed beforehand: a broken invariant in a rule stops the process.
    std::cout << "MILLRACE_SEED=" << seed << " MILLRACE_STEPS=" << steps << std::endl;
    std::mt19937_64 random{seed};
    MarketWalk market{kind, [&](std::uint64_t below) { return random() % below; }};
    for (std::uint64_t blocks = 1; market.counts().transactions < steps; ++blocks) {
        market.block(8);
        if (blocks % 256 == 0) market.check_all();
        ASSERT_TRUE(market.broken().empty()) << market.broken().front();
    }
    market.check_all();
    ASSERT_TRUE(market.broken().empty()) << market.broken().front();

    // The walk went everywhere.
    const auto& counts = market.counts();
    EXPECT_GT(counts.applied, steps / 4);
    EXPECT_GT(counts.settlements, steps / 50);
    EXPECT_GT(counts.slashes, steps / 500);
    for (const auto* name :
         {"TransferWithAuth", "PermitSettle", "ChannelDeposit", "ChannelClaim", "ChannelChainClaim",
          "ChannelDispute", "ChannelFinalize", "ChannelRefund", "ChannelWithdrawInit",
          "ChannelWithdrawFinal", "HostRegister", "HostKey", "HostUnbond", "HostUnbondFinal",
          "ModelVersion", "ModelAlias", "ModelHost", "ModelYank", "DataClaim"})
        EXPECT_GT(counts.applied_by_name.count(name), 0u) << name;
    for (const auto& [name, count] : counts.applied_by_name)
        std::cout << name << ' ' << count << ' ';
    std::cout << std::endl;
}

TEST(MarketWalkProperty, NothingBreaksOnANetworkWithACoin)
{
    walk(ledger::AssetKind::coin);
}
TEST(MarketWalkProperty, NothingBreaksOnANetworkOfCredit)
{
    walk(ledger::AssetKind::credit);
}

}  // namespace
}  // namespace market
