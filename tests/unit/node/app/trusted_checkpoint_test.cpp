#include "node/app/trusted_checkpoint.hpp"

#include "node/app/doctor_checks.hpp"
#include "node/core/genesis_block.hpp"
#include "node/core/snapshots.hpp"
#include "node/env/files.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace node {
namespace {

using namespace ledger;

struct TrustedCheckpointTest : testing::Test {
    TrustedCheckpointTest()
    {
        std::filesystem::create_directories(home.folder);
        config.consensus.trusted_checkpoint = "trusted.json";
    }
    void put(const light::TrustedCheckpoint& checkpoint) const
    {
        const auto text = light::checkpoint_json(checkpoint);
        ASSERT_TRUE(write_file(home.folder / "trusted.json", as_bytes(text)));
    }
    /// What the genesis document of this network says by itself.
    light::TrustedCheckpoint of_genesis() const
    {
        const auto block = genesis_block(*network);
        return *light::genesis_checkpoint(network->genesis, *decode_header(block->header));
    }
    std::string refusal() const
    {
        const auto read = read_trusted_checkpoint(home, config, *network);
        return read ? "" : read.error().detail;
    }
    Finding diagnosis() const
    {
        doctor::Findings findings;
        doctor::HomeFacts known;
        known.network = std::make_unique<market::Network>(network->genesis, network->genesis_id);
        doctor::look_at_checkpoint(findings, known, home, config, nullptr);
        auto all = findings.take();
        return all.empty() ? Finding{} : all.front();
    }

    TemporaryFolder folder;
    const Home home{folder.path() / "home"};
    std::shared_ptr<const market::Network> network = test_network();
    Config config;
};

TEST_F(TrustedCheckpointTest, IsNoneWhereNoneIsNamed)
{
    config.consensus.trusted_checkpoint.clear();
    const auto read = read_trusted_checkpoint(home, config, *network);
    ASSERT_TRUE(read);
    EXPECT_FALSE(*read);
    EXPECT_EQ(diagnosis().check, "");
}

TEST_F(TrustedCheckpointTest, PinsTheBlockThatOpenedItsEpoch)
{
    put(of_genesis());
    const auto read = read_trusted_checkpoint(home, config, *network);
    ASSERT_TRUE(read) << read.error().detail;
    const auto anchor = anchor_of(**read);
    EXPECT_EQ(anchor.epoch, 0u);
    EXPECT_EQ(anchor.height, Height{0});
    EXPECT_EQ(anchor.id, network->genesis_id);
    EXPECT_EQ(diagnosis().health, Health::ok);
    EXPECT_NE(diagnosis().found.find("epoch 0"), std::string::npos);
}

TEST_F(TrustedCheckpointTest, NamesTheFileThatIsMissingOrNoCheckpoint)
{
    EXPECT_NE(refusal().find("trusted.json"), std::string::npos) << refusal();
    EXPECT_EQ(diagnosis().health, Health::fail);
    EXPECT_EQ(diagnosis().found, refusal());
    EXPECT_NE(diagnosis().remedy, "");
    ASSERT_TRUE(write_file(home.folder / "trusted.json", as_bytes("{}")));
    EXPECT_NE(refusal().find("trusted.json"), std::string::npos) << refusal();
    EXPECT_EQ(diagnosis().health, Health::fail);
}

TEST_F(TrustedCheckpointTest, IsOfThisNetworkOrOfNoUse)
{
    auto genesis = network->genesis;
    genesis.chain_id.value += 1;
    const auto id = genesis_id(genesis);
    ASSERT_TRUE(id);
    const market::Network other{genesis, *id};
    const auto block = genesis_block(other);
    put(*light::genesis_checkpoint(genesis, *decode_header(block->header)));
    EXPECT_NE(refusal().find("another network"), std::string::npos) << refusal();
    EXPECT_EQ(diagnosis().health, Health::fail);
}

}  // namespace
}  // namespace node
