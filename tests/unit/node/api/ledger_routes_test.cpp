#include "tests/unit/node/api/api_fixture.hpp"

#include "ledger/crypto/merkle.hpp"
#include "ledger/state/state_proof.hpp"

namespace node {
namespace {

using namespace ledger;

struct LedgerRoutes : ApiTest {
    static Bytes bytes_of(const json& hex) { return *from_hex(hex.get<std::string>()); }
    static Hash hash_of(const json& hex) { return *id_from_hex<Hash>(hex.get<std::string>()); }
};

TEST_F(LedgerRoutes, SayWhereTheLedgerStands)
{
    pay(5);
    const auto status = read("/v1/status");
    EXPECT_EQ(status["network"], "test");
    EXPECT_EQ(status["chainId"], 402'077);
    EXPECT_EQ(status["genesisId"], to_hex0x(network.genesis_id.view()));
    EXPECT_EQ(status["asset"]["symbol"], "MILL");
    EXPECT_EQ(status["height"], 1);
    EXPECT_EQ(status["blockId"], to_hex0x(service->head()->id.view()));
    EXPECT_EQ(status["stateRoot"], to_hex0x(service->head()->header.state_root.view()));
    EXPECT_EQ(status["halted"], "");
    EXPECT_EQ(status["node"]["version"], "1.2.3");
    EXPECT_EQ(status["node"]["host"], to_checksum(test_account(1)));
    EXPECT_EQ(status["node"]["hostKey"], to_checksum(test_account(5)));
    EXPECT_EQ(status["params"]["minFee"], "10");
}

TEST_F(LedgerRoutes, ServeTheGenesisDocumentThatHashesToTheNetworksId)
{
    const auto genesis = parse_genesis(get("/v1/genesis").text);
    ASSERT_TRUE(genesis);
    EXPECT_EQ(*genesis_id(*genesis), network.genesis_id);
}

TEST_F(LedgerRoutes, CountTheSupply)
{
    EXPECT_EQ(read("/v1/supply"),
              (json{{"genesis", "5000001000"}, {"minted", "0"}, {"issued", "0"}, {"burned", "0"}}));
}

TEST_F(LedgerRoutes, TellBalanceAndNextNonceOfAnAccount)
{
    pay(7);
    const auto account = read("/v1/accounts/" + to_checksum(test_account(2)));
    EXPECT_EQ(account["balance"], "999999983");
    EXPECT_EQ(account["nonce"], 1);
    EXPECT_EQ(account["host"], false);
    const auto lane = read("/v1/accounts/" + to_checksum(test_account(2)) + "?lane=3");
    EXPECT_EQ(lane["nonce"], 0);
    EXPECT_EQ(lane["lane"], 3);
    EXPECT_EQ(read("/v1/accounts/0x00000000000000000000000000000000000000aa")["balance"], "0");
}

TEST_F(LedgerRoutes, RefuseMalformedAccounts)
{
    EXPECT_EQ(get("/v1/accounts/0x12").code(), "bad_address");
    auto wrong_case = to_checksum(test_account(2));
    for (auto& c : wrong_case)
        if (c >= 'A' && c <= 'F') {
            c = static_cast<char>(c - 'A' + 'a');
            break;
        }
    EXPECT_EQ(get("/v1/accounts/" + wrong_case).status, 400u);
    const auto good = "/v1/accounts/" + to_checksum(test_account(2));
    EXPECT_EQ(get(good + "?lane=256").code(), "bad_lane");
    EXPECT_EQ(get(good + "?lane=-1").code(), "bad_number");
    EXPECT_EQ(get("/v1/accounts/%ff%fe").status, 400u) << "bytes that are no UTF-8";
}

TEST_F(LedgerRoutes, ProveAnAccountUnderTheNewestStateRoot)
{
    pay(7);
    const auto answer = read("/v1/accounts/" + to_checksum(test_account(3)) + "/proof");
    const auto header = *decode_header(bytes_of(answer["header"]));
    EXPECT_EQ(block_id(header), service->head()->id);
    EXPECT_EQ(answer["height"], 1);
    const auto proof = *decode_state_proof(bytes_of(answer["proof"]));
    const auto key = bytes_of(answer["key"]);
    auto value = bytes_of(answer["value"]);
    EXPECT_TRUE(verify(header.state_root, key, ByteView{value}, proof));
    EXPECT_EQ(codec::decode<market::Account>(value)->balance.micros(), 1'000'000'007u);
    value.back() ^= 1;
    EXPECT_FALSE(verify(header.state_root, key, ByteView{value}, proof));
    const auto certificate = *decode_certificate(bytes_of(answer["certificate"]));
    EXPECT_TRUE(verify(certificate, network.genesis.chain_id, network.genesis_id,
                       network.genesis.validators.set));
    EXPECT_EQ(certificate.id, block_id(header));
}

TEST_F(LedgerRoutes, ProveThatAKeyIsNotThere)
{
    pay(1);
    const auto answer = read("/v1/proof?key=0x61ffff");
    EXPECT_TRUE(answer["value"].is_null());
    const auto header = *decode_header(bytes_of(answer["header"]));
    const auto proof = *decode_state_proof(bytes_of(answer["proof"]));
    EXPECT_TRUE(verify(header.state_root, bytes_of(answer["key"]), std::nullopt, proof));
}

TEST_F(LedgerRoutes, RefuseKeysThatAreNotHex)
{
    for (const auto* query : {"", "?key=", "?key=xyz", "?key=0x1"})
        EXPECT_EQ(get(std::string{"/v1/proof"} + query).code(), "bad_key") << query;
    EXPECT_EQ(get("/v1/proof?key=0x" + std::string(2050, 'a')).code(), "bad_key");
}

TEST_F(LedgerRoutes, ShowABlockByHeightIdAndLatest)
{
    const auto sent = pay(7);
    const auto block = read("/v1/blocks/1");
    EXPECT_EQ(block["id"], to_hex0x(service->head()->id.view()));
    EXPECT_EQ(block["txs"], json::array({sent["txId"]}));
    EXPECT_EQ(block["receipts"][0]["status"], "applied");
    EXPECT_EQ(block["header"]["height"], 1);
    EXPECT_FALSE(block.contains("bodyHex"));
    EXPECT_EQ(read("/v1/blocks/latest"), block);
    EXPECT_EQ(read("/v1/blocks/" + block["id"].get<std::string>()), block);
    EXPECT_TRUE(read("/v1/blocks/0")["certificate"].is_null());
}

TEST_F(LedgerRoutes, GiveABlocksExactBytesWhenAsked)
{
    pay(7);
    const auto block = read("/v1/blocks/latest?raw=1");
    const auto header = *decode_header(bytes_of(block["headerHex"]));
    EXPECT_EQ(block_id(header), service->head()->id);
    EXPECT_EQ(decode_body(bytes_of(block["bodyHex"]))->size(), 1u);
    EXPECT_TRUE(decode_certificate(bytes_of(block["certificateHex"])));
    EXPECT_TRUE(codec::decode<std::vector<market::Receipt>>(bytes_of(block["receiptsHex"])));
}

TEST_F(LedgerRoutes, KnowNoBlockThatIsNotThere)
{
    EXPECT_EQ(get("/v1/blocks/1").status, 404u);
    EXPECT_EQ(get("/v1/blocks/18446744073709551615").status, 404u);
    EXPECT_EQ(get("/v1/blocks/0x" + std::string(64, 'a')).status, 404u);
    EXPECT_EQ(get("/v1/blocks/0x12").code(), "bad_id");
    EXPECT_EQ(get("/v1/blocks/newest").code(), "bad_block");
    EXPECT_EQ(get("/v1/blocks/01").code(), "bad_block");
}

TEST_F(LedgerRoutes, ListBlocksNewestFirstInPages)
{
    for (int i = 0; i < 4; ++i) pay(1);
    const auto first = read("/v1/blocks?limit=3");
    ASSERT_EQ(first["items"].size(), 3u);
    EXPECT_EQ(first["items"][0]["header"]["height"], 4);
    EXPECT_EQ(first["next"], 2);
    const auto second = read("/v1/blocks?limit=3&before=2");
    ASSERT_EQ(second["items"].size(), 2u);
    EXPECT_EQ(second["items"][1]["id"], to_hex0x(network.genesis_id.view()));
    EXPECT_TRUE(second["next"].is_null());
    EXPECT_TRUE(read("/v1/blocks?before=0")["items"].empty());
    EXPECT_EQ(get("/v1/blocks?limit=0").code(), "bad_limit");
    EXPECT_EQ(get("/v1/blocks?limit=101").code(), "bad_limit");
}

TEST_F(LedgerRoutes, ProveEveryOldBlockUnderTheNewestHeader)
{
    for (int i = 0; i < 6; ++i) pay(1);
    for (std::uint64_t height = 0; height < 6; ++height) {
        const auto answer = read("/v1/blocks/" + std::to_string(height) + "/proof");
        const auto header = *decode_header(bytes_of(answer["header"]));
        EXPECT_EQ(block_id(header), service->head()->id);
        std::vector<Hash> path;
        for (const auto& hash : answer["path"]) path.push_back(hash_of(hash));
        const auto id = hash_of(answer["blockId"]);
        EXPECT_EQ(id, retag<Hash>(store->block({height})->id));
        const auto count = answer["count"].get<std::uint64_t>();
        EXPECT_EQ(count, 6u);
        EXPECT_TRUE(
            merkle_verify(header.history_root, merkle_leaf(id.view()), height, count, path));
        EXPECT_FALSE(
            merkle_verify(header.history_root, merkle_leaf(id.view()), height + 1, count, path));
    }
    EXPECT_EQ(get("/v1/blocks/latest/proof").code(), "not_in_history");
}

TEST_F(LedgerRoutes, KeepServingAfterTheLedgerStopped)
{
    pay(1);
    service->stop();
    EXPECT_EQ(get("/v1/blocks/1").status, 200u);
    EXPECT_EQ(get("/v1/accounts/" + to_checksum(test_account(2))).code(), "unavailable");
    EXPECT_EQ(get("/v1/proof?key=0x61").code(), "unavailable");
}

}  // namespace
}  // namespace node
