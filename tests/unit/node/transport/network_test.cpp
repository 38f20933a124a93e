#include "tests/unit/node/transport/network_fixture.hpp"

#include "node/env/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace node {
namespace {

using namespace std::chrono_literals;

ledger::ByteView text(std::string_view value)
{
    return ledger::as_bytes(value);
}

TEST_F(NetworkTest, CarriesFramesBothWaysBetweenPeersWhoKnowEachOther)
{
    auto& server = start();
    auto& client = start_dialling(server);
    ASSERT_TRUE(eventually([&] { return are_connected(client, server); }));
    EXPECT_TRUE(client.network->send(server.id(), message::vote, text("from the client")));
    EXPECT_TRUE(server.listener.wait_for_text("from the client"));
    EXPECT_EQ(server.listener.last(), client.id());
    EXPECT_TRUE(server.network->send(client.id(), message::status, text("from the server")));
    EXPECT_TRUE(client.listener.wait_for_text("from the server"));
}

TEST_F(NetworkTest, CarriesTheLargestProposal)
{
    auto& server = start();
    auto& client = start_dialling(server);
    ASSERT_TRUE(eventually([&] { return are_connected(client, server); }));
    const std::string large(rule_of(message::proposal)->most, 'p');
    EXPECT_TRUE(client.network->send(server.id(), message::proposal, text(large)));
    EXPECT_TRUE(server.listener.wait_for_text(large));
    EXPECT_TRUE(eventually([&] { return server.network->inbound_bytes() == 0; }));
}

TEST_F(NetworkTest, TellsEverybodyButTheOneWhoIsLeftOut)
{
    auto& hub = start();
    auto& one = start_dialling(hub);
    auto& two = start_dialling(hub);
    ASSERT_TRUE(eventually([&] { return are_connected(hub, one) && are_connected(hub, two); }));
    EXPECT_TRUE(hub.network->broadcast(message::status, text("for two"), one.id()));
    EXPECT_TRUE(hub.network->broadcast(message::status, text("for all")));
    EXPECT_TRUE(two.listener.wait_for_text("for two"));
    EXPECT_TRUE(one.listener.wait_for_text("for all"));
    EXPECT_EQ(one.listener.frames(), 1u);
}

TEST_F(NetworkTest, TellsOfProvidersOnlyThoseWhoKnowTheChannel)
{
    auto& hub = start();
    auto& old = start_dialling(hub);
    auto modern = config();
    modern.features = feature::providers;
    auto& young = start_dialling(hub, modern);
    ASSERT_TRUE(eventually([&] { return are_connected(hub, old) && are_connected(hub, young); }));
    EXPECT_TRUE(
        hub.network->broadcast(message::provider_page, text("a page"), {}, feature::providers));
    EXPECT_TRUE(hub.network->broadcast(message::status, text("for all")));
    EXPECT_TRUE(young.listener.wait_for_text("a page"));
    EXPECT_TRUE(old.listener.wait_for_text("for all"));
    EXPECT_EQ(old.listener.frames(), 1u);
    const auto peers = hub.network->peers();
    EXPECT_EQ(std::ranges::count(peers, feature::providers, &PeerInfo::features), 1);
}

TEST_F(NetworkTest, ShowsItsPeersAndMeasuresHowFarTheyAre)
{
    auto& server = start();
    auto& client = start_dialling(server);
    ASSERT_TRUE(eventually([&] {
        const auto peers = client.network->peers();
        return !peers.empty() && peers[0].round_trip.has_value();
    }));
    const auto peer = client.network->peers().at(0);
    EXPECT_EQ(peer.key, server.id());
    EXPECT_EQ(peer.address, server.network->local());
    EXPECT_EQ(peer.use, ConnectionUse::reserved);
    EXPECT_TRUE(peer.we_dialled);
    EXPECT_FALSE(server.network->peers().at(0).we_dialled);
    EXPECT_EQ(server.network->peers().at(0).use, ConnectionUse::inbound);
}

TEST_F(NetworkTest, KeepsOneConnectionWhenBothDial)
{
    // Ports are known only once both listen.
    auto& one = start();
    auto& two = start();
    for (int round = 0; round < 5; ++round) {
        one.network->add_fixed_peer({two.id(), two.network->local()});
        two.network->add_fixed_peer({one.id(), one.network->local()});
        ASSERT_TRUE(eventually([&] { return are_connected(one, two); }));
        EXPECT_TRUE(eventually([&] {
            return one.network->peers().size() == 1 && two.network->peers().size() == 1 &&
                   one.network->peers()[0].we_dialled != two.network->peers()[0].we_dialled;
        }));
        one.network->disconnect(two.id());
        two.network->disconnect(one.id());
    }
    // What is sent while they are apart is lost, so it is said until it is heard.
    EXPECT_TRUE(eventually([&] {
        one.network->send(two.id(), message::vote, text("still there"));
        return two.listener.frames() != 0;
    }));
}

TEST_F(NetworkTest, DialsAgainWhenAPeerComesBack)
{
    auto made = config();
    auto& first = start(made);
    made.listen = first.network->local();
    auto& client = start_dialling(first);
    ASSERT_TRUE(eventually([&] { return are_connected(client, first); }));
    first.network->stop();
    ASSERT_TRUE(eventually([&] { return client.network->peers().empty(); }));
    EXPECT_TRUE(counted(client, DropReason::connect_failed));
    // The same key at the same place.
    Listener listener;
    ledger::SeededRandom random{9};
    PeerNetwork again{made, first.key.clone(), clock, random, listener};
    ASSERT_TRUE(again.start());
    EXPECT_TRUE(eventually([&] { return client.network->peers().size() == 1; }));
}

TEST_F(NetworkTest, RefusesAPeerOfAnotherChainGenesisOrKeyByName)
{
    auto& server = start();
    auto other_chain = config();
    other_chain.chain_id = {78};
    start_dialling(server, other_chain);
    EXPECT_TRUE(counted(server, DropReason::hello_other_chain));
    auto other_genesis = config();
    other_genesis.genesis.bytes.fill(8);
    auto& client = start_dialling(server, other_genesis);
    EXPECT_TRUE(counted(server, DropReason::hello_other_genesis));
    EXPECT_TRUE(counted(client, DropReason::refused_by_peer));
    const auto ends = client.listener.ends();
    ASSERT_FALSE(ends.empty());
    EXPECT_EQ(ends[0].detail, "hello_other_genesis");
    EXPECT_TRUE(server.network->peers().empty());
}

TEST_F(NetworkTest, NamesTheWrongPeerAtTheEndOfADial)
{
    auto& server = start();
    auto& elsewhere = start();
    auto made = config();
    made.peers.push_back({elsewhere.id(), server.network->local()});
    auto& client = start(made);
    EXPECT_TRUE(counted(client, reason_of(CertificateFault::unexpected_peer)));
    EXPECT_TRUE(client.network->peers().empty());
    EXPECT_TRUE(server.network->peers().empty());
}

TEST_F(NetworkTest, MeetsItself)
{
    auto& node = start();
    // Its own address under its own key, as a second process with a copied key would dial it.
    auto made = config();
    made.listens = false;
    Listener listener;
    ledger::SeededRandom random{5};
    made.peers.push_back({node.id(), node.network->local()});
    PeerNetwork twin{made, node.key.clone(), clock, random, listener};
    ASSERT_TRUE(twin.start());
    // The operator's list leaves out one's own key, so the twin never dials.
    EXPECT_TRUE(eventually([&] { return twin.counters().dialled == 0; }));
    EXPECT_EQ(node.network->counters().accepted, 0u);
}

TEST_F(NetworkTest, LearnsOfPeersFromPeersAndDialsThem)
{
    // Each node learns the first; the first's answers bring them together.
    auto made = config();
    made.peer_limits.outbound_per_netgroup = 100;  // all are on one machine
    const auto advertising = [&](TestNode& node) { return node.network->local(); };
    auto& hub = start(made);
    std::vector<TestNode*> others;
    for (int i = 0; i < 3; ++i) {
        auto own = made;
        // A free port first, so that it can be told.
        auto& probe = start(made);
        own.listen = own.advertised.emplace_back(advertising(probe));
        probe.network->stop();
        others.push_back(&start_dialling(hub, own));
        ASSERT_TRUE(eventually([&] { return are_connected(*others.back(), hub); }));
    }
    auto late = made;
    auto& last = start_dialling(hub, late);
    EXPECT_TRUE(eventually([&] { return last.network->peers().size() >= 2; }));
}

TEST_F(NetworkTest, PausesAPeerWhoseFramesNobodyLetsGoOfAndLosesNone)
{
    auto made = config();
    made.limits.inbound_bytes_of_peer = 1 << 20;
    nodes.push_back(std::make_unique<TestNode>(++seed, made, clock));
    auto& server = *nodes.back();
    server.listener.keep = true;
    ASSERT_TRUE(server.network->start());
    auto& client = start_dialling(server);
    ASSERT_TRUE(eventually([&] { return are_connected(client, server); }));
    const std::string body(60'000, 'b');
    for (int i = 0; i < 60; ++i)
        ASSERT_TRUE(client.network->send(server.id(), message::transaction, text(body)));
    ASSERT_TRUE(server.listener.wait_for_frames(17));
    EXPECT_LE(server.network->inbound_bytes(), 1u << 20);
    EXPECT_LE(server.listener.frames(), 17u);
    EXPECT_TRUE(eventually([&] {
        server.listener.let_go();
        return server.listener.frames() == 60;
    }));
    EXPECT_TRUE(are_connected(client, server));
}

TEST_F(NetworkTest, StaysConnectedWhileIdleByPings)
{
    auto made = config();
    made.limits.idle_time = 30ms;
    made.limits.pong_time = 5s;
    auto& server = start(made);
    auto& client = start_dialling(server, made);
    ASSERT_TRUE(eventually([&] { return are_connected(client, server); }));
    EXPECT_TRUE(eventually([&] {
        const auto peers = server.network->peers();
        return !peers.empty() && peers[0].frames_in > 8;
    }));
    EXPECT_EQ(client.network->counters().of(DropReason::ping_timeout), 0u);
    EXPECT_EQ(client.network->counters().connected, 1u);
}

TEST_F(NetworkTest, MakesRoomForAnotherByEvictingAndHasABound)
{
    auto made = config();
    made.peer_limits.inbound = 3;
    made.peer_limits.protected_each = 0;
    auto& server = start(made);
    std::vector<TestNode*> clients;
    for (int i = 0; i < 4; ++i) {
        auto own = config();
        own.peer_limits.retry_ms = 3'600'000;
        clients.push_back(&start_dialling(server, own));
        ASSERT_TRUE(eventually(
            [&] { return server.network->counters().connected == std::uint64_t(i + 1); }));
    }
    EXPECT_TRUE(counted(server, DropReason::evicted));
    EXPECT_TRUE(eventually([&] { return server.network->peers().size() == 3; }));
}

TEST_F(NetworkTest, BansPeersByNameAcrossARestart)
{
    const ledger::TemporaryFolder folder;
    auto made = config();
    made.file = folder.path() / "peers";
    auto& server = start(made);
    auto& client = start_dialling(server);
    ASSERT_TRUE(eventually([&] { return are_connected(client, server); }));
    server.network->ban(client.id(), "signed two blocks");
    EXPECT_TRUE(
        counted(server, DropReason::banned, 2));  // hung up on, and refused when it came back
    server.network->stop();
    made.listen = server.network->local();
    Listener listener;
    ledger::SeededRandom random{11};
    PeerNetwork again{made, server.key.clone(), clock, random, listener};
    ASSERT_TRUE(again.start());
    EXPECT_FALSE(again.file_problem());
    EXPECT_TRUE(eventually([&] { return again.counters().of(DropReason::banned) >= 1; }));
    EXPECT_TRUE(again.peers().empty());
}

TEST_F(NetworkTest, StopsAnnouncingThenServingThenTalkingToAPeerWhoseScoreFalls)
{
    auto& hub = start();
    auto& bad = start_dialling(hub);
    auto& good = start_dialling(hub);
    ASSERT_TRUE(eventually([&] { return are_connected(hub, bad) && are_connected(hub, good); }));
    const auto err = [&](int times) {
        for (int i = 0; i < times; ++i) hub.network->record(bad.id(), Deed::invalid_message);
    };

    err(3);
    EXPECT_TRUE(hub.network->broadcast(message::inventory, text("news")));
    // Of the same queue, so that news would have come before it.
    EXPECT_TRUE(hub.network->send(bad.id(), message::transaction, text("it asked for this")));
    EXPECT_TRUE(good.listener.wait_for_text("news"));
    EXPECT_TRUE(bad.listener.wait_for_text("it asked for this"));
    EXPECT_EQ(bad.listener.frames(), 1u);
    EXPECT_TRUE(bad.network->send(hub.id(), message::get_blocks, text("a question")));
    EXPECT_TRUE(hub.listener.wait_for_text("a question"));
    EXPECT_EQ(hub.network->counters().not_announced, 1u);
    EXPECT_EQ(hub.network->counters().not_served, 0u);

    err(2);
    EXPECT_TRUE(hub.network->send(bad.id(), message::status, text("we are at block 5")));
    EXPECT_TRUE(bad.listener.wait_for_text("we are at block 5"));  // so those two count by now
    EXPECT_TRUE(bad.network->send(hub.id(), message::get_blocks, text("another question")));
    EXPECT_TRUE(eventually([&] { return hub.network->counters().not_served == 1; }));
    EXPECT_TRUE(good.network->send(hub.id(), message::get_blocks, text("from the good one")));
    EXPECT_TRUE(bad.network->send(hub.id(), message::vote, text("a vote")));
    EXPECT_TRUE(hub.listener.wait_for_text("from the good one"));
    EXPECT_TRUE(hub.listener.wait_for_text("a vote"));
    EXPECT_EQ(hub.listener.frames(), 3u);

    err(3);
    EXPECT_TRUE(counted(hub, DropReason::score));
    EXPECT_TRUE(counted(hub, DropReason::backing_off)) << "it dials again";
    EXPECT_EQ(hub.network->counters().of(DropReason::banned), 0u);
    EXPECT_TRUE(are_connected(hub, good));
}

TEST_F(NetworkTest, StartsWithoutAFileThatCannotBeUsed)
{
    const ledger::TemporaryFolder folder;
    auto made = config();
    made.file = folder.path() / "peers";
    ASSERT_TRUE(write_file(made.file, text("not what we wrote")));
    auto& node = start(made);
    ASSERT_TRUE(node.network->file_problem());
    EXPECT_EQ(node.network->file_problem()->kind, ledger::ErrorKind::corrupt);
}

TEST_F(NetworkTest, SaysThatItsPortIsTaken)
{
    auto made = config();
    made.listen = start().network->local();
    TestNode second{++seed, made, clock};
    const auto started = second.network->start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().kind, ledger::ErrorKind::unavailable);
}

TEST_F(NetworkTest, RefusesToQueueMoreThanItsOutboxHolds)
{
    auto made = config();
    made.limits.outbox_bytes = 100;
    auto& node = start(made);
    EXPECT_FALSE(node.network->send(node.id(), message::status, ledger::Bytes(200)));
    EXPECT_EQ(node.network->counters().refused_sends, 1u);
}

TEST_F(NetworkTest, StopsWithinABoundWhilePeersTalk)
{
    auto& server = start();
    auto& client = start_dialling(server);
    ASSERT_TRUE(eventually([&] { return are_connected(client, server); }));
    for (int i = 0; i < 1'000; ++i)
        client.network->send(server.id(), message::vote, ledger::Bytes(100));
    const auto began = std::chrono::steady_clock::now();
    server.network->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    EXPECT_TRUE(eventually([&] { return client.network->peers().empty(); }));
}

}  // namespace
}  // namespace node
