#include "market/signing.hpp"
#include "node/core/genesis_block.hpp"
#include "tests/unit/wallet/cli/program_fixture.hpp"

namespace wallet {
namespace {

namespace codec = ledger::codec;
using market::PowerChange;

/// bob is person 2; the node that is to be a validator has keys of persons 20 and 21.
struct ValidatorCommands : ProgramTest {
    ValidatorCommands() { import_key(); }

    /// A node's home as far as the wallet reads it.
    std::string node_home() const
    {
        const auto keys = folder.path() / "node" / "keys";
        std::filesystem::create_directories(keys);
        write("node/keys/validator.key", ledger::to_hex(node::test_key(20).view()) + "\n");
        write("node/keys/peer.key", ledger::to_hex(node::test_key(21).view()) + "\n");
        return path("node");
    }

    /// What `millraced validator pop` prints for `account`.
    json proof_for(const ledger::Address& account) const
    {
        const auto votes = node::test_key(20);
        return {
            {"network", ledger::to_hex0x(network->genesis_id.view())},
            {"account", ledger::to_checksum(account)},
            {"consensusKey", ledger::to_hex0x(consensus_key(votes).view())},
            {"peerKey", ledger::to_hex0x(public_key(node::test_key(21)).view())},
            {"proof", ledger::to_hex0x(ledger::schnorr_sign(
                                           votes, market::possession_digest(*network, account), {})
                                           .view())}};
    }

    void govern()
    {
        auto genesis = network->genesis;
        genesis.validators.admission = ledger::Admission::authority;
        genesis.governors = {2, {node::test_account(2), node::test_account(3)}};
        network = std::make_shared<market::Network>(genesis, *node::genesis_id(genesis));
    }

