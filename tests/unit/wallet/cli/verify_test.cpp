#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/execute.hpp"
#include "tests/support/fake_prover.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_network.hpp"
#include "wallet/cli/program.hpp"
#include "wallet/client/checkpoint_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace wallet {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using ledger::codec::to_json;

/// The program against a node that lies about everything it does not have to prove, and about the
/// rest as it is told to.
class VerifyTest : public testing::Test {
protected:
    explicit VerifyTest(const ledger::Genesis& genesis = proven_genesis(1h, 24h)) : prover{genesis}
    {
        model.owner = node::test_account(2);
        model.name = "digits";
        model.versions = 1;
        version.version.model = market::model_id(model.owner, model.name);
        version.version.ver = {1};
        version.version.license = "MIT";
        version.owner = model.owner;
        prover.add({receipt()},
                   {{market::state_key<market::Model>(version.version.model),
                     ledger::codec::encode(model)},
                    {market::state_key<market::VersionRecord>({version.version.model, {1}}),
                     ledger::codec::encode(version)}});
        prover.add();
        prover.add_routes(fake);
        add_unproven_routes();
        fake.start();
    }

    market::Transfer transfer() const { return {node::test_account(3), ledger::Amount::micros(5)}; }
    ledger::Transaction envelope() const
    {
        return market::make_transaction(node::test_account(2), {}, {4}, ledger::Amount::micros(10),
                                        0, transfer());
    }
    market::Receipt receipt() const
    {
        const market::Network network{prover.world.genesis(), prover.world.id({0})};
        market::Receipt made;
        made.tx_id = market::transaction_id(network.transactions, envelope(), transfer());
        made.fee = ledger::Amount::micros(10);
        return made;
    }
    std::string tx() const { return ledger::to_hex0x(receipt().tx_id.view()); }

    void answer(const std::string& pattern, std::function<json()> make)
    {
        fake.on(node::Method::get, pattern,
                [make](const FakeRequest&) { return node::Response::json(200, make().dump()); });
    }
    void add_unproven_routes()
    {
        answer("/v1/accounts/{address}", [] {
            return json{{"balance", "5"}, {"locked", "6"}, {"nonce", 7}, {"host", false}};
        });
        answer("/v1/transactions/{txId}", [this] {
            auto lie = receipt();
            lie.fee = ledger::Amount::micros(1);
            return json{{"txId", tx()},
                        {"status", tx_status},
                        {"height", 77},
                        {"index", 5},
                        {"receipt", to_json(lie)},
                        {"tx",
                         {{"sender", to_json(node::test_account(2))},
                          {"lane", 0},
                          {"nonce", tx_nonce},
                          {"fee", "10"},
                          {"validUntil", 0},
                          {"message", market::message_json(transfer())}}}};
        });
        answer("/v1/models/{model}", [] {
            return json{{"id", "0x1"}, {"owner", "0x2"}, {"name", "lie"}, {"versions", 1}};
        });
        answer("/v1/models/{model}/versions", [this] {
            auto items = json::array();
            for (int ver = 1; ver <= shown_versions; ++ver)
                items.push_back({{"ver", ver},
                                 {"license", "proprietary"},
                                 {"contentId", "0x3"},
                                 {"ceiling", "9"},
                                 {"yankedMs", 5},
                                 {"evaluations", json::array()},
                                 {"hosts", json::array()}});
            return json{{"items", items}};
        });
        answer("/v1/models/{model}/aliases", [] { return json{{"items", json::array()}}; });
    }

    std::string path(const std::string& name) const { return (folder.path() / name).string(); }
    int run(std::vector<std::string> words)
    {
        words.insert(words.begin(),
                     {"millrace", "--home", path("home"), "--node", fake.url(), "--json"});
        std::vector<const char*> arguments;
        for (const auto& word : words) arguments.push_back(word.c_str());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int status = cli::run(static_cast<int>(arguments.size()), arguments.data());
        text = testing::internal::GetCapturedStdout();
        out = json::parse(text, nullptr, false);
        err = testing::internal::GetCapturedStderr();
        return status;
    }
    int balance(std::vector<std::string> more = {})
    {
        more.insert(more.end(), {"balance", account, "--verify"});
        return run(more);
    }
    CheckpointFile file() const { return {path("home"), prover.world.id({0})}; }
    std::string anchor(std::uint64_t epoch) const
    {
        return ledger::to_hex0x(ledger::block_id(prover.world.checkpoint(epoch).anchor).view());
    }
    void lie_about(const std::string& route, const std::function<void(json&)>& change)
    {
        prover.lie = [=](const std::string& at, json& said) {
            if (at == route) change(said);
        };
    }
    static ledger::ValidatorSet others()
    {
        return {ledger::light::light_validator(3, 1'000), ledger::light::light_validator(9, 2'000)};
    }

    static constexpr int refused = static_cast<int>(Fault::unverified);

    FakeProver prover;
    market::Model model;
    market::VersionRecord version;
    std::string tx_status = "final";
    int tx_nonce = 4;
    int shown_versions = 1;
    FakeNode fake;
    ledger::TemporaryFolder folder;
    const std::string account = ledger::to_checksum(node::test_account(3));
    json out;
    std::string text, err;
};

