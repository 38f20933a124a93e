#include "wallet/client/proofs.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/state/state_tree.hpp"
#include "market/execute.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

namespace wallet {
namespace {

using nlohmann::json;

/// A second block of the test network with its certificate, and the tree of its state.
class ProofsTest : public testing::Test {
protected:
    ProofsTest()
    {
        const auto root = tree.apply({0}, market::genesis_state(network->genesis));
        header.chain_id = network->genesis.chain_id;
        header.height = {1};
        header.view = 1;
        header.parent_id = network->genesis_id;
        header.tx_root = ledger::root_of({});
        header.receipts_root = ledger::root_of({});
        header.valset_hash = ledger::valset_hash(network->genesis.validators.set);
        header.state_root = *root;
        certify(1);
    }

    void certify(std::uint8_t signer)
    {
        const auto id = ledger::block_id(header);
        ledger::Certificate made{ledger::VoteKind::finalize, 0, header.view, id, {0x80}, {}};
        const auto digest = ledger::vote_digest({network->genesis.chain_id, 0, network->genesis_id,
                                                 ledger::VoteKind::finalize, header.view, id});
        made.signatures.push_back(ledger::schnorr_sign(node::test_key(signer), digest, {}));
        certificate = ledger::encode_certificate(made);
    }

    json answer(const market::Address& account)
    {
        const auto place = market::state_key<market::Account>(account);
        const auto state = market::genesis_state(network->genesis);
        const auto found = state.find(place);
        return {{"value", found == state.end() ? json{} : json(ledger::to_hex0x(*found->second))},
                {"proof", ledger::to_hex0x(ledger::encode(*tree.prove(place)))},
                {"header", ledger::to_hex0x(ledger::encode_header(header))},
                {"certificate", ledger::to_hex0x(certificate)}};
    }

    SharedNetwork network = node::test_network();
    ledger::MemoryTreeNodes nothing;
    ledger::StateTree tree{nothing};
    ledger::Header header;
    ledger::Bytes certificate;
    const ledger::Bytes key = market::state_key<market::Account>(node::test_account(2));
};

TEST_F(ProofsTest, ComputesTheIdOfANetworkFromItsDocument)
{
    const auto computed = network_of(ledger::genesis_json(network->genesis));
    ASSERT_TRUE(computed);
    EXPECT_EQ((*computed)->genesis_id, network->genesis_id);
}

TEST_F(ProofsTest, TakesAnAccountThatIsInTheState)
{
    const auto proven = check_proof(*network, key, answer(node::test_account(2)));
    ASSERT_TRUE(proven) << proven.error().message;
    const auto account = ledger::codec::decode<market::Account>(*proven->value);
    EXPECT_EQ(account->balance, ledger::Amount::micros(1'000'000'000));
    EXPECT_EQ(proven->proven.signatures, 1u);
}

TEST_F(ProofsTest, TakesThatAnAccountIsNotThere)
{
    const market::Address stranger{{9}};
    const auto proven =
        check_proof(*network, market::state_key<market::Account>(stranger), answer(stranger));
    ASSERT_TRUE(proven) << proven.error().message;
    EXPECT_FALSE(proven->value);
}

TEST_F(ProofsTest, RefusesAnotherValue)
{
    auto told = answer(node::test_account(2));
    market::Account richer;
    richer.balance = ledger::Amount::micros(2'000'000'000);
    told["value"] = ledger::to_hex0x(ledger::codec::encode(richer));
    const auto proven = check_proof(*network, key, told);
    ASSERT_FALSE(proven);
    EXPECT_EQ(proven.error().fault, Fault::unverified);
    told["value"] = nullptr;
    EXPECT_FALSE(check_proof(*network, key, told));
}

TEST_F(ProofsTest, RefusesTheProofOfAnotherAccount)
{
    EXPECT_FALSE(check_proof(*network, key, answer(node::test_account(3))));
}

TEST_F(ProofsTest, RefusesAHeaderThatNoValidatorSigned)
{
    certify(2);
    EXPECT_EQ(check_proof(*network, key, answer(node::test_account(2))).error().fault,
              Fault::unverified);
    certify(1);
    header.time_ms = {7};
    EXPECT_EQ(check_proof(*network, key, answer(node::test_account(2))).error().fault,
              Fault::unverified);
}

TEST_F(ProofsTest, RefusesABlockWhoseReceiptsAreNotItsOwn)
{
    json raw{
        {"headerHex", ledger::to_hex0x(ledger::encode_header(header))},
        {"bodyHex", ledger::to_hex0x(ledger::encode_body({}))},
        {"receiptsHex", ledger::to_hex0x(ledger::codec::encode(std::vector<market::Receipt>{}))},
        {"certificateHex", ledger::to_hex0x(certificate)}};
    const auto good = check_block(*network, raw);
    ASSERT_TRUE(good) << good.error().message;
    raw["receiptsHex"] = ledger::to_hex0x(ledger::codec::encode(std::vector<market::Receipt>(1)));
    EXPECT_EQ(check_block(*network, raw).error().fault, Fault::unverified);
    raw.erase("receiptsHex");
    EXPECT_EQ(check_block(*network, raw).error().fault, Fault::unverified);
}

}  // namespace
}  // namespace wallet
