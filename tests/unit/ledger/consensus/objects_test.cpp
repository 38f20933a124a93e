// Messages, evidence, guard, records, seals and cuts: what stands around the core.
#include "ledger/consensus/epoch_proof.hpp"
#include "ledger/consensus/fork_cut.hpp"
#include "tests/support/consensus_cluster.hpp"
#include "tests/support/consensus_puppets.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

using enum VoteKind;

struct Objects : testing::Test {
    Puppets puppets;
    const Epoch& epoch = puppets.core->epoch();
    BlockId a{{{1}}}, b{{{2}}};

    std::string verdict(const Evidence& evidence) const
    {
        const auto done = judge(evidence, epoch, puppets.verifier);
        return done ? "guilty " + std::to_string(*done) : done.error().detail;
    }
};

TEST_F(Objects, ReadBackAsTheyWereWrittenAndWithNothingBehind)
{
    const auto block = puppets.block(1, nullptr, {sim_transaction(1)});
    const std::vector<Message> all{
        puppets.vote(1, notarize, 1, block.id),
        block.message,
        puppets.certificate(nullify, 1),
        Status{0, {3}, 2, puppets.certificate(finalize, 2, a), 4, true},
        GetCerts{0, 1, 2},
        Certs{{puppets.certificate(nullify, 1)}},
        GetBlocks{{1}},
        Blocks{{{block.header, {}, block.body}}, {}, puppets.certificate(finalize, 1, block.id)},
        GetBody{a},
        Body{{block.header, block.justification, block.body}},
        *contradiction(puppets.vote(1, notarize, 1, a), puppets.vote(1, notarize, 1, b)),
        EpochProof{{block.header}, puppets.certificate(finalize, 1, block.id), puppets.set}};
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(type_of(all[i]), i + 1);
        auto bytes = encode_message(all[i]);
        const auto read = decode_message(type_of(all[i]), bytes);
        ASSERT_TRUE(read) << i;
        EXPECT_TRUE(*read == all[i]) << i;
        bytes.push_back(0);
        EXPECT_EQ(decode_message(type_of(all[i]), bytes).error().kind, ErrorKind::invalid) << i;
    }
    EXPECT_EQ(decode_message(0, {}).error().detail, "unknown message type");
    EXPECT_EQ(decode_message(13, {}).error().detail, "unknown message type");
    EXPECT_EQ(decode_message(1, Bytes(257)).error().detail, "message too long");
}

TEST_F(Objects, ConvictForEachOfTheFaultsAndForNothingElse)
{
    const auto of_votes = [&](const Vote& one, const Vote& two) {
        const auto evidence = contradiction(one, two);
        return evidence ? verdict(*evidence) : "no contradiction";
    };
    EXPECT_EQ(of_votes(puppets.vote(1, notarize, 3, a), puppets.vote(1, notarize, 3, b)),
              "guilty 1");
    EXPECT_EQ(of_votes(puppets.vote(2, finalize, 3, b), puppets.vote(2, nullify, 3)), "guilty 2");
    EXPECT_EQ(of_votes(puppets.vote(1, finalize, 3, b), puppets.vote(1, finalize, 3, a)),
              "guilty 1");
    EXPECT_EQ(of_votes(puppets.vote(3, finalize, 3, b), puppets.vote(3, notarize, 3, a)),
              "guilty 3");
    // What honest validators do.
    EXPECT_EQ(of_votes(puppets.vote(1, notarize, 3, a), puppets.vote(1, nullify, 3)),
              "no contradiction");
    EXPECT_EQ(of_votes(puppets.vote(1, notarize, 3, a), puppets.vote(1, finalize, 3, a)),
              "no contradiction");
    EXPECT_EQ(of_votes(puppets.vote(1, notarize, 3, a), puppets.vote(2, notarize, 3, b)),
              "no contradiction");
    EXPECT_EQ(of_votes(puppets.vote(1, notarize, 3, a), puppets.vote(1, notarize, 4, b)),
              "no contradiction");

    auto forged = *contradiction(puppets.vote(1, notarize, 3, a), puppets.vote(1, notarize, 3, b));
    forged.votes[1].signature.bytes[0] ^= 1;
    EXPECT_EQ(verdict(forged), "a vote's signature does not verify");
    forged = *contradiction(puppets.vote(1, notarize, 3, a), puppets.vote(1, notarize, 3, b));
    std::swap(forged.votes[0], forged.votes[1]);
    EXPECT_EQ(verdict(forged), "the votes are out of order");
    forged.votes[1] = forged.votes[0];
    EXPECT_EQ(verdict(forged), "the votes are out of order");
}

