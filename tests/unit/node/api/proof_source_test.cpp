#include "node/api/proof_source.hpp"

#include "ledger/consensus/signing.hpp"
#include "ledger/crypto/merkle.hpp"
#include "ledger/light/light_client.hpp"
#include "tests/support/light_world.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;
using namespace ledger::light;

/// A store with blocks that have no F of their own, and proofs of how epochs ended.
class WorldSource final : public ProofSource {
public:
    explicit WorldSource(const LightWorld& world) : world_{world} {}

    Height head() const override { return world_.tip(); }
    Result<StoredBlock> block(Height height) const override
    {
        const auto& header = world_.header(height);
        StoredBlock made{height, block_id(header), encode_header(header), {}, {}, {}};
        const auto finality = world_.finality(height);
        if (finality.descendants.empty() && finality.certificate)
            made.certificate = encode_certificate(*finality.certificate);
        return made;
    }
    Result<TxLocation> find_tx(const TxId&) const override
    {
        return Error{ErrorKind::not_found, "no such transaction"};
    }
    Result<std::optional<consensus::EpochProof>> epoch_proof(std::uint64_t epoch) const override
    {
        if (epoch >= world_.epoch() || epoch < kept_from)
            return std::optional<consensus::EpochProof>{};
        return std::optional{world_.epochs(epoch, epoch + 1).seals.front()};
    }
    void prove_state(Bytes, std::function<void(Result<StateAt>)>) override {}
    Result<std::optional<Bytes>> state_at(ByteView, Height) const override
    {
        return std::optional<Bytes>{};
    }
    Result<Hash> node(std::uint8_t level, std::uint64_t index) const override
    {
        return HistoryFromIds{
            [this](std::uint64_t at) -> Result<BlockId> { return world_.id({at}); }}
            .node(level, index);
    }

    std::uint64_t kept_from = 0;

private:
    const LightWorld& world_;
};

class Proofs : public testing::Test {
protected:
    static ValidatorSet two(std::uint8_t first)
    {
        return {light_validator(first, 1'000),
                light_validator(static_cast<std::uint8_t>(first + 1), 1'500)};
    }
    Proofs()
    {
        world.add({.has_certificate = false});
        world.add({.has_certificate = false});
        world.add();
        world.add({.has_certificate = false});
        world.seal(two(2), 2);
        world.add({.has_certificate = false});
        world.seal(two(3));
        world.add();
    }
    LightClient client(std::uint64_t epoch)
    {
        return *LightClient::begin(world.checkpoint(epoch), world.genesis().chain_id, world.id({0}),
                                   schnorr);
    }

    consensus::SchnorrVerifier schnorr;
    LightWorld world{light_genesis(two(1))};
    WorldSource source{world};
};

TEST_F(Proofs, FindTheCertificateThatMadeABlockFinal)
{
    for (std::uint64_t height = 0; height <= world.tip().value; ++height) {
        const auto made = finality_of(source, {height});
        ASSERT_TRUE(made) << height << ": " << made.error().detail;
        // The anchor is final by its id and needs no certificate.
        const auto expected =
            height == 0 ? Finality{world.finality({0}).header, {}, {}} : world.finality({height});
        EXPECT_EQ(*made, expected) << height;
        EXPECT_TRUE(client(made->header.epoch).check(*made)) << height;
    }
    EXPECT_EQ(finality_of(source, {9}).error().kind, ErrorKind::not_found);
}

TEST_F(Proofs, SayWhenNothingShowsThatASealIsFinal)
{
    source.kept_from = 1;
    EXPECT_EQ(finality_of(source, {4}).error().kind, ErrorKind::corrupt);
}

TEST_F(Proofs, LeadFromEveryBlockToTheNewest)
{
    auto light = client(2);
    for (std::uint64_t height = 0; height <= world.tip().value; ++height) {
        const auto made = block_proof(source, {height});
        ASSERT_TRUE(made) << made.error().detail;
        EXPECT_TRUE(light.check(*made)) << height;
    }
}

TEST_F(Proofs, ShowHowEveryEpochEndedFromTheOneAskedFor)
{
    EXPECT_EQ(*epoch_proofs(source, 0), world.epochs(0));
    EXPECT_EQ(*epoch_proofs(source, 1), world.epochs(1));
    EXPECT_EQ(*epoch_proofs(source, 2), EpochProofs{});
    source.kept_from = 1;
    EXPECT_EQ(epoch_proofs(source, 0).error().kind, ErrorKind::not_found);
}

TEST_F(Proofs, GiveTheCheckpointOfTheNewestEpochOrOfTheOneABlockOpened)
{
    const auto of = [&](std::optional<Height> anchor) {
        return checkpoint(source, world.genesis(), world.id({0}), anchor);
    };
    EXPECT_EQ(*of({}), world.checkpoint(2));
    EXPECT_EQ(*of(Height{0}), world.checkpoint(0));
    EXPECT_EQ(*of(Height{5}), world.checkpoint(1));
    EXPECT_EQ(*of(Height{7}), world.checkpoint(2));
    EXPECT_EQ(of(Height{6}).error().kind, ErrorKind::invalid);
    EXPECT_EQ(of(Height{99}).error().kind, ErrorKind::not_found);
    world.seal(two(4));
    EXPECT_EQ(*of({}), world.checkpoint(3)) << "the newest block opens an epoch itself";
    source.kept_from = 9;
    EXPECT_FALSE(of({}));
}

}  // namespace
}  // namespace node
