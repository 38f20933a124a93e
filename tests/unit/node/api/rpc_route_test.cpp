#include "tests/unit/node/api/market_api.hpp"

namespace node {
namespace {

using namespace ledger;

struct RpcRoute : MarketApiTest {
    json raw(const json& request)
    {
        const auto answer = post("/rpc", request);
        EXPECT_EQ(answer.status, 200u) << answer.text;
        return answer.body;
    }
    json call(const std::string& method, const json& params = json::array())
    {
        const auto answer =
            raw({{"jsonrpc", "2.0"}, {"id", 7}, {"method", method}, {"params", params}});
        EXPECT_EQ(answer["id"], 7);
        EXPECT_EQ(answer["jsonrpc"], "2.0");
        return answer;
    }
    int error(const std::string& method, const json& params)
    {
        return call(method, params)["error"]["code"];
    }
    static std::string word(std::uint64_t value)
    {
        std::string digits;
        for (; value != 0; value >>= 4) digits.insert(0, 1, "0123456789abcdef"[value & 15]);
        return std::string(64 - digits.size(), '0') + digits;
    }
};

TEST_F(RpcRoute, NamesTheChainAndItsHeight)
{
    EXPECT_EQ(call("eth_chainId")["result"], "0x6229d");
    EXPECT_EQ(call("net_version")["result"], "402077");
    EXPECT_EQ(call("eth_blockNumber")["result"], "0x0");
    pay(1);
    EXPECT_EQ(call("eth_blockNumber")["result"], "0x1");
}

TEST_F(RpcRoute, TellsABalance)
{
    const auto account = to_checksum(test_account(3));
    EXPECT_EQ(call("eth_getBalance", {account, "latest"})["result"], "0x3b9aca00");
    // The same by the token's own balanceOf(address), selector 0x70a08231.
    const auto data = "0x70a08231" + std::string(24, '0') + to_hex(test_account(3).view());
    const json token{{"to", to_checksum(network.genesis.asset.address)}, {"data", data}};
    EXPECT_EQ(call("eth_call", {token, "latest"})["result"], "0x" + word(1'000'000'000));
}

TEST_F(RpcRoute, TellsAChannelAsTheX402ContractWould)
{
    make_model();
    make_host();
    const auto id = open_channel(5'000);
    // keccak256("channels(bytes32)")[:4]
    const json request{{"to", to_checksum(market::batch_settlement_contract)},
                       {"input", "0x7a7ebd7b" + to_hex(id.view())}};
    const auto answer = call("eth_call", {request, "latest"});
    EXPECT_EQ(answer["result"], "0x" + word(5'000) + word(0)) << answer;
    const json unknown{{"to", to_checksum(market::batch_settlement_contract)},
                       {"data", "0x7a7ebd7b" + std::string(64, 'a')}};
    EXPECT_EQ(call("eth_call", {unknown, "latest"})["result"], "0x" + word(0) + word(0));
}

TEST_F(RpcRoute, RefusesWrongParameters)
{
    EXPECT_EQ(error("eth_getBalance", json::array()), -32602);
    EXPECT_EQ(error("eth_getBalance", {5}), -32602);
    EXPECT_EQ(error("eth_getBalance", {"0x12"}), -32602);
    EXPECT_EQ(error("eth_call", json::array()), -32602);
    EXPECT_EQ(error("eth_call", {"0x"}), -32602);
    EXPECT_EQ(error("eth_call", {{{"to", 5}, {"data", 5}}}), -32602);
    EXPECT_EQ(error("eth_call", {{{"to", to_checksum(market::batch_settlement_contract)},
                                  {"data", "0x7a7ebd7b"}}}),
              -32602);
    EXPECT_EQ(error("eth_call", {{{"to", to_checksum(test_account(1))},
                                  {"data", "0x7a7ebd7b" + std::string(64, 'a')}}}),
              -32602);
    EXPECT_EQ(error("eth_chainId", {{"a", 1}}), -32602) << "named parameters are not taken";
    EXPECT_EQ(error("eth_sendTransaction", json::array()), -32601);
}

TEST_F(RpcRoute, AnswersABatchInOrder)
{
    const auto answers =
        raw(json::array({{{"jsonrpc", "2.0"}, {"id", 1}, {"method", "eth_chainId"}},
                         {{"jsonrpc", "2.0"}, {"id", "x"}, {"method", "nope"}},
                         5}));
    ASSERT_EQ(answers.size(), 3u);
    EXPECT_EQ(answers[0]["result"], "0x6229d");
    EXPECT_EQ(answers[1]["id"], "x");
    EXPECT_EQ(answers[1]["error"]["code"], -32601);
    EXPECT_EQ(answers[2]["error"]["code"], -32600);
    EXPECT_TRUE(answers[2]["id"].is_null());
}

TEST_F(RpcRoute, AnswersNothingToNotifications)
{
    const json silent{{"jsonrpc", "2.0"}, {"method", "eth_chainId"}};
    EXPECT_EQ(ask("POST", "/rpc", silent.dump()).status, 204u);
    const auto answers =
        raw(json::array({silent, {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "eth_chainId"}}}));
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0]["id"], 1);
}

TEST_F(RpcRoute, RefusesWhatIsNoRequest)
{
    const auto code = [&](std::string_view body) {
        return ask("POST", "/rpc", body).body["error"]["code"].get<int>();
    };
    EXPECT_EQ(code("{"), -32700);
    EXPECT_EQ(code(std::string(60'000, '[')), -32700);
    EXPECT_EQ(code("\"\xff\""), -32700);
    EXPECT_EQ(code("[]"), -32600);
    EXPECT_EQ(code("5"), -32600);
    EXPECT_EQ(code("{}"), -32600);
    EXPECT_EQ(code(R"({"method":5})"), -32600);
    auto many = json::array();
    for (int i = 0; i < 33; ++i) many.push_back({{"id", i}, {"method", "eth_chainId"}});
    EXPECT_EQ(code(many.dump()), -32600);
    EXPECT_EQ(ask("POST", "/rpc", std::string(70'000, ' ')).status, 413u);
    EXPECT_EQ(ask("GET", "/rpc").status, 405u);
}

}  // namespace
}  // namespace node
