// What breaking one rule at a time (tests/mutation) has shown that nothing else noticed.
#include "ledger/consensus/tally.hpp"
#include "tests/support/consensus_puppets.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

using enum VoteKind;

struct Rules : testing::Test {
    Puppets puppets;
    const Epoch& epoch = puppets.core->epoch();
    BlockId a{{{1}}}, b{{{2}}};
    std::vector<Record> records;
};

TEST_F(Rules, NullifyNoViewButTheCurrentOne)
{
    VoteGuard guard{puppets.real_signer.get(), epoch, {}};
    EXPECT_EQ(guard.cast(nullify, 3, {}, {2, {}}, records).error(), Refusal::not_current);
    EXPECT_EQ(guard.cast(nullify, 1, {}, {2, {}}, records).error(), Refusal::not_current);
    EXPECT_TRUE(guard.cast(nullify, 2, {}, {2, {}}, records));
    EXPECT_EQ(records.size(), 1u);
}

TEST_F(Rules, SignOneProposalOfAViewAndNoneAfterItsNullification)
{
    VoteGuard guard{puppets.real_signer.get(), epoch, {}};
    const auto propose = [&](View view, View current, std::uint64_t time_ms) {
        auto block = puppets.block(view, nullptr, {}, time_ms);
        return guard.propose(block.header, block.justification, {}, {}, current, records);
    };
    EXPECT_EQ(propose(2, 1, 0).error(), Refusal::not_current);
    EXPECT_TRUE(propose(1, 1, 2'000'001));
    EXPECT_EQ(propose(1, 1, 2'000'002).error(), Refusal::already_signed);
    ASSERT_TRUE(guard.cast(nullify, 2, {}, {2, {}}, records));
    EXPECT_EQ(propose(2, 2, 0).error(), Refusal::nullified_before);
    EXPECT_EQ(records.size(), 2u);
}

TEST_F(Rules, SignNothingWhileOthersHaveNotSaidWhatTheyKnow)
{
    VoteGuard guard{puppets.real_signer.get(), epoch, {}};
    guard.settle(true);
    EXPECT_EQ(guard.cast(nullify, 1, {}, {1, {}}, records).error(), Refusal::settling);
    EXPECT_TRUE(records.empty());
    guard.settle(false);
    EXPECT_TRUE(guard.cast(nullify, 1, {}, {1, {}}, records));
}

