#include "node/providers/provider_routes.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "tests/support/fake_exchange.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_batches.hpp"
#include "tests/unit/node/providers/page_maker.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;
using nlohmann::json;

struct ProviderRoutesTest : testing::Test {
    ProviderRoutesTest()
    {
        PageGossip::Port port;
        port.send = [](const auto&...) {};
        port.broadcast = [](const auto&...) {};
        port.record = [](const auto&...) {};
        port.misbehaved = [](const auto&...) {};
        ProviderSettings settings;
        settings.genesis = page_genesis();
        service = std::make_unique<ProviderService>(
            *self.secret, settings, ProviderService::Parts{store, fetches, clock}, std::move(port));
        BatchParts parts{store,   background, fetches, wanted, gate,
                         callers, rates,      counts,  clock,  {}};
        parts.known_reach = service->reach();
        parts.known_providers = [this](const Hash& root) { return service->urls_of(root, 16); };
        add_batch_operator_routes(router, parts);
        add_provider_routes(router, parts, *service);
    }
    void hear(const ProviderPage& page)
    {
        InboundFrame frame{{message::provider_page, encode_page(page)}};
        ASSERT_TRUE(service->asked(PageMaker{20}.key(), frame));
        service->step();
    }
    std::pair<unsigned, json> ask(std::string_view method, const std::string& rest,
                                  const FakeExchange::Headers& headers = {},
                                  std::string_view body = {})
    {
        FakeExchange exchange{method, "/v1/batches/" + rest, headers, body};
        exchange.run(router);
        return {exchange.status(), json::parse(exchange.text())};
    }

    ManualClock clock{page_time};
    PageMaker self{1}, ann{2}, bob{3};
    MemoryBatches store{clock, {}};
    BatchCounts counts;
    Background background{1};
    std::vector<std::string> asked;
    std::vector<Reach> reached;
    BatchFetches fetches{store,
                         clock,
                         counts,
                         [this](const std::string& url, Reach reach) -> Result<transfer::WebGet> {
                             asked.push_back(url);
                             reached.push_back(reach);
                             return transfer::WebGet{[](const transfer::WebCall&) {
                                 return Result<transfer::WebReply, transfer::ProviderFault>{
                                     transfer::ProviderFault::vanished};
                             }};
                         },
                         {}};
    AnnouncedRoots wanted{store};
    OperatorGate gate{SecretBytes::copy_of(as_bytes("secret"))};
    CallerLimits callers{100};
    ByteRates rates{0};
    std::unique_ptr<ProviderService> service;
    Router router{{}};
};

TEST_F(ProviderRoutesTest, NameWhoHasABatchAndWhatIsWanted)
{
    const auto root = page_root(5);
    const auto path = to_hex0x(root.view()) + "/providers";
    const auto [status, nobody] = ask("GET", path);
    EXPECT_EQ(status, 200u);
    EXPECT_EQ(nobody["items"], json::array());
    EXPECT_EQ(nobody["copies"], 0);
    auto page = ann.page({{root, 3, page_time_s + 9}});
    page.mirrors = true;
    hear(ann.sign(page));
    const auto known = ask("GET", path).second;
    EXPECT_EQ(known["root"], to_hex0x(root.view()));
    EXPECT_EQ(known["copies"], 3);
    EXPECT_EQ(known["untilS"], page_time_s + 9);
    EXPECT_EQ(known["items"], (json::array({{{"peer", to_hex0x(ann.key().view())},
                                             {"url", "http://192.0.2.1:8700"},
                                             {"expiresS", page_time_s + 3'600},
                                             {"mirrors", true}}})));
    EXPECT_EQ(ask("GET", "0x12/providers").first, 400u);
}

TEST_F(ProviderRoutesTest, FetchForTheOperatorFromThoseWhoAreKnown)
{
    const auto root = page_root(5);
    const auto path = to_hex0x(root.view()) + "/fetch";
    const FakeExchange::Headers by_operator{{"Authorization", "Bearer secret"}};
    EXPECT_EQ(ask("POST", path, by_operator, "{}").first, 404u);
    EXPECT_EQ(ask("POST", path, {}, "{}").first, 401u);
    hear(ann.sign(ann.page({{root, 0, 0}})));
    hear(bob.sign(bob.page({{root, 0, 0}})));
    EXPECT_EQ(ask("POST", path, by_operator, "{}").first, 202u);
    fetches.stop();
    ASSERT_FALSE(asked.empty());
    EXPECT_EQ(asked[0], "http://192.0.2.1:8700") << "both have this address: it is asked once";
    EXPECT_EQ(reached[0], Reach::public_alone) << "strangers named it";
}

}  // namespace
}  // namespace node
