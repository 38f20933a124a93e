// The directed tests of consensus.md 13 about certificates, finality, sync and epochs.
#include "tests/support/consensus_puppets.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

using enum VoteKind;

Body body_of(const Puppets::Block& block)
{
    return {{block.header, block.justification, block.body}};
}

/// 13.7
TEST(Directed, TakesTheCertificateOfABlockAfterThatOfItsNullification)
{
    const BlockId a{{{1}}};
    for (const bool is_block_first : {true, false}) {
        Puppets puppets;
        const auto n = puppets.certificate(notarize, 1, a);
        const auto x = puppets.certificate(nullify, 1);
        puppets.say(is_block_first ? n : x);
        puppets.say(is_block_first ? x : n);
        EXPECT_EQ(puppets.core->durable().certificates.size(), 2u);
    }
}

/// 13.7
TEST(Directed, FinalizesAViewLongLeftOnceItsCertificateArrives)
{
    Puppets puppets;
    const auto first = puppets.block(1, nullptr);
    puppets.say(first.message);
    puppets.say(puppets.certificate(nullify, 3));
    ASSERT_EQ(puppets.core->current(), 4u);
    const auto votes =
        sent_votes(puppets.say(puppets.certificate(notarize, 1, first.id)), finalize);
    ASSERT_EQ(votes.size(), 1u);
    EXPECT_EQ(votes[0].view, 1u);
}

/// 13.8
TEST(Directed, CountsAVoterOnceHoweverOftenItVotes)
{
    Puppets puppets;
    for (int i = 0; i < 3; ++i) puppets.say(puppets.vote(1, nullify, 1));
    EXPECT_EQ(puppets.core->current(), 1u);
    EXPECT_FALSE(puppets.core->guard().vote(1, nullify));
}

/// 13.8
TEST(Directed, CountsTheFirstOfTwoContradictingVotes)
{
    Puppets puppets;
    const auto block = puppets.block(1, nullptr);
    const BlockId other{{{1}}};
    puppets.say(block.message);
    puppets.say(puppets.vote(1, notarize, 1, block.id));
    const auto output = puppets.say(puppets.vote(1, notarize, 1, other));
    ASSERT_EQ(output.evidence.size(), 1u);
    EXPECT_EQ(output.evidence[0].fault, Fault::two_notarizations);
    // The real one's, that of 1 and this one: a quorum for the block.
    const auto made = sent<Certificate>(puppets.say(puppets.vote(2, notarize, 1, block.id)));
    ASSERT_EQ(made.size(), 1u);
    EXPECT_TRUE(check_certificate(made[0], puppets.core->epoch(), puppets.verifier));
}

/// 13.6: if more than a third is faulty, to stop is all that is left.
TEST(Directed, StopsWhenAnotherBlockIsFinalInAViewThatIsSettled)
{
    Puppets puppets;
    const auto first = puppets.block(1, nullptr);
    puppets.say(first.message);
    puppets.say(puppets.certificate(notarize, 1, first.id));
    ASSERT_EQ(puppets.say(puppets.certificate(finalize, 1, first.id)).commits.size(), 1u);
    EXPECT_FALSE(puppets.say(puppets.certificate(finalize, 1, first.id, true)).halt);
    const auto output = puppets.say(puppets.certificate(finalize, 1, BlockId{{{9}}}));
    ASSERT_TRUE(output.halt);
    EXPECT_EQ(output.halt->reason, "another block is final as well");
    EXPECT_EQ(output.halt->evidence.size(), 3u);
}

/// 13.6
TEST(Directed, StopsWhenAFinalBlockDoesNotExtendTheFinalChain)
{
    Puppets puppets;
    const auto first = puppets.block(1, nullptr);
    const auto beside = puppets.block(2, nullptr);
    puppets.say(first.message);
    puppets.say(puppets.certificate(finalize, 1, first.id));
    ASSERT_EQ(puppets.core->floor(), 1u);
    puppets.say(puppets.certificate(finalize, 2, beside.id));
    const auto output = puppets.say(body_of(beside));
    ASSERT_TRUE(output.halt);
    EXPECT_EQ(output.halt->reason, "a final block does not extend the final chain");
}