TEST_F(Objects, ConvictForAVoteForABlockThatSkipsAViewWithoutProof)
{
    auto block = puppets.block(2, nullptr);
    Evidence evidence;
    evidence.fault = Fault::vote_for_invalid;
    evidence.votes = {puppets.vote(1, notarize, 2, block.id)};
    evidence.block = block.header;
    evidence.justification = block.justification;
    EXPECT_EQ(verdict(evidence), "header and justification are in order");
    // Anybody can attach another justification: it proves nothing.
    evidence.justification->skipped.clear();
    EXPECT_EQ(verdict(evidence), "not the justification that the header names");

    block.justification.skipped.clear();
    puppets.sign(block);
    evidence.votes = {puppets.vote(1, notarize, 2, block.id)};
    evidence.block = block.header;
    evidence.justification = block.justification;
    EXPECT_EQ(verdict(evidence), "guilty 1");
    // The core finds it by itself, whichever comes first.
    const auto output =
        puppets.say(std::vector<Message>{puppets.vote(1, notarize, 2, block.id), block.message}, 2);
    ASSERT_EQ(output.evidence.size(), 1u);
    EXPECT_TRUE(output.evidence[0] == evidence);
}

TEST_F(Objects, GuardSignsNothingThatExcludesWhatItSigned)
{
    VoteGuard guard{puppets.real_signer.get(), epoch, {}};
    std::vector<Record> records;
    const auto refusal = [&](VoteKind kind, View view, const BlockId& id, View current,
                             std::optional<BlockId> n) {
        const auto done = guard.cast(kind, view, id, {current, n}, records);
        return done ? std::string_view{"signed"}
                    : boost::describe::enum_to_string(done.error(), "?");
    };
    EXPECT_EQ(refusal(notarize, 2, a, 1, {}), "not_current");
    EXPECT_EQ(refusal(notarize, 1, a, 2, b), "not_current");
    EXPECT_EQ(refusal(finalize, 1, a, 1, {}), "not_notarized");
    EXPECT_EQ(refusal(finalize, 1, a, 1, a), "not_our_vote");
    EXPECT_EQ(refusal(notarize, 1, a, 1, {}), "signed");
    EXPECT_EQ(refusal(notarize, 1, b, 1, {}), "already_signed");
    EXPECT_EQ(refusal(finalize, 1, b, 2, b), "not_our_vote");
    EXPECT_EQ(refusal(finalize, 1, a, 2, a), "signed");
    EXPECT_EQ(refusal(nullify, 1, {}, 1, {}), "finalized_before");
    EXPECT_EQ(refusal(nullify, 2, {}, 2, {}), "signed");
    EXPECT_EQ(refusal(notarize, 2, a, 2, {}), "signed");
    EXPECT_EQ(refusal(finalize, 2, a, 3, a), "nullified_before");
    EXPECT_EQ(records.size(), 4u);
    guard.silence("test");
    EXPECT_EQ(refusal(nullify, 3, {}, 3, {}), "silenced");
    VoteGuard follower{nullptr, epoch, {}};
    EXPECT_EQ(follower.cast(nullify, 1, {}, {1, {}}, records).error(), Refusal::no_validator);
}

