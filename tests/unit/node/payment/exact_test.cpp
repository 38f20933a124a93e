#include "market/signing.hpp"
#include "node/payment/x402_errors.hpp"
#include "tests/unit/node/payment/single_payment.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using ledger::Amount;

struct ExactPayment : testing::Test {
    PaymentWorld world;

    Amount earned()
    {
        return world.ledger.earned[market::split_address(world.model, {2}, world.host.host)];
    }
    void expect_402(const PaymentWorld::Exact& payment, std::string_view reason)
    {
        const auto reply = world.call(world.exact(payment));
        EXPECT_EQ(reply.status(), 402u);
        EXPECT_EQ(reply.error(), reason);
        EXPECT_FALSE(reply.ran);
        EXPECT_EQ(world.ledger.waiting(), 0u);
    }
    void expect_402(std::function<void(market::TransferWithAuth&)> change, std::string_view reason)
    {
        PaymentWorld::Exact payment;
        payment.change = std::move(change);
        expect_402(payment, reason);
    }
};

TEST_F(ExactPayment, RunsSettlesAndThenAnswers)
{
    const auto reply = world.call(world.exact({}));
    ASSERT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_EQ(reply.response.body().view(), "answer");
    EXPECT_EQ(reply.paid()["amount"], "1000");
    EXPECT_EQ(reply.paid()["transaction"].get<std::string>().size(), 66u);
    EXPECT_EQ(reply.paid()["extra"]["receipt"]["charged"], "1000");
    EXPECT_EQ(earned(), Amount::micros(1000));
}

TEST(ExactPayments, AreNotTakenForAnAnswerThatCouldNotBeGivenAfterwards)
{
    ShelfLimits limits;
    limits.answer_bytes = 5;
    PaymentWorld world{{}, {}, limits};
    const auto reply = world.call(world.exact({}));
    EXPECT_EQ(reply.status(), 413u);
    EXPECT_NE(reply.response.body().view().find("nothing was charged"), std::string_view::npos);
    EXPECT_EQ(world.ledger.waiting(), 0u);
}

