#include "tests/unit/node/serving/serving_fixture.hpp"

#include "node/payment/paid_exchange.hpp"

#include <thread>

namespace node {
namespace {

using namespace std::chrono_literals;
using ledger::Amount;
using ledger::Result;

/// What is chosen, kept and refused of calls by the settings of a model that is served.
struct LiveModels : ServingTest {
    ServedModel two_versions(std::optional<market::ModelId> model = {})
    {
        ServedModel served{"m", model, model ? "stable" : ""};
        for (std::uint32_t ver : {1u, 2u})
            served.versions.emplace(market::Version{ver},
                                    version(ver, shifted_sum(1000.0F * static_cast<float>(ver))));
        return served;
    }
    std::map<std::string, int> versions_of(int calls)
    {
        std::map<std::string, int> counts;
        for (int i = 0; i < calls; ++i) {
            const auto answer = infer(sum_request(), "m");
            EXPECT_EQ(answer.status, 200u) << answer.text;
            ++counts[answer.body["model_version"].get<std::string>()];
        }
        return counts;
    }
};

TEST_F(LiveModels, SpreadFreeCallsByTheWeightsOfTheCanary)
{
    auto served = two_versions();
    served.canary = {{{1}, 9}, {{2}, 1}};
    add(std::move(served));
    const auto counts = versions_of(100);
    EXPECT_NEAR(counts.at("2"), 10, 2);
    EXPECT_EQ(infer(sum_request(), "m/versions/2").body["model_version"], "2");
}

TEST_F(LiveModels, AnswerEqualCallsFromTheCacheAndSaySo)
{
    ResponseCache cache{1 << 20};
    parts.cache = &cache;
    auto served = two_versions();
    served.cache = true;
    add(std::move(served));
    const auto first = infer(sum_request(), "m");
    EXPECT_FALSE(first.cache);
    auto again = sum_request();
    again["id"] = "another";
    const auto second = infer(again, "m");
    EXPECT_EQ(second.cache, "hit");
    EXPECT_EQ(second.body["id"], "another");
    EXPECT_EQ(second.body["outputs"], first.body["outputs"]);
    again["inputs"][0]["data"][0] = 5;
    EXPECT_FALSE(infer(again, "m").cache);
    EXPECT_FALSE(infer(sum_request(), "m/versions/1").cache) << "another content";
    const auto stats = ask("GET", "/v2/models/m/versions/2/stats").body["model_stats"][0];
    EXPECT_EQ(stats["inference_stats"]["cache_hit"]["count"], 1);
    EXPECT_EQ(stats["inference_stats"]["cache_miss"]["count"], 2);
    EXPECT_EQ(stats["inference_count"], 2) << "a hit runs nothing";
    EXPECT_NE(metrics.text().find("nv_cache_num_hits_per_model{model=\"m\",version=\"2\"} 1"),
              std::string::npos);
}

TEST_F(LiveModels, KeepNoAnswersUnlessTheOperatorSaysSo)
{
    ResponseCache cache{1 << 20};
    parts.cache = &cache;
    add(two_versions());
    infer(sum_request(), "m");
    EXPECT_FALSE(infer(sum_request(), "m").cache);
    EXPECT_EQ(cache.bytes(), 0u);
}

TEST_F(LiveModels, RefuseACallerWhoCallsTooOftenBeforeTheBodyIsRead)
{
    CallerLimits callers{16};
    parts.callers = &callers;
    limits.free.quota = 2;
    limits.free.quota_time = 2000s;
    add(two_versions());
    EXPECT_EQ(infer(sum_request(), "m").status, 200u);
    EXPECT_EQ(infer(sum_request(), "m").status, 200u);
    const auto refused = infer(sum_request(), "m");
    EXPECT_EQ(refused.status, 429u);
    EXPECT_FALSE(refused.body_was_read);
    const auto wait = std::stoi(refused.retry_after.value_or("0"));
    EXPECT_GT(wait, 900);
    EXPECT_LE(wait, 1000);
    EXPECT_EQ(ask("GET", "/v2/models/m").status, 200u) << "what costs little is not counted";
}

/// The same for models with a price.
struct LivePaidModels : LiveModels {
    LivePaidModels()
    {
        parts.offers = &world.node->offers;
        parts.payments = &payments;
        parts.alias_targets = [this](const market::ModelId&, const std::string&) {
            return targets;
        };
        add(two_versions(world.model));
        world.open_channel(1'000'000);
    }
    Answer pay(std::uint64_t amount = 1000)
    {
        return ask("POST", "/v2/models/m/infer", sum_request().dump(),
                   {{"PAYMENT-SIGNATURE", world.voucher({.amount = amount})}});
    }
    /// By a transfer for version 2, which the ledger takes at once.
    Answer pay_by_transfer()
    {
        FakeExchange exchange{"POST",
                              "/v2/models/m/infer",
                              {{"PAYMENT-SIGNATURE", world.exact({})}},
                              sum_request().dump()};
        std::atomic<bool> waiting = false, over = false;
        world.ledger.on_submit = [&] { waiting = true; };
        std::thread ledger{[&] {
            const auto late = std::chrono::steady_clock::now() + 30s;
            while (!waiting && !over && std::chrono::steady_clock::now() < late)
                std::this_thread::yield();
            if (waiting) world.ledger.settle_all();
        }};
        auto answer = carry(exchange);
        over = true;
        ledger.join();
        world.ledger.on_submit = {};
        return answer;
    }
    /// To whom the exact scheme is offered: which version that is.
    std::uint32_t exact_version()
    {
        const auto quote = ask("POST", "/v1/quote", R"({"model":"m"})").body;
        for (std::uint32_t ver : {1u, 2u})
            if (quote["accepts"][1]["payTo"] ==
                x402::plain(market::split_address(world.model, {ver}, world.host.host)))
                return ver;
        return 0;
    }

