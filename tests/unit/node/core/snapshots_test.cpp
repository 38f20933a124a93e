#include "node/core/snapshots.hpp"

#include "ledger/codec/binary.hpp"
#include "node/core/chain.hpp"
#include "tests/support/next_block.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;

struct SnapshotsTest : testing::Test {
    std::shared_ptr<const market::Network> network = test_network();
    std::unique_ptr<BlockStore> store = make_memory_store();
    std::unique_ptr<Chain> chain = *Chain::open(*network, *store);
    std::uint64_t seq = 0;

    /// A block without transactions; F of it when it is said to have one.
    void commit(bool has_certificate) { ASSERT_TRUE(commit_empty(*chain, has_certificate, ++seq)); }
};

TEST_F(SnapshotsTest, ABlockIsFinalThroughTheNextOneThatHasACertificate)
{
    commit(false);
    commit(false);
    commit(true);
    const auto facts = snapshot_facts(*store, {1});
    ASSERT_TRUE(facts) << facts.error().detail;
    EXPECT_EQ(facts->finality.path.size(), 3u);
    EXPECT_EQ(facts->finality.finalized.id, chain->head().id);
    EXPECT_EQ(facts->history.size(), 1u);
    EXPECT_TRUE(facts->seals.empty());
}

TEST_F(SnapshotsTest, NothingIsMadeOfABlockThatNothingProvesFinal)
{
    const auto genesis = snapshot_facts(*store, {0});
    ASSERT_FALSE(genesis);
    EXPECT_EQ(genesis.error().kind, ErrorKind::not_found);
    commit(false);
    const auto open = snapshot_facts(*store, {1});
    ASSERT_FALSE(open);
    EXPECT_EQ(open.error().kind, ErrorKind::not_found);
    EXPECT_EQ(open.error().detail, "what proves block 1 final is not kept here");
}

TEST_F(SnapshotsTest, AnEpochWhoseEndIsNotKeptIsNamed)
{
    const auto seals = seals_before(*store, 1);
    ASSERT_FALSE(seals);
    EXPECT_EQ(seals.error().detail, "how epoch 0 ended is not kept here");
}

TEST_F(SnapshotsTest, TheStateAfterEverySoManiethBlockIsPutByAsItWas)
{
    chain->freeze_every(2);
    commit(true);
    EXPECT_FALSE(chain->take_frozen());
    commit(true);
    commit(true);
    const auto frozen = chain->take_frozen();
    ASSERT_TRUE(frozen);
    EXPECT_EQ(frozen->height, Height{2});
    EXPECT_EQ(store->last_checkpoint()->height, Height{2});
    EXPECT_FALSE(chain->take_frozen());
}

TEST_F(SnapshotsTest, BlockZeroIsTheOneOfEveryStore)
{
    EXPECT_EQ(*genesis_block(*network), *store->block({0}));
}

}  // namespace
}  // namespace node
