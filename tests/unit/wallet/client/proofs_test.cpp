#include "wallet/client/proofs.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "tests/support/fake_prover.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

namespace wallet {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using Change = std::function<void(json&)>;

/// A wallet that trusts a checkpoint, and a node that lies as it is told to.
class ProofsTest : public testing::Test {
protected:
    ProofsTest()
    {
        prover.add({receipt(1), receipt(2)});
        prover.add_routes(fake);
        fake.start();
        client.emplace(HttpClient{*parse_url(fake.url())});
    }

    static market::Receipt receipt(std::uint8_t n)
    {
        market::Receipt made;
        made.tx_id = id(n);
        made.fee = ledger::Amount::micros(n);
        return made;
    }
    static ledger::TxId id(std::uint8_t n)
    {
        ledger::TxId made;
        made.bytes.fill(n);
        return made;
    }
    static ledger::ValidatorSet set(std::uint8_t first)
    {
        ledger::ValidatorSet made;
        for (std::uint8_t n = first; n < first + 3; ++n)
            made.push_back(ledger::light::light_validator(n, 1'000));
        return made;
    }
    ProofClient proofs(std::uint64_t epoch = 0) const
    {
        return *ProofClient::begin(*client, *network, prover.world.checkpoint(epoch));
    }
    void lie_about(const std::string& route, const Change& change)
    {
        prover.lie = [route, change](const std::string& at, json& answer) {
            if (at == route) change(answer);
        };
    }
    template <class T>
    static std::string reason(const Outcome<T>& refused)
    {
        if (refused) return "taken";
        EXPECT_EQ(refused.error().fault, Fault::unverified) << refused.error().message;
        return refused.error().message;
    }

    FakeProver prover{proven_genesis(1h, 24h)};
    SharedNetwork network = *network_of(ledger::genesis_json(prover.world.genesis()));
    FakeNode fake;
    std::optional<LedgerClient> client;
    const ledger::Bytes key = FakeProver::account_key(2);
};

TEST_F(ProofsTest, ComputesTheIdOfANetworkFromItsDocument)
{
    EXPECT_EQ(network->genesis_id, prover.world.id({0}));
}

TEST_F(ProofsTest, TakesAnAccountThatIsInTheState)
{
    const auto proven = proofs().state(key);
    ASSERT_TRUE(proven) << proven.error().message;
    const auto account = ledger::codec::decode<market::Account>(*proven->value);
    EXPECT_EQ(account->balance, ledger::Amount::micros(1'000'000'000));
    EXPECT_EQ(proven->block.signatures, 4u);
    EXPECT_GT(proven->siblings, 0u);
}

TEST_F(ProofsTest, TakesThatAnAccountIsNotThere)
{
    const auto proven = proofs().state(FakeProver::account_key(77));
    ASSERT_TRUE(proven) << proven.error().message;
    EXPECT_FALSE(proven->value);
}

TEST_F(ProofsTest, RefusesEveryLieAboutTheState)
{
    const auto with = [&](const Change& change) {
        lie_about("state", change);
        return reason(proofs().state(key));
    };
    const std::string no_proof = "the state is not proven: ";
    EXPECT_EQ(with([](json& a) { a["value"] = "0x00"; }),
              no_proof + "the proof does not lead to the state root");
    EXPECT_EQ(with([](json& a) { a["value"] = nullptr; }),
              no_proof + "the proof does not lead to the state root");
    EXPECT_EQ(
        with([&](json& a) { a = proof_json(prover.world.state(FakeProver::account_key(3))); }),
        no_proof + "the proof is of another key");
    EXPECT_EQ(with([](json& a) { a["finality"]["certificate"] = nullptr; }),
              no_proof + "there is no certificate");
    EXPECT_EQ(with([](json& a) { a["finality"]["certificate"]["kind"] = "notarize"; }),
              no_proof + "the certificate is not of finality");
    EXPECT_EQ(with([](json& a) { a["finality"]["certificate"]["bitmap"] = "0x80"; }),
              no_proof + "as many signatures as bits are needed");
    EXPECT_EQ(with([](json& a) {
                  auto& signatures = a["finality"]["certificate"]["signatures"];
                  std::swap(signatures[0], signatures[1]);
              }),
              no_proof + "a vote's signature does not verify");
    EXPECT_EQ(with([](json& a) { a["finality"]["header"]["timeMs"] = 7; }),
              no_proof + "the certificate is of another block");
    EXPECT_EQ(with([](json& a) { a["finality"]["header"]["chainId"] = 7; }),
              no_proof + "the block is of another chain");
    EXPECT_EQ(with([](json& a) { a["finality"]["header"]["epoch"] = 9; }),
              "the node shows a block of epoch 9, but not how epoch 0 ended");
    EXPECT_EQ(with([](json& a) { a.erase("proof"); }),
              "the node's proof cannot be read: proof is missing");
    EXPECT_EQ(with([](json& a) { a = json::array(); }),
              "the node's proof cannot be read: the value must be an object");
    EXPECT_EQ(with([](json&) {}), "taken");
}

TEST_F(ProofsTest, FollowsTheSealsOfEveryEpochByItself)
{
    prover.world.seal(set(2), 1);
    prover.world.seal(set(5));
    prover.add();
    auto mine = proofs();
    const auto proven = mine.state(key);
    ASSERT_TRUE(proven) << proven.error().message;
    EXPECT_EQ(proven->block.header.epoch, 2u);
    EXPECT_EQ(mine.light().checkpoint(), prover.world.checkpoint(2));
}

TEST_F(ProofsTest, RefusesEveryLieAboutHowAnEpochEnded)
{
    prover.world.seal(set(2), 1);
    prover.add();
    const auto with = [&](const Change& change) {
        lie_about("epoch", change);
        return reason(proofs().state(key));
    };
    const std::string no_proof = "the end of an epoch is not proven: ";
    EXPECT_EQ(with([](json& a) { a["seals"].clear(); }),
              "the node shows a block of epoch 1, but not how epoch 0 ended");
    EXPECT_EQ(with([](json& a) { a["seals"][0]["next"].erase(1); }),
              no_proof + "not the set that the seal names");
    EXPECT_EQ(with([](json& a) { a["seals"][0]["next"][0]["power"] = 9'999'999; }),
              no_proof + "not the set that the seal names");
    EXPECT_EQ(with([](json& a) { a["seals"][0]["finalized"]["kind"] = "notarize"; }),
              no_proof + "the certificate is not of finality");
    EXPECT_EQ(with([](json& a) { a["seals"][0]["path"].erase(1); }),
              no_proof + "the certificate is of another block");
    EXPECT_EQ(with([](json& a) { a["seals"].push_back(a["seals"][0]); }),
              no_proof + "another chain or epoch");
    EXPECT_EQ(with([](json&) {}), "taken");
}

TEST_F(ProofsTest, ProvesReceiptsOfEveryEpoch)
{
    prover.world.seal(set(2), 1);
    prover.add({receipt(3)});
    for (std::uint64_t epoch = 0; epoch <= 1; ++epoch) {
        auto mine = proofs(epoch);
        for (std::uint8_t n = 1; n <= 3; ++n) {
            const auto proven = mine.receipt(id(n));
            ASSERT_TRUE(proven) << proven.error().message;
            EXPECT_EQ(proven->receipt, receipt(n));
            EXPECT_EQ(proven->block.header.height.value, n == 3 ? 3u : 1u);
        }
    }
    EXPECT_EQ(proofs().receipt(id(9)).error().fault, Fault::not_found);
}

TEST_F(ProofsTest, RefusesEveryLieAboutAReceipt)
{
    const auto with = [&](const Change& change) {
        lie_about("receipt", change);
        return reason(proofs().receipt(id(1)));
    };
    const std::string no_proof = "the receipt is not proven: ";
    const auto other = ledger::to_hex0x(ledger::codec::encode(receipt(3)));
    EXPECT_EQ(with([&](json& a) { a["receipt"] = other; }),
              no_proof + "the path does not lead to the receipts root");
    EXPECT_EQ(with([](json& a) { a["index"] = 1; }),
              no_proof + "the path does not lead to the receipts root");
    EXPECT_EQ(with([](json& a) { a["index"] = 2; }),
              no_proof + "the block has no such transaction");
    EXPECT_EQ(with([](json& a) { a["count"] = 1; }),
              no_proof + "the block has another number of transactions");
    EXPECT_EQ(with([](json& a) { a["path"].clear(); }),
              no_proof + "the path does not lead to the receipts root");
    EXPECT_EQ(with([&](json& a) { a = proof_json(prover.world.receipt({1}, 1)); }),
              "the receipt is of another transaction");
    EXPECT_EQ(with([](json&) {}), "taken");
}

TEST_F(ProofsTest, RefusesAnotherBlockInThePlaceOfAnOldOne)
{
    prover.world.seal(set(2), 1);
    prover.add();
    lie_about("block", [&](json& a) { a = proof_json(prover.world.block({2})); });
    EXPECT_EQ(reason(proofs(1).receipt(id(1))), "the node shows two blocks at height 1");
    lie_about("block", [](json& a) { a["header"]["timeMs"] = 7; });
    EXPECT_EQ(reason(proofs(1).receipt(id(1))),
              "the block is not proven to be final: the path does not lead to the history root");
}

TEST_F(ProofsTest, SaysThatANodeIsBehindItsCheckpoint)
{
    FakeProver ahead{prover.world.genesis()};
    ahead.add({receipt(1), receipt(2)});
    ahead.world.seal(set(2));
    auto mine = *ProofClient::begin(*client, *network, ahead.world.checkpoint(1));
    EXPECT_EQ(reason(mine.state(key)),
              "the node is behind: its newest block is of epoch 0, the checkpoint of epoch 1");
}

TEST_F(ProofsTest, TakesABlockWithAllThatIsInIt)
{
    auto raw = *client->get("/v1/blocks/1?raw=1");
    // A body without transactions is not one of two.
    EXPECT_EQ(reason(proofs().block(raw)), "the transactions are not those of the header");
    prover.add();
    raw = *client->get("/v1/blocks/2?raw=1");
    const auto good = proofs().block(raw);
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_EQ(good->block.id, prover.world.id({2}));
    auto bad = raw;
    bad["receiptsHex"] = ledger::to_hex0x(ledger::codec::encode(std::vector{receipt(1)}));
    EXPECT_EQ(reason(proofs().block(bad)), "the receipts are not those of the header");
    bad = raw;
    bad.erase("receiptsHex");
    EXPECT_EQ(reason(proofs().block(bad)), "the node left out what the check needs");
    auto header = prover.world.header({2});
    header.state_root.bytes[0] ^= 1;
    bad = raw;
    bad["headerHex"] = ledger::to_hex0x(ledger::encode_header(header));
    EXPECT_EQ(reason(proofs().block(bad)), "the node shows another header than the one it proves");
}

TEST_F(ProofsTest, CatchesUpWithTheNewestBlock)
{
    prover.world.seal(set(2), 2);
    auto mine = proofs();
    const auto newest = mine.catch_up();
    ASSERT_TRUE(newest) << newest.error().message;
    EXPECT_EQ(newest->id, prover.world.id({2}));
    EXPECT_EQ(mine.light().epoch(), 1u) << "the newest block is the seal of epoch 0";
}

TEST_F(ProofsTest, BeginsFromNoCheckpointOfAnotherNetwork)
{
    FakeProver other{proven_genesis(2h, 24h)};
    EXPECT_EQ(reason(ProofClient::begin(*client, *network, other.world.checkpoint())),
              "the checkpoint is of another network");
}

}  // namespace
}  // namespace wallet
