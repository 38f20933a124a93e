#include "node/app/home.hpp"

#include "ledger/base/hex.hpp"
#include "node/env/files.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;
namespace fs = std::filesystem;

struct HomeTest : testing::Test {
    TemporaryFolder folder;
    SeededRandom random{1};
    Home home{folder.path() / "home"};

    Result<void> init(const InitOptions& options = {})
    {
        return init_home(home, options, random, {1'767'225'600'000});
    }
    fs::path write(const std::string& name, std::string_view text)
    {
        const auto path = folder.path() / name;
        EXPECT_TRUE(write_file(path, as_bytes(text), FileMode::public_file));
        return path;
    }
    fs::path key_file(std::uint8_t n)
    {
        return write("key" + std::to_string(n), to_hex(test_key(n).view()) + "\n");
    }
    static unsigned mode(const fs::path& path)
    {
        return static_cast<unsigned>(fs::status(path).permissions()) & 0777;
    }
};

TEST_F(HomeTest, MakesANetworkOfThisNodeAlone)
{
    ASSERT_TRUE(init());
    const auto genesis = read_genesis(home);
    ASSERT_TRUE(genesis);
    EXPECT_EQ(genesis->name, "dev");
    EXPECT_EQ(genesis->asset.kind, AssetKind::coin);
    ASSERT_EQ(genesis->validators.set.size(), 1u);
    EXPECT_EQ(genesis->validators.set[0].consensus_key,
              consensus_key(*read_key(home.validator_key())));
    ASSERT_EQ(genesis->balances.size(), 1u);
    EXPECT_EQ(genesis->balances[0].account, address_of(*read_key(home.host_key())));
    EXPECT_TRUE(load_config(home.config(), {}));
}

TEST_F(HomeTest, DrawsThreeKeysAndNamesEachInItsPlace)
{
    ASSERT_TRUE(init());
    const auto validator = *read_key(home.validator_key());
    const auto peer = *read_key(home.peer_key());
    const auto host = *read_key(home.host_key());
    EXPECT_NE(public_key(validator), public_key(peer));
    EXPECT_NE(public_key(peer), public_key(host));
    EXPECT_NE(public_key(host), public_key(validator));
    const auto member = read_genesis(home)->validators.set.at(0);
    EXPECT_EQ(member.consensus_key, consensus_key(validator));
    EXPECT_EQ(member.peer_key, public_key(peer));
    EXPECT_EQ(member.account, address_of(host));
}

TEST_F(HomeTest, RefusesANewNetworkWhereOneKeyHasTwoPurposes)
{
    for (const auto& [first, second] :
         {std::pair{&InitOptions::validator_key, &InitOptions::peer_key},
          std::pair{&InitOptions::peer_key, &InitOptions::host_key},
          std::pair{&InitOptions::host_key, &InitOptions::validator_key}}) {
        InitOptions options;
        options.*first = options.*second = key_file(1);
        EXPECT_EQ(init(options).error().kind, ErrorKind::invalid);
    }
    EXPECT_FALSE(fs::exists(home.folder));
}

TEST_F(HomeTest, DrawsThePeerKeyOnceWhereAHomeOfOldHasNone)
{
    ASSERT_TRUE(init());
    fs::remove(home.peer_key());
    const auto drawn = read_or_make_peer_key(home, random);
    ASSERT_TRUE(drawn) << drawn.error().detail;
    EXPECT_EQ(mode(home.peer_key()), 0600u);
    EXPECT_EQ(public_key(*read_or_make_peer_key(home, random)), public_key(*drawn));
    fs::permissions(home.peer_key(), fs::perms::group_read, fs::perm_options::add);
    EXPECT_EQ(read_or_make_peer_key(home, random).error().kind, ErrorKind::denied);
}

TEST_F(HomeTest, ReadsAHomeWithoutAValidatorKey)
{
    ASSERT_TRUE(init());
    EXPECT_TRUE(*read_validator_key(home));
    fs::remove(home.validator_key());
    const auto none = read_validator_key(home);
    ASSERT_TRUE(none);
    EXPECT_FALSE(none->has_value());
    write("home/keys/validator.key", "no key");
    EXPECT_FALSE(read_validator_key(home));
}

TEST_F(HomeTest, LetsNobodyElseReadTheKeys)
{
    ASSERT_TRUE(init());
    EXPECT_EQ(mode(home.folder), 0700u);
    EXPECT_EQ(mode(home.folder / "keys"), 0700u);
    EXPECT_EQ(mode(home.validator_key()), 0600u);
    EXPECT_EQ(mode(home.peer_key()), 0600u);
    EXPECT_EQ(mode(home.host_key()), 0600u);
    fs::permissions(home.host_key(), fs::perms::group_read, fs::perm_options::add);
    EXPECT_EQ(read_key(home.host_key()).error().kind, ErrorKind::denied);
}

TEST_F(HomeTest, NeverOverwritesAHome)
{
    ASSERT_TRUE(init());
    const auto key = to_hex(read_key(home.validator_key())->view());
    EXPECT_FALSE(init());
    EXPECT_EQ(to_hex(read_key(home.validator_key())->view()), key);
    fs::remove(home.genesis());
    EXPECT_FALSE(init()) << "what is left is still somebody's";
}

