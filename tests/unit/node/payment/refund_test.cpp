#include "node/payment/x402_errors.hpp"
#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using ledger::Amount;
using namespace std::chrono_literals;

struct RefundedChannel : testing::Test {
    PaymentWorld world;

    std::string refund(std::optional<std::string> amount = {},
                       std::optional<std::uint64_t> max = {})
    {
        return world.voucher({.max = max.value_or(world.charged().micros()),
                              .type = "refund",
                              .refund = std::move(amount)});
    }
    std::uint64_t balance() { return world.ledger.channels[world.channel()].balance.micros(); }
};

TEST_F(RefundedChannel, GivesBackWhatWasNotChargedWithoutRunning)
{
    world.open_channel(5000);
    ASSERT_EQ(world.call(world.voucher({})).status(), 200u);
    const auto reply = world.call(refund());
    EXPECT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_FALSE(reply.ran);
    EXPECT_EQ(reply.paid()["amount"], "4870");
    EXPECT_EQ(reply.paid()["extra"]["channelState"]["balance"], "130");
    EXPECT_EQ(balance(), 130u);
    EXPECT_EQ(world.ledger.balance(world.payer), Amount::micros(1'004'870));
}

TEST_F(RefundedChannel, CanStillBeClaimedInFull)
{
    world.open_channel(5000);
    ASSERT_EQ(world.call(world.voucher({})).status(), 200u);
    ASSERT_EQ(world.call(refund()).status(), 200u);
    world.crash();
    const auto row = world.node->book.claim_row(world.channel(), {});
    ASSERT_TRUE(row);
    EXPECT_EQ(row->total_claimed, Amount::micros(130));
    EXPECT_EQ(row->max_claimable, Amount::micros(130)) << "the refund's own voucher";
}

TEST_F(RefundedChannel, GoesOnAfterwards)
{
    world.open_channel(5000);
    ASSERT_EQ(world.call(world.voucher({})).status(), 200u);
    ASSERT_EQ(world.call(refund()).status(), 200u);
    EXPECT_EQ(world.call(world.voucher({})).error(), x402::cumulative_exceeds_balance);
    const auto reply = world.call(world.voucher({.deposit = 3000}));
    EXPECT_EQ(reply.paid()["extra"]["channelState"]["chargedCumulativeAmount"], "260");
}

TEST_F(RefundedChannel, GivesBackNoMoreThanAskedAndNoMoreThanThereIs)
{
    world.open_channel(5000);
    EXPECT_EQ(world.call(refund("1000")).paid()["amount"], "1000");
    EXPECT_EQ(world.call(refund("9000")).paid()["amount"], "4000");
    EXPECT_EQ(world.call(refund()).error(), x402::refund_no_balance);
    EXPECT_EQ(world.call(refund("0")).error(), x402::refund_amount_invalid);
}

TEST_F(RefundedChannel, GivesBackNoCrumbsThatCostTheHostMore)
{
    world.network.genesis.params.min_fee = Amount::micros(10);
    world.open_channel(5000);
    EXPECT_EQ(world.call(refund("9")).error(), x402::refund_amount_invalid);
    EXPECT_EQ(balance(), 5000u);
    EXPECT_EQ(world.call(refund("10")).paid()["amount"], "10") << "the fee of the transaction";
    EXPECT_EQ(world.call(refund("4985")).paid()["amount"], "4985");
    EXPECT_EQ(world.call(refund("5")).paid()["amount"], "5") << "all that there is";
}

TEST_F(RefundedChannel, IsAllThatAPaymentBuysWhereNothingRuns)
{
    world.open_channel(5000);
    auto resource = world.resource();
    resource.refunds_only = true;
    const auto answer = [&](const std::string& header) {
        RequestMachine machine{world.node->services, resource};
        const std::vector<std::string_view> headers{header};
        return world.carry(machine, machine.start(headers, world.now()), {});
    };
    for (const auto& header :
         {world.voucher({}), world.exact({}), world.voucher({.deposit = 3000})}) {
        const auto reply = answer(header);
        EXPECT_EQ(reply.status(), 405u);
        EXPECT_EQ(reply.header("Allow"), "GET, HEAD, POST, OPTIONS");
        EXPECT_FALSE(reply.ran);
    }
    EXPECT_EQ(world.charged(), Amount{});
    EXPECT_EQ(answer(refund()).paid()["amount"], "5000");
}

TEST_F(RefundedChannel, NeedsAVoucherOfExactlyWhatWasCharged)
{
    world.open_channel(5000);
    ASSERT_EQ(world.call(world.voucher({})).status(), 200u);
    const auto reply = world.call(refund({}, 0));
    EXPECT_EQ(reply.error(), x402::cumulative_amount_mismatch);
    EXPECT_EQ(reply.header("PAYMENT-RESPONSE"), "");
    EXPECT_EQ(balance(), 5000u);
}

TEST_F(RefundedChannel, NeedsAChannel)
{
    EXPECT_EQ(world.call(refund({}, 0)).error(), x402::channel_not_found);
}

TEST_F(RefundedChannel, WaitsForTheCallThatRuns)
{
    world.open_channel(5000);
    RequestMachine running{world.node->services, world.resource()};
    const auto header = world.voucher({});
    const std::vector<std::string_view> headers{header};
    (void)running.start(headers, world.now());
    EXPECT_EQ(world.call(refund({}, 0)).error(), x402::channel_busy);
}

TEST_F(RefundedChannel, SaysWhenTheLedgerRefuses)
{
    world.open_channel(5000);
    RequestMachine machine{world.node->services, world.resource()};
    const auto header = refund();
    const std::vector<std::string_view> headers{header};
    auto action = machine.start(headers, world.now());
    ++world.ledger.channels[world.channel()].refund_nonce;
    const auto reply = world.carry(machine, std::move(action), {});
    EXPECT_EQ(reply.status(), 402u);
    EXPECT_EQ(reply.paid()["success"], false);
    EXPECT_EQ(reply.paid()["errorReason"], x402::refund_transaction_failed);
}

TEST_F(RefundedChannel, AnswersPendingWhenTheLedgerIsLate)
{
    world.open_channel(5000);
    PaymentWorld::Script late;
    late.settle_late = true;
    EXPECT_EQ(world.call(refund(), late).status(), 202u);
    EXPECT_EQ(world.call(world.voucher({})).status(), 200u) << "the channel is free";
}

TEST_F(RefundedChannel, LeavesTheOldCeilingCoveredWhereAReceiptCouldDisputeTheNewOne)
{
    world.open_channel(20'000);
    PaymentWorld::Script cheap;
    cheap.rows = 0;
    // Ten calls of 100: what is charged comes to the ceiling of the first, which a claim under the
    // refund's voucher would share.
    for (int i = 0; i < 10; ++i) ASSERT_EQ(world.call(world.voucher({}), cheap).status(), 200u);
    EXPECT_EQ(world.charged(), Amount::micros(1000));
    EXPECT_EQ(world.call(refund()).paid()["amount"], "18100");
    const auto row = world.node->book.claim_row(world.channel(), {});
    ASSERT_TRUE(row);
    EXPECT_EQ(row->total_claimed, Amount::micros(1000));
    EXPECT_EQ(row->max_claimable, Amount::micros(1900));
    EXPECT_EQ(balance(), 1900u);
}

}  // namespace
}  // namespace node
