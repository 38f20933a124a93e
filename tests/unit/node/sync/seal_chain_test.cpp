#include "node/sync/seal_chain.hpp"

#include "tests/support/snapshot_world.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;

struct SealChainTest : testing::Test {
    SnapshotWorld world{{.entries = 3, .height = 2}};

    /// The end of the world's epoch, signed by its validators, with the same ones to come.
    consensus::EpochProof seal() const
    {
        consensus::EpochProof proof;
        auto header = world.finality.path.front();
        header.kind = BlockKind::sealing;
        header.next_valset_hash = valset_hash(world.epoch->set());
        proof.path = {header};
        proof.finalized = world.sign(header);
        proof.next = world.epoch->set();
        return proof;
    }
};

TEST_F(SealChainTest, FollowsASealToTheNextEpoch)
{
    SealChain seals{world.epoch, {}, world.verifier};
    const auto added = seals.add(seal());
    ASSERT_TRUE(added) << added.error().detail;
    EXPECT_TRUE(*added);
    EXPECT_EQ(seals.newest().number(), world.epoch->number() + 1);
    EXPECT_EQ(seals.newest().anchor(), block_id(seal().path.front()));
    const auto again = seals.add(seal());
    ASSERT_TRUE(again);
    EXPECT_FALSE(*again);
    EXPECT_EQ(seals.seals().size(), 1u);
}

TEST_F(SealChainTest, RefusesASealThatIsNotSigned)
{
    SealChain seals{world.epoch, {}, world.verifier};
    auto forged = seal();
    forged.path.front().time_ms.value += 1;
    const auto added = seals.add(forged);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().kind, ErrorKind::invalid);
    EXPECT_EQ(&seals.newest(), world.epoch.get());
}

TEST_F(SealChainTest, DoesNotGoPastATrustedCheckpointThatLiesElsewhere)
{
    SealChain seals{world.epoch, SealChain::Pin{world.epoch->number() + 1, BlockId{}},
                    world.verifier};
    EXPECT_FALSE(seals.epoch(world.epoch->number()));
    const auto added = seals.add(seal());
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().detail, "the seal does not lead to the trusted checkpoint");
}

TEST_F(SealChainTest, BeginsToTrustAtTheCheckpoint)
{
    SealChain seals{world.epoch,
                    SealChain::Pin{world.epoch->number() + 1, block_id(seal().path.front())},
                    world.verifier};
    ASSERT_TRUE(seals.add(seal()));
    EXPECT_FALSE(seals.epoch(world.epoch->number()));
    EXPECT_TRUE(seals.epoch(world.epoch->number() + 1));
}

}  // namespace
}  // namespace node
