#include "tests/unit/node/api/market_api.hpp"

namespace node {
namespace {

using namespace ledger;

struct MarketRoutes : MarketApiTest {};

TEST_F(MarketRoutes, ShowAModelByIdAndByOwnerAndName)
{
    make_model();
    const auto shown = read("/v1/models/" + model_hex);
    EXPECT_EQ(shown["id"], model_hex);
    EXPECT_EQ(shown["owner"], to_checksum(test_account(1)));
    EXPECT_EQ(shown["name"], "digits");
    EXPECT_EQ(shown["versions"], 2);
    EXPECT_EQ(shown["cardHash"], to_hex0x(hash_of("card").view()));
    EXPECT_TRUE(shown["hosts"].empty());
    EXPECT_EQ(read("/v1/models/" + to_checksum(test_account(1)) + ":digits"), shown);
}

TEST_F(MarketRoutes, KnowNoOtherModel)
{
    make_model();
    EXPECT_EQ(get("/v1/models/0x" + std::string(64, '1')).status, 404u);
    EXPECT_EQ(get("/v1/models/" + to_checksum(test_account(2)) + ":digits").status, 404u);
    EXPECT_EQ(get("/v1/models/digits").status, 400u);
    EXPECT_EQ(get("/v1/models/%ff:x").status, 400u);
}

TEST_F(MarketRoutes, ListModelsInPages)
{
    for (const auto* name : {"a", "b", "c"}) send(1, market::ModelRegister{name, {}});
    std::set<std::string> seen;
    std::string after;
    for (int page = 0; page < 3; ++page) {
        const auto answer = read("/v1/models?limit=1" + (after.empty() ? "" : "&after=" + after));
        ASSERT_EQ(answer["items"].size(), 1u);
        seen.insert(answer["items"][0]["name"]);
        EXPECT_EQ(answer["next"].is_null(), page == 2);
        if (page < 2) after = answer["next"];
    }
    EXPECT_EQ(seen.size(), 3u);
    EXPECT_EQ(read("/v1/models?after=" + std::string(64, 'f'))["items"].size(), 0u);
    EXPECT_EQ(get("/v1/models?after=zz").code(), "bad_after");
    EXPECT_EQ(get("/v1/models?limit=1001").code(), "bad_limit");
    EXPECT_EQ(get("/v1/models?limit=").code(), "bad_number");
}

TEST_F(MarketRoutes, ShowAVersionWithPriceAndMetrics)
{
    make_model();
    send(3, market::ModelEval{model, {2}, {}, {}, "accuracy", 970'000, 1'000, {}});
    const auto shown = read("/v1/models/" + model_hex + "/versions/2");
    EXPECT_EQ(shown["ver"], 2);
    EXPECT_EQ(shown["contentId"], to_hex0x(version(2).content_id.view()));
    EXPECT_EQ(shown["price"]["base"], "100");
    EXPECT_EQ(shown["ceiling"], "1000");
    EXPECT_EQ(shown["alias"], "");
    ASSERT_EQ(shown["evaluations"].size(), 1u);
    EXPECT_EQ(shown["evaluations"][0]["evaluator"], to_checksum(test_account(3)));
    EXPECT_EQ(shown["evaluations"][0]["evaluation"]["n"], 1'000);
}

TEST_F(MarketRoutes, ResolveAnAlias)
{
    make_model();
    const auto shown = read("/v1/models/" + model_hex + "/versions/stable");
    EXPECT_EQ(shown["ver"], 1);
    EXPECT_EQ(shown["alias"], "stable");
    EXPECT_EQ(get("/v1/models/" + model_hex + "/versions/3").status, 404u);
    EXPECT_EQ(get("/v1/models/" + model_hex + "/versions/beta").status, 404u);
}

TEST_F(MarketRoutes, ListVersionsInPages)
{
    make_model(3);
    const auto path = "/v1/models/" + model_hex + "/versions";
    const auto first = read(path + "?limit=2");
    ASSERT_EQ(first["items"].size(), 2u);
    EXPECT_EQ(first["next"], 3);
    const auto second = read(path + "?limit=2&from=3");
    ASSERT_EQ(second["items"].size(), 1u);
    EXPECT_EQ(second["items"][0]["ver"], 3);
    EXPECT_TRUE(second["next"].is_null());
    EXPECT_TRUE(read(path + "?from=9")["items"].empty());
    EXPECT_EQ(get(path + "?from=0").code(), "bad_from");
    EXPECT_EQ(get(path + "?limit=0").code(), "bad_limit");
}

TEST_F(MarketRoutes, KeepTheHistoryOfAliases)
{
    make_model();
    send(1, market::ModelAlias{model, "stable", {{{2}, 1}}, "better"});
    const auto aliases = read("/v1/models/" + model_hex + "/aliases")["items"];
    ASSERT_EQ(aliases.size(), 1u);
    EXPECT_EQ(aliases[0]["name"], "stable");
    EXPECT_EQ(aliases[0]["targets"][0]["ver"], 2);
    ASSERT_EQ(aliases[0]["history"].size(), 2u);
    EXPECT_EQ(aliases[0]["history"][1]["reason"], "better");
}

TEST_F(MarketRoutes, ShowHostsAndWhatTheyServe)
{
    make_model();
    make_host();
    const auto host = read("/v1/hosts/" + to_checksum(test_account(5)));
    EXPECT_EQ(host["bond"], "1000000");
    ASSERT_EQ(host["keys"].size(), 1u);
    EXPECT_EQ(host["keys"][0]["key"], to_checksum(test_account(5)));
    EXPECT_EQ(read("/v1/hosts")["items"][0], host);
    EXPECT_EQ(get("/v1/hosts/" + to_checksum(test_account(2))).status, 404u);

    const auto hosts = read("/v1/models/" + model_hex)["hosts"];
    ASSERT_EQ(hosts.size(), 1u);
    EXPECT_EQ(hosts[0]["endpoint"], "http://127.0.0.1:8700");
    EXPECT_EQ(hosts[0]["hostPpm"], 200'000);
    EXPECT_EQ(hosts[0]["payToLine"], to_checksum(channel_config().receiver));
}

TEST_F(MarketRoutes, ShowAChannelAndListThoseOfAPayer)
{
    make_model();
    make_host();
    const auto id = to_hex0x(open_channel(5'000).view());
    const auto shown = read("/v1/channels/" + id);
    EXPECT_EQ(shown["id"], id);
    EXPECT_EQ(shown["balance"], "5000");
    EXPECT_EQ(shown["totalClaimed"], "0");
    EXPECT_EQ(shown["state"], "open");
    EXPECT_TRUE(shown["pending"].is_null());
    EXPECT_EQ(read("/v1/channels?payer=" + to_checksum(test_account(2)))["items"],
              json::array({shown}));
    EXPECT_TRUE(read("/v1/channels?payer=" + to_checksum(test_account(3)))["items"].empty());
    EXPECT_EQ(get("/v1/channels?payer=me").code(), "bad_address");
    EXPECT_EQ(get("/v1/channels/0x" + std::string(64, '1')).status, 404u);
    EXPECT_EQ(get("/v1/channels/5").code(), "bad_id");

    send(2, market::ChannelWithdrawInit{channel_config(), Amount::micros(10)});
    EXPECT_EQ(read("/v1/channels/" + id)["state"], "withdrawing");
}

TEST_F(MarketRoutes, HaveNoStatementsInACoinNetwork)
{
    EXPECT_EQ(get("/v1/statements/" + to_checksum(test_account(2)) + "/202601").status, 404u);
}

}  // namespace
}  // namespace node