    template <class Message>
    Message only_taken() const
    {
        EXPECT_EQ(taken.size(), 1u) << err;
        return std::get<Message>(taken.at(0).message);
    }
};

TEST_F(ValidatorCommands, JoinWithTheKeysOfAHomeHere)
{
    ASSERT_EQ(run({"validator", "join", "--node-home", node_home(), "--stake", "0.0015"}), 0)
        << err;
    const auto joined = only_taken<market::ValidatorJoin>();
    EXPECT_EQ(joined.consensus_key, consensus_key(node::test_key(20)));
    EXPECT_EQ(joined.peer_key, public_key(node::test_key(21)));
    EXPECT_EQ(joined.payout, node::test_account(2));
    EXPECT_EQ(joined.stake, ledger::Amount::micros(1'500));
    EXPECT_TRUE(ledger::schnorr_verify(joined.consensus_key,
                                       market::possession_digest(*network, node::test_account(2)),
                                       joined.proof));
}

TEST_F(ValidatorCommands, JoinWithAProofMadeElsewhere)
{
    write("pop.json", proof_for(node::test_account(2)).dump());
    ASSERT_EQ(run({"validator", "join", "--proof", path("pop.json"), "--stake", "1", "--payout",
                   ledger::to_checksum(node::test_account(4))}),
              0)
        << err;
    EXPECT_EQ(only_taken<market::ValidatorJoin>().payout, node::test_account(4));
}

TEST_F(ValidatorCommands, JoinOnlyWithAProofThatHoldsForTheAccountAndTheNetwork)
{
    const auto joins = [&](const json& proof) {
        write("pop.json", proof.dump());
        return run({"validator", "join", "--proof", path("pop.json"), "--stake", "1"});
    };
    EXPECT_EQ(joins(proof_for(node::test_account(3))), status(Fault::usage));
    auto proof = proof_for(node::test_account(2));
    proof["network"] = "0x" + std::string(64, '1');
    EXPECT_EQ(joins(proof), status(Fault::usage));
    proof = proof_for(node::test_account(2));
    proof["proof"] = proof_for(node::test_account(3))["proof"];
    EXPECT_EQ(joins(proof), status(Fault::unverified));
    EXPECT_EQ(run({"validator", "join", "--stake", "1"}), status(Fault::usage));
    EXPECT_EQ(run({"validator", "join", "--stake", "1", "--proof", path("pop.json"), "--node-home",
                   node_home()}),
              status(Fault::usage));
    EXPECT_TRUE(taken.empty());
}

TEST_F(ValidatorCommands, JoinWithNoKeyThatOthersCanRead)
{
    const auto home = node_home();
    chmod(path("node/keys/validator.key").c_str(), 0644);
    EXPECT_EQ(run({"validator", "join", "--node-home", home, "--stake", "1"}),
              status(Fault::denied));
    write("node/keys/validator.key", "no key");
    EXPECT_EQ(run({"validator", "join", "--node-home", home, "--stake", "1"}),
              status(Fault::usage));
    EXPECT_TRUE(taken.empty());
}

TEST_F(ValidatorCommands, RaiseAndLowerPower)
{
    ASSERT_EQ(run({"validator", "power", "raise", "7"}), 0) << err;
    ASSERT_EQ(run({"validator", "power", "lower", "8"}), 0) << err;
    ASSERT_EQ(taken.size(), 2u);
    EXPECT_EQ(std::get<market::ValidatorPower>(taken[0].message),
              (market::ValidatorPower{PowerChange::raise, 7}));
    EXPECT_EQ(std::get<market::ValidatorPower>(taken[1].message),
              (market::ValidatorPower{PowerChange::lower, 8}));
    EXPECT_EQ(run({"validator", "power", "double", "8"}), status(Fault::usage));
    EXPECT_EQ(run({"validator", "power", "raise", "0"}), status(Fault::usage));
}

TEST_F(ValidatorCommands, LeaveAndWithdraw)
{
    ASSERT_EQ(run({"--yes", "validator", "leave"}), 0) << err;
    ASSERT_EQ(run({"validator", "withdraw"}), 0) << err;
    ASSERT_EQ(taken.size(), 2u);
    EXPECT_TRUE(std::holds_alternative<market::ValidatorLeave>(taken[0].message));
    EXPECT_TRUE(std::holds_alternative<market::ValidatorWithdraw>(taken[1].message));
}

TEST_F(ValidatorCommands, SendEvidenceAsItsFileSays)
{
    write("evidence", "0x0102ff\n");
    ASSERT_EQ(run({"validator", "evidence", path("evidence")}), 0) << err;
    EXPECT_EQ(only_taken<market::ValidatorEvidence>().evidence, (ledger::Bytes{1, 2, 0xff}));
    for (const auto& text : {std::string{}, std::string{"0x"}, std::string{"0x1"},
                             std::string{"nothing"}, std::string(2 * 48 * 1024 + 2, '0')}) {
        write("evidence", text);
        EXPECT_EQ(run({"validator", "evidence", path("evidence")}), status(Fault::usage));
    }
    EXPECT_EQ(taken.size(), 1u);
}

TEST_F(ValidatorCommands, LetGovernorsDraftApproveAndSendAnAdmission)
{
    govern();
    write("pop.json", proof_for(node::test_account(5)).dump());
    ASSERT_EQ(run({"validator", "set", "--admit", path("pop.json") + "=1500", "--ref", "board 12",
                   "--draft", path("draft.json")}),
              0)
        << err;
    EXPECT_TRUE(taken.empty());
    write("key3", ledger::to_hex0x(node::test_key(3).view()) + "\n");
    ASSERT_EQ(run({"key", "import", "carol", "--hex", "--file", path("key3"), "--light"}), 0)
        << err;
    ASSERT_EQ(run({"-a", "carol", "--yes", "validator", "approve", path("draft.json")}), 0) << err;
    ASSERT_EQ(run({"-a", "bob", "validator", "send", path("draft.json")}), 0) << err;

    const auto sent = only_taken<market::ValidatorSet>();
    ASSERT_EQ(sent.terms.changes.size(), 1u);
    const auto& change = sent.terms.changes[0];
    EXPECT_EQ(change.account, node::test_account(5));
    EXPECT_EQ(change.payout, node::test_account(5));
    EXPECT_EQ(change.power, 1'500u);
    EXPECT_EQ(change.consensus_key, consensus_key(node::test_key(20)));
    ASSERT_EQ(sent.approvals.size(), 1u);
    EXPECT_EQ(ledger::recover(ledger::eip712::digest(network->transactions,
                                                     ledger::eip712::struct_hash(sent.terms)),
                              sent.approvals[0]),
              node::test_account(3));
}

TEST_F(ValidatorCommands, SetNothingThatIsNotSaidWhole)
{
    govern();
    write("pop.json", proof_for(node::test_account(5)).dump());
    for (const auto& admit : {path("pop.json"), path("pop.json") + "=", path("pop.json") + "=0",
                              path("pop.json") + "=x"})
        EXPECT_EQ(run({"validator", "set", "--admit", admit, "--ref", "r"}), status(Fault::usage))
            << admit;
    EXPECT_EQ(run({"validator", "set", "--ref", "r"}), status(Fault::usage));
    EXPECT_EQ(run({"validator", "set", "--admit", path("pop.json") + "=1000"}),
              status(Fault::usage));
    EXPECT_TRUE(taken.empty());
}

TEST_F(ValidatorCommands, ShowNothingThatIsNotProven)
{
    EXPECT_EQ(run({"validator", "list"}), status(Fault::unverified));
    EXPECT_EQ(run({"validator", "show"}), status(Fault::unverified));
}

}  // namespace
}  // namespace wallet
