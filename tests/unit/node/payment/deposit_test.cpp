#include "market/signing.hpp"
#include "node/payment/x402_errors.hpp"
#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using ledger::Amount;
using nlohmann::json;

struct BundledDeposit : testing::Test {
    PaymentWorld world;

    void expect_402(const PaymentWorld::Voucher& voucher, std::string_view reason)
    {
        const auto reply = world.call(world.voucher(voucher));
        EXPECT_EQ(reply.status(), 402u);
        EXPECT_EQ(reply.error(), reason);
        EXPECT_FALSE(reply.ran);
        EXPECT_EQ(world.ledger.waiting(), 0u) << "nothing was relayed";
    }
};

TEST_F(BundledDeposit, OpensTheChannelAndPaysTheCall)
{
    const auto reply = world.call(world.voucher({.deposit = 3000}));
    ASSERT_EQ(reply.status(), 200u) << reply.error();
    const auto paid = reply.paid();
    EXPECT_EQ(paid["amount"], "3000");
    EXPECT_EQ(paid["transaction"].get<std::string>().substr(0, 4), "0xcd");
    EXPECT_EQ(paid["extra"]["channelState"]["balance"], "3000");
    EXPECT_EQ(paid["extra"]["chargedAmount"], "130");
    EXPECT_EQ(world.ledger.balance(world.payer), Amount::micros(997'000));
    EXPECT_EQ(world.call(world.voucher({})).status(), 200u);
}

TEST_F(BundledDeposit, IsNotRelayedWhenItsVoucherIsWrong)
{
    world.open_channel(2000);
    ASSERT_EQ(world.call(world.voucher({})).status(), 200u);
    // A client that lost its state deposits again, with a voucher that starts from nothing.
    PaymentWorld::Script other;
    other.body = "other";
    const auto reply =
        world.call(world.voucher({.amount = 1001, .max = 1001, .deposit = 3000}), other);
    EXPECT_EQ(reply.error(), x402::cumulative_amount_mismatch);
    EXPECT_EQ(world.ledger.waiting(), 0u);
    EXPECT_EQ(world.ledger.balance(world.payer), Amount::micros(1'000'000));
}

TEST_F(BundledDeposit, IsRefusedBelowTheLeastDeposit)
{
    expect_402({.deposit = 2999}, x402::deposit_below_min_deposit);
}

TEST_F(BundledDeposit, IsRefusedWithoutTheMoney)
{
    expect_402({.deposit = 1'000'001}, x402::deposit_insufficient_balance);
}

TEST_F(BundledDeposit, IsRefusedWhenItDoesNotCoverTheCall)
{
    world.terms.min_deposit = Amount::micros(10);
    world.crash();
    expect_402({.deposit = 999}, x402::cumulative_exceeds_balance);
}

TEST_F(BundledDeposit, IsRefusedOutsideItsWindow)
{
    const auto with = [](const char* member, std::uint64_t value) {
        PaymentWorld::Voucher voucher{.deposit = 3000};
        voucher.change = [=](json& p) {
            p["payload"]["deposit"]["authorization"]["erc3009Authorization"][member] =
                std::to_string(value);
        };
        return voucher;
    };
    const auto now = world.now().wall.value / 1000;
    expect_402(with("validAfter", now), x402::deposit_valid_after);
    expect_402(with("validBefore", now + 6), x402::deposit_valid_before);
    expect_402(with("validBefore", now + 8 * 86'400), x402::deposit_valid_before);
    expect_402(with("validBefore", now + 61), x402::deposit_signature);
}

TEST_F(BundledDeposit, IsRefusedForAHostOnItsWayOut)
{
    world.ledger.hosts[world.host.host].unbond_end_ms = 1;
    expect_402({.deposit = 3000}, x402::deposit_transaction_failed);
}

TEST_F(BundledDeposit, AnswersPendingWhenTheLedgerIsLateAndGoesOnWhenAskedAgain)
{
    const auto header = world.voucher({.deposit = 3000, .valid_s = 600});
    PaymentWorld::Script late;
    late.settle_late = true;
    const auto reply = world.call(header, late);
    EXPECT_EQ(reply.status(), 202u);
    EXPECT_NE(reply.response.body().view().find("settlement_pending"), std::string_view::npos);
    EXPECT_NE(reply.response.body().view().find("0xcd"), std::string_view::npos);
    EXPECT_FALSE(reply.ran);
    EXPECT_EQ(world.ledger.waiting(), 1u);

    world.ledger.settle_all();
    const auto again = world.call(header);
    EXPECT_EQ(again.status(), 200u) << again.error();
    EXPECT_EQ(world.ledger.applied.size(), 1u) << "one deposit, not two";
}

TEST_F(BundledDeposit, RunsAtOnceWhenTheDepositIsInAlready)
{
    const auto header = world.voucher({.deposit = 3000});
    PaymentWorld::Script fails;
    fails.run_fails = true;
    const auto first = world.call(header, fails);
    EXPECT_EQ(first.status(), 500u);
    EXPECT_EQ(first.paid()["extra"]["chargedAmount"], "0");
    EXPECT_EQ(first.paid()["extra"]["channelState"]["balance"], "3000");
    EXPECT_EQ(first.paid()["amount"], "3000");

    const auto second = world.call(header);
    EXPECT_EQ(second.status(), 200u);
    EXPECT_EQ(world.ledger.applied.size(), 1u);
    EXPECT_EQ(world.charged(), Amount::micros(130));
}

TEST_F(BundledDeposit, TellsNoDepositWhenItCameAgainWithALaterCall)
{
    ASSERT_EQ(world.call(world.voucher({.deposit = 3000})).status(), 200u);
    const auto later = world.call(world.voucher({.deposit = 3000}));
    ASSERT_EQ(later.status(), 200u) << later.error();
    EXPECT_EQ(later.paid()["transaction"], "");
    EXPECT_EQ(later.paid()["amount"], "130") << "what this call moved";
    EXPECT_EQ(world.ledger.applied.size(), 1u);
}

TEST_F(BundledDeposit, IsNotRelayedWhereAWithdrawalWouldTakeIt)
{
    world.open_channel(50);
    auto& channel = world.ledger.channels[world.channel()];
    // A refund has left less than the withdrawal asks for.
    channel.withdraw = {Amount::micros(4000), world.now().wall.value + 900'000};
    expect_402({.deposit = 3000}, x402::cumulative_exceeds_balance);
    EXPECT_EQ(world.ledger.channels[world.channel()].balance, Amount::micros(50));
    EXPECT_EQ(world.call(world.voucher({.deposit = 4950})).status(), 200u);
}

TEST_F(BundledDeposit, IsToldWhenItIsInButTheCallIsRefused)
{
    RequestMachine machine{world.node->services, world.resource()};
    const auto header = world.voucher({.deposit = 3000});
    const std::vector<std::string_view> headers{header};
    ASSERT_TRUE(std::holds_alternative<ReadBody>(machine.start(headers, world.now())));
    auto action = machine.on_body({}, world.now());
    ASSERT_TRUE(std::holds_alternative<Settle>(action));
    ASSERT_FALSE(machine.on_submitted(ledger::TxId{}));
    // Before it is in, the payer has asked for the money back.
    world.open_channel(3000);
    world.ledger.channels[world.channel()].withdraw = {Amount::micros(2500),
                                                       world.now().wall.value + 900'000};
    const auto reply =
        world.carry(machine, machine.on_settled({Settled::What::applied}, world.now()), {});
    EXPECT_EQ(reply.error(), x402::cumulative_exceeds_balance);
    EXPECT_FALSE(reply.ran);
    EXPECT_EQ(reply.paid()["success"], false);
    EXPECT_EQ(reply.paid()["errorReason"], x402::cumulative_exceeds_balance);
    EXPECT_EQ(reply.paid()["transaction"].get<std::string>().substr(0, 2), "0x");
    EXPECT_EQ(reply.paid()["amount"], "3000");
    EXPECT_EQ(reply.paid()["extra"]["channelState"]["balance"], "3000");
}

TEST_F(BundledDeposit, IsToldWhenItIsInAndTheRunTakesTooLong)
{
    PaymentWorld::Script late;
    late.run_too_late = true;
    const auto reply = world.call(world.voucher({.deposit = 3000}), late);
    EXPECT_EQ(reply.status(), 504u);
    EXPECT_EQ(reply.paid()["amount"], "3000");
    EXPECT_EQ(reply.paid()["extra"]["chargedAmount"], "0");
    EXPECT_EQ(reply.paid()["extra"]["channelState"]["balance"], "3000");
}

TEST_F(BundledDeposit, SaysWhenTheLedgerRefusesIt)
{
    RequestMachine machine{world.node->services, world.resource()};
    const auto header = world.voucher({.deposit = 3000});
    const std::vector<std::string_view> headers{header};
    ASSERT_TRUE(std::holds_alternative<ReadBody>(machine.start(headers, world.now())));
    auto action = machine.on_body({}, world.now());
    ASSERT_TRUE(std::holds_alternative<Settle>(action));
    world.ledger.balances[world.payer] = {};
    const auto reply = world.carry(machine, std::move(action), {});
    EXPECT_EQ(reply.error(), x402::deposit_transaction_failed);
    EXPECT_EQ(reply.stage, Stage::rolled_back);
    EXPECT_FALSE(reply.ran);
}

TEST_F(BundledDeposit, RunsWhenSomebodyElseRelayedIt)
{
    RequestMachine machine{world.node->services, world.resource()};
    const auto header = world.voucher({.deposit = 3000});
    const std::vector<std::string_view> headers{header};
    (void)machine.start(headers, world.now());
    auto action = machine.on_body({}, world.now());
    (void)world.ledger.submit(std::get<Settle>(action).message, {});
    world.ledger.settle_all();
    EXPECT_EQ(world.carry(machine, std::move(action), {}).status(), 200u);
    EXPECT_EQ(world.ledger.refused.size(), 1u);
}

TEST_F(BundledDeposit, SaysWhenTheLedgerTakesNothing)
{
    world.ledger.refuse_submissions = true;
    const auto reply = world.call(world.voucher({.deposit = 3000}));
    EXPECT_EQ(reply.status(), 503u);
    EXPECT_FALSE(reply.ran);
    world.ledger.refuse_submissions = false;
    EXPECT_EQ(world.call(world.voucher({.deposit = 3000})).status(), 200u);
}

}  // namespace
}  // namespace node
