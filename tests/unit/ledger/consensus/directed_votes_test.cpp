// The directed tests of consensus.md 13 about votes, certificates and views: each is a bug that
// somebody else has had.
#include "tests/support/consensus_puppets.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

using enum VoteKind;

/// 13.1
TEST(Directed, NeverFinalizesAViewItHasTimedOutOfEvenAfterPruning)
{
    Puppets puppets;
    puppets.application->submit(sim_transaction(1));
    puppets.wait(0);
    const auto first = puppets.block(1, nullptr);
    puppets.wait(1'000);
    ASSERT_TRUE(puppets.core->guard().vote(1, nullify));

    // The block of the timed-out view gets its N, then everything moves on past it.
    puppets.say(first.message);
    puppets.say(puppets.certificate(notarize, 1, first.id));
    const auto second = puppets.block(2, &first);
    puppets.say(second.message);
    puppets.say(puppets.certificate(notarize, 2, second.id));
    puppets.say(puppets.certificate(finalize, 2, second.id));
    EXPECT_EQ(puppets.core->floor(), 2u);
    // The records of view 1 are gone; the view must stay closed.
    puppets.say(puppets.certificate(notarize, 1, first.id));
    puppets.say(first.message);
    for (const auto& output : puppets.outputs)
        for (const auto& vote : sent_votes(output, finalize)) EXPECT_NE(vote.view, 1u);
}

/// 13.5
TEST(Directed, DoesNotVoteForAProposalThatSkipsAViewWithoutItsCertificate)
{
    Puppets puppets;
    puppets.say(puppets.certificate(nullify, 1));
    auto block = puppets.block(2, nullptr);
    block.justification.skipped.clear();
    puppets.sign(block);
    const auto output = puppets.say(block.message);
    EXPECT_TRUE(sent_votes(output, notarize).empty());
    EXPECT_EQ(sent_votes(output, nullify).size(), 1u);
    EXPECT_EQ(puppets.core->events()[static_cast<std::size_t>(Event::nullified_invalid)], 1u);
}

/// 13.5: and everything else that is not exactly the justification called for.
TEST(Directed, TakesNoJustificationButTheOneThatTheViewsCallFor)
{
    const auto votes_for = [](auto&& spoil) {
        Puppets puppets;
        puppets.say(puppets.certificate(nullify, 1));
        puppets.say(puppets.certificate(nullify, 2));
        auto block = puppets.block(3, nullptr);
        spoil(block, puppets);
        puppets.sign(block);
        return sent_votes(puppets.say(block.message), notarize).size();
    };
    EXPECT_EQ(votes_for([](auto&, auto&) {}), 1u);
    EXPECT_EQ(votes_for([](auto& block, auto&) {
                  std::swap(block.justification.skipped[0], block.justification.skipped[1]);
              }),
              0u);
    EXPECT_EQ(votes_for([](auto& block, auto&) {
                  block.justification.skipped.push_back(block.justification.skipped.back());
              }),
              0u);
    EXPECT_EQ(votes_for([](auto& block, auto& puppets) {
                  block.justification.parent = puppets.certificate(notarize, 1, BlockId{});
              }),
              0u);
    EXPECT_EQ(votes_for([](auto& block, auto&) {
                  block.justification.skipped[1].signatures[0].bytes[0] ^= 1;
              }),
              0u);
    EXPECT_EQ(votes_for([](auto& block, auto&) { block.justification.skipped[1].epoch = 1; }), 0u);
    EXPECT_EQ(votes_for([](auto& block, auto& puppets) {
                  block.justification.skipped.push_back(puppets.certificate(nullify, 3));
              }),
              0u);
    EXPECT_EQ(votes_for([](auto& block, auto& puppets) {
                  block.justification.skipped[1] = puppets.certificate(notarize, 2, BlockId{{{1}}});
              }),
              0u);
}

/// 13.5
TEST(Directed, TakesNothingForItsParentsCertificateButThat)
{
    const auto votes_for = [](auto&& spoil) {
        Puppets puppets;
        const auto first = puppets.block(1, nullptr);
        puppets.say(first.message);
        puppets.say(puppets.certificate(notarize, 1, first.id));
        auto block = puppets.block(2, &first);
        spoil(block.justification, puppets);
        puppets.sign(block);
        return sent_votes(puppets.say(block.message), notarize).size();
    };
    EXPECT_EQ(votes_for([](auto&, auto&) {}), 1u);
    EXPECT_EQ(votes_for([](auto& spoilt, auto& puppets) {
                  spoilt.parent = puppets.certificate(notarize, 1, BlockId{{{1}}});
              }),
              0u);
    EXPECT_EQ(votes_for([](auto& spoilt, auto& puppets) {
                  spoilt.parent = puppets.certificate(nullify, 1);
              }),
              0u);
    EXPECT_EQ(votes_for([](auto& spoilt, auto&) { spoilt.parent.reset(); }), 0u);
}

/// 13.4: half hold N(1), half X(1); each side takes the other's next proposal.
TEST(Directed, AcceptsAProposalOverTheCertificateItDoesNotHold)
{
    {
        Puppets has_n;
        const auto first = has_n.block(1, nullptr);
        has_n.say(first.message);
        has_n.say(has_n.certificate(notarize, 1, first.id));
        ASSERT_EQ(has_n.core->current(), 2u);
        const auto over = has_n.block(2, nullptr);  // with X(1)
        EXPECT_EQ(sent_votes(has_n.say(over.message), notarize).size(), 1u);
    }
    {
        Puppets has_x;
        has_x.say(has_x.certificate(nullify, 1));
        ASSERT_EQ(has_x.core->current(), 2u);
        const auto first = has_x.block(1, nullptr, {sim_transaction(1)});
        const auto second = has_x.block(2, &first);
        auto output = has_x.say(second.message);
        EXPECT_TRUE(sent_votes(output, notarize).empty());
        const auto asked = sent<GetBody>(output);
        ASSERT_EQ(asked.size(), 1u);
        EXPECT_EQ(asked[0].id, first.id);
        output = has_x.say(Body{{first.header, first.justification, first.body}});
        const auto votes = sent_votes(output, notarize);
        ASSERT_EQ(votes.size(), 2u);  // late for view 1, and for view 2
        EXPECT_EQ(has_x.core->guard().vote(2, notarize)->id, second.id);
    }
}

/// 13.6
TEST(Directed, FollowsTheCertifiedBlockOfALeaderThatMadeTwo)
{
    Puppets puppets;
    const auto mine = puppets.block(1, nullptr, {sim_transaction(1)});
    auto other = puppets.block(1, nullptr, {sim_transaction(2)});
    puppets.application->submit(sim_transaction(1));
    ASSERT_EQ(sent_votes(puppets.say(mine.message), notarize).size(), 1u);

    auto output = puppets.say(puppets.certificate(notarize, 1, other.id));
    EXPECT_EQ(puppets.core->current(), 2u);
    EXPECT_TRUE(sent_votes(output, finalize).empty());
    ASSERT_EQ(sent<GetBody>(output).size(), 1u);
    output = puppets.say(Body{{other.header, other.justification, other.body}});
    EXPECT_TRUE(sent_votes(output, notarize).empty());
    EXPECT_TRUE(sent_votes(output, finalize).empty());
    output = puppets.say(puppets.certificate(finalize, 1, other.id));
    ASSERT_EQ(output.commits.size(), 1u);
    EXPECT_EQ(output.commits[0].id, other.id);
    EXPECT_FALSE(output.halt);
}

/// 13.6
TEST(Directed, AccusesALeaderOfTwoProposalsAndVotesForOne)
{
    Puppets puppets;
    const auto one = puppets.block(1, nullptr, {}, 2'000'001);
    const auto two = puppets.block(1, nullptr, {}, 2'000'002);
    const auto output =
        puppets.say(std::vector<Message>{one.message, two.message}, puppets.leader(1));
    EXPECT_EQ(sent_votes(output, notarize).size(), 1u);
    ASSERT_EQ(output.evidence.size(), 1u);
    EXPECT_EQ(output.evidence[0].fault, Fault::two_proposals);
    EXPECT_EQ(*judge(output.evidence[0], puppets.core->epoch(), puppets.verifier),
              puppets.leader(1));
}

/// 13.7
TEST(Directed, NotarizesButDoesNotFinalizeAfterItsOwnNullify)
{
    Puppets puppets;
    puppets.application->submit(sim_transaction(9));
    puppets.wait(0);
    const auto block = puppets.block(1, nullptr);
    puppets.wait(1'000);
    ASSERT_TRUE(puppets.core->guard().vote(1, nullify));
    EXPECT_EQ(sent_votes(puppets.say(block.message), notarize).size(), 1u);
    const auto output = puppets.say(puppets.certificate(notarize, 1, block.id));
    EXPECT_EQ(puppets.core->current(), 2u);
    EXPECT_TRUE(sent_votes(output, finalize).empty());
}

/// 13.8
TEST(Directed, KeepsAVerifiedVoteWhenABadSignatureFollows)
{
    Puppets puppets;
    const auto block = puppets.block(1, nullptr);
    puppets.say(block.message);
    const auto good = puppets.vote(1, notarize, 1, block.id);
    puppets.say(good);
    auto bad = puppets.vote(1, notarize, 1, BlockId{{{1}}});
    bad.signature.bytes[0] ^= 1;
    const auto output = puppets.say(bad);
    ASSERT_EQ(output.misbehaved.size(), 1u);
    EXPECT_EQ(output.misbehaved[0].what, "a vote's signature does not verify");
    // The real one and 1; with one more the quorum of three is there.
    puppets.say(puppets.vote(2, notarize, 1, block.id));
    EXPECT_EQ(puppets.core->current(), 2u);
}

/// 13.8
TEST(Directed, RefusesSignersTwiceOutOfRangeOrInABitmapOfAnotherLength)
{
    const auto blame = [](auto&& spoil) {
        Puppets puppets;
        auto certificate = puppets.certificate(nullify, 1);
        spoil(certificate);
        const auto output = puppets.say(certificate);
        EXPECT_EQ(puppets.core->current(), output.misbehaved.empty() ? 2u : 1u);
        return output.misbehaved.size();
    };
    EXPECT_EQ(blame([](auto&) {}), 0u);
    EXPECT_EQ(blame([](auto& bad) { bad.signatures.push_back(bad.signatures.back()); }), 1u);
    EXPECT_EQ(blame([](auto& bad) { bad.bitmap[0] |= 0x08; }), 1u);
    EXPECT_EQ(blame([](auto& bad) { bad.bitmap.push_back(0); }), 1u);
    EXPECT_EQ(blame([](auto& bad) { bad.bitmap.clear(); }), 1u);
    EXPECT_EQ(blame([](auto& bad) {
                  bad.bitmap[0] = 0x60;
                  bad.signatures.pop_back();
              }),
              1u);
    Puppets puppets;
    auto vote = puppets.vote(1, nullify, 1);
    vote.voter = 4;
    puppets.say(vote);
    vote.voter = ~Index{0};
    puppets.say(vote);
    EXPECT_EQ(puppets.core->current(), 1u);
}

/// 13.11
TEST(Directed, WaitsLongerInEachViewUntilOneIsFinal)
{
    Puppets puppets;
    const auto timeout = [&] {
        puppets.application->submit(sim_transaction(1));
        puppets.wait(0);
        for (std::uint64_t waited = 0; waited < 100'000; waited += 50) {
            if (puppets.core->guard().vote(puppets.core->current(), nullify)) return waited;
            puppets.wait(50);
        }
        return std::uint64_t{0};
    };
    std::vector<std::uint64_t> waited;
    std::vector<Puppets::Block> blocks;
    for (View view = 1; view <= 8; ++view) {
        // The leaders are heard, so that none is passed over.
        for (Index who = 1; who < 4; ++who) puppets.say(GetBody{}, who);
        waited.push_back(timeout());
        // Notarized in time or not: only finality shortens the wait.
        puppets.say(puppets.certificate(nullify, view));
        puppets.say(
            puppets.certificate(notarize, view, BlockId{{{static_cast<std::uint8_t>(view)}}}));
        ASSERT_EQ(puppets.core->current(), view + 1);
    }
    EXPECT_EQ(waited[0], 1'000u);
    EXPECT_EQ(waited[1], 1'000u);
    for (std::size_t i = 2; i < waited.size(); ++i) EXPECT_GT(waited[i], waited[i - 1]) << i;
}

/// 13.14
TEST(Directed, SignsNothingAtTheFloorAndTheFirstViewAboveItOnce)
{
    Puppets puppets;
    const auto& epoch = puppets.core->epoch();
    VoteGuard guard{puppets.real_signer.get(), epoch, {}};
    std::vector<Record> records;
    guard.raise_floor(5);
    EXPECT_EQ(guard.cast(nullify, 5, {}, {5, {}}, records).error(), Refusal::below_floor);
    EXPECT_TRUE(guard.cast(nullify, 6, {}, {6, {}}, records));
    EXPECT_EQ(guard.cast(nullify, 6, {}, {6, {}}, records).error(), Refusal::already_signed);

    // The same after a restart from what was recorded.
    Durable durable;
    for (const auto& record : records) {
        const auto& vote = std::get<Vote>(record);
        durable.votes[{vote.view, vote.kind}] = vote;
    }
    VoteGuard again{puppets.real_signer.get(), epoch, durable};
    EXPECT_EQ(again.cast(nullify, 6, {}, {6, {}}, records).error(), Refusal::already_signed);
    EXPECT_EQ(again.cast(finalize, 6, {}, {7, BlockId{}}, records).error(), Refusal::not_our_vote);
    EXPECT_TRUE(again.cast(nullify, 7, {}, {7, {}}, records));
}

/// 13.15
TEST(Directed, HasAQuorumThatIsRightForEveryNumberOfValidators)
{
    for (std::size_t n = 1; n <= 128; ++n) {
        const auto set = sim_set(std::vector<std::uint64_t>(n, 1));
        const Epoch epoch{{7}, 0, {}, set};
        const auto faulty = (n - 1) / 3;
        EXPECT_EQ(epoch.quorum(), 2 * n / 3 + 1) << n;
        // Any two quorums share an honest validator, and the honest alone are one.
        EXPECT_GT(2 * epoch.quorum(), n + faulty) << n;
        EXPECT_LE(epoch.quorum(), n - faulty) << n;
        EXPECT_EQ(epoch.blocking(), faulty + 1) << n;
    }
}

}  // namespace
}  // namespace sim
