#include "ledger/base/hex.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "market/network.hpp"
#include "node/app/home.hpp"
#include "node/core/block_record.hpp"
#include "node/env/files.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

/// The networks of genesis/ are what they were. Runs in the root of the repository.
namespace node {
namespace {

using namespace ledger;

struct Pinned {
    const char* file;
    const char* document_hash;
    const char* genesis_id;
};

void PrintTo(const Pinned& pinned, std::ostream* out)
{
    *out << pinned.file;
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

TEST_P(GenesisDocuments, AreOfThePublishedTestKey)
{
    const auto genesis = read();
    ASSERT_TRUE(genesis);
    EXPECT_NE(genesis->name.find("for-tests-only"), std::string::npos);
    const auto key = *SecretKey::from_bytes(Bytes(32, 1));
    ASSERT_EQ(genesis->validators.set.size(), 1u);
    EXPECT_EQ(genesis->validators.set[0].consensus_key, consensus_key(key));
    EXPECT_EQ(genesis->validators.set[0].account, address_of(key));
}

TEST_P(GenesisDocuments, MakeAHomeWithThatKey)
{
    TemporaryFolder folder;
    const Home home{folder.path() / "home"};
    InitOptions options;
    options.network = GetParam().file;
    options.validator_key = options.host_key = "genesis/published_test.key";
    SeededRandom random{1};
    const auto made = init_home(home, options, random, {});
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(*read_genesis(home), *read());
}

INSTANTIATE_TEST_SUITE_P(
    All, GenesisDocuments,
    testing::Values(Pinned{"genesis/dev.json",
                           "90293d2fec22b4ec45ac9ef0cc8fcb9f236b15dabd71d57f35e10442407acd90",
                           "6e348b84d43004d630f49d2b3ab4e1da8f327cba186f17f9e16a66c272c489d1"},
                    Pinned{"genesis/credit.json",
                           "3983d522572db1ae970f0f1338892ed012acc2564bb396d05a0dad61db896956",
                           "1de20b9645b4eeaba2fd62e5cb90bc3bc2865ce5755e180d944cba1f553cdade"}));

}  // namespace
}  // namespace node