TEST_F(VerifyTest, ShowsTheBalanceThatIsProvenAndNotTheOneThatIsSaid)
{
    ASSERT_EQ(run({"balance", account}), 0) << err;
    EXPECT_EQ(out["balance"], "5");
    EXPECT_EQ(out["verified"], false);
    ASSERT_EQ(balance(), 0) << err;
    EXPECT_EQ(out["balance"], "1000000000");
    EXPECT_EQ(out["verified"], true);
    EXPECT_EQ(out["proof"]["height"], 2);
    EXPECT_EQ(out["proof"]["signatures"], 4);
}

TEST_F(VerifyTest, RefusesABalanceThatIsNotProven)
{
    lie_about("state", [](json& said) { said["value"] = nullptr; });
    EXPECT_EQ(balance(), refused);
    EXPECT_NE(err.find("the proof does not lead to the state root"), std::string::npos) << err;
    EXPECT_EQ(out["error"]["status"], refused);
    EXPECT_FALSE(*file().load()) << "what failed is not kept";
}

TEST_F(VerifyTest, KeepsTheCheckpointAndGoesOnFromThere)
{
    prover.world.seal(others(), 1);
    prover.add();
    ASSERT_EQ(balance(), 0) << err;
    const auto kept = **file().load();
    EXPECT_EQ(kept.trusted, prover.world.checkpoint(1));
    EXPECT_EQ(kept.seen_ms, prover.world.header(prover.world.tip()).time_ms);
    EXPECT_EQ(fake.calls("/v1/proof/epoch/{from}"), 1);
    ASSERT_EQ(balance(), 0) << err;
    EXPECT_EQ(fake.calls("/v1/proof/epoch/{from}"), 1);
}

TEST_F(VerifyTest, NeverGoesBackToAnEpochThatHasEnded)
{
    const auto before = proof_json(prover.world.state(FakeProver::account_key(3)));
    const auto block = proof_json(prover.world.block(prover.world.tip()));
    prover.world.seal(others());
    prover.add();
    ASSERT_EQ(balance(), 0) << err;
    prover.lie = [&](const std::string& route, json& said) {
        if (route == "state") said = before;
        if (route == "block") said = block;
    };
    EXPECT_EQ(balance(), refused);
    EXPECT_NE(err.find("the node is behind"), std::string::npos) << err;
}

TEST_F(VerifyTest, ShowsAndUpdatesTheCheckpoint)
{
    ASSERT_EQ(run({"checkpoint", "show"}), 0) << err;
    EXPECT_EQ(out["epoch"], 0);
    EXPECT_EQ(out["blockId"], anchor(0));
    EXPECT_EQ(out["tooOld"], false);
    prover.world.seal(others(), 2);
    ASSERT_EQ(run({"checkpoint", "update"}), 0) << err;
    EXPECT_EQ(out["epoch"], 1);
    EXPECT_EQ(out["blockId"], anchor(1));
    EXPECT_EQ((*file().load())->trusted, prover.world.checkpoint(1));
    lie_about("epoch", [](json& said) { said = {{"seals", 1}}; });
    EXPECT_EQ(run({"checkpoint", "update"}), refused);
    EXPECT_EQ((*file().load())->trusted, prover.world.checkpoint(1));
}

