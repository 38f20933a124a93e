#include "node/facilitator/facilitator_routes.hpp"

#include "ledger/base/hex.hpp"
#include "node/payment/x402_errors.hpp"
#include "tests/support/fake_exchange.hpp"
#include "tests/unit/node/facilitator/facilitator_fixture.hpp"

#include <atomic>
#include <thread>

namespace node {
namespace {

using ledger::Amount;

struct FacilitatorRoutes : FacilitatorFixture {
    Settlements& settlements = world.node->settlements;
    FeeBudget budget{Amount::micros(1'000)};
    CallerQuota quota{100};
    Router router;

    void open()
    {
        add_facilitator_routes(router, {facilitator, memory, budget, quota, world.ledger,
                                        settlements, world.clock, patience});
    }
    std::chrono::seconds patience{60};

    struct Reply {
        unsigned status;
        json body;
    };
    Reply ask(const std::string& target, const json& body)
    {
        FakeExchange exchange{body.is_null() ? "GET" : "POST",
                              target,
                              {{"Authorization", "Bearer secret"}},
                              body.is_null() ? "" : body.dump()};
        exchange.run(router);
        return {exchange.status(), json::parse(exchange.text())};
    }
    /// While the ledger makes blocks on a thread of its own, as in the node.
    Reply settle(const json& body, bool lose = false)
    {
        std::atomic<int> sent = 0;
        std::atomic<bool> over = false;
        world.ledger.on_submit = [&] { ++sent; };
        std::thread blocks{[&] {
            for (int seen = 0; !over; std::this_thread::yield())
                if (sent > seen) {
                    seen = sent;
                    world.ledger.settle_next(lose);
                }
        }};
        auto reply = ask("/settle", body);
        over = true;
        blocks.join();
        return reply;
    }
};

TEST_F(FacilitatorRoutes, AnswerWhatAServerAsks)
{
    open();
    EXPECT_EQ(ask("/supported", nullptr).body["kinds"].size(), 3u);
    const auto payment = body(world.exact({}));
    const auto valid = ask("/verify", payment);
    EXPECT_EQ(valid.status, 200u);
    EXPECT_EQ(valid.body["isValid"], true);
    EXPECT_EQ(valid.body["payer"], x402::plain(world.payer));
    const auto settled = settle(payment);
    EXPECT_EQ(settled.status, 200u);
    EXPECT_EQ(settled.body["success"], true) << settled.body;
    EXPECT_EQ(settled.body["amount"], "1000");
    EXPECT_EQ(settled.body["network"], "eip155:402077");
    EXPECT_EQ(settled.body["transaction"].get<std::string>().size(), 66u);
}

TEST_F(FacilitatorRoutes, AnswerRefusalsWith200)
{
    open();
    auto payment = body(world.exact({}));
    payment["paymentRequirements"]["amount"] = "5";
    const auto invalid = ask("/verify", payment);
    EXPECT_EQ(invalid.status, 200u);
    EXPECT_EQ(invalid.body["isValid"], false);
    EXPECT_EQ(invalid.body["invalidReason"], x402::exact_value_mismatch);
    const auto unsettled = ask("/settle", payment);
    EXPECT_EQ(unsettled.status, 200u);
    EXPECT_EQ(unsettled.body["success"], false);
    EXPECT_EQ(unsettled.body["transaction"], "");
    EXPECT_EQ(unsettled.body["errorReason"], x402::exact_value_mismatch);
    payment["paymentRequirements"]["scheme"] = "lottery";
    EXPECT_EQ(ask("/verify", payment).body["invalidReason"], x402::unsupported_scheme);
    EXPECT_EQ(ask("/verify", json::object()).status, 400u);
}

TEST_F(FacilitatorRoutes, SettleAPaymentOnce)
{
    open();
    const auto payment = body(world.upto({}));
    ASSERT_EQ(settle(payment).body["success"], true);
    const auto again = settle(payment);
    EXPECT_EQ(again.body["success"], false);
    EXPECT_EQ(again.body["errorReason"], x402::upto_nonce_already_used);
    const auto other = body(world.exact({}));
    const auto digest = facilitator.order(request(other), {})->once->digest;
    ASSERT_TRUE(memory.begin(digest));
    EXPECT_EQ(ask("/settle", other).body["errorReason"], "duplicate_settlement");
}

TEST_F(FacilitatorRoutes, SayPendingAndLaterThatItSettled)
{
    patience = std::chrono::seconds{0};
    open();
    const auto payment = body(world.exact({.valid_s = 600}));
    const auto pending = ask("/settle", payment);
    EXPECT_EQ(pending.body["success"], false);
    EXPECT_EQ(pending.body["errorReason"], "settlement_pending");
    EXPECT_EQ(pending.body["transaction"].get<std::string>().size(), 66u);
    world.ledger.settle_all();
    const auto settled = ask("/settle", payment);
    EXPECT_EQ(settled.body["success"], true) << settled.body;
    EXPECT_EQ(settled.body["transaction"], pending.body["transaction"]);
    EXPECT_EQ(ask("/settle", payment).body["errorReason"], x402::exact_nonce_already_used);
}

TEST_F(FacilitatorRoutes, SayThatItSettledByWhatWasSentBefore)
{
    open();
    const auto payment = body(world.exact({.valid_s = 600}));
    const auto made = facilitator.order(request(payment), {});
    ASSERT_TRUE(made);
    ledger::TxId first;
    first.bytes[0] = 9;
    // Sent, given up here, and included after all, just before what is sent now.
    memory.owe(made->once->digest, {first, ledger::Amount::micros(1000)});
    ASSERT_TRUE(world.ledger.submit(made->steps[0].message, {}));
    std::atomic<bool> sent = false;
    world.ledger.on_submit = [&] { sent = true; };
    std::thread blocks{[&] {
        while (!sent) std::this_thread::yield();
        world.ledger.settle_all();
    }};
    const auto settled = ask("/settle", payment);
    blocks.join();
    EXPECT_EQ(settled.body["success"], true) << settled.body;
    EXPECT_EQ(settled.body["transaction"], ledger::to_hex0x(first.view()));
    EXPECT_EQ(world.ledger.refused.size(), 1u);
}

TEST_F(FacilitatorRoutes, SayWhyTheLedgerRefused)
{
    open();
    const auto payment = body(world.exact({}));
    const auto lost = settle(payment, true);
    EXPECT_EQ(lost.body["success"], false);
    EXPECT_EQ(lost.body["errorReason"], x402::exact_transaction_failed);
    world.ledger.refuse_submissions = true;
    const auto closed = ask("/settle", payment);
    EXPECT_EQ(closed.body["errorReason"], "facilitator_ledger_unavailable");
}

TEST_F(FacilitatorRoutes, SpendNoMoreThanTheDaysBudgetAndAnswerNobodyTooOften)
{
    open();
    ASSERT_TRUE(budget.take(Amount::micros(1'000), world.clock.wall()));
    auto genesis = world.network.genesis;
    genesis.params.min_fee = Amount::micros(1);
    const market::Network dear{genesis, {}};
    const Facilitator asked{dear, world.ledger, memory, terms_of_it};
    Router other;
    CallerQuota two{2};
    add_facilitator_routes(
        other, {asked, memory, budget, two, world.ledger, settlements, world.clock, patience});
    const auto post = [&] {
        FakeExchange exchange{"POST", "/settle", {}, body(world.exact({})).dump()};
        exchange.run(other);
        return std::pair{exchange.status(), json::parse(exchange.text())};
    };
    EXPECT_EQ(post().second["errorReason"], "facilitator_budget_spent");
    EXPECT_EQ(post().first, 200u);
    EXPECT_EQ(post().first, 429u);
    EXPECT_EQ(world.ledger.waiting(), 0u);
}

TEST_F(FacilitatorRoutes, TakeNothingWhileTheLedgerIsNotCurrent)
{
    open();
    world.ledger.head_.current = false;
    EXPECT_EQ(ask("/verify", body(world.exact({}))).status, 503u);
    EXPECT_EQ(ask("/settle", body(world.exact({}))).status, 503u);
}

TEST_F(FacilitatorRoutes, OpenAChannelAndTellItsState)
{
    open();
    const auto opened = settle(body(world.voucher({.deposit = 5000})));
    EXPECT_EQ(opened.body["success"], true) << opened.body;
    EXPECT_EQ(opened.body["extra"]["channelState"]["balance"], "5000");
    const auto valid = ask("/verify", body(world.voucher({})));
    EXPECT_EQ(valid.body["extra"]["balance"], "5000");
    EXPECT_EQ(valid.body["extra"]["totalClaimed"], "0");
}

}  // namespace
}  // namespace node
