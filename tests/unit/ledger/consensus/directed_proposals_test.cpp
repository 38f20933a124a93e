// The directed tests of consensus.md 13 about proposals: who makes them, and what voters refuse.
#include "ledger/chain/transaction.hpp"
#include "tests/support/consensus_puppets.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

using enum VoteKind;

/// 13.4: the certificates that a proposal lacks may come late; a nullified view stays closed.
TEST(Directed, ProposesNothingInAViewItHasNullified)
{
    const auto proposals = [](bool times_out) {
        Puppets puppets{4, Puppets{}.leader(3)};
        puppets.say(puppets.certificate(nullify, 2));
        puppets.application->submit(sim_transaction(1));
        puppets.wait(0);
        if (times_out) puppets.wait(2'000);
        EXPECT_EQ(puppets.core->guard().vote(3, nullify) != nullptr, times_out);
        return sent<Propose>(puppets.say(puppets.certificate(nullify, 1))).size();
    };
    EXPECT_EQ(proposals(false), 1u);
    EXPECT_EQ(proposals(true), 0u);
}

/// 13.5
TEST(Directed, TakesNoJustificationButTheOneThatTheHeaderNames)
{
    Puppets puppets;
    puppets.say(puppets.certificate(nullify, 1));
    auto message = puppets.block(2, nullptr).message;
    message.justification.skipped[0] = puppets.certificate(nullify, 1, {}, true);
    const auto output = puppets.say(message);
    EXPECT_TRUE(sent_votes(output, notarize).empty());
    ASSERT_EQ(output.misbehaved.size(), 1u);
    EXPECT_EQ(output.misbehaved[0].what, "not the justification that the header names");
}

/// 13.5
TEST(Directed, TakesNoParentFromAnotherViewThanTheHeaderSays)
{
    Puppets puppets;
    const auto first = puppets.block(1, nullptr);
    puppets.say(first.message);
    puppets.say(puppets.certificate(notarize, 1, first.id));
    puppets.say(puppets.certificate(nullify, 2));
    // As if the parent's view were 2: then no view lies between, and nothing must be shown.
    auto block = puppets.block(3, &first);
    block.header.parent_view = 2;
    block.justification.skipped.clear();
    puppets.sign(block);
    EXPECT_TRUE(sent_votes(puppets.say(block.message), notarize).empty());
    EXPECT_EQ(check_shape(block.justification, block.header, puppets.core->epoch()).error().detail,
              "the certificate is not the parent's");
}

/// 13.6
TEST(Directed, TakesNoProposalButTheLeaders)
{
    Puppets puppets;
    auto block = puppets.block(1, nullptr);
    auto forged = block.message;
    forged.signature.bytes[0] ^= 1;
    auto output = puppets.say(forged);
    EXPECT_TRUE(sent_votes(output, notarize).empty());
    ASSERT_EQ(output.misbehaved.size(), 1u);
    EXPECT_EQ(output.misbehaved[0].what, "a proposal's signature does not verify");

    block.header.proposer = puppets.other_than({0, puppets.leader(1)});
    puppets.sign(block);
    output = puppets.say(block.message);
    EXPECT_TRUE(sent_votes(output, notarize).empty());
    ASSERT_EQ(output.misbehaved.size(), 1u);
    EXPECT_EQ(output.misbehaved[0].what, "not the leader's proposal");
}

/// 13.6
TEST(Directed, KeepsTwoProposalsOfAViewAndNoMore)
{
    Puppets puppets;
    const auto say = [&](std::uint64_t time_ms) {
        puppets.say(puppets.block(1, nullptr, {}, time_ms).message, puppets.leader(1));
        return puppets.core->state_hash();
    };
    say(2'000'001);
    const auto one = puppets.core->state_hash();
    const auto two = say(2'000'002);
    EXPECT_NE(one, two);
    EXPECT_EQ(say(2'000'003), two);
}

/// 13.9
TEST(Directed, TakesNoTransactionsButThoseOfTheHeader)
{
    Puppets puppets;
    puppets.application->submit(sim_transaction(2));
    const auto block = puppets.block(1, nullptr, {sim_transaction(1)});
    auto message = block.message;
    message.wire_ids = {wire_id(sim_transaction(2))};
    auto output = puppets.say(message);
    EXPECT_TRUE(sent_votes(output, notarize).empty());
    ASSERT_EQ(sent<GetBody>(output).size(), 1u);
    output = puppets.say(Body{{block.header, block.justification, {sim_transaction(2)}}});
    ASSERT_EQ(output.misbehaved.size(), 1u);
    EXPECT_EQ(output.misbehaved[0].what, "a body that is not the header's");
    output = puppets.say(Body{{block.header, block.justification, block.body}});
    EXPECT_EQ(sent_votes(output, notarize).size(), 1u);
}

/// 13.9
TEST(Directed, VotesForNoBlockThatLeadsToAnotherState)
{
    Puppets puppets;
    puppets.application->submit(sim_transaction(1));
    auto block = puppets.block(1, nullptr, {sim_transaction(1)});
    block.header.state_root.bytes[0] ^= 1;
    puppets.sign(block);
    const auto output = puppets.say(block.message);
    EXPECT_TRUE(sent_votes(output, notarize).empty());
    EXPECT_EQ(sent_votes(output, nullify).size(), 1u);
}

/// 13.9
TEST(Directed, VotesForNoBlockThatDoesNotFitOnItsParent)
{
    Puppets puppets;
    auto block = puppets.block(1, nullptr);
    block.header.height = {2};
    puppets.sign(block);
    EXPECT_TRUE(sent_votes(puppets.say(block.message), notarize).empty());
}

/// 13.17
TEST(Directed, IsNotWokenByTheLeadersVoteToNullify)
{
    const auto leader = Puppets{}.leader(1);
    Puppets puppets{4, leader == 0 ? Index{1} : Index{0}};
    puppets.say(puppets.vote(leader, nullify, 1));
    puppets.wait(600'000);
    EXPECT_FALSE(puppets.core->guard().vote(1, nullify));
    // With something to order it says what the leader itself has said.
    puppets.application->submit(sim_transaction(1));
    puppets.wait(0);
    EXPECT_TRUE(puppets.core->guard().vote(1, nullify));
}

/// 13.17
TEST(Directed, ProposesAnEmptyBlockWhenMoreThanTheFaultyCall)
{
    const auto leader = Puppets{}.leader(1);
    Puppets puppets{4, leader};
    const auto one = puppets.other_than({leader});
    const auto two = puppets.other_than({leader, one});
    EXPECT_TRUE(sent<Propose>(puppets.say(puppets.vote(one, nullify, 1))).empty());
    const auto made = sent<Propose>(puppets.say(puppets.vote(two, nullify, 1)));
    ASSERT_EQ(made.size(), 1u);
    EXPECT_EQ(made[0].header.tx_count, 0u);
}

/// 13.17: or every block would be followed by an empty one.
TEST(Directed, WaitsForFinalityBeforeItProposesAnEmptyBlock)
{
    Puppets puppets{4, Puppets{}.leader(2)};
    puppets.application->submit(sim_transaction(1));
    const auto first = puppets.block(1, nullptr, {sim_transaction(1)});
    puppets.say(first.message);
    auto output = puppets.say(puppets.certificate(notarize, 1, first.id));
    ASSERT_EQ(puppets.core->current(), 2u);
    EXPECT_TRUE(sent<Propose>(output).empty());
    EXPECT_TRUE(sent<Propose>(puppets.wait(puppets.times.t0 / 2 - 1)).empty());
    EXPECT_FALSE(sent<Propose>(puppets.wait(1)).empty());
}

}  // namespace
}  // namespace sim
