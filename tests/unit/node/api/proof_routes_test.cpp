#include "tests/unit/node/api/api_fixture.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/consensus/signing.hpp"
#include "ledger/light/light_client.hpp"
#include "node/api/proof_source.hpp"

namespace node {
namespace {

using namespace ledger;

/// Whatever the routes answer is held against a client that trusts the genesis alone.
struct ProofRoutes : ApiTest {
    template <class Proof>
    Proof proof(const std::string& target)
    {
        auto read_back = light::proof_from_json<Proof>(read(target));
        EXPECT_TRUE(read_back) << target << ": " << read_back.error().detail;
        return *read_back;
    }
    light::TrustedCheckpoint trusted()
    {
        return *light::genesis_checkpoint(network.genesis,
                                          *decode_header(store->block({0})->header));
    }
    light::LightClient client()
    {
        return *light::LightClient::begin(trusted(), network.genesis.chain_id, network.genesis_id,
                                          schnorr);
    }
    static std::string state(const Bytes& key) { return "/v1/proof/state/" + to_hex0x(key); }

    consensus::SchnorrVerifier schnorr;
};

TEST_F(ProofRoutes, ProveAnAccountUnderTheNewestStateRoot)
{
    pay(7);
    const auto key = market::state_key<market::Account>(test_account(3));
    const auto shown = proof<light::StateProofAt>(state(key));
    const auto block = client().check(shown, key);
    ASSERT_TRUE(block) << block.error().detail;
    EXPECT_EQ(block->id, service->head()->id);
    EXPECT_EQ(codec::decode<market::Account>(*shown.value)->balance.micros(), 1'000'000'007u);
}

TEST_F(ProofRoutes, ProveThatAKeyIsNotThere)
{
    pay(1);
    const Bytes key{0x61, 0xff, 0xff};
    const auto shown = proof<light::StateProofAt>(state(key));
    EXPECT_FALSE(shown.value);
    EXPECT_TRUE(client().check(shown, key));
}

TEST_F(ProofRoutes, ProveTheStateOfGenesisBeforeTheFirstBlock)
{
    const auto key = market::state_key<market::Account>(test_account(3));
    const auto shown = proof<light::StateProofAt>(state(key));
    EXPECT_FALSE(shown.finality.certificate);
    EXPECT_TRUE(client().check(shown, key));
}

TEST_F(ProofRoutes, ProveWhatBecameOfATransaction)
{
    const auto first = pay(7), second = pay(8);
    for (const auto& sent : {first, second}) {
        const auto shown =
            proof<light::ReceiptProof>("/v1/proof/receipt/" + sent["txId"].get<std::string>());
        const auto block = client().check(shown);
        ASSERT_TRUE(block) << block.error().detail;
        EXPECT_EQ(block->header.height.value, sent["height"].get<std::uint64_t>());
        const auto receipt = *codec::decode<market::Receipt>(shown.receipt);
        EXPECT_EQ(codec::to_json(receipt), sent["receipt"]);
    }
    EXPECT_EQ(get("/v1/proof/receipt/0x" + std::string(64, 'a')).status, 404u);
    EXPECT_EQ(get("/v1/proof/receipt/0x12").code(), "bad_id");
}

TEST_F(ProofRoutes, ProveEveryBlockThroughTheNewest)
{
    for (int i = 0; i < 6; ++i) pay(1);
    auto light = client();
    for (std::uint64_t height = 0; height <= 6; ++height) {
        const auto block =
            light.check(proof<light::BlockProof>("/v1/proof/block/" + std::to_string(height)));
        ASSERT_TRUE(block) << height << ": " << block.error().detail;
        EXPECT_EQ(block->id, store->block({height})->id);
    }
    EXPECT_EQ(read("/v1/proof/block/latest"), read("/v1/proof/block/6"));
    EXPECT_EQ(read("/v1/proof/block/" + to_hex0x(store->block({2})->id.view())),
              read("/v1/proof/block/2"));
    EXPECT_EQ(get("/v1/proof/block/7").status, 404u);
    EXPECT_EQ(get("/v1/proof/block/newest").code(), "bad_block");
}

TEST_F(ProofRoutes, ShowNoEndOfAnEpochThatGoesOn)
{
    pay(1);
    EXPECT_EQ(read("/v1/proof/epoch/0"), (json{{"seals", json::array()}}));
    EXPECT_EQ(read("/v1/proof/epoch/7"), (json{{"seals", json::array()}}));
    EXPECT_EQ(get("/v1/proof/epoch/first").code(), "bad_number");
}

TEST_F(ProofRoutes, GiveTheGenesisAsCheckpointOfEpochZero)
{
    pay(1);
    const auto read_back = light::parse_checkpoint(get("/v1/checkpoint").text);
    ASSERT_TRUE(read_back) << read_back.error().detail;
    EXPECT_EQ(*read_back, trusted());
    EXPECT_EQ(read("/v1/checkpoint?block=" + to_hex0x(network.genesis_id.view())),
              read("/v1/checkpoint"));
    EXPECT_EQ(get("/v1/checkpoint?block=" + to_hex0x(service->head()->id.view())).status, 400u);
    EXPECT_EQ(get("/v1/checkpoint?block=0x" + std::string(64, 'a')).status, 404u);
    EXPECT_EQ(get("/v1/checkpoint?block=12").code(), "bad_id");
}

TEST_F(ProofRoutes, AnswerInTheCanonicalEncodingWhenAskedTo)
{
    pay(1);
    FakeExchange exchange{"GET", "/v1/proof/block/0", {{"Accept", "application/octet-stream"}}};
    exchange.run(router);
    EXPECT_EQ(exchange.status(), 200u);
    EXPECT_EQ(exchange.response().content_type(), "application/octet-stream");
    EXPECT_EQ(exchange.answer_header("Vary"), "Accept");
    const auto text = exchange.text();
    const auto shown = light::decode_proof<light::BlockProof>(as_bytes(text));
    ASSERT_TRUE(shown) << shown.error().detail;
    EXPECT_EQ(*shown, proof<light::BlockProof>("/v1/proof/block/0"));
}

TEST_F(ProofRoutes, RefuseKeysThatAreNotHex)
{
    for (const auto* key : {"xyz", "0x", "0x1", "61"})
        EXPECT_EQ(get(std::string{"/v1/proof/state/"} + key).code(), "bad_key") << key;
    EXPECT_EQ(get("/v1/proof/state/0x" + std::string(2050, 'a')).code(), "bad_key");
}

TEST_F(ProofRoutes, ServeWhatIsStoredAfterTheLedgerStopped)
{
    pay(1);
    service->stop();
    EXPECT_EQ(get("/v1/proof/block/1").status, 200u);
    EXPECT_EQ(get("/v1/proof/state/0x61").code(), "unavailable");
}

}  // namespace
}  // namespace node