/// 13.6
TEST(Directed, StopsWhenAFinalBlockLeadsToAnotherState)
{
    Puppets puppets;
    auto block = puppets.block(1, nullptr, {sim_transaction(1)});
    block.header.state_root.bytes[0] ^= 1;
    puppets.sign(block);
    puppets.say(puppets.certificate(finalize, 1, block.id));
    const auto output = puppets.say(body_of(block));
    ASSERT_TRUE(output.halt);
    EXPECT_EQ(output.halt->reason, "a final block does not lead to the roots in its header");
}

/// 13.9
TEST(Directed, MakesNothingFinalBeforeItsAncestorsAreHere)
{
    Puppets puppets;
    const auto first = puppets.block(1, nullptr, {sim_transaction(1)});
    const auto second = puppets.block(2, &first, {sim_transaction(2)});
    puppets.say(puppets.certificate(finalize, 2, second.id));
    auto output = puppets.say(body_of(second));
    EXPECT_TRUE(output.commits.empty());
    EXPECT_FALSE(output.halt);
    output = puppets.say(body_of(first));
    ASSERT_EQ(output.commits.size(), 2u);
    EXPECT_EQ(output.commits[0].id, first.id);
    EXPECT_EQ(output.commits[1].id, second.id);
}

/// 13.9
TEST(Directed, TakesNoBlocksThatItHasNotAskedFor)
{
    Puppets puppets;
    const auto first = puppets.block(1, nullptr, {sim_transaction(1)});
    const auto f = puppets.certificate(finalize, 1, first.id);
    puppets.say(Blocks{{body_of(first).block}, {}, f}, 1);
    EXPECT_EQ(puppets.core->floor(), 0u);
    EXPECT_TRUE(puppets.core->durable().certificates.empty());
}

/// 13.9
TEST(Directed, TakesNoBlocksThatAreNotProvenFinal)
{
    const auto answer = [](auto&& spoil) {
        Puppets puppets;
        const auto first = puppets.block(1, nullptr, {sim_transaction(1)});
        const auto second = puppets.block(2, &first, {sim_transaction(2)});
        const auto f = puppets.certificate(finalize, 2, second.id);
        auto output = puppets.say(Status{0, {2}, 2, f, 3, false}, 2);
        std::size_t asked = 0;
        for (const auto& send : output.sends)
            if (std::holds_alternative<GetBlocks>(send.message)) asked = send.to[0].value;
        Blocks blocks{{body_of(first).block, body_of(second).block}, {}, f};
        spoil(blocks, puppets);
        output = puppets.say(blocks, asked);
        EXPECT_EQ(puppets.core->floor(), output.misbehaved.empty() ? 2u : 0u);
        return output.misbehaved.empty() ? "" : output.misbehaved[0].what;
    };
    EXPECT_EQ(answer([](auto&, auto&) {}), "");
    EXPECT_EQ(answer([](auto& blocks, auto&) { blocks.finalized.signatures[0].bytes[0] ^= 1; }),
              "blocks that are not proven final");
    EXPECT_EQ(answer([](auto& blocks, auto& puppets) {
                  const auto beside = puppets.block(1, nullptr, {sim_transaction(3)});
                  blocks.blocks[0] = body_of(beside).block;
              }),
              "blocks that are not proven final");
    EXPECT_EQ(answer([](auto& blocks, auto&) { blocks.blocks[0].body.clear(); }),
              "a body that is not the header's");
}

