#include "tests/unit/ledger/light/light_fixture.hpp"

#include <functional>

namespace ledger::light {
namespace {

class Seals : public LightTest {
protected:
    Seals()
    {
        world.add();
        world.seal(four(2));
        world.add();
        world.seal(four(3), 2);
        world.seal(four(4), 1);
        world.add();
    }
};

TEST_F(Seals, LeadFromGenesisToTheNewestEpoch)
{
    auto light = client();
    ASSERT_TRUE(light.follow(world.epochs()));
    EXPECT_EQ(light.epoch(), 3u);
    EXPECT_EQ(light.checkpoint(), world.checkpoint(3));
    EXPECT_TRUE(check(light.checkpoint()));
    EXPECT_TRUE(light.check(world.finality(world.tip())));
}

TEST_F(Seals, LeadOnFromAnyCheckpointAndInSteps)
{
    for (std::uint64_t from = 0; from <= 3; ++from) {
        auto light = client(from);
        for (auto at = from; at < 3; ++at) {
            const auto done = light.follow(world.epochs(at, at + 1));
            ASSERT_TRUE(done) << done.error().detail;
        }
        EXPECT_EQ(light.checkpoint(), world.checkpoint(3));
    }
}

TEST_F(Seals, LeadNowhereWhenThereAreNone)
{
    auto light = client(3);
    EXPECT_TRUE(light.follow({}));
    EXPECT_EQ(light.epoch(), 3u);
}

TEST_F(Seals, MustBeginWithThePresentEpochAndLeaveNoneOut)
{
    auto light = client();
    EXPECT_EQ(reason(light.follow(world.epochs(1))), "another chain or epoch");
    auto gap = world.epochs();
    gap.seals.erase(gap.seals.begin() + 1);
    EXPECT_EQ(reason(light.follow(gap)), "another chain or epoch");
    auto twice = world.epochs(0, 1);
    twice.seals.push_back(twice.seals[0]);
    EXPECT_EQ(reason(light.follow(twice)), "another chain or epoch");
    EXPECT_EQ(light.epoch(), 0u) << "all of them or none";
    EXPECT_EQ(light.checkpoint(), world.checkpoint(0));
}

TEST_F(Seals, NameTheirSuccessors)
{
    auto proofs = world.epochs();
    proofs.seals[2].next = four(7);
    auto light = client();
    EXPECT_EQ(reason(light.follow(proofs)), "not the set that the seal names");
    EXPECT_EQ(light.epoch(), 0u);
    proofs = world.epochs();
    proofs.seals[0].next[1] = proofs.seals[0].next[0];
    EXPECT_EQ(reason(light.follow(proofs)), "no set that could go on");
    proofs.seals[0].next.clear();
    EXPECT_EQ(reason(light.follow(proofs)), "no set that could go on");
}

TEST_F(Seals, AreSignedByTheEpochThatEnds)
{
    auto proofs = world.epochs();
    // The successors vouch for themselves.
    LightWorld liars{light_genesis(four(2))};
    auto seal = proofs.seals[0].path.front();
    proofs.seals[0].finalized = liars.certificate(seal);
    EXPECT_EQ(reason(client().follow(proofs)), "a vote's signature does not verify");
    proofs = world.epochs();
    proofs.seals[0].finalized = world.certificate(seal, VoteKind::notarize);
    EXPECT_EQ(reason(client().follow(proofs)), "the certificate is not of finality");
    proofs.seals[0].finalized = world.certificate(seal, VoteKind::finalize, {1, 2});
    EXPECT_EQ(reason(client().follow(proofs)), "power below the quorum");
}

TEST_F(Seals, AreSealsWithNothingButTailsBehindThem)
{
    const auto good = world.epochs(1, 2);
    ASSERT_EQ(good.seals[0].path.size(), 3u);
    const auto with = [&](const std::function<void(std::vector<Header>&)>& change) {
        auto proofs = good;
        change(proofs.seals[0].path);
        return reason(client(1).follow(proofs));
    };
    EXPECT_EQ(with([](auto&) {}), "taken");
    EXPECT_EQ(with([](auto& path) { std::swap(path[1].kind, path[0].kind); }),
              "the proof does not begin with a seal");
    EXPECT_EQ(with([](auto& path) { path[2].kind = BlockKind::normal; }),
              "only tail blocks follow a seal");
    EXPECT_EQ(with([](auto& path) { path[1].height.value += 1; }),
              "only tail blocks follow a seal");
    EXPECT_EQ(with([](auto& path) { path.erase(path.begin() + 1); }), "the headers are not linked");
    EXPECT_EQ(with([](auto& path) { path.clear(); }), "the proof does not begin with a seal");
}

TEST_F(Seals, OfANormalBlockEndNoEpoch)
{
    LightWorld other{light_genesis(four())};
    const auto height = other.add();
    consensus::EpochProof proof{
        {other.header(height)}, *other.finality(height).certificate, four(2)};
    auto light = client();
    EXPECT_EQ(reason(light.follow({{proof}})), "the proof does not begin with a seal");
}

TEST_F(Seals, LetOldBlocksBeShownThroughNewOnes)
{
    auto light = client(3);
    for (std::uint64_t height = 0; height <= world.tip().value; ++height) {
        const auto block = light.check(world.block({height}));
        ASSERT_TRUE(block) << height << ": " << block.error().detail;
        EXPECT_EQ(block->id, world.id({height}));
        EXPECT_TRUE(light.knows(block->id));
        EXPECT_TRUE(light.check(world.finality({height}))) << "known from now on";
    }
}

}  // namespace
}  // namespace ledger::light
