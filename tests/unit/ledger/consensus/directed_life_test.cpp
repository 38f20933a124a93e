// The directed tests of consensus.md 13 about crashes, sync, epochs and idle chains.
#include "tests/support/consensus_cluster.hpp"
#include "tests/support/consensus_puppets.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

using enum VoteKind;

std::uint64_t count_of(const Core& core, Event event)
{
    return core.events()[static_cast<std::size_t>(event)];
}

/// 13.2
TEST(Directed, MovesOnWhenAllCrashRightAfterTheyNullified)
{
    Cluster cluster{{}};
    cluster.run_for(100);
    // The leader's proposal and every vote to nullify get lost, then all go down.
    cluster.filter = [&](std::size_t, std::size_t, const Message& message) {
        const auto* vote = std::get_if<Vote>(&message);
        return !std::holds_alternative<Propose>(message) && !(vote && vote->kind == nullify);
    };
    cluster.submit_everywhere(sim_transaction(1));
    ASSERT_TRUE(cluster.run_until(
        [&] {
            for (std::size_t i = 0; i < 4; ++i)
                if (!cluster.core(i).guard().vote(1, nullify)) return false;
            return true;
        },
        5'000));
    cluster.run_for(20);
    for (std::size_t i = 0; i < 4; ++i) cluster.crash(i);
    cluster.filter = nullptr;
    for (std::size_t i = 0; i < 4; ++i) cluster.restart(i);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(cluster.core(i).guard().vote(1, nullify)) << i;
    cluster.submit_everywhere(sim_transaction(1));
    EXPECT_TRUE(cluster.run_until([&] { return cluster.all_have(1); }, 30'000));
}

/// 13.3
TEST(Directed, RecordsEveryCertificateBeforeItActsOnIt)
{
    Cluster cluster{{}};
    std::vector<std::set<View>> notarized(4);
    std::size_t finalizing = 0;
    cluster.on_output = [&](std::size_t i, const Output& output) {
        for (const auto& record : output.records) {
            if (const auto* certificate = std::get_if<Certificate>(&record))
                if (certificate->kind == notarize) notarized[i].insert(certificate->view);
            const auto* vote = std::get_if<Vote>(&record);
            if (!vote || vote->kind != finalize) continue;
            ++finalizing;
            EXPECT_TRUE(notarized[i].contains(vote->view));
        }
    };
    for (std::uint64_t i = 0; i < 5; ++i) {
        cluster.submit_everywhere(sim_transaction(i));
        cluster.run_for(200);
    }
    EXPECT_GE(finalizing, 20u);
}

/// 13.3: all crash once their FINALIZE is durable and nobody has heard of it.
TEST(Directed, FinalizesAfterAllCrashedWithOnlyTheirVotesOnDisk)
{
    Cluster cluster{{}};
    cluster.run_for(100);
    cluster.filter = [](std::size_t, std::size_t, const Message& message) {
        const auto* vote = std::get_if<Vote>(&message);
        return !(vote && vote->kind == finalize);
    };
    cluster.submit_everywhere(sim_transaction(1));
    ASSERT_TRUE(cluster.run_until(
        [&] {
            for (std::size_t i = 0; i < 4; ++i)
                if (!cluster.core(i).guard().vote(1, finalize)) return false;
            return true;
        },
        3'000));
    cluster.run_for(20);
    EXPECT_FALSE(cluster.all_have(1));
    for (std::size_t i = 0; i < 4; ++i) cluster.crash(i);
    cluster.filter = nullptr;
    for (std::size_t i = 0; i < 4; ++i) cluster.restart(i);
    EXPECT_TRUE(cluster.run_until([&] { return cluster.all_have(1); }, 20'000));
}

/// 13.4, over a whole network.
TEST(Directed, GoesOnWhenHalfHoldTheBlockAndHalfItsNullification)
{
    Cluster cluster{{}};
    cluster.run_for(100);
    // Two nodes see the votes for the block, two do not and time out; the first two then hear all.
    cluster.filter = [&](std::size_t, std::size_t to, const Message& message) {
        const auto* vote = std::get_if<Vote>(&message);
        if (vote && vote->kind == notarize && vote->view == 1) return to < 2;
        if (vote && vote->kind == finalize && vote->view == 1) return false;
        const auto* certificate = std::get_if<Certificate>(&message);
        const bool tells = std::holds_alternative<Certs>(message) ||
                           (certificate && certificate->kind == notarize && certificate->view == 1);
        return !(tells && cluster.now_ms() < 4'000);
    };
    cluster.submit_everywhere(sim_transaction(1));
    EXPECT_TRUE(cluster.run_until([&] { return cluster.all_have(1); }, 60'000));
}

/// 13.9
TEST(Directed, KeepsNothingThatItHasNotAskedFor)
{
    Puppets puppets;
    const auto before = puppets.core->kept();
    const auto block = puppets.block(1, nullptr, {sim_transaction(1)});
    for (std::uint64_t i = 0; i < 2'000; ++i) {
        auto data = BlockData{block.header, block.justification, block.body};
        data.header.height = {i * 1'000};
        data.header.epoch = i % 3;
        puppets.say(Body{data}, 1 + i % 3);
        Blocks blocks{{data}, {}, puppets.certificate(finalize, 1, block.id)};
        puppets.say(blocks, 1 + i % 3);
        auto vote = puppets.vote(1, notarize, 1 + i, BlockId{{{static_cast<std::uint8_t>(i)}}});
        puppets.say(vote, 1);
        vote = puppets.vote(1, notarize, 1 + i % 7, BlockId{{{static_cast<std::uint8_t>(i)}}});
        puppets.say(vote, 1);
    }
    EXPECT_LE(puppets.core->kept(), before + 3 * CoreLimits::views_ahead);
    EXPECT_EQ(puppets.core->tip().height.value, 0u);
}

/// 13.10
TEST(Directed, NeverReplaysTheVotesOfAnEpochThatIsOver)
{
    Cluster cluster{{}};
    cluster.run_for(100);
    cluster.submit_everywhere(sim_transaction(1));
    cluster.run_for(500);
    cluster.submit_everywhere(sim_power_change(2, 3, 1'500));
    ASSERT_TRUE(cluster.run_until([&] { return cluster.core(0).epoch().number() == 1; }, 20'000));
    cluster.run_for(1'000);
    const auto state = cluster.replay(0);
    EXPECT_EQ(state.base.epoch, 1u);
    for (const auto& [key, vote] : state.votes) EXPECT_EQ(vote.epoch, 1u);
    for (const auto& [key, certificate] : state.certificates) EXPECT_EQ(certificate.epoch, 1u);
    EXPECT_EQ(state.proofs.size(), 1u);
    // View 1 of the new epoch is another than view 1 of the old one: a new vote is allowed there.
    cluster.crash(0);
    cluster.restart(0);
    cluster.submit_everywhere(sim_transaction(3));
    EXPECT_TRUE(cluster.run_until([&] { return cluster.all_have(3); }, 20'000));
}

/// 13.10
TEST(Directed, CountsNoVoteOfAFormerValidatorAndTellsItHowItsEpochEnded)
{
    ClusterOptions five;
    five.powers.assign(5, 1'000);
    Cluster cluster{five};
    cluster.run_for(100);
    const auto old = cluster.core(4).epoch();
    cluster.submit_everywhere(sim_power_change(1, 4, 0));
    ASSERT_TRUE(cluster.run_until([&] { return cluster.core(4).epoch().number() == 1; }, 20'000));
    EXPECT_FALSE(cluster.core(4).guard().index());
    // Its key signs for the new epoch: there is no such index, whatever it says.
    Vote vote{nullify, 1, 1, {}, 4, {}};
    vote.signature =
        cluster.node(4).signer->sign(vote_digest(cluster.core(0).epoch().subject(nullify, 1, {})));
    cluster.inject(4, 0, vote);
    Vote of_old{nullify, 0, 9, {}, 4, {}};
    of_old.signature = cluster.node(4).signer->sign(vote_digest(old.subject(nullify, 9, {})));
    const auto sent_before = count_of(cluster.core(0), Event::epoch_proof_sent);
    cluster.run_for(2'000);
    cluster.inject(4, 0, of_old);
    cluster.run_for(500);
    EXPECT_EQ(cluster.core(0).current(), 1u);
    EXPECT_GT(count_of(cluster.core(0), Event::epoch_proof_sent), sent_before);
    // It goes on as a follower.
    cluster.submit(0, sim_transaction(5));
    EXPECT_TRUE(cluster.run_until([&] { return cluster.all_have(2); }, 20'000));
}

/// 13.12
TEST(Directed, BelievesNoHeightWithoutACertificate)
{
    Puppets puppets;
    Status lie{0, {1'000'000}, 999'999, {}, 5, false};
    auto output = puppets.say(lie, 1);
    EXPECT_TRUE(sent<GetBlocks>(output).empty());
    lie.finalized = puppets.certificate(finalize, 7, BlockId{{{3}}});
    lie.finalized->signatures[0].bytes[0] ^= 1;
    output = puppets.say(lie, 1);
    EXPECT_TRUE(sent<GetBlocks>(output).empty());
    ASSERT_EQ(output.misbehaved.size(), 1u);
    lie.finalized = puppets.certificate(finalize, 7, BlockId{{{3}}});
    output = puppets.say(lie, 2);
    EXPECT_EQ(sent<GetBlocks>(output).size(), 1u);
}

/// 13.13
TEST(Directed, SendsNoVoteThatIsNotAmongTheRecordsToSyncFirst)
{
    Cluster cluster{{}};
    std::vector<std::set<std::pair<View, VoteKind>>> recorded(4);
    cluster.on_output = [&](std::size_t i, const Output& output) {
        for (const auto& record : output.records)
            if (const auto* vote = std::get_if<Vote>(&record)) {
                recorded[i].emplace(vote->view, vote->kind);
                if (vote->kind == notarize) {
                    // The block itself goes before the vote for it.
                    bool has_block = false;
                    for (const auto& other : output.records) {
                        const auto* block = std::get_if<BlockData>(&other);
                        const auto* own = std::get_if<OwnProposal>(&other);
                        has_block = has_block || (block && block_id(block->header) == vote->id) ||
                                    (own && block_id(own->message.header) == vote->id);
                    }
                    EXPECT_TRUE(has_block);
                }
            }
        for (const auto& send : output.sends)
            if (const auto* vote = std::get_if<Vote>(&send.message);
                vote && cluster.core(i).guard().index() == vote->voter) {
                EXPECT_TRUE(recorded[i].contains({vote->view, vote->kind}));
            }
    };
    for (std::uint64_t i = 0; i < 5; ++i) {
        cluster.submit_everywhere(sim_transaction(i));
        cluster.run_for(200);
    }
    EXPECT_FALSE(recorded[0].empty());
}

/// 13.13
TEST(Directed, KeepsSilentWithALogThatIsGoneDamagedOrFromThePast)
{
    Puppets puppets;
    puppets.application->submit(sim_transaction(1));
    puppets.wait(0);
    puppets.wait(1'000);
    ASSERT_TRUE(puppets.core->guard().vote(1, nullify));
    const Base base{0, puppets.genesis, puppets.set, puppets.genesis, {}};
    const SignedUpTo signed_up_to = puppets.core->durable().signed_up_to;
    EXPECT_EQ(signed_up_to.view, 1u);
    EXPECT_EQ(recover(base, puppets.log, {}, signed_up_to).silenced, "");
    EXPECT_EQ(recover(base, {}, {true, false}, signed_up_to).silenced, "the log is missing");
    EXPECT_EQ(recover(base, puppets.log, {false, true}, signed_up_to).silenced,
              "the log is damaged");
    auto past = recover(base, {}, {}, signed_up_to);
    EXPECT_EQ(past.silenced, "the log ends before the last known signature");
    puppets.restart(past);
    puppets.application->submit(sim_transaction(1));
    puppets.wait(0);
    const auto output = puppets.wait(5'000);
    EXPECT_TRUE(sent<Vote>(output).empty());
}

/// 13.13: a twin, or a disk that was put back.
TEST(Directed, StopsVotingWhenItsKeyHasSignedWhatItsLogDoesNotKnow)
{
    Puppets puppets;
    puppets.say(puppets.vote(0, nullify, 1), 1);
    EXPECT_EQ(puppets.core->guard().silenced(), "a vote of this key is not in the log");
    Puppets other;
    other.say(other.certificate(nullify, 1, {}, true));
    EXPECT_EQ(other.core->guard().silenced(), "a vote of this key is not in the log");
}

/// 13.16
TEST(Directed, ForgetsThatALeaderWasSilentAsSoonAsItIsHeard)
{
    Puppets puppets;
    const auto silent = puppets.other_than({0, 1});  // what nobody signs comes from 1
    puppets.wait(10);
    puppets.application->submit(sim_transaction(1));
    const auto say_others = [&] {
        for (Index who = 1; who < 4; ++who)
            if (who != silent) puppets.say(GetBody{}, who);
    };
    for (View view = 1; view < puppets.view_led_by(silent); ++view)
        puppets.say(puppets.certificate(nullify, view));
    say_others();
    puppets.wait(0);
    for (int i = 0; i < 1'000 && !puppets.core->guard().vote(puppets.core->current(), nullify);
         ++i) {
        say_others();
        puppets.wait(100);
    }
    ASSERT_EQ(count_of(*puppets.core, Event::nullified_by_timer), 1u);
    // Its next view is passed over at once, by this node alone and for no longer.
    auto next = puppets.view_led_by(silent, puppets.core->current() + 1);
    for (auto view = puppets.core->current(); view < next; ++view)
        puppets.say(puppets.certificate(nullify, view));
    EXPECT_EQ(count_of(*puppets.core, Event::nullified_silent_leader), 1u);
    puppets.say(GetBody{}, silent);
    next = puppets.view_led_by(silent, next + 1);
    for (auto view = puppets.core->current(); view < next; ++view)
        puppets.say(puppets.certificate(nullify, view));
    EXPECT_EQ(puppets.core->current(), next);
    EXPECT_EQ(count_of(*puppets.core, Event::nullified_silent_leader), 1u);
}

/// 13.17
TEST(Directed, StandsStillWhenThereIsNothingToOrder)
{
    Cluster cluster{{}};
    cluster.run_for(100);
    cluster.submit_everywhere(sim_transaction(1));
    cluster.run_for(5'000);
    ASSERT_TRUE(cluster.all_have(1));
    std::uint64_t records = 0;
    for (std::size_t i = 0; i < 4; ++i) records += cluster.node(i).records;
    const auto view = cluster.core(0).current();
    cluster.run_for(600'000);
    for (std::size_t i = 0; i < 4; ++i) {
        records -= cluster.node(i).records;
        EXPECT_EQ(cluster.core(i).current(), view);
        EXPECT_EQ(cluster.node(i).application->finals().size(), 2u);
    }
    EXPECT_EQ(records, 0u);
}

/// 13.17
TEST(Directed, IsNotWokenByTheVotesOfAFaultyFew)
{
    Puppets puppets;
    puppets.say(puppets.vote(1, nullify, 1));
    puppets.wait(600'000);
    EXPECT_FALSE(puppets.core->guard().vote(1, nullify));
    // Two of four are more than can be faulty.
    puppets.say(puppets.vote(2, nullify, 1));
    EXPECT_TRUE(puppets.core->guard().vote(1, nullify));
}

/// 13.17
TEST(Directed, BeatsWhenTheHeartIsDueAndNotBefore)
{
    ClusterOptions options;
    options.times.heartbeat = 60'000;
    Cluster cluster{options};
    cluster.run_for(10'000);  // the genesis is long ago: the first beat comes at once
    ASSERT_TRUE(cluster.all_have(1));
    cluster.run_for(600'000);
    const auto blocks = cluster.node(0).application->finals().size() - 1;
    EXPECT_GE(blocks, 9u);
    EXPECT_LE(blocks, 11u);
}

/// 13.18
TEST(Directed, JudgesEvidenceAlikeWheneverItDoes)
{
    Puppets puppets;
    const auto epoch = puppets.core->epoch();
    const auto a = puppets.vote(1, nullify, 1);
    const auto b = puppets.vote(1, finalize, 1, BlockId{{{4}}});
    puppets.say(a);
    const auto output = puppets.say(b);
    ASSERT_EQ(output.evidence.size(), 1u);
    const auto evidence = output.evidence[0];
    EXPECT_EQ(*judge(evidence, epoch, puppets.verifier), 1u);
    // Ten minutes and an epoch's worth of views later the answer is the same.
    puppets.say(puppets.certificate(nullify, 500));
    puppets.wait(600'000);
    EXPECT_EQ(*judge(evidence, epoch, puppets.verifier), 1u);
    EXPECT_TRUE(puppets.say(evidence, 2).evidence.empty());
}

/// 13.18
TEST(Directed, WaitsForATimeSlightlyAheadAndTakesNoneFromVotes)
{
    Puppets puppets;
    const auto ahead = puppets.now.wall.value + puppets.times.max_drift + 500;
    const auto block = puppets.block(1, nullptr, {}, ahead);
    auto output = puppets.say(block.message);
    EXPECT_TRUE(sent<Vote>(output).empty());
    ASSERT_TRUE(output.wake_at);
    EXPECT_LE(*output.wake_at, puppets.now.steady_ms + 500);
    puppets.wait(499);
    EXPECT_FALSE(puppets.core->guard().vote(1, notarize));
    puppets.wait(1);
    EXPECT_TRUE(puppets.core->guard().vote(1, notarize));
    // Not later than its parent: refused for good.
    Puppets other;
    const auto stale = other.block(1, nullptr, {}, other.genesis.time_ms.value);
    output = other.say(stale.message);
    EXPECT_TRUE(sent_votes(output, notarize).empty());
    EXPECT_EQ(sent_votes(output, nullify).size(), 1u);
}

}  // namespace
}  // namespace sim