/// 13.9
TEST(Directed, ExecutesProvenBlocksByAndByAndAsksForMoreMeanwhile)
{
    Puppets puppets;
    std::vector<Puppets::Block> chain;
    for (View view = 1; view <= 3; ++view)
        chain.push_back(puppets.block(view, chain.empty() ? nullptr : &chain.back(),
                                      {sim_transaction(view, CoreLimits::step_bytes)}));
    const auto newest = puppets.certificate(finalize, 9, BlockId{{{9}}});
    auto output = puppets.say(Status{0, {9}, 9, newest, 10, false}, 2);
    ASSERT_EQ(sent<GetBlocks>(output).size(), 1u);
    std::size_t asked = 0;
    for (const auto& send : output.sends)
        if (std::holds_alternative<GetBlocks>(send.message)) asked = send.to[0].value;

    Blocks blocks{{}, {}, puppets.certificate(finalize, 3, chain[2].id)};
    for (const auto& block : chain) blocks.blocks.push_back(body_of(block).block);
    output = puppets.say(blocks, asked);
    EXPECT_TRUE(output.commits.empty());
    EXPECT_EQ(output.wake_at, puppets.now.steady_ms) << "at once, and whoever speaks in between";
    ASSERT_EQ(sent<GetBlocks>(output).size(), 1u);
    EXPECT_EQ(sent<GetBlocks>(output)[0].from, Height{4});
    EXPECT_TRUE(puppets.wait(0).commits.empty());
    output = puppets.wait(0);
    ASSERT_EQ(output.commits.size(), 3u);
    EXPECT_EQ(output.commits[2].id, chain[2].id);
    EXPECT_EQ(puppets.core->floor(), 3u);
}

/// 13.10
TEST(Directed, CountsNoVoteThatWasSignedForAnotherEpoch)
{
    Puppets puppets;
    const auto& old = puppets.core->epoch();
    const Epoch next{old.chain_id(), 1, BlockId{{{5}}}, old.set()};
    auto vote = puppets.vote(1, nullify, 1);
    ASSERT_TRUE(check_vote(vote, old, puppets.verifier));
    vote.epoch = 1;
    EXPECT_EQ(check_vote(vote, next, puppets.verifier).error().detail,
              "a vote's signature does not verify");
    auto certificate = puppets.certificate(nullify, 1);
    certificate.epoch = 1;
    EXPECT_EQ(check_certificate(certificate, next, puppets.verifier).error().detail,
              "a vote's signature does not verify");
}

/// 13.10
TEST(Directed, KeepsFewMessagesOfAnEpochThatMayNeverCome)
{
    Puppets puppets;
    const auto before = puppets.core->kept();
    auto vote = puppets.vote(1, nullify, 1);
    vote.epoch = 1;
    for (vote.view = 1; vote.view <= 2 * CoreLimits::early_messages; ++vote.view)
        puppets.say(vote, 1);
    EXPECT_EQ(puppets.core->kept(), before + CoreLimits::early_messages);
}

