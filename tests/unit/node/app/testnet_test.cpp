#include "node/app/testnet.hpp"

#include "ledger/codec/json.hpp"
#include "node/app/peer_settings.hpp"
#include "node/env/files.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

#include <set>

namespace node {
namespace {

using namespace ledger;
namespace fs = std::filesystem;

struct TestnetTest : testing::Test {
    TestnetTest() { options.out = folder.path() / "net"; }

    Result<Testnet> make() { return make_testnet(options, random, {1'767'225'600'000}); }
    Home home(unsigned i) const { return {options.out / ("node" + std::to_string(i))}; }

    TemporaryFolder folder;
    SeededRandom random{1};
    TestnetOptions options;
};

TEST_F(TestnetTest, GivesEveryNodeTheSameGenesisAndKeysOfItsOwn)
{
    options.followers = 2;
    ASSERT_TRUE(make());
    const auto genesis = *read_genesis(home(0));
    ASSERT_EQ(genesis.validators.set.size(), 4u);
    std::set<PublicKey> keys;
    for (unsigned i = 0; i < 6; ++i) {
        EXPECT_EQ(*read_genesis(home(i)), genesis);
        for (const auto& file : {home(i).validator_key(), home(i).peer_key(), home(i).host_key()})
            keys.insert(public_key(*read_key(file)));
    }
    EXPECT_EQ(keys.size(), 18u);
    for (unsigned i = 0; i < 4; ++i) {
        const auto& member = genesis.validators.set[i];
        EXPECT_EQ(member.consensus_key, consensus_key(*read_key(home(i).validator_key())));
        EXPECT_EQ(member.peer_key, public_key(*read_key(home(i).peer_key())));
        EXPECT_EQ(member.account, address_of(*read_key(home(i).host_key())));
        EXPECT_EQ(member.power, 1'000u);
    }
}

TEST_F(TestnetTest, NamesAllOthersAsFixedPeersAtThePortsTheyListenOn)
{
    options.base_port = 20'000;
    options.followers = 1;
    ASSERT_TRUE(make());
    std::vector<PeerSettings> settings;
    for (unsigned i = 0; i < 5; ++i) {
        const auto config = load_config(home(i).config(), {});
        ASSERT_TRUE(config) << config.error().detail;
        EXPECT_EQ(config->http.port, 20'000 + 10 * i);
        settings.push_back(*read_peer_settings(config->peers));
        EXPECT_EQ(to_text(settings[i].listen), "127.0.0.1:" + std::to_string(20'001 + 10 * i));
    }
    for (unsigned i = 0; i < 5; ++i) {
        ASSERT_EQ(settings[i].fixed.size(), 4u);
        for (const auto& peer : settings[i].fixed) {
            const auto j = (peer.address.port - 20'001u) / 10;
            ASSERT_NE(i, j);
            EXPECT_EQ(peer.address, settings[j].listen);
            EXPECT_EQ(peer.key, public_key(*read_key(home(j).peer_key())));
        }
    }
}

TEST_F(TestnetTest, DescribesTheNetworkInOneDocument)
{
    options.followers = 1;
    const auto said = make();
    ASSERT_TRUE(said);
    const auto file = read_file(options.out / "network.json", 1 << 20);
    ASSERT_TRUE(file);
    const auto document = codec::from_json<Testnet>(*codec::parse_json(as_text(*file)));
    ASSERT_TRUE(document) << document.error().detail;
    EXPECT_EQ(*document, *said);
    EXPECT_EQ(document->validators, 4u);
    EXPECT_EQ(document->followers, 1u);
    ASSERT_EQ(document->nodes.size(), 5u);
    EXPECT_TRUE(document->nodes[3].validator);
    EXPECT_FALSE(document->nodes[4].validator);
    EXPECT_EQ(document->nodes[1].http, "http://127.0.0.1:8710");
    EXPECT_EQ(document->nodes[1].peers, "127.0.0.1:8711");
    EXPECT_EQ(document->nodes[1].peer_key, public_key(*read_key(home(1).peer_key())));
    EXPECT_EQ(document->nodes[1].account, address_of(*read_key(home(1).host_key())));
}

TEST_F(TestnetTest, GivesTheFirstAccountMoneyOrThoseNamedOrAll)
{
    ASSERT_TRUE(make());
    const auto account = [&](unsigned i) { return address_of(*read_key(home(i).host_key())); };
    ASSERT_EQ(read_genesis(home(0))->balances.size(), 1u);
    EXPECT_EQ(read_genesis(home(0))->balances[0].account, account(0));

    options.out = folder.path() / "named";
    options.network.balances = {{test_account(1), Amount::micros(7)}};
    ASSERT_TRUE(make());
    EXPECT_EQ(read_genesis(home(0))->balances, options.network.balances);

    options.out = folder.path() / "all";
    options.account_per_node = true;
    options.followers = 1;
    ASSERT_TRUE(make());
    const auto balances = read_genesis(home(0))->balances;
    ASSERT_EQ(balances.size(), 6u);
    EXPECT_EQ(balances[5].account, account(4)) << "followers too";
}

TEST_F(TestnetTest, MakesANetworkWithoutACoinGovernedByTwoThirds)
{
    options.network.credit = true;
    ASSERT_TRUE(make());
    const auto genesis = *read_genesis(home(0));
    EXPECT_EQ(genesis.asset.kind, AssetKind::credit);
    EXPECT_EQ(genesis.validators.admission, ledger::Admission::authority);
    EXPECT_TRUE(genesis.balances.empty());
    EXPECT_EQ(genesis.governors.k, 3u);
    EXPECT_EQ(genesis.governors.accounts.size(), 4u);
    EXPECT_EQ(genesis.issuers.k, 1u);
    EXPECT_EQ(genesis.issuers.accounts, genesis.governors.accounts);
}

TEST_F(TestnetTest, RefusesNumbersThatDoNotFitAndAFolderThatIsInUse)
{
    const auto refused = [&](auto change) {
        const auto kept = options;
        change(options);
        const auto made = make();
        options = kept;
        return !made && made.error().kind == ErrorKind::invalid;
    };
    using Options = TestnetOptions;
    EXPECT_TRUE(refused([](Options& o) { o.validators = 0; }));
    EXPECT_TRUE(refused([](Options& o) { o.validators = 129; }));
    EXPECT_TRUE(refused([](Options& o) { o.followers = 129; }));
    EXPECT_TRUE(refused([](Options& o) { o.base_port = 0; }));
    EXPECT_TRUE(refused([](Options& o) { o.base_port = 65'505; })) << "node3 has no peers' port";
    EXPECT_FALSE(fs::exists(options.out));
    ASSERT_TRUE(make_private_directory(options.out));
    EXPECT_TRUE(make()) << "an empty folder will do";
    EXPECT_TRUE(refused([](Options&) {}));
}

}  // namespace
}  // namespace node
