#include "ledger/base/hex.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "market/network.hpp"
#include "node/app/home.hpp"
#include "node/core/genesis_block.hpp"
#include "node/env/files.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

/// The networks of genesis/ are what they were. Runs in the root of the repository.
namespace node {
namespace {

using namespace ledger;

/// Where the published keys begin: the key of member i is 32 bytes of the first number plus i.
struct Published {
    unsigned validators, consensus, peer, account;
};

struct Pinned {
    const char* file;
    const char* document_hash;
    const char* genesis_id;
    Published keys;
};

void PrintTo(const Pinned& pinned, std::ostream* out)
{
    *out << pinned.file;
}

SecretKey key(unsigned n)
{
    return *SecretKey::from_bytes(Bytes(32, static_cast<std::uint8_t>(n)));
}

struct GenesisDocuments : testing::TestWithParam<Pinned> {
    static Result<Genesis> read()
    {
        const auto bytes = read_file(GetParam().file, 1 << 20);
        if (!bytes) return bytes.error();
        return parse_genesis(as_text(*bytes));
    }
};

TEST_P(GenesisDocuments, HaveTheirHashAndNameTheirNetwork)
{
    const auto genesis = read();
    ASSERT_TRUE(genesis) << genesis.error().detail;
    EXPECT_EQ(to_hex(document_hash(*genesis).view()), GetParam().document_hash);
    EXPECT_EQ(to_hex(genesis_id(*genesis)->view()), GetParam().genesis_id);
}

TEST_P(GenesisDocuments, AreOfPublishedTestKeysAndSaySo)
{
    const auto genesis = read();
    ASSERT_TRUE(genesis);
    EXPECT_NE(genesis->name.find("for-tests-only"), std::string::npos);
    const auto& keys = GetParam().keys;
    ASSERT_EQ(genesis->validators.set.size(), keys.validators);
    for (unsigned i = 0; i < keys.validators; ++i) {
        const auto& member = genesis->validators.set[i];
        EXPECT_EQ(member.consensus_key, consensus_key(key(keys.consensus + i)));
        EXPECT_EQ(member.peer_key, public_key(key(keys.peer + i)));
        EXPECT_EQ(member.account, address_of(key(keys.account + i)));
    }
}

TEST_P(GenesisDocuments, MakeAHomeOfEachValidator)
{
    TemporaryFolder folder;
    SeededRandom random{1};
    const auto key_file = [&](unsigned n) {
        auto path = folder.path() / ("key" + std::to_string(n));
        EXPECT_TRUE(write_key(path, key(n)));
        return path;
    };
    const auto& keys = GetParam().keys;
    for (unsigned i = 0; i < keys.validators; ++i) {
        const Home home{folder.path() / ("home" + std::to_string(i))};
        InitOptions options;
        options.network = GetParam().file;
        options.validator_key = key_file(keys.consensus + i);
        options.peer_key = key_file(keys.peer + i);
        options.host_key = key_file(keys.account + i);
        const auto made = init_home(home, options, random, {});
        ASSERT_TRUE(made) << made.error().detail;
        EXPECT_EQ(*read_genesis(home), *read());
    }
}

TEST(PublishedTestKey, IsThatOfTheExampleOfOneValidator)
{
    const auto bytes = read_file("genesis/published_test.key", 128);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(as_text(*bytes), to_hex(key(1).view()) + "\n");
}

TEST(ConsortiumDocument, HasNoCoinAndIsGovernedByThreeOfFour)
{
    const auto bytes = read_file("genesis/consortium.json", 1 << 20);
    ASSERT_TRUE(bytes);
    const auto genesis = *parse_genesis(as_text(*bytes));
    EXPECT_EQ(genesis.asset.kind, AssetKind::credit);
    EXPECT_EQ(genesis.validators.admission, Admission::authority);
    EXPECT_EQ(genesis.governors.k, 3u);
    for (unsigned i = 0; i < 4; ++i)
        EXPECT_EQ(genesis.governors.accounts.at(i), address_of(key(0x30 + i)));
    EXPECT_EQ(genesis.issuers.k, 2u);
    for (unsigned i = 0; i < 3; ++i)
        EXPECT_EQ(genesis.issuers.accounts.at(i), address_of(key(0x40 + i)));
}

INSTANTIATE_TEST_SUITE_P(
    All, GenesisDocuments,
    testing::Values(Pinned{"genesis/dev.json",
                           "7af409e39af2781a5e0178560fc3ff36ac216680660cf0f576d17e8c9532df35",
                           "f0dd8a1130281efa07dc0cd6a12defb8264275d0d190662bea24a44b51378e13",
                           {1, 1, 1, 1}},
                    Pinned{"genesis/testnet.json",
                           "8a399420a3e1504e45a3dc047ebe6cd166880fd655de1833083b5efbdc4bec9d",
                           "49528c92b5621b5e25bcff09f96b8d505ba82ca8a033fc15d88dd313b07e4a9a",
                           {4, 0x10, 0x20, 0x30}},
                    Pinned{"genesis/consortium.json",
                           "63b90b004c031e977bd6cb65c556dbed41d7bb5d334fb82f97c9b8191c129d5c",
                           "67756d6a6773e511b24ba26a2d8b6eeaa57557960159abbbc774867e9f0c1417",
                           {4, 0x10, 0x20, 0x30}}));

}  // namespace
}  // namespace node
