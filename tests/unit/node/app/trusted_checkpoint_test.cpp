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

/// A ledger of which only the tip is known, and where it went.
struct FakeFacts : LedgerFacts {
    std::string source() const override { return "a fake"; }
    bool is_running() const override { return true; }
    Result<Tip> tip() const override { return now; }
    Result<void> leads_through(const consensus::TrustedAnchor&) const override { return leads; }
    Result<std::optional<market::ContentId>> content(market::ModelId,
                                                     market::Version) const override
    {
        return std::optional<market::ContentId>{};
    }
    Result<HostStanding> host(const Address&, const Address&) const override
    {
        return HostStanding{};
    }
    Result<Amount> balance(const Address&) const override { return Amount{}; }
    Result<Voting> voting(const std::optional<ConsensusKey>&) const override { return Voting{}; }
    Result<std::size_t> peers() const override { return std::size_t{0}; }

    Tip now;
    Result<void> leads;
};

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
    Finding diagnosis(const LedgerFacts* facts = nullptr) const
    {
        doctor::Findings findings;
        doctor::HomeFacts known;
        known.network = std::make_unique<market::Network>(network->genesis, network->genesis_id);
        doctor::look_at_checkpoint(findings, known, home, config, facts);
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

TEST_F(TrustedCheckpointTest, FailsWhereTheLedgerWentBesideIt)
{
    put(of_genesis());
    FakeFacts facts;
    EXPECT_EQ(diagnosis(&facts).health, Health::ok);
    facts.leads = Error{ErrorKind::invalid, "it went elsewhere"};
    const auto found = diagnosis(&facts);
    EXPECT_EQ(found.health, Health::fail);
    EXPECT_NE(found.found.find("it went elsewhere"), std::string::npos) << found.found;
    EXPECT_NE(found.remedy.find("remove the data folder"), std::string::npos) << found.remedy;
    facts.leads = Error{ErrorKind::corrupt, "a seal cannot be read"};
    EXPECT_EQ(diagnosis(&facts).health, Health::fail);
    EXPECT_NE(diagnosis(&facts).remedy.find("millraced verify"), std::string::npos);
}

TEST_F(TrustedCheckpointTest, FailsForARefusedChainOnlyWhileTheRightOneIsWaitedFor)
{
    auto checkpoint = of_genesis();
    checkpoint.anchor.height = {7};
    checkpoint.epoch = 1;
    checkpoint.anchor.kind = BlockKind::sealing;
    checkpoint.anchor.next_valset_hash = valset_hash(checkpoint.validators);
    put(checkpoint);
    FakeFacts facts;
    facts.now.height = 6;
    facts.now.refused = "a peer's chain goes elsewhere";
    EXPECT_EQ(diagnosis(&facts).health, Health::fail);
    facts.now.height = 7;
    const auto found = diagnosis(&facts);
    EXPECT_EQ(found.health, Health::warn) << found.found;
    EXPECT_NE(found.found.find(facts.now.refused), std::string::npos) << found.found;
    facts.now.trouble = "and no work is taken";
    EXPECT_EQ(diagnosis(&facts).health, Health::fail);
}

}  // namespace
}  // namespace node
