#include "node/core/replica.hpp"

#include "ledger/codec/binary.hpp"
#include "node/core/consensus_frames.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace node {
namespace {

using namespace ledger;
using consensus::Now;
using market::Transfer;

struct Frame {
    PublicKey from;
    PublicKey to;
    MessageKind kind;
    Bytes payload;
};

/// Takes down what a replica sends.
struct Port final : PeerPort {
    PublicKey self;
    std::deque<Frame>* wire = nullptr;
    std::vector<Deed> deeds;
    std::vector<std::string> accusations;

    void send(std::span<const PublicKey> to, MessageKind kind, ByteView payload) override
    {
        for (const auto& key : to)
            wire->push_back({self, key, kind, Bytes(payload.begin(), payload.end())});
    }
    void record(const PublicKey&, Deed deed) override { deeds.push_back(deed); }
    void misbehaved(const PublicKey&, const std::string& what) override
    {
        accusations.push_back(what);
    }
};

/// Persons 1 to `n` of the test network are its validators.
std::shared_ptr<const market::Network> network_of(std::uint8_t n)
{
    auto genesis = test_genesis();
    genesis.validators.set.clear();
    for (std::uint8_t who = 1; who <= n; ++who)
        genesis.validators.set.push_back({consensus_key(test_key(who)), public_key(test_key(who)),
                                          test_account(who), test_account(who), 1'000});
    return std::make_shared<market::Network>(genesis, *genesis_id(genesis));
}

struct Node {
    Node(const market::Network& network, std::uint8_t person, std::deque<Frame>& wire)
        : key{public_key(test_key(person))},
          random{person},
          signer{test_key(person)},
          chain{*Chain::open(network, *store)},
          mempool{network, {}},
          application{network, *chain, mempool}
    {
        port.self = key;
        port.wire = &wire;
        auto recovered = open_consensus_log({disk,
                                             "log",
                                             *store,
                                             *chain,
                                             application,
                                             random,
                                             signer.key(),
                                             {1 << 20, 1 << 20, 1 << 20}});
        log = std::move(recovered->log);
        replica.emplace(
            Replica::Parts{network, *store, *chain, *log, random, &signer, verifier, port}, mempool,
            application, consensus::CoreTimes{}, std::move(recovered->durable), ReplicaLimits{},
            Now{});
    }
    std::uint64_t height() const { return chain->head().header.height.value; }

    PublicKey key;
    SeededRandom random;
    SimDisk disk;
    Port port;
    consensus::SchnorrSigner signer;
    consensus::SchnorrVerifier verifier;
    std::unique_ptr<BlockStore> store = make_memory_store();
    std::unique_ptr<Chain> chain;
    Mempool mempool;
    LedgerApplication application;
    std::unique_ptr<Log> log;
    std::optional<Replica> replica;
    std::optional<std::uint64_t> wake_at = 0;
    std::vector<FinalBlock> blocks;
    std::vector<Departure> departures;
};

/// A network whose frames arrive at once, in virtual time.
class ReplicaTest : public testing::Test {
protected:
    void make(std::uint8_t validators, std::uint8_t followers = 0)
    {
        network = network_of(validators);
        for (std::uint8_t n = 1; n <= validators + followers; ++n) add(n);
    }
    Node& add(std::uint8_t person)
    {
        nodes.push_back(std::make_unique<Node>(*network, person, wire));
        return *nodes.back();
    }
    void join_all()
    {
        for (auto& a : nodes)
            for (auto& b : nodes)
                if (a != b) a->replica->connected(b->key, a->key < b->key, now());
    }
    Now now() const { return {time_ms, {1'767'225'600'000 + time_ms}}; }

    /// Until `done`, or for so long in virtual time.
    bool run(const std::function<bool()>& done, std::uint64_t for_ms = 20'000)
    {
        for (const auto end = time_ms + for_ms; time_ms < end; ++time_ms) {
            for (int round = 0; round < 50; ++round) {
                deliver();
                bool stepped = false;
                for (auto& node : nodes) {
                    if (!node->wake_at || *node->wake_at > time_ms) continue;
                    step(*node);
                    stepped = true;
                }
                if (!stepped && wire.empty()) break;
            }
            if (done()) return true;
        }
        return done();
    }
    void deliver()
    {
        std::deque<Frame> frames;
        frames.swap(wire);
        for (auto& frame : frames) {
            if (filter && !filter(frame)) continue;
            for (auto& node : nodes) {
                if (node->key != frame.to) continue;
                auto unchecked =
                    node->replica->received(frame.from, frame.kind, frame.payload, now());
                if (unchecked) {
                    const auto id = wire_id(unchecked->encoded);
                    node->replica->checked(frame.from, id,
                                           market::check_transaction(*network, unchecked->encoded),
                                           now());
                }
                node->wake_at = time_ms;
            }
        }
    }
    void step(Node& node)
    {
        auto result = node.replica->step(now());
        ASSERT_TRUE(result) << result.error().detail;
        for (auto& block : result->blocks) node.blocks.push_back(std::move(block));
        for (const auto& departure : result->departures) node.departures.push_back(departure);
        node.wake_at = result->again ? std::optional{time_ms} : result->wake_at;
    }
    void submit(Node& node, std::uint64_t nonce, std::uint64_t micros = 5)
    {
        const auto added = node.replica->add(
            checked_transaction(*network, 5, nonce,
                                Transfer{test_account(4), Amount::micros(micros)}),
            nullptr, now());
        ASSERT_TRUE(added) << codec::enum_name(added.error());
        node.wake_at = time_ms;
    }
    bool all_at(std::uint64_t height) const
    {
        return std::all_of(nodes.begin(), nodes.end(),
                           [&](const auto& node) { return node->height() == height; });
    }

    std::shared_ptr<const market::Network> network;
    std::deque<Frame> wire;
    std::vector<std::unique_ptr<Node>> nodes;
    std::uint64_t time_ms = 1;
    std::function<bool(const Frame&)> filter;
};

TEST_F(ReplicaTest, OneValidatorMakesABlockFinalInOneStep)
{
    make(1);
    step(*nodes[0]);
    submit(*nodes[0], 0);
    step(*nodes[0]);
    ASSERT_EQ(nodes[0]->blocks.size(), 1u);
    EXPECT_EQ(nodes[0]->blocks[0].tx_ids.size(), 1u);
    EXPECT_EQ(nodes[0]->height(), 1u);
    EXPECT_TRUE(wire.empty());
}

TEST_F(ReplicaTest, WhatIsFinalIsInTheLogWhenThePowerFails)
{
    make(1);
    step(*nodes[0]);
    submit(*nodes[0], 0);
    step(*nodes[0]);
    ASSERT_EQ(nodes[0]->blocks.size(), 1u);
    nodes[0]->disk.crash([] { return false; }, false);
    const auto store = make_memory_store();
    const auto chain = *Chain::open(*network, *store);
    Mempool nothing{*network, {}};
    LedgerApplication application{*network, *chain, nothing};
    const auto log = replay_log({nodes[0]->disk,
                                 "log",
                                 *store,
                                 *chain,
                                 application,
                                 nodes[0]->random,
                                 std::nullopt,
                                 {1 << 20, 1 << 20, 1 << 20}});
    ASSERT_TRUE(log) << log.error().detail;
    EXPECT_EQ(chain->head().id, nodes[0]->blocks[0].head.id);
}

TEST_F(ReplicaTest, FourValidatorsAgreeOnWhatOneOfThemWasGiven)
{
    make(4);
    join_all();
    run([] { return false; }, 20);
    submit(*nodes[2], 0);
    ASSERT_TRUE(run([&] { return all_at(1); }));
    for (auto& node : nodes) {
        EXPECT_EQ(node->chain->head().id, nodes[0]->chain->head().id);
        EXPECT_EQ(node->mempool.size(), 0u);
        EXPECT_TRUE(node->port.accusations.empty());
    }
}

TEST_F(ReplicaTest, AFollowerHearsWhatIsFinalAndPassesOnWhatItIsGiven)
{
    make(4, 1);
    join_all();
    submit(*nodes[4], 0);
    ASSERT_TRUE(run([&] { return all_at(1); }));
    EXPECT_FALSE(nodes[4]->replica->status().index);
    EXPECT_EQ(
        nodes[4]->replica->status().events[static_cast<std::size_t>(consensus::Event::notarized)],
        0u);
}

TEST_F(ReplicaTest, OneWhoWasAwayCatchesUp)
{
    make(4);
    join_all();
    const auto away = nodes[3]->key;
    filter = [&](const Frame& frame) { return frame.from != away && frame.to != away; };
    for (std::uint64_t nonce = 0; nonce < 6; ++nonce) {
        submit(*nodes[0], nonce);
        ASSERT_TRUE(run([&] { return nodes[0]->height() == nonce + 1; }, 60'000)) << nonce;
    }
    EXPECT_EQ(nodes[3]->height(), 0u);
    filter = {};
    ASSERT_TRUE(run([&] { return all_at(6); }, 60'000));
    EXPECT_EQ(nodes[3]->chain->head().id, nodes[0]->chain->head().id);
}

TEST_F(ReplicaTest, OneWhoWasAwayTellsWhoseNonceWasUsedMeanwhile)
{
    make(4);
    join_all();
    const auto away = nodes[3]->key;
    filter = [&](const Frame& frame) { return frame.from != away && frame.to != away; };
    submit(*nodes[0], 0);
    ASSERT_TRUE(run([&] { return nodes[0]->height() == 1; }, 60'000));
    submit(*nodes[3], 0, 6);
    const auto late =
        checked_transaction(*network, 5, 0, Transfer{test_account(4), Amount::micros(6)});
    EXPECT_TRUE(nodes[3]->departures.empty());
    filter = {};
    ASSERT_TRUE(run([&] { return all_at(1); }, 60'000));
    ASSERT_EQ(nodes[3]->departures.size(), 1u);
    EXPECT_EQ(nodes[3]->departures[0].id, late.id);
    EXPECT_EQ(nodes[3]->departures[0].why, MempoolFault::nonce_used);
    EXPECT_EQ(nodes[3]->mempool.size(), 0u);
}

TEST_F(ReplicaTest, AnIdleNetworkMakesNoBlocksAndWritesNothing)
{
    make(4);
    join_all();
    submit(*nodes[0], 0);
    ASSERT_TRUE(run([&] { return all_at(1); }));
    run([] { return false; }, 2'000);
    const auto written = nodes[0]->log->next_seq();
    run([] { return false; }, 30'000);
    EXPECT_EQ(nodes[0]->log->next_seq(), written);
    EXPECT_TRUE(all_at(1));
}

TEST_F(ReplicaTest, NothingLeavesWhenTheLogCannotBeSynced)
{
    make(4);
    join_all();
    run([] { return false; }, 6'000);  // all have settled: whoever has work votes
    submit(*nodes[0], 0);
    wire.clear();
    nodes[0]->disk.fail({.only = SimDisk::Step::sync, .kind = ErrorKind::io});
    std::optional<ErrorKind> failed;
    for (int i = 0; i < 400 && !failed; ++i) {
        const auto result = nodes[0]->replica->step(now());
        time_ms += 10;
        if (!result) failed = result.error().kind;
    }
    EXPECT_EQ(failed, ErrorKind::io);
    for (const auto& frame : wire)
        EXPECT_TRUE(frame.kind.channel == Channel::transactions || frame.kind == message::status);
}

TEST_F(ReplicaTest, AccusesAPeerOfAFrameThatIsNoMessage)
{
    make(2);
    join_all();
    EXPECT_FALSE(nodes[0]->replica->received(nodes[1]->key, message::vote, Bytes{1, 2, 3}, now()));
    EXPECT_EQ(nodes[0]->port.accusations.size(), 1u);
    EXPECT_FALSE(
        nodes[0]->replica->received(nodes[1]->key, message::inventory, Bytes{9, 9}, now()));
    EXPECT_EQ(nodes[0]->port.accusations.size(), 2u);
}

TEST_F(ReplicaTest, CountsABadSignatureAgainstWhoSentIt)
{
    make(2);
    join_all();
    auto forged = signed_transaction(*network, 5, 0, Transfer{test_account(4), Amount::micros(1)});
    forged.back() ^= 1;
    auto unchecked =
        nodes[0]->replica->received(nodes[1]->key, message::transaction, forged, now());
    ASSERT_TRUE(unchecked);
    nodes[0]->replica->checked(unchecked->from, wire_id(forged),
                               market::check_transaction(*network, forged), now());
    EXPECT_EQ(nodes[0]->port.deeds, std::vector{Deed::invalid_message});
    EXPECT_EQ(nodes[0]->mempool.size(), 0u);
}

TEST_F(ReplicaTest, IgnoresFramesOfPeersThatAreNotConnected)
{
    make(2);
    EXPECT_FALSE(nodes[0]->replica->received(nodes[1]->key, message::vote, Bytes{1}, now()));
    EXPECT_TRUE(nodes[0]->port.accusations.empty());
}

TEST_F(ReplicaTest, StopsAnsweringAPeerThatHasHadItsShareOfBlocks)
{
    make(2);
    join_all();
    submit(*nodes[0], 0);
    ASSERT_TRUE(run([&] { return all_at(1); }));
    const auto ask = consensus::encode_message(consensus::GetBlocks{{1}});
    wire.clear();
    ReplicaLimits limits;
    limits.served = {1'000, 1};
    auto& node = *nodes[0];
    Replica fresh{Replica::Parts{*network, *node.store, *node.chain, *node.log, node.random,
                                 nullptr, node.verifier, node.port},
                  node.mempool,
                  node.application,
                  consensus::CoreTimes{},
                  node.replica->core().durable(),
                  limits,
                  now()};
    fresh.connected(nodes[1]->key, true, now());
    for (int i = 0; i < 10; ++i) {
        fresh.received(nodes[1]->key, message::get_blocks, ask, now());
        ASSERT_TRUE(fresh.step(now()));
    }
    const auto served = std::count_if(
        wire.begin(), wire.end(), [](const Frame& frame) { return frame.kind == message::blocks; });
    EXPECT_GE(served, 1);
    EXPECT_LT(served, 4);
}

}  // namespace
}  // namespace node