    std::vector<market::AliasTarget> targets{{{1}, 3}, {{2}, 1}};
    PaidExchanges payments{world.node->services, world.journal, world.node->settlements, clock};
};

TEST_F(LivePaidModels, SpreadCallsByTheWeightsOfTheAliasAndNameWhatRanInTheReceipt)
{
    std::map<std::uint32_t, int> counts;
    for (int i = 0; i < 40; ++i) {
        const auto answer = pay();
        ASSERT_EQ(answer.status, 200u) << answer.text;
        const auto ver = std::stoi(answer.body["model_version"].get<std::string>());
        EXPECT_EQ(answer.body["outputs"][0]["data"][0], 11 + 1000 * ver);
        const auto receipt = from_header(*answer.payment_response)["extra"]["receipt"];
        EXPECT_EQ(receipt["ver"], ver) << receipt;
        ++counts[static_cast<std::uint32_t>(ver)];
    }
    EXPECT_NEAR(counts[2], 10, 2);
}

TEST_F(LivePaidModels, SpreadOffersOfSingleCallsToo)
{
    std::map<std::uint32_t, int> counts;
    for (int i = 0; i < 40; ++i) ++counts[exact_version()];
    EXPECT_NEAR(counts[2], 10, 2);
    EXPECT_NEAR(counts[1], 30, 2);
}

TEST_F(LivePaidModels, SpreadOnlyOverWhatIsLoadedHere)
{
    targets = {{{2}, 1}, {{3}, 1000}};
    for (int i = 0; i < 10; ++i) EXPECT_EQ(pay().body["model_version"], "2");
}

TEST_F(LivePaidModels, RunWhatWasOfferedWhereTheAliasTurnsToOtherVersionsMeanwhile)
{
    // From when the call is offered to when it runs: a canary begins, then takes all, then ends.
    using Targets = std::vector<market::AliasTarget>;
    for (const auto& after : {Targets{{{1}, 1}, {{2}, 1'000'000}}, Targets{{{2}, 1}}, Targets{}}) {
        bool was_asked = false;
        parts.alias_targets = [&](const market::ModelId&, const std::string&) {
            return std::exchange(was_asked, true) ? after : Targets{{{1}, 1}};
        };
        const auto answer = pay();
        ASSERT_EQ(answer.status, 200u) << answer.text;
        EXPECT_EQ(answer.body["model_version"], "1");
        EXPECT_EQ(from_header(*answer.payment_response)["extra"]["receipt"]["ver"], 1);
    }
}

TEST_F(LivePaidModels, TakeATransferForWhatWasOfferedBeforeTheAliasTurned)
{
    targets = {{{1}, 1}};
    EXPECT_EQ(pay_by_transfer().status, 402u) << "nobody was offered version 2";
    targets = {{{2}, 1}};
    EXPECT_EQ(exact_version(), 2u);
    targets = {{{1}, 1}};
    EXPECT_EQ(exact_version(), 1u) << "version 2 is not offered any more";
    EXPECT_EQ(pay().body["model_version"], "1") << "nor run for a voucher";
    const auto answer = pay_by_transfer();
    ASSERT_EQ(answer.status, 200u) << answer.text;
    EXPECT_EQ(answer.body["model_version"], "2");
}

TEST_F(LivePaidModels, FollowWeightsThatChangeWhileACallIsOnItsWay)
{
    bool was_asked = false;
    parts.alias_targets = [&](const market::ModelId&, const std::string&) {
        using Targets = std::vector<market::AliasTarget>;
        return std::exchange(was_asked, true) ? Targets{{{2}, 1}} : Targets{{{1}, 3}, {{2}, 1}};
    };
    const auto answer = pay();
    ASSERT_EQ(answer.status, 200u) << answer.text;
    EXPECT_EQ(answer.body["model_version"], "2");
}

TEST_F(LivePaidModels, ChargeForAnAnswerFromTheCacheAsForARun)
{
    ResponseCache cache{1 << 20};
    parts.cache = &cache;
    targets = {{{1}, 1}};
    auto served = two_versions(world.model);
    served.cache = true;
    add(std::move(served));
    ASSERT_EQ(pay().status, 200u);
    const auto once = world.charged().micros();
    const auto hit = pay();
    EXPECT_EQ(hit.cache, "hit");
    EXPECT_EQ(world.charged().micros(), 2 * once);
}

TEST_F(LivePaidModels, LimitWhoPaysAndChargeNothingForWhatIsRefused)
{
    CallerLimits callers{16};
    parts.callers = &callers;
    limits.paid.quota = 1;
    limits.free.quota = 1;
    ASSERT_EQ(pay().status, 200u);
    const auto charged = world.charged();
    const auto refused = pay();
    EXPECT_EQ(refused.status, 429u) << refused.text;
    EXPECT_TRUE(refused.retry_after);
    EXPECT_FALSE(refused.body_was_read);
    EXPECT_EQ(world.charged(), charged);
    limits.paid.quota = 0;
    EXPECT_EQ(pay().status, 200u) << "the channel was given back";
}

TEST_F(LivePaidModels, RunTheVersionThatWasPaidForWhileItIsLeaving)
{
    auto served = two_versions(world.model);
    served.leaving = {*served.versions.rbegin()};
    served.versions.erase(market::Version{2});
    targets = {{{1}, 1}};
    const auto old = served.leaving.at({2});
    add(std::move(served));
    EXPECT_EQ(exact_version(), 1u) << "it is not offered any more";
    EXPECT_EQ(ask("POST", "/v2/models/m/versions/2/infer", sum_request().dump()).status, 404u);

    const auto answer = pay_by_transfer();
    ASSERT_EQ(answer.status, 200u) << answer.text;
    EXPECT_EQ(answer.body["model_version"], "2");
    EXPECT_EQ(old->pool->stats().execution_count, 1u);
}

TEST_F(LivePaidModels, TellTermsOfALeavingVersionThatEndWhenItGoes)
{
    auto served = two_versions(world.model);
    served.leaving = {*served.versions.begin()};
    served.versions.erase(market::Version{1});
    const auto until_s = clock.wall().value / 1000 + 100;
    served.leaving.at({1})->offered_ms = (until_s - 300) * 1000;
    add(std::move(served));
    const auto refused = ask("POST", "/v2/models/m/versions/1/infer", sum_request().dump(),
                             {{"PAYMENT-SIGNATURE", world.voucher({.amount = 1})}});
    ASSERT_EQ(refused.status, 402u) << refused.text;
    const auto terms = from_header(*refused.payment_required);
    EXPECT_EQ(terms["extensions"]["offer-receipt"]["info"]["offers"][0]["payload"]["validUntil"],
              until_s)
        << terms;
}

TEST_F(LivePaidModels, GiveAStrangerWithAPaymentNothingOfAnUnloadedModel)
{
    auto served = two_versions(world.model);
    served.leaving = std::exchange(served.versions, {});
    served.state = ModelState::unloaded;
    add(std::move(served));
    const FakeExchange::Headers junk{{"PAYMENT-SIGNATURE", "e30="}};
    EXPECT_EQ(infer(sum_request(), "m").status, 404u);
    EXPECT_NE(infer(sum_request(), "m", junk).status, 200u);
    for (const auto* path : {"/v2/models/m", "/v2/models/m/ready", "/v2/models/m/stats"})
        EXPECT_EQ(ask("GET", path, {}, junk).status, 404u) << path;
    EXPECT_EQ(ask("POST", "/v1/quote", R"({"model":"m"})").status, 404u);
    EXPECT_EQ(pay().status, 402u) << "a voucher is for the line, and nothing of it is served";
    EXPECT_EQ(world.charged(), Amount{});
}

}  // namespace
}  // namespace node
