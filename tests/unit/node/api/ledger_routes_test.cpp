#include "tests/unit/node/api/api_fixture.hpp"

namespace node {
namespace {

using namespace ledger;

struct LedgerRoutes : ApiTest {
    static Bytes bytes_of(const json& hex) { return *from_hex(hex.get<std::string>()); }
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

TEST_F(LedgerRoutes, KeepServingAfterTheLedgerStopped)
{
    pay(1);
    service->stop();
    EXPECT_EQ(get("/v1/blocks/1").status, 200u);
    EXPECT_EQ(get("/v1/accounts/" + to_checksum(test_account(2))).code(), "unavailable");
}

}  // namespace
}  // namespace node