/// 13.10
TEST(Directed, TakesNoProofOfAnEpochsEndThatProvesNothing)
{
    Puppets puppets;
    const auto change = sim_power_change(1, 3, 1'500);
    const auto seal = puppets.block(1, nullptr, {change});
    ASSERT_EQ(seal.header.kind, BlockKind::sealing);
    auto next = puppets.set;
    next[3].power = 1'500;
    EpochProof proof{{seal.header}, puppets.certificate(finalize, 1, seal.id), next};
    proof.finalized.signatures[0].bytes[0] ^= 1;
    const auto output = puppets.say(proof);
    ASSERT_EQ(output.misbehaved.size(), 1u);
    EXPECT_EQ(output.misbehaved[0].what, "an epoch's proof proves nothing");
    EXPECT_TRUE(puppets.core->durable().certificates.empty());

    proof.finalized = puppets.certificate(finalize, 1, seal.id);
    puppets.say(proof);
    puppets.say(body_of(seal));
    EXPECT_EQ(puppets.core->epoch().number(), 1u);
}

struct BehindASeal : Puppets {
    explicit BehindASeal(Index which = 0) : Puppets{4, which}
    {
        application->submit(sim_power_change(1, 3, 1'500));
        seal = block(1, nullptr, {sim_power_change(1, 3, 1'500)});
        say(seal.message);
        say(certificate(notarize, 1, seal.id));
    }
    Block tail()
    {
        auto made = block(2, &seal);
        auto& header = made.header;
        header.kind = BlockKind::tail;
        header.height = seal.header.height;
        header.state_root = seal.header.state_root;
        header.history_root = seal.header.history_root;
        sign(made);
        return made;
    }
    Block seal;
};

/// 13.10
TEST(Directed, LearnsFromAnEpochsProofWhatItsCertificateAloneDoesNotSay)
{
    // As after a crash: F is there, the block that it is of is not, and whoever has gone on to the
    // next epoch has forgotten a seal's tail.
    Puppets puppets;
    const auto change = sim_power_change(1, 3, 1'500);
    const auto seal = puppets.block(1, nullptr, {change});
    auto tail = puppets.block(2, &seal);
    tail.header.kind = BlockKind::tail;
    tail.header.height = seal.header.height;
    tail.header.state_root = seal.header.state_root;
    tail.header.history_root = seal.header.history_root;
    puppets.sign(tail);
    const auto f = puppets.certificate(finalize, 2, tail.id);
    puppets.say(f, 1);
    auto next = puppets.set;
    next[3].power = 1'500;
    puppets.say(EpochProof{{seal.header, tail.header}, f, next}, 2);
    EXPECT_EQ(puppets.core->epoch().number(), 0u);
    puppets.say(body_of(seal), 1);
    EXPECT_EQ(puppets.core->epoch().number(), 1u);
}

/// 13.10
TEST(Directed, VotesBehindASealForNothingButItsTail)
{
    const auto votes = [](auto&& spoil) {
        BehindASeal puppets;
        EXPECT_EQ(puppets.core->current(), 2u);
        auto block = puppets.tail();
        spoil(block, puppets);
        puppets.sign(block);
        return sent_votes(puppets.say(block.message), notarize).size();
    };
    EXPECT_EQ(votes([](auto&, auto&) {}), 1u);
    EXPECT_EQ(votes([](auto& block, auto& puppets) { block = puppets.block(2, &puppets.seal); }),
              0u);
    EXPECT_EQ(votes([](auto& block, auto&) { block.header.state_root.bytes[0] ^= 1; }), 0u);
    EXPECT_EQ(votes([](auto& block, auto&) { ++block.header.height.value; }), 0u);
}

/// 13.10
TEST(Directed, ProposesBehindASealNothingButItsTail)
{
    BehindASeal puppets{Puppets{}.leader(2)};
    puppets.application->submit(sim_transaction(2));
    const auto made = sent<Propose>(puppets.wait(puppets.times.t0 / 2));
    ASSERT_FALSE(made.empty());
    EXPECT_EQ(made[0].header.kind, BlockKind::tail);
    EXPECT_EQ(made[0].header.height, puppets.seal.header.height);
    EXPECT_EQ(made[0].header.state_root, puppets.seal.header.state_root);
}

/// 13.18
TEST(Directed, PassesOnNoEvidenceThatShowsNothing)
{
    Puppets puppets;
    auto evidence = *contradiction(puppets.vote(1, notarize, 1, BlockId{{{1}}}),
                                   puppets.vote(1, notarize, 1, BlockId{{{2}}}));
    auto forged = evidence;
    forged.votes[0].signature.bytes[0] ^= 1;
    auto output = puppets.say(forged, 2);
    EXPECT_TRUE(output.evidence.empty());
    EXPECT_TRUE(sent<Evidence>(output).empty());
    ASSERT_EQ(output.misbehaved.size(), 1u);
    EXPECT_EQ(output.misbehaved[0].what, "evidence that shows nothing");
    EXPECT_EQ(puppets.say(evidence, 2).evidence.size(), 1u);
}

}  // namespace
}  // namespace sim
