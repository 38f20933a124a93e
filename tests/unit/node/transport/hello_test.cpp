#include "node/transport/hello.hpp"

#include "ledger/crypto/random.hpp"
#include "node/transport/frame.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

class HelloTest : public testing::Test {
protected:
    HelloTest()
    {
        ours.version = transport_version;
        ours.chain_id = {77};
        ours.genesis.bytes.fill(1);
        ours.nonce = 5;
        theirs = ours;
        theirs.nonce = 6;
        our_key.bytes.fill(2);
        their_key.bytes.fill(3);
    }
    std::optional<HelloFault> judge() const
    {
        return judge_hello(ours, our_key, theirs, their_key);
    }

    Hello ours, theirs;
    ledger::PublicKey our_key, their_key;
};

TEST_F(HelloTest, TakesAPeerOfTheSameChainWhateverItsEpochAndFeatures)
{
    theirs.epoch = 9;
    theirs.features = ~0ull;
    EXPECT_EQ(judge(), std::nullopt);
}

TEST_F(HelloTest, NamesWhatKeepsTwoPeersApart)
{
    const auto with = [this](auto change) {
        const auto before = theirs;
        change(theirs);
        const auto fault = judge();
        theirs = before;
        return fault;
    };
    EXPECT_EQ(with([](Hello& h) { h.version = 2; }), HelloFault::other_version);
    EXPECT_EQ(with([](Hello& h) { h.chain_id = {78}; }), HelloFault::other_chain);
    EXPECT_EQ(with([](Hello& h) { h.genesis = {}; }), HelloFault::other_genesis);
    EXPECT_EQ(with([](Hello& h) { h.nonce = 5; }), HelloFault::self_connection);
    their_key = our_key;
    EXPECT_EQ(judge(), HelloFault::same_key);
}

TEST_F(HelloTest, HasOneEncodingThatFitsItsFrame)
{
    const auto bytes = encode_hello(theirs);
    EXPECT_LE(bytes.size(), rule_of(message::hello)->most);
    EXPECT_EQ(*decode_hello(bytes), theirs);
    auto longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(decode_hello(longer));
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decode_hello(ledger::ByteView{bytes}.first(size)));
}

TEST_F(HelloTest, ReadsTheVersionOfAnotherEncoding)
{
    EXPECT_EQ(decode_hello(ledger::Bytes{0, 9, 1, 2, 3})->version, 9);
}

TEST(DuplicateConnections, AreSettledAlikeOnBothSides)
{
    ledger::PublicKey small, large;
    small.bytes.fill(1);
    large.bytes.fill(2);
    for (const bool small_dialled_old : {false, true}) {
        for (const bool small_dialled_new : {false, true}) {
            const bool at_small =
                new_connection_stays(small, large, small_dialled_old, small_dialled_new);
            const bool at_large =
                new_connection_stays(large, small, !small_dialled_old, !small_dialled_new);
            EXPECT_EQ(at_small, at_large);
            const bool expected = small_dialled_old == small_dialled_new || small_dialled_new;
            EXPECT_EQ(at_small, expected);
        }
    }
}

}  // namespace
}  // namespace node
