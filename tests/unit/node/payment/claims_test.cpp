#include "market/signing.hpp"
#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using ledger::Amount;
using namespace std::chrono_literals;

struct Claims : testing::Test {
    PaymentWorld world{{}, ClaimPolicy{Amount::micros(500), 600s, 30s}};

    void pay(std::uint64_t rows, std::uint64_t amount = 1000, std::uint8_t lane = 0,
             market::Version ver = {2})
    {
        PaymentWorld::Script script;
        script.rows = rows;
        script.ver = ver;
        const auto reply = world.call(world.voucher({.amount = amount, .lane = lane}), script);
        ASSERT_EQ(reply.status(), 200u) << reply.error();
    }
    std::vector<ClaimKeeper::Order> due() { return world.node->claims.due(world.clock.now()); }
    /// Submits and applies everything due; how many orders there were.
    std::size_t settle()
    {
        const auto orders = due();
        for (const auto& order : orders) {
            (void)world.ledger.submit(order.message, [&](Settled outcome) {
                world.node->claims.finished(order, outcome, world.clock.now());
            });
            world.ledger.settle_all();
        }
        return orders.size();
    }
    const market::Channel& on_ledger(std::uint8_t lane = 0)
    {
        return world.ledger.channels[world.channel(lane)];
    }
};