TEST_F(HomeTest, MakesACreditNetworkWithItsIssuers)
{
    InitOptions options;
    options.new_network = "ward";
    options.credit = true;
    options.issuers = {test_account(4)};
    ASSERT_TRUE(init(options));
    const auto genesis = read_genesis(home);
    EXPECT_EQ(genesis->name, "ward");
    EXPECT_EQ(genesis->asset.kind, AssetKind::credit);
    EXPECT_EQ(genesis->issuers.accounts, std::vector{test_account(4)});
    EXPECT_TRUE(genesis->params.min_fee.is_zero());
}

TEST_F(HomeTest, DrawsAnotherChainIdEachTime)
{
    ASSERT_TRUE(init());
    const auto first = read_genesis(home)->chain_id;
    home.folder = folder.path() / "other";
    ASSERT_TRUE(init());
    EXPECT_NE(read_genesis(home)->chain_id, first);
}

TEST_F(HomeTest, JoinsANetworkWithItsValidatorsKey)
{
    InitOptions options;
    options.network = write("genesis.json", genesis_json(test_genesis())).string();
    options.validator_key = options.peer_key = key_file(1);
    options.host_key = key_file(5);
    ASSERT_TRUE(init(options));
    EXPECT_EQ(*read_genesis(home), test_genesis());
    EXPECT_EQ(address_of(*read_key(home.validator_key())), test_account(1));
    EXPECT_EQ(address_of(*read_key(home.host_key())), test_account(5));
}

TEST_F(HomeTest, RefusesANetworkWhoseValidatorIsSomebodyElse)
{
    InitOptions options;
    options.network = write("genesis.json", genesis_json(test_genesis())).string();
    EXPECT_EQ(init(options).error().kind, ErrorKind::denied);
    options.validator_key = key_file(2);
    EXPECT_EQ(init(options).error().kind, ErrorKind::denied);
    EXPECT_FALSE(fs::exists(home.folder)) << "nothing is left behind";
}

TEST_F(HomeTest, RefusesANetworkThatNamesAnotherPeerKeyForTheValidator)
{
    InitOptions options;
    options.network = write("genesis.json", genesis_json(test_genesis())).string();
    options.validator_key = key_file(1);
    options.peer_key = key_file(2);
    const auto refused = init(options);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().detail.find("--peer-key"), std::string::npos);
}

TEST_F(HomeTest, FollowsANetworkOfManyValidatorsWithKeysOfItsOwn)
{
    auto genesis = test_genesis();
    for (std::uint8_t n = 2; n <= 4; ++n)
        genesis.validators.set.push_back({consensus_key(test_key(n)), public_key(test_key(n)),
                                          test_account(n), test_account(n), 1'000});
    InitOptions options;
    options.network = write("genesis.json", genesis_json(genesis)).string();
    options.follower = true;
    const auto made = init(options);
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(*read_genesis(home), genesis);
    EXPECT_TRUE(*read_validator_key(home)) << "to join with later";
}

TEST_F(HomeTest, FollowsNoNetworkThatItWouldMakeItself)
{
    InitOptions options;
    options.follower = true;
    EXPECT_EQ(init(options).error().kind, ErrorKind::invalid);
    options.new_network = "ward";
    EXPECT_EQ(init(options).error().kind, ErrorKind::invalid);
    EXPECT_FALSE(fs::exists(home.folder));
}

TEST_F(HomeTest, JoinsANetworkOfManyAsAnyOfItsValidators)
{
    auto genesis = test_genesis();
    genesis.validators.set.push_back({consensus_key(test_key(2)), public_key(test_key(3)),
                                      test_account(4), test_account(4), 1'000});
    InitOptions options;
    options.network = write("genesis.json", genesis_json(genesis)).string();
    options.validator_key = key_file(2);
    options.peer_key = key_file(3);
    const auto made = init(options);
    EXPECT_TRUE(made) << made.error().detail;
}

TEST_F(HomeTest, RefusesFilesThatHoldNoKey)
{
    InitOptions options;
    options.validator_key = folder.path() / "missing";
    EXPECT_EQ(init(options).error().kind, ErrorKind::not_found);
    for (const auto& text :
         {std::string{}, std::string(63, '1'), std::string(64, 'x'), std::string(64, '1') + "2",
          std::string(64, '0'), std::string(64, 'f'), std::string(64, '1') + "\n\n"}) {
        options.validator_key = write("bad", text);
        EXPECT_FALSE(init(options)) << text;
    }
    options.validator_key = write("good", std::string(64, '1'));
    EXPECT_TRUE(init(options));
}

TEST_F(HomeTest, RefusesAGenesisThatDoesNotHold)
{
    InitOptions options;
    options.network = (folder.path() / "missing.json").string();
    EXPECT_EQ(init(options).error().kind, ErrorKind::not_found);
    options.network = write("bad.json", "{}").string();
    EXPECT_EQ(init(options).error().kind, ErrorKind::invalid);
    options = {};
    options.balances = {{test_account(1), Amount::micros(1)}, {test_account(1), Amount::micros(1)}};
    EXPECT_FALSE(init(options)) << "an account stands twice";
}

}  // namespace
}  // namespace node
