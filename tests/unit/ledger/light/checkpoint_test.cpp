#include "ledger/light/checkpoint.hpp"

#include "ledger/consensus/signing.hpp"
#include "ledger/light/light_client.hpp"
#include "tests/support/light_world.hpp"

#include <gtest/gtest.h>

namespace ledger::light {
namespace {

std::string reason(const Result<void>& refused)
{
    return refused ? "taken" : refused.error().detail;
}

class CheckpointTest : public testing::Test {
protected:
    CheckpointTest()
    {
        world.add();
        world.seal({light_validator(2, 1'000), light_validator(3, 1'000)});
    }
    LightWorld world{light_genesis({light_validator(1, 1'000), light_validator(2, 1'000)})};
};

TEST_F(CheckpointTest, FollowsFromAGenesisDocumentAndItsBlock)
{
    const auto made = genesis_checkpoint(world.genesis(), world.header({0}));
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(*made, world.checkpoint(0));
    auto other = world.genesis();
    other.name = "another";
    EXPECT_EQ(genesis_checkpoint(other, world.header({0})).error().detail,
              "checkpoint: the block is not that of the genesis document");
    EXPECT_FALSE(genesis_checkpoint(world.genesis(), world.header({1})));
}

TEST_F(CheckpointTest, ReadsBackWhatItWroteInBothForms)
{
    for (const std::uint64_t epoch : {0, 1}) {
        const auto made = world.checkpoint(epoch);
        EXPECT_EQ(*decode_checkpoint(encode_checkpoint(made)), made);
        EXPECT_EQ(*parse_checkpoint(checkpoint_json(made)), made);
    }
}

TEST_F(CheckpointTest, RefusesPartsThatDoNotBelongTogether)
{
    const auto good = world.checkpoint(1);
    EXPECT_TRUE(check(good));
    auto bad = good;
    bad.validators.pop_back();
    EXPECT_EQ(reason(check(bad)), "checkpoint: not the validators that the anchor names");
    bad = good;
    bad.validators[0].power += 1;
    EXPECT_EQ(reason(check(bad)), "checkpoint: not the validators that the anchor names");
    bad = good;
    bad.validators[1] = bad.validators[0];
    EXPECT_EQ(reason(check(bad)), "checkpoint: no set that could go on");
    bad.validators.clear();
    EXPECT_EQ(reason(check(bad)), "checkpoint: no set that could go on");
    bad = good;
    bad.epoch = 2;
    EXPECT_EQ(reason(check(bad)), "checkpoint: the anchor does not seal the epoch before");
    bad.epoch = ~std::uint64_t{0};
    EXPECT_EQ(reason(check(bad)), "checkpoint: the anchor does not seal the epoch before");
    bad = good;
    bad.anchor = world.header({1});
    EXPECT_EQ(reason(check(bad)), "checkpoint: the anchor does not seal the epoch before");
    bad = good;
    bad.chain_id.value += 1;
    EXPECT_EQ(reason(check(bad)), "checkpoint: the anchor is of another chain");
    bad = good;
    bad.anchor.version = 2;
    EXPECT_EQ(reason(check(bad)), "checkpoint: unknown header version");
    bad = world.checkpoint(0);
    bad.genesis_id = world.id({1});
    EXPECT_EQ(reason(check(bad)), "checkpoint: epoch 0 begins with the genesis block");
    bad = world.checkpoint(0);
    bad.validators = good.validators;
    EXPECT_EQ(reason(check(bad)), "checkpoint: not the validators that the anchor names");
}

TEST_F(CheckpointTest, RefusesTextThatIsTooLongOrSaysMore)
{
    const auto text = checkpoint_json(world.checkpoint(1));
    EXPECT_FALSE(parse_checkpoint(text.substr(0, text.size() / 2)));
    auto more = text;
    more.insert(more.find('{') + 1, "\"more\": 1,");
    EXPECT_EQ(parse_checkpoint(more).error().kind, ErrorKind::invalid);
    EXPECT_EQ(parse_checkpoint(std::string(CheckpointLimits::json_bytes, ' ') + text).error().kind,
              ErrorKind::full);
    EXPECT_EQ(decode_checkpoint(Bytes(CheckpointLimits::bytes + 1)).error().kind, ErrorKind::full);
    auto bytes = encode_checkpoint(world.checkpoint(1));
    bytes.push_back(0);
    EXPECT_FALSE(decode_checkpoint(bytes));
}

TEST_F(CheckpointTest, BeginsNoClientOnAnotherNetwork)
{
    const consensus::SchnorrVerifier schnorr;
    const auto& genesis = world.genesis();
    const auto good = world.checkpoint(1);
    EXPECT_TRUE(LightClient::begin(good, genesis.chain_id, world.id({0}), schnorr));
    EXPECT_EQ(LightClient::begin(good, genesis.chain_id, world.id({1}), schnorr).error().detail,
              "the checkpoint is of another network");
    EXPECT_EQ(LightClient::begin(good, {7}, world.id({0}), schnorr).error().detail,
              "the checkpoint is of another network");
    auto bad = good;
    bad.validators.pop_back();
    EXPECT_FALSE(LightClient::begin(bad, genesis.chain_id, world.id({0}), schnorr));
}

}  // namespace
}  // namespace ledger::light