TEST_F(Rules, CountAVoteOnceAndNoneThatContradictsIt)
{
    Tally tally{epoch};
    EXPECT_EQ(tally.add(puppets.vote(1, notarize, 1, a)), Tally::Added::fresh);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(tally.add(puppets.vote(1, notarize, 1, a)), Tally::Added::known);
    EXPECT_EQ(tally.power(1, notarize, a), 1'000u);
    EXPECT_EQ(tally.add(puppets.vote(1, notarize, 1, b)), Tally::Added::contradicts);
    tally.add(puppets.vote(2, notarize, 1, b));
    tally.add(puppets.vote(3, notarize, 1, b));
    EXPECT_EQ(tally.power(1, notarize, b), 2'000u);
    EXPECT_TRUE(tally.take_quorums().empty());
    EXPECT_FALSE(tally.certificate(1, notarize));
}

TEST_F(Rules, CountPowerAndNotHeads)
{
    const Epoch uneven{{7}, 0, {}, sim_set({10, 1, 1, 1})};
    Tally tally{uneven};
    for (Index voter = 1; voter < 4; ++voter) tally.add(puppets.vote(voter, nullify, 1));
    EXPECT_EQ(tally.power(1, nullify, {}), 3u);
    EXPECT_TRUE(tally.take_quorums().empty());
    tally.add(puppets.vote(0, nullify, 1));
    EXPECT_EQ(tally.take_quorums().size(), 1u);
    EXPECT_EQ(tally.certificate(1, nullify)->signatures.size(), 4u);
}

TEST_F(Rules, VerifyEverySignatureOfACertificate)
{
    for (std::size_t bad = 0; bad < 3; ++bad) {
        auto certificate = puppets.certificate(nullify, 1);
        certificate.signatures[bad].bytes[0] ^= 1;
        const auto done = check_certificate(certificate, epoch, puppets.verifier);
        ASSERT_FALSE(done) << bad;
        EXPECT_EQ(done.error().detail, "a vote's signature does not verify");
    }
}

TEST_F(Rules, NameWhatIsWrongWithAVote)
{
    const auto verdict = [&](const Vote& vote) {
        const auto done = check_vote(vote, epoch, puppets.verifier);
        return done ? "" : done.error().detail;
    };
    EXPECT_EQ(verdict(puppets.vote(1, notarize, 1, a)), "");
    EXPECT_EQ(verdict(puppets.vote(1, nullify, 1)), "");
    EXPECT_EQ(verdict(puppets.vote(1, nullify, 1, a)),
              "a vote to nullify, and no other, names no block");
    EXPECT_EQ(verdict(puppets.vote(1, finalize, 1)),
              "a vote to nullify, and no other, names no block");
    EXPECT_EQ(verdict(puppets.vote(1, nullify, 0)), "views start at 1");
    auto foreign = puppets.vote(1, nullify, 1);
    foreign.voter = 2;
    EXPECT_EQ(verdict(foreign), "a vote's signature does not verify");
}

TEST_F(Rules, SendTheCertificateThatLedIntoAViewToAll)
{
    const auto certificate = puppets.certificate(nullify, 1);
    const auto output = puppets.say(certificate);
    std::size_t receivers = 0;
    for (const auto& send : output.sends)
        if (const auto* entry = std::get_if<Certificate>(&send.message)) {
            EXPECT_TRUE(*entry == certificate);
            receivers += send.to.size();
        }
    EXPECT_EQ(receivers, 3u);
}

/// When a quorum signs for a block under another view than its own, more than a third is faulty:
/// who joined in could be convicted with them.
TEST_F(Rules, FollowNoCertificateThatNamesTheBlockOfAnotherView)
{
    const auto first = puppets.block(1, nullptr);
    puppets.say(first.message);
    puppets.say(puppets.certificate(notarize, 1, first.id));
    puppets.say(puppets.certificate(nullify, 2));
    auto block = puppets.block(3, &first);
    block.header.parent_view = 2;
    block.justification = {puppets.certificate(notarize, 2, first.id), {}};
    puppets.sign(block);
    const auto output = puppets.say(block.message);
    EXPECT_TRUE(output.misbehaved.empty());
    EXPECT_TRUE(sent_votes(output, notarize).empty());
    EXPECT_EQ(sent_votes(output, nullify).size(), 1u);
}

TEST_F(Rules, NullifyAtOnceWhatStandsBesideTheFinalBlock)
{
    const auto first = puppets.block(1, nullptr, {}, 2'000'001);
    const auto other = puppets.block(1, nullptr, {}, 2'000'002);
    puppets.say(first.message);
    puppets.say(puppets.certificate(notarize, 1, first.id));
    puppets.say(puppets.certificate(finalize, 1, first.id));
    ASSERT_EQ(puppets.core->floor(), 1u);
    const auto output = puppets.say(puppets.block(2, &other).message);
    EXPECT_TRUE(sent_votes(output, notarize).empty());
    EXPECT_EQ(sent_votes(output, nullify).size(), 1u);
}

/// Nobody executes a tail: behind an ordinary block it could name any state.
TEST_F(Rules, VoteForNoTailBehindABlockThatIsNoSeal)
{
    const auto first = puppets.block(1, nullptr);
    puppets.say(first.message);
    puppets.say(puppets.certificate(notarize, 1, first.id));
    auto tail = puppets.block(2, &first);
    tail.header.kind = BlockKind::tail;
    tail.header.state_root.bytes[0] ^= 1;
    puppets.sign(tail);
    const auto output = puppets.say(tail.message);
    EXPECT_TRUE(sent_votes(output, notarize).empty());
    EXPECT_EQ(sent_votes(output, nullify).size(), 1u);
}

TEST_F(Rules, SayVotesAgainUntilTheyAreCertified)
{
    puppets.application->submit(sim_transaction(1));
    puppets.wait(0);
    ASSERT_FALSE(sent_votes(puppets.wait(puppets.times.t0), nullify).empty());
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(sent_votes(puppets.wait(puppets.times.retransmit_max), nullify).size(), 1u);
    puppets.say(puppets.certificate(nullify, 1));
    for (const auto& vote : sent_votes(puppets.wait(puppets.times.retransmit_max), nullify))
        EXPECT_NE(vote.view, 1u);
}

TEST_F(Rules, ConvictNobodyForProposalsInTwoViews)
{
    const auto leader = puppets.leader(1);
    const auto one = puppets.block(1, nullptr);
    const auto later = puppets.block(1 + puppets.set.size(), nullptr);
    ASSERT_EQ(later.header.proposer, leader);
    const auto evidence =
        two_proposals({one.header, one.message.signature}, {later.header, later.message.signature});
    const auto done = judge(evidence, epoch, puppets.verifier);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().detail, "proposals for different views");
    const auto second = puppets.block(1, nullptr, {}, 2'000'002);
    const auto both = two_proposals({one.header, one.message.signature},
                                    {second.header, second.message.signature});
    EXPECT_EQ(*judge(both, epoch, puppets.verifier), leader);
}

}  // namespace
}  // namespace sim