TEST_F(Claims, WaitUntilEnoughIsOpen)
{
    world.open_channel(50'000);
    for (int i = 0; i < 3; ++i) pay(10);
    EXPECT_TRUE(due().empty());
    pay(10);
    const auto orders = due();
    ASSERT_EQ(orders.size(), 1u);
    const auto& claim = std::get<market::ChannelClaim>(orders[0].message);
    ASSERT_EQ(claim.rows.size(), 1u);
    EXPECT_EQ(claim.rows[0].total_claimed, Amount::micros(520));
    EXPECT_EQ(claim.rows[0].uses, (std::vector<market::VersionUse>{{{2}, Amount::micros(520)}}));
    EXPECT_TRUE(due().empty()) << "one claim at a time";
}

TEST_F(Claims, AreMadeAfterAWhileHoweverLittleIsOpen)
{
    world.open_channel(50'000);
    pay(10);
    EXPECT_TRUE(due().empty());
    world.advance(600s);
    EXPECT_EQ(due().size(), 1u);
}

TEST_F(Claims, AreMadeAtOnceWhenThePayerWithdraws)
{
    world.open_channel(50'000);
    pay(10);
    EXPECT_TRUE(due().empty());
    world.ledger.channels[world.channel()].withdraw = {Amount::micros(100), ~0ull};
    EXPECT_EQ(due().size(), 1u);
}

TEST_F(Claims, AreFinalizedWhenTheirWindowIsOver)
{
    world.open_channel(50'000);
    pay(300);
    EXPECT_EQ(settle(), 1u);
    ASSERT_TRUE(on_ledger().pending);
    pay(10);
    world.advance(1999ms);
    EXPECT_TRUE(due().empty()) << "window not over, and one claim pending";
    world.advance(1ms);
    EXPECT_EQ(settle(), 1u);
    EXPECT_EQ(on_ledger().total_claimed, Amount::micros(1000));
    world.node->claims.claim_all();
    EXPECT_EQ(settle(), 1u);
    EXPECT_EQ(on_ledger().pending->total, Amount::micros(1130));
}

TEST_F(Claims, AreOwedUntilTheLedgerHasSettledThem)
{
    const auto owed = [&] { return world.node->book.totals().owed; };
    EXPECT_EQ(world.node->book.totals().channels, 0u);
    world.open_channel(50'000);
    pay(300);
    pay(10);
    EXPECT_EQ(world.node->book.totals().channels, 1u);
    EXPECT_EQ(world.node->book.totals().charged, Amount::micros(1130));
    EXPECT_EQ(owed(), Amount::micros(1130));
    ASSERT_EQ(settle(), 1u);
    EXPECT_EQ(owed(), Amount::micros(1130)) << "it can still be disputed";
    world.advance(2s);
    ASSERT_EQ(settle(), 1u);
    EXPECT_EQ(owed(), Amount{});
    EXPECT_EQ(world.node->book.totals().charged, Amount::micros(1130));
    world.crash();
    due();
    EXPECT_EQ(owed(), Amount{}) << "the ledger says so again";
}

TEST_F(Claims, NameWhatEachVersionEarned)
{
    world.open_channel(50'000);
    pay(0, 1000, 0, {1});
    pay(10, 1000, 0, {2});
    pay(300, 1000, 0, {1});
    ASSERT_EQ(settle(), 1u);
    EXPECT_EQ(
        on_ledger().pending->uses,
        (std::vector<market::VersionUse>{{{1}, Amount::micros(1100)}, {{2}, Amount::micros(130)}}));
    world.advance(2s);
    ASSERT_EQ(settle(), 1u);
    world.crash();
    pay(300, 1000, 0, {2});
    ASSERT_EQ(settle(), 1u);
    EXPECT_EQ(on_ledger().pending->uses,
              (std::vector<market::VersionUse>{{{2}, Amount::micros(1000)}}));
}

TEST_F(Claims, NeverRestOnACeilingThatAnEarlierReceiptHas)
{
    world.open_channel(50'000);
    pay(0, 1000 + 15);  // charged 100, ceiling 1015
    pay(0, 1000);       // charged 200, ceiling 1100
    PaymentWorld::Script script;
    script.rows = 0;
    // 1015 again: a payer could show the first receipt against a claim under this ceiling.
    world.ledger.prices[{world.model, {1}}][0].sheet.cap = Amount::micros(815);
    world.ledger.prices[{world.model, {2}}][0].sheet.cap = Amount::micros(815);
    ASSERT_EQ(world.call(world.voucher({.amount = 815}), script).status(), 200u);
    EXPECT_EQ(world.charged(), Amount::micros(300));
    const auto row = world.node->book.claim_row(world.channel(), {});
    ASSERT_TRUE(row);
    EXPECT_EQ(row->total_claimed, Amount::micros(200));
    EXPECT_EQ(row->max_claimable, Amount::micros(1100));
    // The next call with a ceiling of its own makes all of it claimable, after a crash too.
    world.crash();
    ASSERT_EQ(world.call(world.voucher({.amount = 816}), script).status(), 200u);
    EXPECT_EQ(world.node->book.claim_row(world.channel(), {})->total_claimed, Amount::micros(400));
}

TEST_F(Claims, ShareAMessageUpTo64Rows)
{
    for (std::uint8_t lane = 0; lane < 70; ++lane) {
        world.open_channel(5000, lane);
        pay(200, 1000, lane);
    }
    const auto orders = due();
    ASSERT_EQ(orders.size(), 2u);
    EXPECT_EQ(orders[0].channels.size(), 64u);
    EXPECT_EQ(orders[1].channels.size(), 6u);
}

TEST_F(Claims, ThatAreRefusedAreTriedAgainAlone)
{
    world.open_channel(5000, 0);
    world.open_channel(5000, 1);
    pay(200, 1000, 0);
    pay(200, 1000, 1);
    const auto orders = due();
    ASSERT_EQ(orders.size(), 1u);
    world.node->claims.finished(orders[0], {Settled::What::refused, {}}, world.clock.now());
    EXPECT_TRUE(due().empty());
    world.advance(30s);
    EXPECT_EQ(due().size(), 2u);
}

TEST_F(Claims, SurviveACrashOfTheNode)
{
    world.open_channel(50'000);
    pay(300);
    world.crash();
    EXPECT_EQ(settle(), 1u);
    EXPECT_EQ(on_ledger().pending->total, Amount::micros(1000));
}

TEST(ClaimedVersions, AreAtMostEightUntilTheyAreSettled)
{
    PaymentWorld world;
    world.open_channel(500'000);
    auto resource = world.resource();
    resource.versions.clear();
    for (std::uint32_t ver = 1; ver <= 9; ++ver)
        resource.versions.push_back({{ver}, world.ledger.sheets(world.model, {1})});
    const auto pay = [&](std::uint32_t ver) {
        RequestMachine machine{world.node->services, resource};
        const auto header = world.voucher({});
        const std::vector<std::string_view> headers{header};
        PaymentWorld::Script script;
        script.ver = {ver};
        script.body = std::to_string(ver);
        return world.carry(machine, machine.start(headers, world.now()), script).status();
    };
    for (std::uint32_t ver = 1; ver <= 8; ++ver) EXPECT_EQ(pay(ver), 200u);
    EXPECT_EQ(pay(9), 402u);
    world.node->book.settled(world.channel(), Amount::micros(130));
    EXPECT_EQ(pay(9), 200u);
}

struct ChainClaims : Claims {
    PaymentWorld::Chain chain;

    void begin(std::uint8_t seed = 1) { chain = world.chain(20, 400, 0, seed); }
    void pay_by_link(std::uint64_t rows = 10, market::Version ver = {2})
    {
        PaymentWorld::Script script;
        script.rows = rows;
        script.ver = ver;
        const auto reply = world.call(world.link(chain), script);
        ASSERT_EQ(reply.status(), 200u) << reply.error();
        chain.opened = true;
        chain.used = world.node->book.open_chain(world.channel())->links.used;
    }
    std::vector<ClaimKeeper::Order> all_due()
    {
        world.node->claims.claim_all();
        return due();
    }
};

TEST_F(ChainClaims, TakeExactlyTheLinksThatWereCharged)
{
    world.open_channel(50'000);
    begin();
    pay_by_link();
    pay_by_link(20, {1});
    world.crash();
    const auto orders = all_due();
    ASSERT_EQ(orders.size(), 1u);
    const auto& row = std::get<market::ChannelChainClaim>(orders[0].message).rows.at(0);
    EXPECT_EQ(row.index, 7u + 8u) << "130 and 160 in links of 20, though 57 were shown";
    EXPECT_EQ(row.link, chain.links[15]);
    EXPECT_EQ(row.uses, (std::vector<market::VersionUse>{{{1}, Amount::micros(160)},
                                                         {{2}, Amount::micros(140)}}));
}

TEST_F(ChainClaims, AreSettledAtOnceAndGoOn)
{
    world.open_channel(50'000);
    begin();
    for (std::uint64_t total : {140u, 280u}) {
        pay_by_link();
        world.node->claims.claim_all();
        EXPECT_EQ(settle(), 1u);
        EXPECT_TRUE(world.ledger.refused.empty());
        EXPECT_EQ(on_ledger().total_claimed, Amount::micros(total));
        EXPECT_FALSE(on_ledger().pending);
        EXPECT_TRUE(all_due().empty()) << "nothing is left";
    }
}

TEST_F(ChainClaims, AreMadeAtOnceWhenThePayerWithdraws)
{
    world.open_channel(50'000);
    begin();
    pay_by_link();
    EXPECT_TRUE(due().empty());
    world.ledger.channels[world.channel()].withdraw = {Amount::micros(100), ~0ull};
    EXPECT_EQ(due().size(), 1u);
}

TEST_F(ChainClaims, AndVouchersCoverWhatWasPaidByTheOtherBefore)
{
    world.open_channel(50'000);
    begin();
    pay_by_link();
    pay(10);
    auto orders = all_due();
    ASSERT_EQ(orders.size(), 1u);
    EXPECT_EQ(std::get<market::ChannelClaim>(orders[0].message).rows[0].total_claimed,
              Amount::micros(270));
    world.node->claims.finished(orders[0], {Settled::What::lost, {}}, world.clock.now());
    world.advance(30s);
    begin(2);
    pay_by_link();
    orders = all_due();
    ASSERT_EQ(orders.size(), 1u);
    const auto& row = std::get<market::ChannelChainClaim>(orders[0].message).rows.at(0);
    EXPECT_EQ(row.chain.base, Amount::micros(270));
    EXPECT_EQ(row.uses, (std::vector<market::VersionUse>{{{2}, Amount::micros(410)}}));
}

TEST_F(ChainClaims, WaitForAPendingClaimByVoucher)
{
    world.open_channel(50'000);
    pay(10);
    world.node->claims.claim_all();
    ASSERT_EQ(settle(), 1u);
    begin();
    pay_by_link();
    EXPECT_TRUE(all_due().empty());
    world.advance(2s);
    EXPECT_EQ(settle(), 1u) << "the finalize";
    EXPECT_EQ(settle(), 1u);
    EXPECT_EQ(on_ledger().total_claimed, Amount::micros(270));
    EXPECT_TRUE(world.ledger.refused.empty());
}

}  // namespace
}  // namespace node
