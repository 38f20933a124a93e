#include "node/core/checkpoint_check.hpp"

#include "node/core/ledger_service.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/next_block.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;
using consensus::TrustedAnchor;

/// A ledger of three blocks in the first epoch.
struct CheckpointCheckTest : testing::Test {
    CheckpointCheckTest()
    {
        for (std::uint64_t seq = 1; seq <= 3; ++seq) EXPECT_TRUE(commit_empty(*chain, true, seq));
    }
    std::string refusal(const TrustedAnchor& trusted) const
    {
        const auto good = check_leads_through(*chain, trusted);
        return good ? "" : good.error().detail;
    }
    static constexpr const char* elsewhere =
        "this ledger does not lead through the trusted checkpoint: block ";

    std::shared_ptr<const market::Network> network = test_network();
    std::unique_ptr<BlockStore> store = make_memory_store();
    std::unique_ptr<Chain> chain = *Chain::open(*network, *store);
    const BlockId other{{{9}}};
};

TEST_F(CheckpointCheckTest, LetsALedgerGoOnThatHasNotComeThatFar)
{
    EXPECT_EQ(refusal({1, {9}, other}), "");
    EXPECT_EQ(refusal({0, {0}, network->genesis_id}), "");
}

TEST_F(CheckpointCheckTest, RefusesALedgerThatWentOnBesideIt)
{
    const auto why = refusal({1, {3}, other});
    EXPECT_EQ(why.find(std::string{elsewhere} + "3 is 0x"), 0u) << why;
    EXPECT_NE(refusal({1, {2}, other}), "");
}

TEST_F(CheckpointCheckTest, RefusesALedgerWhoseEpochEndedElsewhere)
{
    consensus::EpochProof proof;
    auto seal = chain->head().header;
    seal.kind = BlockKind::sealing;
    proof.path = {seal};
    ASSERT_TRUE(chain->keep(proof));
    EXPECT_NE(refusal({1, {9}, other}), "");
    EXPECT_EQ(refusal({2, {9}, other}), "") << "an epoch that is not over";
}

TEST_F(CheckpointCheckTest, KeepsTheServiceUpWithoutWork)
{
    SimDisk disk;
    ManualClock clock;
    SeededRandom random{1};
    const auto open = [&](const std::string& log, std::optional<TrustedAnchor> trusted) {
        auto made = LedgerService::open({*network,
                                         *chain,
                                         *store,
                                         disk,
                                         log,
                                         clock,
                                         random,
                                         {},
                                         nullptr,
                                         {},
                                         std::move(trusted)});
        EXPECT_TRUE(made) << made.error().detail;
        return std::move(*made);
    };
    EXPECT_EQ(open("a", TrustedAnchor{1, {9}, other})->halted(), "");
    const auto service = open("b", TrustedAnchor{1, {2}, other});
    EXPECT_EQ(service->halted().find(elsewhere), 0u) << service->halted();
    service->start();
    EXPECT_EQ(service->head()->header.height, Height{3}) << "it can still be read";
}

}  // namespace
}  // namespace node