TEST_F(ExactPayment, IsRefusedForEveryThingThatIsWrongWithIt)
{
    const auto now = world.now().wall.value / 1000;
    expect_402([](auto& t) { t.to.bytes[0] ^= 1; }, x402::exact_recipient_mismatch);
    expect_402([](auto& t) { t.value = Amount::micros(1001); }, x402::exact_value_mismatch);
    expect_402([&](auto& t) { t.valid_after = now; }, x402::exact_valid_after);
    expect_402([&](auto& t) { t.valid_before = now + 6; }, x402::exact_valid_before);
    expect_402([&](auto& t) { t.valid_before = now + 8 * 86'400; }, x402::exact_valid_before);
    expect_402([](auto& t) { t.from.bytes[0] ^= 1; }, x402::exact_signature);
    world.ledger.balances[world.payer] = Amount::micros(999);
    expect_402(PaymentWorld::Exact{}, x402::exact_insufficient_balance);
    ledger::Hash nonce;
    nonce.bytes[31] = 1;
    world.ledger.spent[{world.payer, nonce}] = {};
    expect_402(PaymentWorld::Exact{}, x402::exact_nonce_already_used);
}

TEST_F(ExactPayment, WithholdsTheAnswerWhenSettlementIsRefused)
{
    expect_withheld(world, world.exact({}), x402::exact_transaction_failed);
}

TEST_F(ExactPayment, AnswersPendingAndLaterGivesTheAnswerOnce)
{
    const auto header = world.exact({.valid_s = 600});
    PaymentWorld::Script late;
    late.settle_late = true;
    const auto pending = world.call(header, late);
    EXPECT_EQ(pending.status(), 202u);
    EXPECT_EQ(pending.response.body().view().find("answer"), std::string_view::npos);

    const auto reply = world.call(header);
    EXPECT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_EQ(reply.response.body().view(), "answer");
    EXPECT_EQ(world.runs, 1u);
    EXPECT_EQ(earned(), Amount::micros(1000));
}

TEST_F(ExactPayment, GivesTheAnswerAfterACrashBetweenPayingAndAnswering)
{
    const auto header = world.exact({.valid_s = 600});
    PaymentWorld::Script late;
    late.settle_late = true;
    ASSERT_EQ(world.call(header, late).status(), 202u);
    world.crash();
    world.ledger.settle_all();
    const auto reply = world.call(header);
    EXPECT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_EQ(reply.response.body().view(), "answer");
    EXPECT_EQ(reply.paid()["transaction"], "");
    EXPECT_EQ(world.runs, 1u);
    EXPECT_EQ(earned(), Amount::micros(1000));
}

TEST_F(ExactPayment, GivesTheStoredAnswerOnlyToThePayer)
{
    const auto header = world.exact({});
    ASSERT_EQ(world.call(header).status(), 200u);
    const auto again = world.call(header);
    EXPECT_EQ(again.status(), 200u);
    EXPECT_FALSE(again.ran);
    auto forged = from_header(header);
    auto& signature = forged["payload"]["signature"].get_ref<std::string&>();
    signature[10] = signature[10] == '0' ? '1' : '0';
    EXPECT_EQ(world.call(to_header(forged)).error(), x402::exact_signature);
}

TEST_F(ExactPayment, RefusesAnotherRequestUnderTheSameAuthorization)
{
    const auto header = world.exact({});
    ASSERT_EQ(world.call(header).status(), 200u);
    PaymentWorld::Script other;
    other.body = "other";
    EXPECT_EQ(world.call(header, other).status(), 409u);
    EXPECT_EQ(world.runs, 1u);
}

TEST_F(ExactPayment, RunsOneRequestOfAnAuthorizationAtATime)
{
    RequestMachine first{world.node->services, world.resource()};
    const auto header = world.exact({});
    const std::vector<std::string_view> headers{header};
    (void)first.start(headers, world.now());
    EXPECT_EQ(world.call(header).status(), 409u);
    EXPECT_TRUE(first.on_caller_gone());
    EXPECT_EQ(world.call(header).status(), 200u);
}

TEST_F(ExactPayment, ListsItsReceiptOnlyOnceItIsSettled)
{
    const auto header = world.exact({.valid_s = 600});
    PaymentWorld::Script late;
    late.settle_late = true;
    (void)world.call(header, late);
    const auto exact = std::get<market::TransferWithAuth>(x402::decode_payment(header)->payload);
    const auto id = ledger::retag<market::ChannelId>(
        market::transfer_authorization_digest(world.network, exact));
    EXPECT_TRUE(find_receipts(world.journal, id, 0, 10)->empty());
    (void)world.call(header);
    ASSERT_EQ(find_receipts(world.journal, id, 0, 10)->size(), 1u);
    EXPECT_EQ(find_receipts(world.journal, id, 0, 10)->at(0).receipt.charged, Amount::micros(1000));
}

TEST_F(ExactPayment, PaysForOneCallWhateverTheCallIsNamedBy)
{
    PaymentWorld::Script late;
    late.settle_late = true;
    const auto first = world.exact({.valid_s = 600, .payment_id = "0123456789abcdef"});
    const auto second = world.exact({.valid_s = 600, .payment_id = "0123456789abcdefg"});
    const auto unnamed = world.exact({.valid_s = 600});
    ASSERT_EQ(world.call(first, late).status(), 202u);
    EXPECT_EQ(world.call(second).status(), 409u);
    EXPECT_EQ(world.call(unnamed).status(), 409u);
    EXPECT_EQ(world.runs, 1u);
    EXPECT_EQ(world.call(first).status(), 200u);
}

TEST_F(ExactPayment, IsNotSettledByAnotherTransferWithTheSameNonce)
{
    PaymentWorld::Script late;
    late.settle_late = true;
    const auto header = world.exact({.valid_s = 600});
    ASSERT_EQ(world.call(header, late).status(), 202u);
    world.crash();
    const auto exact = std::get<market::TransferWithAuth>(x402::decode_payment(header)->payload);
    world.ledger.spent[{world.payer, exact.nonce}].bytes[0] = 1;  // to a friend, by herself
    world.ledger.settle_all();
    const auto reply = world.call(header);
    EXPECT_EQ(reply.error(), x402::exact_transaction_failed);
    EXPECT_EQ(reply.response.body().view(), "{}");
    EXPECT_EQ(earned(), Amount{});
}

TEST_F(ExactPayment, StillGivesThePaidAnswerWhenItsAuthorizationHasEnded)
{
    PaymentWorld::Script late;
    late.settle_late = true;
    const auto header = world.exact({.valid_s = 600, .payment_id = "0123456789abcdef"});
    ASSERT_EQ(world.call(header, late).status(), 202u);
    world.crash();
    world.ledger.settle_all();
    world.advance(std::chrono::hours{2});
    const auto reply = world.call(header);
    EXPECT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_EQ(reply.response.body().view(), "answer");
    EXPECT_EQ(world.runs, 1u);
}

TEST_F(ExactPayment, GivesTheAnswerOfTheFirstTransferToWhoSignedASecondForTheSameCall)
{
    PaymentWorld::Script late;
    late.settle_late = true;
    const auto first = world.exact({.valid_s = 600, .payment_id = "0123456789abcdef"});
    const auto second = world.exact({.nonce = 2, .valid_s = 600, .payment_id = "0123456789abcdef"});
    ASSERT_EQ(world.call(first, late).status(), 202u);
    world.crash();
    EXPECT_EQ(world.call(second).status(), 409u) << "the first may still come";
    world.ledger.settle_all();
    const auto reply = world.call(second);
    EXPECT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_EQ(reply.response.body().view(), "answer");
    EXPECT_EQ(world.runs, 1u);
    EXPECT_EQ(earned(), Amount::micros(1000)) << "the second is not used";
}

TEST_F(ExactPayment, TakesASecondTransferOnceTheFirstCanComeNoMore)
{
    PaymentWorld::Script late;
    late.settle_late = true;
    ASSERT_EQ(world.call(world.exact({.payment_id = "0123456789abcdef"}), late).status(), 202u);
    world.crash();
    world.ledger.settle_next(true);
    world.advance(std::chrono::minutes{5});
    const auto reply = world.call(world.exact({.nonce = 2, .payment_id = "0123456789abcdef"}));
    EXPECT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_EQ(world.runs, 2u);
    EXPECT_EQ(earned(), Amount::micros(1000));
}

TEST_F(ExactPayment, IsRememberedAtThePriceOfItsTime)
{
    const auto header = world.exact({.payment_id = "0123456789abcdef"});
    ASSERT_EQ(world.call(header).status(), 200u);
    const auto fresh = world.exact({.nonce = 2});
    for (auto& [version, sheets] : world.ledger.prices) sheets[0].sheet.cap = Amount::micros(815);
    EXPECT_EQ(world.call(header).status(), 200u);
    EXPECT_EQ(world.call(fresh).error(), x402::accepted_not_offered);
    EXPECT_EQ(world.runs, 1u);
}

TEST_F(ExactPayment, IsKeptWhileTheLedgerTakesNothing)
{
    const auto header = world.exact({.valid_s = 600});
    PaymentWorld::Script halting;
    halting.halt = true;
    halting.settle_late = true;
    const auto stopped = world.call(header, halting);
    EXPECT_EQ(stopped.status(), 503u);
    EXPECT_NE(stopped.response.body().view().find("ledger"), std::string_view::npos);
    EXPECT_EQ(stopped.response.body().view().find("answer"), std::string_view::npos);
    // The transfer was in other hands already.
    world.ledger.settle_all();
    const auto reply = world.call(header);
    EXPECT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_EQ(reply.response.body().view(), "answer");
    EXPECT_EQ(world.runs, 1u);
    EXPECT_EQ(earned(), Amount::micros(1000));
}

TEST_F(ExactPayment, DoesNotPassForAVoucher)
{
    auto payment = from_header(world.exact({}));
    payment["accepted"] = world.entry(1000, x402::Scheme::batch);
    EXPECT_EQ(world.call(to_header(payment)).status(), 400u);
    auto voucher = from_header(world.voucher({}));
    voucher["accepted"] = world.entry(1000, x402::Scheme::exact);
    EXPECT_EQ(world.call(to_header(voucher)).status(), 400u);
}

}  // namespace
}  // namespace node