TEST_F(Objects, AGoodCutGoesOnBehindEverythingThatMayHaveBeenSigned)
{
    Puppets one{1};
    one.application->submit(sim_transaction(1));
    const auto output = one.wait(0);
    ASSERT_EQ(output.commits.size(), 1u);
    const Base base{0, one.genesis, one.set, one.genesis, {}};
    const auto records =
        accept_fork_risk(base, output.commits, {0, 9}, *one.real_signer, one.verifier);
    ASSERT_TRUE(records);
    const auto state = recover(base, *records, {}, {0, 9});
    EXPECT_EQ(state.silenced, "");
    EXPECT_EQ(state.base.tip.height.value, 1u);
    one.restart(state);
    EXPECT_EQ(one.core->current(), 9u + 64);
    one.application->submit(sim_transaction(2));
    const auto next = one.wait(0);
    ASSERT_EQ(next.commits.size(), 1u);
    EXPECT_EQ(next.commits[0].block.header.view, 73u);

    EXPECT_EQ(accept_fork_risk({0, puppets.genesis, puppets.set, puppets.genesis, {}}, {}, {0, 9},
                               *puppets.real_signer, puppets.verifier)
                  .error()
                  .kind,
              ErrorKind::denied);
}

TEST_F(Objects, FollowAChainOfSealsToTheNewestValidators)
{
    Cluster cluster{{}};
    const auto trusted = std::make_shared<const Epoch>(cluster.core(0).epoch());
    for (std::uint64_t i = 1; i <= 2; ++i) {
        cluster.submit_everywhere(sim_power_change(i, 3, 1'000 + 100 * i));
        ASSERT_TRUE(
            cluster.run_until([&] { return cluster.core(0).epoch().number() == i; }, 20'000));
        cluster.run_for(1'000);
    }
    std::vector<EpochProof> seals;
    for (const auto& [number, proof] : cluster.node(0).application->proofs())
        seals.push_back(proof);
    ASSERT_EQ(seals.size(), 2u);
    const auto newest = follow_seals(trusted, seals, cluster.verifier());
    ASSERT_TRUE(newest);
    EXPECT_EQ((*newest)->number(), 2u);
    EXPECT_EQ((*newest)->anchor(), cluster.core(0).epoch().anchor());
    EXPECT_EQ((*newest)->power(3), 1'200u);

    auto forged = seals;
    forged[0].next[0].power += 1;
    EXPECT_EQ(follow_seals(trusted, forged, cluster.verifier()).error().detail,
              "not the set that the seal names");
    forged = seals;
    forged[1].finalized.signatures[0].bytes[0] ^= 1;
    EXPECT_EQ(follow_seals(trusted, forged, cluster.verifier()).error().detail,
              "a vote's signature does not verify");
    std::swap(forged[0], forged[1]);
    EXPECT_EQ(follow_seals(trusted, forged, cluster.verifier()).error().detail,
              "another chain or epoch");
}

TEST(Leader, EverybodyLeadsOnceInEachRound)
{
    const auto order = leader_order({7}, 3, BlockId{{{1}}}, 10);
    EXPECT_EQ(std::set<Index>(order.begin(), order.end()).size(), 10u);
    EXPECT_EQ(order, leader_order({7}, 3, BlockId{{{1}}}, 10));
    EXPECT_NE(order, leader_order({7}, 4, BlockId{{{1}}}, 10));
}

TEST(Certificates, OfRealSignaturesVerifyWhereTheyWereMadeAndNowhereElse)
{
    ClusterOptions options;
    options.has_real_signatures = true;
    Cluster cluster{options};
    cluster.run_for(50);
    cluster.submit_everywhere(sim_transaction(1));
    ASSERT_TRUE(cluster.run_until([&] { return cluster.node(0).application->finals().size() == 2; },
                                  5'000));
    const auto& epoch = cluster.core(0).epoch();
    const auto& commit = cluster.node(0).application->finals().back();
    ASSERT_TRUE(commit.certificate);
    const auto read = decode_certificate(encode_certificate(*commit.certificate));
    ASSERT_TRUE(read);
    EXPECT_TRUE(ledger::verify(*read, epoch.chain_id(), epoch.anchor(), epoch.set()));
    EXPECT_FALSE(ledger::verify(*read, {8}, epoch.anchor(), epoch.set()));
}

}  // namespace
}  // namespace sim
