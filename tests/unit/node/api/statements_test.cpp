#include "ledger/light/proofs.hpp"
#include "ledger/state/state_proof.hpp"
#include "market/statement.hpp"
#include "tests/unit/node/api/market_api.hpp"

namespace node {
namespace {

using namespace ledger;

/// A network without a coin: person 1 issues credit and owns the model.
struct Statements : MarketApiTest {
    static Genesis credit_genesis()
    {
        auto genesis = test_genesis();
        genesis.asset.kind = AssetKind::credit;
        genesis.issuers = {1, {test_account(1)}};
        genesis.validators.admission = Admission::authority;
        genesis.params.min_fee = {};
        genesis.balances.clear();
        return genesis;
    }
    Statements() : MarketApiTest{credit_genesis()}
    {
        for (const std::uint8_t n : std::vector<std::uint8_t>{1, 2, 5}) {
            send(1, market::AccountAdmit{{test_account(n), market::AccountClass::settlement,
                                          1'000'000, hash_of("admit" + std::to_string(n))},
                                         {}});
            send(1, market::CreditIssue{{test_account(n), Amount::micros(100'000'000),
                                         hash_of("issue" + std::to_string(n))},
                                        {}});
        }
        make_model(1);
        make_host();
        open_channel(5'000);
        settle(1'000);
    }
    /// Block time is in January 2026.
    std::string path(std::uint8_t n) const
    {
        return "/v1/statements/" + to_checksum(test_account(n)) + "/202601";
    }
};

TEST_F(Statements, SayWhatAnAccountEarnedSignedAndProved)
{
    const auto shown = read(path(5));
    const market::Statement statement{retag<Hash>(network.genesis_id),
                                      test_account(5),
                                      202'601,
                                      Amount::micros(194),  // a fifth of 1000 less 3 %
                                      1,
                                      service->head()->header.height};
    EXPECT_EQ(shown["earned"], "194");
    EXPECT_EQ(shown["settlements"], 1);
    EXPECT_EQ(shown["signer"], to_checksum(test_account(5)));
    const auto digest = market::statement_digest(network, statement);
    const auto signature = id_from_hex<Signature>(shown["signature"].get<std::string>());
    ASSERT_TRUE(signature);
    EXPECT_TRUE(market::signed_by(test_account(5), digest, *signature));

    const auto proof = *light::proof_from_json<light::StateProofAt>(shown["proof"]);
    const auto& header = proof.finality.header;
    EXPECT_EQ(block_id(header), service->head()->id);
    const auto value = *proof.value;
    EXPECT_TRUE(
        verify(header.state_root, proof.key, ByteView{value}, *decode_state_proof(proof.proof)));
    EXPECT_EQ(codec::decode<market::Earned>(value)->amount, Amount::micros(194));
}

TEST_F(Statements, AreThereForTheOwnerAndForNobodyElse)
{
    EXPECT_EQ(read(path(1))["earned"], "776");
    EXPECT_EQ(get(path(2)).status, 404u);
    EXPECT_EQ(get("/v1/statements/" + to_checksum(test_account(5)) + "/202602").status, 404u);
}

TEST_F(Statements, RefuseWhatIsNoPeriod)
{
    EXPECT_EQ(get("/v1/statements/" + to_checksum(test_account(5)) + "/1000000").code(),
              "bad_period");
    EXPECT_EQ(get("/v1/statements/" + to_checksum(test_account(5)) + "/may").code(), "bad_number");
    EXPECT_EQ(get("/v1/statements/0x1/202601").code(), "bad_address");
}

TEST_F(Statements, SayWhenTheyWerePaidOutside)
{
    clock.advance(std::chrono::hours{24 * 32});  // the month must be over
    const auto ref = hash_of("paid");
    send(1, market::StatementClose{{test_account(5), 202'601, ref}, {}});
    EXPECT_EQ(read(path(5))["closedRef"], to_hex0x(ref.view()));
    EXPECT_NE(read(path(5))["closedMs"], 0);
}

}  // namespace
}  // namespace node
