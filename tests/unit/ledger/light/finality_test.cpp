#include "tests/unit/ledger/light/light_fixture.hpp"

namespace ledger::light {
namespace {

using Finalities = LightTest;

TEST_F(Finalities, ShowABlockWithACertificateOfItsOwn)
{
    const auto height = world.add();
    auto light = client();
    const auto block = light.check(world.finality(height));
    ASSERT_TRUE(block) << block.error().detail;
    EXPECT_EQ(block->id, world.id(height));
    EXPECT_EQ(block->signatures, 4u);
    EXPECT_EQ(light.newest_time(), world.header(height).time_ms);
}

TEST_F(Finalities, ShowABlockThroughALaterOne)
{
    const auto first = world.add({.has_certificate = false});
    world.add({.has_certificate = false, .skipped_views = 3});
    world.add();
    const auto proof = world.finality(first);
    ASSERT_EQ(proof.descendants.size(), 2u);
    EXPECT_TRUE(client().check(proof));
}

TEST_F(Finalities, ShowABlockThroughWhatFollowsItsSeal)
{
    const auto normal = world.add({.has_certificate = false});
    const auto seal = world.seal(four(3), 2);
    auto light = client();
    EXPECT_EQ(world.finality(normal).descendants.size(), 3u);
    EXPECT_TRUE(light.check(world.finality(normal)));
    EXPECT_TRUE(light.check(world.finality(seal)));
    Finality tail{world.finality(seal).descendants[1], {}, world.finality(seal).certificate};
    EXPECT_EQ(reason(light.check(tail)), "what follows a seal is not part of the ledger");
}

TEST_F(Finalities, NeedNoCertificateForTheAnchorAlone)
{
    const auto height = world.add();
    auto light = client();
    EXPECT_TRUE(light.check(Finality{world.header({0}), {}, {}}));
    EXPECT_EQ(reason(light.check(Finality{world.header(height), {}, {}})),
              "there is no certificate");
}

TEST_F(Finalities, TakeTheAnchorOfALaterEpochWhateverElseIsSaid)
{
    world.add();
    const auto seal = world.seal(four(3), 1);
    world.add();
    auto light = client(1);
    EXPECT_TRUE(light.check(world.finality(seal)));
    EXPECT_TRUE(light.check(Finality{world.header(seal), {}, {}}));
}

TEST_F(Finalities, RefuseAnotherKindOfCertificate)
{
    const auto header = world.header(world.add());
    for (const auto kind : {VoteKind::notarize, VoteKind::nullify})
        EXPECT_EQ(reason(client().check(Finality{header, {}, world.certificate(header, kind)})),
                  "the certificate is not of finality");
}

TEST_F(Finalities, RefuseLessThanAQuorum)
{
    const auto header = world.header(world.add());
    const auto with = [&](const std::vector<std::size_t>& voters) {
        return reason(client().check(
            Finality{header, {}, world.certificate(header, VoteKind::finalize, voters)}));
    };
    EXPECT_EQ(with({0, 1, 3}), "taken");
    EXPECT_EQ(with({0, 3}), "power below the quorum");
    EXPECT_EQ(with({}), "power below the quorum");
}

TEST_F(Finalities, RefuseSignaturesThatDoNotBelong)
{
    const auto header = world.header(world.add());
    const auto good = world.certificate(header);
    const auto with = [&](const Certificate& certificate) {
        return reason(client().check(Finality{header, {}, certificate}));
    };
    auto bad = good;
    std::swap(bad.signatures[0], bad.signatures[1]);
    EXPECT_EQ(with(bad), "a vote's signature does not verify");
    bad = good;
    bad.signatures[1] = bad.signatures[0];
    EXPECT_EQ(with(bad), "a vote's signature does not verify") << "one voter counted twice";
    bad = good;
    bad.signatures.push_back(bad.signatures[0]);
    EXPECT_EQ(with(bad), "as many signatures as bits are needed");
    bad = good;
    bad.bitmap.push_back(0);
    EXPECT_EQ(with(bad), "bitmap of another size");
    bad = good;
    bad.bitmap.clear();
    EXPECT_EQ(with(bad), "bitmap of another size");
    bad = good;
    bad.bitmap[0] |= 0x08;
    EXPECT_EQ(with(bad), "padding bits must be zero");
    bad = good;
    bad.epoch = 1;
    EXPECT_EQ(with(bad), "another epoch");
}

TEST_F(Finalities, RefuseACertificateForAnotherBlock)
{
    const auto first = world.add(), second = world.add();
    EXPECT_EQ(reason(client().check(
                  Finality{world.header(first), {}, world.certificate(world.header(second))})),
              "the certificate is of another block");
    auto forged = world.header(first);
    forged.state_root.bytes[3] ^= 1;
    EXPECT_EQ(reason(client().check(Finality{forged, {}, world.certificate(world.header(first))})),
              "the certificate is of another block");
    auto view = world.certificate(world.header(first));
    view.view += 1;
    EXPECT_EQ(reason(client().check(Finality{world.header(first), {}, view})),
              "the certificate is of another block");
}

TEST_F(Finalities, RefuseVotesOfAnotherChain)
{
    LightWorld other{[&] {
        auto genesis = world.genesis();
        genesis.chain_id.value += 1;
        return genesis;
    }()};
    EXPECT_EQ(reason(client().check(other.finality(other.add()))), "the block is of another chain");
    LightWorld twin{[&] {
        auto genesis = world.genesis();
        genesis.name = "the same validators and number";
        return genesis;
    }()};
    EXPECT_EQ(reason(client().check(twin.finality(twin.add()))),
              "a vote's signature does not verify");
}

TEST_F(Finalities, RefuseAPathThroughAnotherBlock)
{
    const auto first = world.add({.has_certificate = false});
    world.add({.has_certificate = false});
    world.add();
    const auto good = world.finality(first);
    const auto with = [&](const Finality& proof) { return reason(client().check(proof)); };
    auto bad = good;
    bad.descendants[0].time_ms.value += 1;
    EXPECT_EQ(with(bad), "the headers are not linked");
    bad = good;
    bad.descendants.erase(bad.descendants.begin());
    EXPECT_EQ(with(bad), "the headers are not linked");
    bad = good;
    std::swap(bad.descendants[0], bad.descendants[1]);
    EXPECT_EQ(with(bad), "the certificate is of another block");
    bad = good;
    bad.header.state_root.bytes[0] ^= 1;
    EXPECT_EQ(with(bad), "the headers are not linked");
    bad = good;
    bad.descendants.pop_back();
    EXPECT_EQ(with(bad), "the certificate is of another block");
}

TEST_F(Finalities, RefuseBlocksOfAnEpochThatWasNotReached)
{
    const auto old = world.add();
    world.seal(four(3));
    const auto fresh = world.add();
    EXPECT_EQ(reason(client(0).check(world.finality(fresh))),
              "the block is of a later epoch than the one trusted");
    EXPECT_EQ(reason(client(1).check(world.finality(old))),
              "the block is of an earlier epoch than the one trusted");
}

TEST_F(Finalities, RefuseTheValidatorsOfTheEpochBefore)
{
    world.seal(four(5));
    const auto header = world.header(world.add());
    // All of epoch 0 sign a block of epoch 1 as if they were still its validators.
    LightWorld old{world.genesis()};
    old.seal(four(1));
    auto forged = header;
    forged.valset_hash = valset_hash(four(1));
    const auto certificate = old.certificate(forged);
    EXPECT_EQ(reason(client(1).check(Finality{forged, {}, certificate})),
              "a vote's signature does not verify");
}

TEST_F(Finalities, AreNotRememberedWhenRefused)
{
    const auto header = world.header(world.add());
    auto light = client();
    EXPECT_FALSE(light.check(Finality{header, {}, world.certificate(header, VoteKind::notarize)}));
    EXPECT_FALSE(light.knows(block_id(header)));
    EXPECT_EQ(light.newest_time(), world.header({0}).time_ms);
}

}  // namespace
}  // namespace ledger::light
