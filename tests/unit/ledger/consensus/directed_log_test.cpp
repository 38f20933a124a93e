// The directed tests of consensus.md 13 about what the log holds and what a restart makes of it.
#include "tests/support/consensus_puppets.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

using enum VoteKind;

struct AfterARestart : Puppets {
    using Puppets::Puppets;
    Base base() const { return {0, genesis, set, genesis, {}}; }
    void crash_and_restart() { restart(recover(base(), log, {}, {})); }
    /// The timer of view 1 fires.
    void time_out()
    {
        application->submit(sim_transaction(1));
        wait(0);
        wait(1'000);
    }
};

bool has_block(const std::vector<Record>& records, const BlockId& id)
{
    for (const auto& record : records)
        if (const auto* block = std::get_if<BlockData>(&record))
            if (block_id(block->header) == id) return true;
    return false;
}

/// 13.1
TEST(Directed, RemembersItsVotesOfTheFirstViewAboveTheFloorWhenItPrunes)
{
    Puppets puppets;
    const BlockId a{{{1}}}, b{{{2}}};
    VoteGuard guard{puppets.real_signer.get(), puppets.core->epoch(), {}};
    std::vector<Record> records;
    ASSERT_TRUE(guard.cast(nullify, 5, {}, {5, {}}, records));
    ASSERT_TRUE(guard.cast(notarize, 6, a, {6, {}}, records));
    ASSERT_TRUE(guard.cast(nullify, 6, {}, {6, {}}, records));
    guard.raise_floor(5);
    EXPECT_FALSE(guard.vote(5, nullify));
    EXPECT_EQ(guard.cast(notarize, 6, b, {6, {}}, records).error(), Refusal::already_signed);
    EXPECT_EQ(guard.cast(finalize, 6, a, {7, a}, records).error(), Refusal::nullified_before);
}

/// 13.2: with one of four away, the own vote is one of the three that are needed.
TEST(Directed, CountsItsOwnVotesAgainAfterARestart)
{
    AfterARestart puppets;
    puppets.time_out();
    ASSERT_TRUE(puppets.core->guard().vote(1, nullify));
    puppets.crash_and_restart();
    puppets.say(puppets.vote(1, nullify, 1));
    EXPECT_EQ(puppets.core->current(), 1u);
    puppets.say(puppets.vote(2, nullify, 1));
    EXPECT_EQ(puppets.core->current(), 2u);
}

/// 13.3: the block as well, where a view is voted for that is over.
TEST(Directed, RecordsABlockOfAnEarlierViewBeforeItNotarizesIt)
{
    Puppets puppets;
    puppets.say(puppets.certificate(nullify, 1));
    const auto first = puppets.block(1, nullptr, {sim_transaction(1)});
    puppets.say(puppets.certificate(notarize, 1, first.id));
    const auto output = puppets.say(Body{{first.header, first.justification, first.body}});
    const auto votes = sent_votes(output, notarize);
    ASSERT_EQ(votes.size(), 1u);
    EXPECT_EQ(votes[0].view, 1u);
    EXPECT_TRUE(has_block(output.records, first.id));
}

/// 13.3
TEST(Directed, KnowsAfterARestartWhatWasFinal)
{
    AfterARestart puppets;
    // A block it has never voted for, so that nothing but its finality brings it into the log.
    const auto first = puppets.block(1, nullptr, {sim_transaction(1)});
    puppets.say(puppets.certificate(finalize, 1, first.id));
    const auto output = puppets.say(Body{{first.header, first.justification, first.body}});
    ASSERT_EQ(output.commits.size(), 1u);
    EXPECT_TRUE(has_block(output.records, first.id));
    puppets.crash_and_restart();
    EXPECT_EQ(puppets.core->floor(), 1u);
    EXPECT_EQ(puppets.core->tip(), first.header);
    EXPECT_EQ(puppets.application->finals().size(), 2u);
}

/// 13.10
TEST(Directed, TakesFromTheLogOnlyVotesOfTheEpochThatIsOpen)
{
    AfterARestart puppets;
    auto vote = puppets.vote(0, nullify, 1);
    vote.epoch = 1;
    EXPECT_TRUE(recover(puppets.base(), std::vector<Record>{vote}, {}, {}).votes.empty());
    vote.epoch = 0;
    EXPECT_EQ(recover(puppets.base(), std::vector<Record>{vote}, {}, {}).votes.size(), 1u);
}

/// 13.13: the log is one vote short of what the store knows.
TEST(Directed, KeepsSilentWhenJustItsNewestVoteIsMissing)
{
    AfterARestart puppets;
    const std::vector<Record> log{puppets.vote(0, nullify, 4)};
    EXPECT_EQ(recover(puppets.base(), log, {}, {0, 4}).silenced, "");
    EXPECT_EQ(recover(puppets.base(), log, {}, {0, 5}).silenced,
              "the log ends before the last known signature");
    EXPECT_EQ(recover(puppets.base(), log, {}, {1, 1}).silenced,
              "the log ends before the last known signature");
}

/// 13.13
TEST(Directed, SignsNothingUntilAQuorumHasSaidWhatItKnowsOfItsVotes)
{
    AfterARestart puppets;
    puppets.application->submit(sim_transaction(1));
    Core core{puppets.times,
              recover(puppets.base(), {}, {}, {}),
              puppets.real_signer.get(),
              puppets.verifier,
              *puppets.application,
              1};
    std::size_t signatures = 0;
    const auto step = [&](const std::vector<Input>& inputs) {
        const auto output = core.step(inputs, puppets.now);
        signatures += sent<Vote>(output).size() + sent<Propose>(output).size();
    };
    step({Connected{{1}, puppets.set[1].peer_key}, Connected{{2}, puppets.set[2].peer_key}});
    puppets.now.steady_ms += puppets.times.t0 + 1'000;
    step({Received{{1}, Status{0, {0}, 0, {}, 1, false}}});
    EXPECT_EQ(signatures, 0u);
    step({Received{{2}, Status{0, {0}, 0, {}, 1, false}}});
    EXPECT_GT(signatures, 0u);
}

/// 13.14: a proposal is a signature like any other.
TEST(Directed, SendsItsStoredProposalAgainAfterARestartAndNeverAnother)
{
    AfterARestart puppets{4, Puppets{}.leader(1)};
    puppets.application->submit(sim_transaction(1));
    const auto first = sent<Propose>(puppets.wait(0));
    ASSERT_EQ(first.size(), 1u);
    puppets.crash_and_restart();
    const auto again = sent<Propose>(puppets.outputs.back());
    ASSERT_FALSE(again.empty());
    puppets.application->submit(sim_transaction(2));
    puppets.wait(10);
    puppets.wait(500);
    for (const auto& output : puppets.outputs)
        for (const auto& propose : sent<Propose>(output)) EXPECT_EQ(propose, first[0]);
}

/// 13.16: suspicion is this node's alone, and no record of it exists.
TEST(Directed, SuspectsNobodyAfterARestart)
{
    AfterARestart puppets;
    puppets.wait(10);
    const auto silent = puppets.other_than({0, 1});  // what nobody signs comes from 1
    const auto say_others = [&] {
        for (Index who = 1; who < 4; ++who)
            if (who != silent) puppets.say(GetBody{}, who);
    };
    const auto go_to = [&](View view) {
        for (auto at = puppets.core->current(); at < view; ++at)
            puppets.say(puppets.certificate(nullify, at));
    };
    const auto passed_over = [&] {
        return puppets.core->events()[static_cast<std::size_t>(Event::nullified_silent_leader)];
    };
    puppets.application->submit(sim_transaction(1));
    go_to(puppets.view_led_by(silent));
    for (int i = 0; i < 1'000 && !puppets.core->guard().vote(puppets.core->current(), nullify);
         ++i) {
        say_others();
        puppets.wait(100);
    }
    const auto next = puppets.view_led_by(silent, puppets.core->current() + 1);
    go_to(next - 1);
    puppets.crash_and_restart();
    puppets.application->submit(sim_transaction(1));
    say_others();
    go_to(next);
    EXPECT_EQ(puppets.core->current(), next);
    EXPECT_EQ(passed_over(), 0u);
    EXPECT_FALSE(puppets.core->guard().vote(next, nullify));
}

}  // namespace
}  // namespace sim
