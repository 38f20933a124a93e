#include "node/app/peer_settings.hpp"

#include "ledger/base/hex.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;

std::string hex_key(std::uint8_t n)
{
    return to_hex(public_key(test_key(n)).view());
}

std::string refusal(const PeersConfig& config)
{
    const auto settings = read_peer_settings(config);
    return settings ? "" : settings.error().detail;
}

TEST(PeerSettings, OfTheDefaultsListenOnLoopbackAndNameNobody)
{
    const auto settings = read_peer_settings({});
    ASSERT_TRUE(settings) << settings.error().detail;
    EXPECT_EQ(to_text(settings->listen), "127.0.0.1:8701");
    EXPECT_TRUE(settings->advertised.empty());
    EXPECT_TRUE(settings->fixed.empty());
    EXPECT_EQ(settings->limits.full_outbound, PeerLimits{}.full_outbound);
    EXPECT_EQ(settings->limits.inbound, PeerLimits{}.inbound);
}

TEST(PeerSettings, ReadEveryMember)
{
    PeersConfig config;
    config.address = "::1";
    config.port = 0;
    config.advertised = {"192.0.2.7:9000", "[2001:db8::1]:9001"};
    config.fixed = {hex_key(1) + "@127.0.0.1:7000", "0x" + hex_key(2) + "@[::1]:7001"};
    config.full_outbound = 3;
    config.inbound = 4;
    config.private_addresses = true;
    const auto settings = read_peer_settings(config);
    ASSERT_TRUE(settings) << settings.error().detail;
    EXPECT_EQ(to_text(settings->listen), "[::1]:0");
    ASSERT_EQ(settings->advertised.size(), 2u);
    EXPECT_EQ(to_text(settings->advertised[1]), "[2001:db8::1]:9001");
    ASSERT_EQ(settings->fixed.size(), 2u);
    EXPECT_EQ(settings->fixed[1].key, public_key(test_key(2)));
    EXPECT_EQ(to_text(settings->fixed[1].address), "[::1]:7001");
    EXPECT_EQ(settings->limits.full_outbound, 3u);
    EXPECT_EQ(settings->limits.inbound, 4u);
    EXPECT_TRUE(settings->limits.private_addresses);
}

TEST(PeerSettings, WriteAFixedPeerAsTheyReadIt)
{
    const auto text = hex_key(3) + "@192.0.2.7:9000";
    const auto peer = parse_fixed_peer(text);
    ASSERT_TRUE(peer);
    EXPECT_EQ(to_text(*peer), text);
}

TEST(PeerSettings, RefuseWhatIsNoFixedPeer)
{
    const auto key = hex_key(1);
    for (const std::string& text : std::initializer_list<std::string>{
             "", "@", key, key + "@", "@127.0.0.1:7000", key + "@127.0.0.1", key + "@127.0.0.1:0",
             key + "@127.0.0.1:70000", key + "@localhost:7000", key.substr(2) + "@127.0.0.1:7000",
             "00" + key + "@127.0.0.1:7000", std::string(66, 'f') + "@127.0.0.1:7000",
             key + "@127.0.0.1:7000@"})
        EXPECT_FALSE(parse_fixed_peer(text)) << text;
}

TEST(PeerSettings, NameTheMemberThatIsWrong)
{
    PeersConfig config;
    config.address = "localhost";
    EXPECT_NE(refusal(config).find("peers.address"), std::string::npos);
    config = {};
    config.advertised = {"192.0.2.7"};
    EXPECT_NE(refusal(config).find("peers.advertised"), std::string::npos);
    config.advertised = std::vector<std::string>(5, "192.0.2.7:1");
    EXPECT_NE(refusal(config).find("over 4"), std::string::npos);
    config = {};
    config.fixed = {hex_key(1) + "@127.0.0.1:7000", hex_key(1) + "@127.0.0.1:7001"};
    EXPECT_NE(refusal(config).find("twice"), std::string::npos);
    config.fixed = std::vector<std::string>(1'025, hex_key(1) + "@127.0.0.1:7000");
    EXPECT_NE(refusal(config).find("over 1024"), std::string::npos);
}

}  // namespace
}  // namespace node
