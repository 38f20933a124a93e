#include "ledger/consensus/trusted_anchor.hpp"
#include "tests/support/consensus_puppets.hpp"

#include <gtest/gtest.h>

// What a node takes of chains that do not lead through the operator's checkpoint: nothing.
namespace sim {
namespace {

using enum VoteKind;

constexpr const char* elsewhere =
    "a final chain does not lead through the trusted checkpoint: block ";

Header header_of(BlockKind kind, std::uint64_t epoch, std::uint64_t height)
{
    Header header;
    header.kind = kind;
    header.epoch = epoch;
    header.height = {height};
    return header;
}

TEST(TrustedAnchor, IsContradictedByFinalBlocksThatCannotBeOnAChainThroughIt)
{
    const auto seal = header_of(BlockKind::sealing, 1, 9);
    const TrustedAnchor anchor{2, {9}, block_id(seal)};
    const auto why = [&](BlockKind kind, std::uint64_t epoch, std::uint64_t height) {
        return anchor.contradicted_by(header_of(kind, epoch, height));
    };
    using enum BlockKind;
    EXPECT_EQ(anchor.contradicted_by(seal), "");
    EXPECT_EQ(why(normal, 0, 3), "");
    EXPECT_EQ(why(sealing, 0, 5), "");
    EXPECT_EQ(why(normal, 1, 8), "");
    EXPECT_EQ(why(tail, 1, 9), "");
    EXPECT_EQ(why(normal, 2, 10), "");
    EXPECT_EQ(why(sealing, 3, 40), "");

    EXPECT_EQ(why(normal, 1, 9).substr(0, 11), "block 9 is ");
    EXPECT_EQ(why(normal, 1, 10).substr(0, 23), "block 10 is of epoch 1,");
    EXPECT_EQ(why(normal, 0, 12).substr(0, 23), "block 12 is of epoch 0,");
    EXPECT_EQ(why(sealing, 1, 8).substr(0, 35), "block 8 is of epoch 1 and ends it, ");
    EXPECT_EQ(why(normal, 2, 9).substr(0, 22), "block 9 is of epoch 2,");
    EXPECT_EQ(why(normal, 3, 5).substr(0, 22), "block 5 is of epoch 3,");
}

TEST(TrustedAnchor, OfTheFirstEpochIsTheGenesisBlock)
{
    const auto genesis = header_of(BlockKind::normal, 0, 0);
    const TrustedAnchor anchor{0, {0}, block_id(genesis)};
    EXPECT_EQ(anchor.contradicted_by(genesis), "");
    EXPECT_EQ(anchor.contradicted_by(header_of(BlockKind::normal, 0, 1)), "");
    EXPECT_EQ(anchor.contradicted_by(header_of(BlockKind::sealing, 0, 0)).substr(0, 11),
              "block 0 is ");
}

/// Epoch 0 ends with `seal` at height 1, which a core trusts; `forged` ends it there as well, and
/// `beside` goes on, both as good by their signatures.
struct WithAnchor : Puppets {
    WithAnchor()
    {
        next = set;
        next[3].power = 1'500;
        forged_next = set;
        forged_next[3].power = 1'400;
        seal = block(1, nullptr, {sim_power_change(1, 3, 1'500)});
        forged = block(2, nullptr, {sim_power_change(2, 3, 1'400)});
        beside = block(2, nullptr, {sim_transaction(3)});
        trusted = TrustedAnchor{1, {1}, seal.id};
        restart(recover({0, genesis, set, genesis, {}}, {}, {}, {}));
    }
    static BlockData data_of(const Block& made)
    {
        return {made.header, made.justification, made.body};
    }
    /// Whom the core has asked for a range in this output; 99 when nobody.
    static std::size_t asked_in(const Output& output)
    {
        for (const auto& send : output.sends)
            if (std::holds_alternative<GetBlocks>(send.message)) return send.to[0].value;
        return 99;
    }
    void expect_refused(const Output& output, std::size_t peer) const
    {
        ASSERT_EQ(output.misbehaved.size(), 1u);
        EXPECT_EQ(output.misbehaved[0].peer.value, peer);
        EXPECT_EQ(output.misbehaved[0].what.find(elsewhere), 0u) << output.misbehaved[0].what;
        EXPECT_EQ(core->refused(), output.misbehaved[0].what);
        EXPECT_FALSE(output.halt);
        EXPECT_TRUE(output.commits.empty());
        EXPECT_EQ(core->tip().height, Height{0});
    }
    void expect_passes_the_anchor()
    {
        say(EpochProof{{seal.header}, certificate(finalize, 1, seal.id), next}, 3);
        const auto output = say(Body{data_of(seal)}, 3);
        EXPECT_FALSE(output.halt);
        EXPECT_EQ(core->epoch().number(), 1u);
        EXPECT_EQ(core->epoch().anchor(), seal.id);
    }
    ValidatorSet next;
    ValidatorSet forged_next;
    Block seal;
    Block forged;
    Block beside;
};

TEST(BesideTheTrustedAnchor, IsGoneThroughByTheRightChain)
{
    WithAnchor puppets;
    puppets.expect_passes_the_anchor();
    EXPECT_EQ(puppets.core->refused(), "");
}

TEST(BesideTheTrustedAnchor, ARangeOfFinalBlocksIsRefusedAndTheRightChainFollowed)
{
    WithAnchor puppets;
    const auto f = puppets.certificate(finalize, 2, puppets.beside.id);
    const auto asked = WithAnchor::asked_in(puppets.say(Status{0, {1}, 2, f, 3, false}, 2));
    ASSERT_NE(asked, 99u);
    const auto output = puppets.say(Blocks{{WithAnchor::data_of(puppets.beside)}, {}, f}, asked);
    puppets.expect_refused(output, asked);
    EXPECT_FALSE(puppets.wait(5'000).halt);
    puppets.expect_passes_the_anchor();
}

TEST(BesideTheTrustedAnchor, AHeaderInTheProofOfARangeIsEnough)
{
    WithAnchor puppets;
    auto second = puppets.block(3, &puppets.beside, {sim_transaction(4)});
    const auto f = puppets.certificate(finalize, 3, second.id);
    const auto asked = WithAnchor::asked_in(puppets.say(Status{0, {2}, 3, f, 4, false}, 2));
    ASSERT_NE(asked, 99u);
    // The range itself may be short: what proves it goes past the anchor.
    puppets.expect_refused(
        puppets.say(Blocks{{WithAnchor::data_of(puppets.beside)}, {second.header}, f}, asked),
        asked);
}

TEST(BesideTheTrustedAnchor, TheEndOfTheEpochIsRefused)
{
    WithAnchor puppets;
    ASSERT_EQ(puppets.forged.header.kind, BlockKind::sealing);
    const EpochProof proof{{puppets.forged.header},
                           puppets.certificate(finalize, 2, puppets.forged.id),
                           puppets.forged_next};
    puppets.expect_refused(puppets.say(proof, 2), 2);
    EXPECT_TRUE(puppets.core->durable().certificates.empty());
    puppets.expect_passes_the_anchor();
}

TEST(BesideTheTrustedAnchor, ASingleBlockIsRefusedWhenItIsProvenFinal)
{
    WithAnchor puppets;
    const auto output =
        puppets.say(puppets.certificate(finalize, 2, puppets.beside.id), std::size_t{2});
    ASSERT_FALSE(sent<GetBody>(output).empty());
    puppets.expect_refused(puppets.say(Body{WithAnchor::data_of(puppets.beside)}, 1), 1);
    puppets.expect_passes_the_anchor();
}

/// Both are final in one view by their signatures, and the other one was here first: it is in the
/// log, and stays there when nobody brings it any more.
TEST(BesideTheTrustedAnchor, ACertificateOfARefusedBlockGivesWayToTheRightOneOfItsView)
{
    WithAnchor puppets;
    const auto forged = puppets.block(1, nullptr, {sim_transaction(3)});
    puppets.say(puppets.certificate(finalize, 1, forged.id), std::size_t{2});
    puppets.expect_refused(puppets.say(Body{WithAnchor::data_of(forged)}, 1), 1);
    const Base base{0, puppets.genesis, puppets.set, puppets.genesis, {}};
    puppets.restart(recover(base, puppets.log, {}, {}));
    ASSERT_FALSE(puppets.core->durable().certificates.empty());
    puppets.expect_passes_the_anchor();

    const auto again = recover(base, puppets.log, {}, {});
    EXPECT_EQ(again.base.epoch, 1u);
    ASSERT_EQ(again.proofs.size(), 1u);
    EXPECT_EQ(again.proofs[0].finalized.id, puppets.seal.id);
}

TEST(BesideTheTrustedAnchor, WithoutItTheFirstCertificateOfAViewStays)
{
    WithAnchor puppets;
    puppets.trusted.reset();
    puppets.restart(recover({0, puppets.genesis, puppets.set, puppets.genesis, {}}, {}, {}, {}));
    const auto first = puppets.block(1, nullptr, {sim_transaction(3)});
    puppets.say(puppets.certificate(finalize, 1, first.id), std::size_t{2});
    puppets.say(
        EpochProof{
            {puppets.seal.header}, puppets.certificate(finalize, 1, puppets.seal.id), puppets.next},
        3);
    const auto held = puppets.core->durable().certificates;
    ASSERT_EQ(held.size(), 1u);
    EXPECT_EQ(held.begin()->second.id, first.id);
}

TEST(BesideTheTrustedAnchor, AProposalIsNobodysFaultAndGetsNoVote)
{
    WithAnchor puppets;
    const auto empty = puppets.block(2, nullptr);
    puppets.say(puppets.certificate(nullify, 1));
    const auto output = puppets.say(empty.message);
    EXPECT_TRUE(output.misbehaved.empty());
    EXPECT_TRUE(sent_votes(output, notarize).empty());
    EXPECT_EQ(puppets.core->refused(), "");
}

/// What the log has of it from before somebody named a checkpoint: nobody is at fault, and nothing
/// can be right.
TEST(BesideTheTrustedAnchor, ABlockOfItsOwnLogIsNotMadeFinal)
{
    Puppets puppets;
    const auto first = puppets.block(1, nullptr);
    puppets.say(first.message);
    puppets.say(puppets.certificate(notarize, 1, first.id));
    puppets.trusted = TrustedAnchor{1, {1}, BlockId{{{9}}}};
    const Base base{0, puppets.genesis, puppets.set, puppets.genesis, {}};
    puppets.restart(recover(base, puppets.log, {}, {}));
    const auto output = puppets.say(puppets.certificate(finalize, 1, first.id));
    ASSERT_TRUE(output.halt);
    EXPECT_EQ(output.halt->reason.find(elsewhere), 0u) << output.halt->reason;
    EXPECT_TRUE(output.commits.empty());
}

}  // namespace
}  // namespace sim
