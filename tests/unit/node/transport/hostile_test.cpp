// What strangers do to an open port. Each is refused for its own named reason, and counted.
#include "tests/support/forged_certificate.hpp"
#include "tests/unit/node/transport/network_fixture.hpp"
#include "tests/unit/node/transport/raw_peer.hpp"

namespace node {
namespace {

using namespace std::chrono_literals;
using ledger::Bytes;
using Fault = CertificateFault;

class HostileTest : public NetworkTest {
protected:
    PeerCertificate forge(const Forgery& forgery = {}) const
    {
        return forge_certificate(key, clock.wall(), forgery);
    }
    Hello hello() const { return {transport_version, {77}, config().genesis, 0, 0, 12'345}; }

    /// Shows that certificate; the node's reason.
    void expect_refused(const PeerCertificate& shown, Fault fault)
    {
        auto& node = *nodes.front();
        const auto before = node.network->counters().of(reason_of(fault));
        RawPeer peer{node.network->local()};
        peer.secure({.certificate = &shown});
        peer.greet(hello());
        EXPECT_EQ(peer.read(), std::nullopt) << "nothing is said to a stranger";
        EXPECT_TRUE(counted(node, reason_of(fault), before + 1)) << name_of(fault);
        EXPECT_TRUE(node.network->peers().empty());
    }
    /// A peer that did everything right so far.
    std::unique_ptr<RawPeer> friendly(TestNode& node)
    {
        auto peer = std::make_unique<RawPeer>(node.network->local());
        EXPECT_TRUE(peer->secure({.certificate = &good}));
        peer->greet(hello());
        const auto answer = peer->read();
        EXPECT_TRUE(answer && answer->kind == message::hello);
        return peer;
    }
    /// Sends raw bytes after the Hello; the goodbye must be `reason`, and be counted.
    void expect_goodbye(const Bytes& bytes, DropReason reason)
    {
        key = ledger::SecretKey::generate(random);  // the last one may be banned by now
        good = forge();
        auto& node = *nodes.front();
        const auto before = node.network->counters().of(reason);
        const auto peer = friendly(node);
        peer->send_raw(bytes);
        EXPECT_EQ(peer->read_goodbye(), name_of(reason));
        EXPECT_TRUE(counted(node, reason, before + 1)) << name_of(reason);
    }

    ledger::SeededRandom random{55};
    ledger::SecretKey key = ledger::SecretKey::generate(random);
    PeerCertificate good = forge();
};

TEST_F(HostileTest, IsAnsweredWhenItIsNotHostile)
{
    auto& node = start();
    const auto peer = friendly(node);
    EXPECT_TRUE(eventually([&] { return node.network->peers().size() == 1; }));
    EXPECT_EQ(node.network->peers()[0].key, ledger::public_key(key));
}

TEST_F(HostileTest, RefusesBadCertificatesEachByItsName)
{
    start();
    expect_refused(forge({.not_before = -7200s, .not_after = -3600s}), Fault::expired);
    expect_refused(forge({.not_before = 3600s, .not_after = 7200s}), Fault::not_yet_valid);
    expect_refused(forge({.unknown_extension = true, .unknown_is_critical = true}),
                   Fault::unknown_critical_extension);
    expect_refused(forge({.signed_for_another_key = true}), Fault::bad_peer_signature);
    expect_refused(forge({.wrong_self_signature = true}), Fault::bad_self_signature);
    expect_refused(forge({.signed_key_extensions = 0}), Fault::extension_missing);
    expect_refused(forge({.signed_key_extensions = 2}), Fault::extension_repeated);
    expect_refused(forge({.padding = CertificateLimits::bytes}), Fault::too_large);
    expect_refused(forge({.change_signed_key = [](Bytes& bytes) { bytes[5] = 1; }}),
                   Fault::peer_key_ed25519);
}

TEST_F(HostileTest, RefusesTwoCertificates)
{
    auto& node = start();
    const auto second = forge();
    RawPeer peer{node.network->local()};
    peer.secure({.certificate = &good, .second = &second});
    EXPECT_EQ(peer.read(), std::nullopt);
    EXPECT_TRUE(counted(node, reason_of(Fault::more_than_one)));
}

TEST_F(HostileTest, RefusesAPeerWithoutACertificate)
{
    auto& node = start();
    RawPeer peer{node.network->local()};
    peer.secure({});
    EXPECT_EQ(peer.read(), std::nullopt);
    EXPECT_TRUE(counted(node, reason_of(Fault::missing)));
}

TEST_F(HostileTest, RefusesOlderTlsOtherProtocolsAndOtherGroups)
{
    auto& node = start();
    RawPeer old{node.network->local()};
    EXPECT_FALSE(old.secure({.certificate = &good, .version = TLS1_2_VERSION}));
    EXPECT_TRUE(counted(node, DropReason::tls_version));
    RawPeer other{node.network->local()};
    EXPECT_FALSE(other.secure({.certificate = &good, .protocol = "\x02h2"}));
    EXPECT_TRUE(counted(node, DropReason::tls_protocol));
    RawPeer silent{node.network->local()};
    silent.secure({.certificate = &good, .protocol = ""});
    EXPECT_EQ(silent.read(), std::nullopt);
    EXPECT_TRUE(counted(node, DropReason::tls_protocol, 2));
    RawPeer curve{node.network->local()};
    EXPECT_FALSE(curve.secure({.certificate = &good, .groups = "P-256"}));
    EXPECT_TRUE(counted(node, DropReason::tls_parameters));
}

TEST_F(HostileTest, GivesNoTicketToResumeWith)
{
    auto& node = start();
    const auto peer = friendly(node);
    EXPECT_FALSE(SSL_SESSION_is_resumable(SSL_get_session(peer->tls())));
    EXPECT_EQ(SSL_version(peer->tls()), TLS1_3_VERSION);
}

TEST_F(HostileTest, RefusesWhatIsNotTls)
{
    auto& node = start();
    RawPeer http{node.network->local()};
    http.send_raw(ledger::as_bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_TRUE(counted(node, DropReason::tls_not_tls));
    RawPeer garbage{node.network->local()};
    garbage.send_raw(Bytes(100, 0xee));
    EXPECT_TRUE(counted(node, DropReason::tls_not_tls, 2));
    RawPeer frames{node.network->local()};
    frames.send_raw(*encode_frame(message::vote, Bytes(90)));
    EXPECT_TRUE(counted(node, DropReason::tls_not_tls, 3));
}

TEST_F(HostileTest, CutsOffASilentOrHalfHandshake)
{
    auto made = config();
    made.limits.handshake_time = 100ms;
    auto& node = start(made);
    RawPeer silent{node.network->local()};
    RawPeer half{node.network->local()};
    half.send_raw(Bytes{0x16, 3, 1, 0, 200, 1});
    EXPECT_TRUE(counted(node, DropReason::handshake_timeout, 2));
    RawPeer no_hello{node.network->local()};
    ASSERT_TRUE(no_hello.secure({.certificate = &good}));
    EXPECT_EQ(no_hello.read_goodbye(), "handshake_timeout");
    EXPECT_TRUE(counted(node, DropReason::handshake_timeout, 3));
}

TEST_F(HostileTest, RefusesEachWrongHelloByItsName)
{
    auto& node = start();
    const auto expect = [&](const Bytes& payload, DropReason reason) {
        key = ledger::SecretKey::generate(random);
        good = forge();
        RawPeer peer{node.network->local()};
        ASSERT_TRUE(peer.secure({.certificate = &good}));
        peer.send(message::hello, payload);
        EXPECT_EQ(peer.read_goodbye(), name_of(reason));
        EXPECT_TRUE(counted(node, reason)) << name_of(reason);
    };
    auto changed = hello();
    changed.version = 2;
    expect(encode_hello(changed), DropReason::hello_other_version);
    changed = hello();
    changed.chain_id = {1};
    expect(encode_hello(changed), DropReason::hello_other_chain);
    changed = hello();
    changed.genesis = {};
    expect(encode_hello(changed), DropReason::hello_other_genesis);
    expect(Bytes{0, 1, 9}, DropReason::hello_malformed);
    EXPECT_TRUE(node.network->peers().empty());
}

TEST_F(HostileTest, KnowsItsOwnNonceAndItsOwnKey)
{
    auto& node = start();
    // The node's own nonce, as a reflecting middleman would send it.
    const auto peer = friendly(node);
    RawPeer listener{node.network->local()};
    ASSERT_TRUE(listener.secure({.certificate = &good}));
    listener.greet(hello());
    const auto shown = decode_hello(listener.read()->payload);
    ASSERT_TRUE(shown);
    RawPeer reflected{node.network->local()};
    ASSERT_TRUE(reflected.secure({.certificate = &good}));
    reflected.greet(*shown);
    EXPECT_EQ(reflected.read_goodbye(), "hello_self_connection");
    EXPECT_TRUE(counted(node, DropReason::hello_self_connection));
    // A second process with the node's key.
    const auto twin = forge_certificate(node.key, clock.wall());
    RawPeer same{node.network->local()};
    ASSERT_TRUE(same.secure({.certificate = &twin}));
    same.greet(hello());
    EXPECT_EQ(same.read_goodbye(), "hello_same_key");
    EXPECT_TRUE(counted(node, DropReason::hello_same_key));
}

TEST_F(HostileTest, WantsTheHelloFirst)
{
    auto& node = start();
    RawPeer peer{node.network->local()};
    ASSERT_TRUE(peer.secure({.certificate = &good}));
    peer.send(message::vote, Bytes(90));
    EXPECT_EQ(peer.read_goodbye(), "frame_unexpected_kind");
    EXPECT_TRUE(counted(node, DropReason::frame_unexpected_kind));
    EXPECT_EQ(node.listener.frames(), 0u);
}

TEST_F(HostileTest, RefusesBadFramesEachByItsName)
{
    start();
    expect_goodbye({0xff, 0xff, 0xff, 0xff, 1, 3}, DropReason::frame_too_large);
    expect_goodbye({0, 0, 1, 1, 1, 1}, DropReason::frame_too_large);  // a vote of 257 bytes
    expect_goodbye({0, 0, 0, 0, 1, 1}, DropReason::frame_empty);
    expect_goodbye({0, 0, 0, 1, 9, 9, 1}, DropReason::frame_unknown_kind);
    expect_goodbye(*encode_frame(message::hello, encode_hello(hello())),
                   DropReason::message_unasked);
    expect_goodbye(*encode_frame(message::pong, Bytes(8, 9)), DropReason::message_unasked);
    expect_goodbye(*encode_frame(message::addresses, Bytes(9, 9)), DropReason::message_malformed);
    EXPECT_EQ(nodes.front()->listener.frames(), 0u);
}

TEST_F(HostileTest, BansWhoeverFramedWrongly)
{
    auto& node = start();
    expect_goodbye({0, 0, 0, 0, 1, 1}, DropReason::frame_empty);
    RawPeer again{node.network->local()};
    ASSERT_TRUE(again.secure({.certificate = &good}));
    again.greet(hello());
    EXPECT_EQ(again.read_goodbye(), "banned");
    EXPECT_TRUE(counted(node, DropReason::banned));
}

TEST_F(HostileTest, CutsOffASlowSenderInTheMiddleOfAFrame)
{
    auto made = config();
    made.limits.frame_grace = 150ms;
    made.limits.bytes_per_second = 64 * 1024;
    auto& node = start(made);
    expect_goodbye({0, 0, 0, 200, 1, 1, 'h', 'a', 'l', 'f'}, DropReason::frame_too_slow);
    EXPECT_EQ(node.network->inbound_bytes(), 0u);
}

TEST_F(HostileTest, CutsOffAPeerThatNeverReads)
{
    auto made = config();
    made.limits.frame_grace = 200ms;
    made.limits.bytes_per_second = 1 << 30;
    auto& node = start(made);
    const auto peer = friendly(node);
    ASSERT_TRUE(eventually([&] { return node.network->peers().size() == 1; }));
    // More than both sockets' buffers hold, less than the queue does.
    for (int i = 0; i < 5; ++i)
        node.network->send(ledger::public_key(key), message::blocks, Bytes(3 << 20));
    EXPECT_TRUE(counted(node, DropReason::reads_too_slowly));
    EXPECT_TRUE(eventually([&] { return node.network->peers().empty(); }));
}

TEST_F(HostileTest, HangsUpWhenWhatMustNotBeDroppedOverflows)
{
    auto made = config();
    made.limits.writes.blocks = 4 << 20;
    auto& node = start(made);
    const auto peer = friendly(node);
    ASSERT_TRUE(eventually([&] { return node.network->peers().size() == 1; }));
    for (int i = 0; i < 8; ++i)
        node.network->send(ledger::public_key(key), message::blocks, Bytes(3 << 20));
    EXPECT_TRUE(counted(node, DropReason::write_overflow));
}

TEST_F(HostileTest, DropsWhatIsAboveAPeersAllowanceAndEndsAFlood)
{
    auto made = config();
    made.limits.rates.of[static_cast<std::size_t>(RateClass::votes)] = {10, 0};
    auto& node = start(made);
    Bytes flood;
    for (int i = 0; i < 40; ++i) ledger::append(flood, *encode_frame(message::vote, Bytes(90)));
    expect_goodbye(flood, DropReason::flood);
    EXPECT_EQ(node.listener.frames(), 10u);
}

TEST_F(HostileTest, EndsAPeerThatAnswersNoPing)
{
    auto made = config();
    made.limits.pong_time = 100ms;
    auto& node = start(made);
    const auto peer = friendly(node);
    EXPECT_EQ(peer->read_goodbye(), "ping_timeout");
    EXPECT_TRUE(counted(node, DropReason::ping_timeout));
}

TEST_F(HostileTest, RationsAStormOfConnections)
{
    auto made = config();
    made.limits.handshakes.per_group = {10, 10};
    made.limits.handshakes.pending = 5;
    auto& node = start(made);
    std::vector<std::unique_ptr<RawPeer>> storm;
    for (int i = 0; i < 60; ++i) storm.push_back(std::make_unique<RawPeer>(node.network->local()));
    EXPECT_TRUE(counted(node, DropReason::too_many_pending, 50));
    const auto counters = node.network->counters();
    EXPECT_LE(counters.accepted, 10u);
    storm.clear();
    // Handshakes of others still go through when it has passed.
    EXPECT_TRUE(eventually([&] {
        RawPeer peer{node.network->local()};
        if (!peer.secure({.certificate = &good})) return false;
        peer.greet(hello());
        const auto answer = peer.read();
        return answer && answer->kind == message::hello;
    }));
}

TEST_F(HostileTest, NeverTakesMoreMemoryThanItsBudgetFromManyHalfFrames)
{
    auto made = config();
    made.limits.inbound_bytes = 1 << 20;
    made.limits.room_time = 200ms;
    auto& node = start(made);
    std::vector<std::unique_ptr<RawPeer>> peers;
    Bytes half = {0, 0x40, 0, 0, 2, 2};  // 4 MiB of blocks announced
    half.resize(half.size() + (300 << 10));
    for (int i = 0; i < 4; ++i) {
        key = ledger::SecretKey::generate(random);
        good = forge();
        peers.push_back(friendly(node));
    }
    for (const auto& peer : peers) peer->send_raw(half);
    EXPECT_TRUE(counted(node, DropReason::inbound_memory));
    EXPECT_LE(node.network->inbound_bytes(), 1u << 20);
}

TEST_F(HostileTest, KeepsTheLaterOfTwoConnectionsThatOnePeerDialled)
{
    auto& node = start();
    const auto first = friendly(node);
    const auto second = friendly(node);
    EXPECT_EQ(first->read_goodbye(), "replaced");
    EXPECT_TRUE(counted(node, DropReason::replaced));
    second->send(message::vote, Bytes(90));
    EXPECT_TRUE(node.listener.wait_for_frames(1));
    EXPECT_EQ(node.network->peers().size(), 1u);
}

TEST_F(HostileTest, AsksForAddressesOnlyOnce)
{
    start();
    auto twice = *encode_frame(message::get_addresses, Bytes{1});
    ledger::append(twice, Bytes{twice});
    expect_goodbye(twice, DropReason::message_unasked);
}

}  // namespace
}  // namespace node
