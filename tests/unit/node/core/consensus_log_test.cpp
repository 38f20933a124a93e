#include "node/core/consensus_log.hpp"

#include "node/core/ledger_service.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

#include <future>

namespace node {
namespace {

using namespace ledger;
using market::Transfer;

/// A network of one whose store outlives its log.
struct ConsensusLogTest : testing::Test {
    std::shared_ptr<const market::Network> network = test_network();
    SimDisk disk;
    ManualClock clock;
    SeededRandom random{1};
    std::unique_ptr<BlockStore> store = make_memory_store();
    LogLimits small{1 << 14, 1 << 16, 1 << 16};
    std::uint64_t nonce = 0;

    struct Opened {
        std::unique_ptr<Chain> chain;
        std::unique_ptr<Mempool> mempool;
        std::unique_ptr<LedgerApplication> application;
    };
    Opened open_chain() const
    {
        Opened opened;
        opened.chain = *Chain::open(*network, *store);
        opened.mempool = std::make_unique<Mempool>(*network, MempoolLimits{});
        opened.application =
            std::make_unique<LedgerApplication>(*network, *opened.chain, *opened.mempool);
        return opened;
    }
    ConsensusLogParts parts(Opened& opened)
    {
        return {disk,
                "log",
                *store,
                *opened.chain,
                *opened.application,
                random,
                consensus_key(test_key(1)),
                small};
    }
    /// Makes blocks of a transfer each through the service, which is closed behind them.
    void make_blocks(int count)
    {
        const auto chain = *Chain::open(*network, *store);
        LedgerServiceLimits limits;
        limits.log = small;
        auto service = *LedgerService::open(
            {*network, *chain, *store, disk, "log", clock, random, test_key(1)}, limits);
        service->start();
        for (int i = 0; i < count; ++i) {
            std::promise<void> done;
            const auto encoded = signed_transaction(*network, 2, nonce++,
                                                    Transfer{test_account(3), Amount::micros(1)});
            service->submit(encoded, [&](Submitted submitted) {
                ASSERT_TRUE(submitted);
                service->wait_final(*submitted, [&](const auto& final) {
                    EXPECT_TRUE(final);
                    done.set_value();
                });
            });
            done.get_future().wait();
        }
    }
    std::vector<std::string> segments() { return *disk.list("log"); }
};

TEST_F(ConsensusLogTest, FindsNothingWrongWithALogThatWasClosed)
{
    make_blocks(3);
    auto opened = open_chain();
    const auto recovered = open_consensus_log(parts(opened));
    ASSERT_TRUE(recovered) << recovered.error().detail;
    EXPECT_EQ(recovered->trouble, "");
    EXPECT_EQ(recovered->durable.silenced, "");
    EXPECT_EQ(recovered->durable.base.tip.height, Height{3});
}

TEST_F(ConsensusLogTest, FreesSegmentsAndStillStartsFromWhatIsLeft)
{
    make_blocks(60);
    EXPECT_LT(segments().size(), 6u);
    auto opened = open_chain();
    const auto recovered = open_consensus_log(parts(opened));
    ASSERT_TRUE(recovered) << recovered.error().detail;
    EXPECT_EQ(recovered->trouble, "");
    EXPECT_EQ(recovered->durable.base.tip.height, Height{60});
}

TEST_F(ConsensusLogTest, SilencesTheKeyForGoodWhenTheLogIsGone)
{
    make_blocks(3);
    for (const auto& name : segments()) ASSERT_TRUE(disk.remove("log/" + name));
    {
        auto opened = open_chain();
        const auto recovered = open_consensus_log(parts(opened));
        ASSERT_TRUE(recovered) << recovered.error().detail;
        EXPECT_NE(recovered->durable.silenced, "");
        EXPECT_EQ(recovered->durable.base.tip.height, Height{3});
    }
    // Also at the next start, when the new log is well.
    auto opened = open_chain();
    const auto again = open_consensus_log(parts(opened));
    ASSERT_TRUE(again);
    EXPECT_NE(again->durable.silenced, "");
}

TEST_F(ConsensusLogTest, MissesALogThatIsGoneBeforeTheFirstBlock)
{
    make_blocks(0);
    for (const auto& name : segments()) ASSERT_TRUE(disk.remove("log/" + name));
    auto opened = open_chain();
    const auto recovered = open_consensus_log(parts(opened));
    ASSERT_TRUE(recovered) << recovered.error().detail;
    EXPECT_NE(recovered->durable.silenced, "");
}

TEST_F(ConsensusLogTest, SetsADamagedLogAsideAndSaysWhereItLies)
{
    make_blocks(3);
    disk.flip("log/" + segments().front(), 80, 4);
    auto opened = open_chain();
    const auto recovered = open_consensus_log(parts(opened));
    ASSERT_TRUE(recovered) << recovered.error().detail;
    EXPECT_NE(recovered->trouble.find("log.damaged-1"), std::string::npos) << recovered->trouble;
    EXPECT_FALSE(disk.list("log.damaged-1")->empty());
    EXPECT_NE(recovered->durable.silenced, "");
}

TEST_F(ConsensusLogTest, ChangesNothingWhenItOnlyReadsADamagedLog)
{
    make_blocks(3);
    const auto name = "log/" + segments().front();
    disk.flip(name, 80, 4);
    const auto before = disk.contents(name);
    auto opened = open_chain();
    const auto replayed = replay_log(parts(opened));
    ASSERT_FALSE(replayed);
    EXPECT_EQ(replayed.error().kind, ErrorKind::corrupt);
    EXPECT_EQ(disk.contents(name), before);
}

TEST_F(ConsensusLogTest, RefusesToRunTheOnlyValidatorWithADamagedLog)
{
    make_blocks(3);
    disk.flip("log/" + segments().front(), 80, 4);
    const auto chain = *Chain::open(*network, *store);
    const auto service =
        LedgerService::open({*network, *chain, *store, disk, "log", clock, random, test_key(1)});
    ASSERT_FALSE(service);
    EXPECT_EQ(service.error().kind, ErrorKind::denied);
    EXPECT_NE(service.error().detail.find("millraced recover"), std::string::npos);
}

TEST_F(ConsensusLogTest, GoesOnAfterItsOwnerTookTheRiskOfAFork)
{
    make_blocks(3);
    disk.flip("log/" + segments().front(), 80, 4);
    {
        auto opened = open_chain();
        const auto done = accept_fork_risk(parts(opened), consensus::SchnorrSigner{test_key(1)},
                                           consensus::SchnorrVerifier{});
        ASSERT_TRUE(done) << done.error().detail;
        EXPECT_EQ(done->height, Height{3});
        EXPECT_GE(done->nullified_to, 64u);
    }
    make_blocks(2);
    auto opened = open_chain();
    EXPECT_EQ(open_consensus_log(parts(opened))->durable.base.tip.height, Height{5});
}

TEST_F(ConsensusLogTest, TakesNoRiskWhereTheLogIsWell)
{
    make_blocks(1);
    auto opened = open_chain();
    const auto done = accept_fork_risk(parts(opened), consensus::SchnorrSigner{test_key(1)},
                                       consensus::SchnorrVerifier{});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::invalid);
}

TEST_F(ConsensusLogTest, KeepsAFollowerGoingWithoutItsLog)
{
    make_blocks(3);
    for (const auto& name : segments()) ASSERT_TRUE(disk.remove("log/" + name));
    auto opened = open_chain();
    auto given = parts(opened);
    given.key.reset();
    const auto recovered = open_consensus_log(given);
    ASSERT_TRUE(recovered);
    EXPECT_EQ(recovered->durable.silenced, "");
    EXPECT_EQ(recovered->durable.base.tip.height, Height{3});
}

}  // namespace
}  // namespace node