TEST_F(VerifyTest, TrustsACheckpointByItsIdAlone)
{
    prover.world.seal(others());
    prover.world.seal({ledger::light::light_validator(1, 5'000)});
    EXPECT_EQ(run({"checkpoint", "trust", anchor(1)}), static_cast<int>(Fault::usage))
        << "nobody said yes";
    EXPECT_FALSE(*file().load());
    ASSERT_EQ(run({"--yes", "checkpoint", "trust", anchor(1)}), 0) << err;
    EXPECT_EQ(out["epoch"], 1);
    EXPECT_EQ((*file().load())->trusted, prover.world.checkpoint(1));
    lie_about("checkpoint", [&](json& said) { said = to_json(prover.world.checkpoint(2)); });
    EXPECT_EQ(run({"--yes", "checkpoint", "trust", anchor(1)}), refused);
    lie_about("checkpoint", [](json& said) { said["validators"][0]["power"] = 7; });
    EXPECT_EQ(run({"--yes", "checkpoint", "trust", anchor(1)}), refused);
    EXPECT_EQ(run({"--yes", "checkpoint", "trust", "0x12"}), static_cast<int>(Fault::usage));
}

TEST_F(VerifyTest, TrustsACheckpointOfAFileWhenItIsOfThisNetwork)
{
    prover.world.seal(others());
    std::ofstream{path("checkpoint")} << checkpoint_json(prover.world.checkpoint(1));
    ASSERT_EQ(run({"--yes", "checkpoint", "trust", path("checkpoint")}), 0) << err;
    EXPECT_EQ(out["epoch"], 1);
    std::ofstream{path("shown")} << text;
    ASSERT_EQ(run({"--yes", "checkpoint", "trust", path("shown")}), 0) << err;
    FakeProver other{proven_genesis(2h, 24h)};
    std::ofstream{path("other")} << checkpoint_json(other.world.checkpoint());
    EXPECT_EQ(run({"--yes", "checkpoint", "trust", path("other")}), refused);
    EXPECT_EQ((*file().load())->trusted, prover.world.checkpoint(1));
}

TEST_F(VerifyTest, ShowsTheReceiptThatIsProven)
{
    ASSERT_EQ(run({"tx", "show", tx(), "--verify"}), 0) << err;
    EXPECT_EQ(out["height"], 1);
    EXPECT_EQ(out["index"], 0);
    EXPECT_EQ(out["receipt"], to_json(receipt()));
    EXPECT_EQ(out["verified"], true);
    lie_about("receipt", [](json& said) { said["index"] = 1; });
    EXPECT_EQ(run({"tx", "show", tx(), "--verify"}), refused);
}

TEST_F(VerifyTest, RefusesAnotherTransactionUnderTheSameId)
{
    tx_nonce = 5;
    EXPECT_EQ(run({"tx", "show", tx(), "--verify"}), refused);
    EXPECT_NE(err.find("another transaction"), std::string::npos) << err;
    tx_nonce = 4;
    tx_status = "pending";
    EXPECT_EQ(run({"tx", "show", tx(), "--verify"}), static_cast<int>(Fault::timeout));
}

TEST_F(VerifyTest, ShowsTheBlockThatIsProven)
{
    lie_about("blocks", [](json& said) {
        said["header"]["timeMs"] = 1;
        said["id"] = "0x7";
        said["txs"] = {"0x8"};
    });
    ASSERT_EQ(run({"block", "2", "--verify"}), 0) << err;
    EXPECT_EQ(out["id"], ledger::to_hex0x(prover.world.id({2}).view()));
    EXPECT_EQ(out["header"], to_json(prover.world.header({2})));
    EXPECT_EQ(out["txs"], json::array());
    EXPECT_EQ(run({"block", "latest", "--verify"}), 0) << err;
    lie_about("blocks", [&](json& said) {
        said["headerHex"] = ledger::to_hex0x(ledger::encode_header(prover.world.header({0})));
    });
    EXPECT_EQ(run({"block", "2", "--verify"}), refused);
    EXPECT_NE(err.find("another block than the one asked for"), std::string::npos) << err;
}

TEST_F(VerifyTest, ShowsAModelAndItsVersionsAsTheStateHasThem)
{
    const auto id = ledger::to_hex0x(version.version.model.view());
    ASSERT_EQ(run({"model", "show", id, "--verify"}), 0) << err;
    EXPECT_EQ(out["name"], "digits");
    EXPECT_EQ(out["owner"], to_json(model.owner));
    EXPECT_EQ(out["versionList"][0]["license"], "MIT");
    EXPECT_EQ(out["versionList"][0]["contentId"], to_json(version.version.content_id));
    EXPECT_EQ(out["versionList"][0]["yankedMs"], 0);
    EXPECT_EQ(out["verified"], true);
    for (const int shown : {0, 2}) {
        shown_versions = shown;
        EXPECT_EQ(run({"model", "show", id, "--verify"}), refused);
    }
    EXPECT_EQ(run({"model", "show", "0x" + std::string(64, 'a'), "--verify"}),
              static_cast<int>(Fault::not_found));
    shown_versions = 1;
    ASSERT_EQ(run({"model", "show", id}), 0) << err;
    EXPECT_EQ(out["name"], "lie");
}

class OldGenesis : public VerifyTest {
protected:
    OldGenesis() : VerifyTest{proven_genesis(48h, 24h)} {}
};

TEST_F(OldGenesis, IsRefusedUntilSomebodyVouchesForAnEpoch)
{
    EXPECT_EQ(balance(), refused);
    EXPECT_EQ(out["error"]["detail"]["checkpointTooOld"], true);
    EXPECT_NE(err.find("millrace checkpoint trust ID"), std::string::npos) << err;
    EXPECT_EQ(fake.calls("/v1/proof/state/{key}"), 0);
    EXPECT_EQ(run({"checkpoint", "update"}), refused);
    ASSERT_EQ(run({"checkpoint", "show"}), 0);
    EXPECT_EQ(out["tooOld"], true);
    ASSERT_EQ(run({"--yes", "checkpoint", "trust", anchor(0)}), 0) << err;
    EXPECT_EQ(out["tooOld"], false);
    EXPECT_EQ(balance(), 0) << err;
}

TEST_F(OldGenesis, IsTakenWhenAskedTo)
{
    EXPECT_EQ(balance({"--old-checkpoint"}), 0) << err;
    EXPECT_EQ(balance(), refused) << "the blocks shown are as old";
}

class AuthorityGenesis : public VerifyTest {
protected:
    static ledger::Genesis governed()
    {
        auto genesis = proven_genesis(48h, 24h);
        genesis.validators.admission = ledger::Admission::authority;
        return genesis;
    }
    AuthorityGenesis() : VerifyTest{governed()} {}
};

TEST_F(AuthorityGenesis, NeverGetsTooOld)
{
    EXPECT_EQ(balance(), 0) << err;
}

}  // namespace
}  // namespace wallet
