#include "ledger/base/hex.hpp"
#include "market/signing.hpp"
#include "node/payment/x402_errors.hpp"
#include "tests/unit/node/payment/single_payment.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using ledger::Amount;

struct UptoPayment : testing::Test {
    PaymentWorld world;
    /// 100 a call and 3 for each of ten rows.
    static constexpr std::uint64_t price = 130;

    Amount earned()
    {
        return world.ledger.earned[market::split_address(world.model, {2}, world.host.host)];
    }
    void expect_402(std::function<void(market::PermitSettle&)> change, std::string_view reason)
    {
        PaymentWorld::Upto payment;
        payment.change = std::move(change);
        const auto reply = world.call(world.upto(payment));
        EXPECT_EQ(reply.status(), 402u);
        EXPECT_EQ(reply.error(), reason);
        EXPECT_FALSE(reply.ran);
        EXPECT_EQ(world.ledger.waiting(), 0u);
    }
    static PaymentWorld::Script late()
    {
        PaymentWorld::Script script;
        script.settle_late = true;
        return script;
    }
};

TEST_F(UptoPayment, RunsAndSettlesAtWhatWasDone)
{
    const auto reply = world.call(world.upto({}));
    ASSERT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_EQ(reply.response.body().view(), "answer");
    EXPECT_EQ(reply.paid()["amount"], "130");
    EXPECT_EQ(reply.paid()["extra"]["chargedAmount"], "130");
    EXPECT_EQ(reply.paid()["extra"]["receipt"]["maxClaimable"], "1000");
    EXPECT_EQ(reply.paid()["extra"]["receipt"]["chargedCumulative"], "130");
    EXPECT_EQ(earned(), Amount::micros(price));
    EXPECT_EQ(world.ledger.balance(world.payer), Amount::micros(1'000'000 - price));
}

TEST_F(UptoPayment, NamesItsReceiptByWhatThePayerSigned)
{
    const auto header = world.upto({});
    const auto permit = std::get<market::PermitSettle>(x402::decode_payment(header)->payload);
    const auto digest = market::permit_digest(world.network, permit);
    const auto reply = world.call(header);
    EXPECT_EQ(reply.paid()["extra"]["receipt"]["channelId"], ledger::to_hex0x(digest.view()));
    EXPECT_EQ(reply.paid()["extra"]["receipt"]["seq"], 1);
}

TEST_F(UptoPayment, NeverSettlesAboveItsCeiling)
{
    PaymentWorld::Script many;
    many.rows = 1'000'000;
    const auto reply = world.call(world.upto({}), many);
    EXPECT_EQ(reply.paid()["amount"], "1000");
    EXPECT_EQ(earned(), Amount::micros(1000));
}

TEST_F(UptoPayment, IsRefusedForEveryThingThatIsWrongWithIt)
{
    const auto now = world.now().wall.value / 1000;
    const auto flip = [](auto& id) { id.bytes[0] ^= 1; };
    expect_402([&](auto& p) { flip(p.spender); }, x402::upto_spender);
    expect_402([&](auto& p) { flip(p.permitted.token); }, x402::upto_token_mismatch);
    expect_402([&](auto& p) { flip(p.witness.to); }, x402::upto_recipient_mismatch);
    expect_402([&](auto& p) { flip(p.witness.facilitator); }, x402::upto_facilitator_mismatch);
    expect_402([](auto& p) { p.permitted.amount = Amount::micros(1001); },
               x402::upto_amount_mismatch);
    expect_402([](auto& p) { p.permitted.amount = Amount::micros(999); },
               x402::upto_amount_mismatch);
    expect_402([&](auto& p) { p.witness.valid_after = now + 1; }, x402::upto_not_yet_valid);
    expect_402([&](auto& p) { p.deadline = now + 5; }, x402::upto_deadline_expired);
    expect_402([&](auto& p) { p.deadline = now + 8 * 86'400; }, x402::upto_deadline_expired);
    expect_402([](auto& p) { p.from.bytes[0] ^= 1; }, x402::upto_signature);
    world.ledger.balances[world.payer] = Amount::micros(999);
    expect_402({}, x402::upto_insufficient_balance);
    world.ledger.balances[world.payer] = Amount::micros(5000);
    ledger::Hash nonce;
    nonce.bytes[31] = 1;
    world.ledger.spent_permits[{world.payer, nonce}] = {};
    expect_402({}, x402::upto_nonce_already_used);
}

TEST_F(UptoPayment, IsAnotherThanATransferWithTheSameNonce)
{
    ASSERT_EQ(world.call(world.exact({.nonce = 1})).status(), 200u);
    const auto reply = world.call(world.upto({.nonce = 1}));
    EXPECT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_EQ(world.runs, 2u);
}

TEST_F(UptoPayment, WithholdsTheAnswerWhenSettlementIsRefused)
{
    expect_withheld(world, world.upto({}), x402::upto_transaction_failed);
}

TEST_F(UptoPayment, IsSentAgainWithThePriceOfItsOneRun)
{
    const auto header = world.upto({.valid_s = 600});
    ASSERT_EQ(world.call(header, late()).status(), 202u);
    world.crash();
    ASSERT_TRUE(world.ledger.settle_next(true)) << "the first message is lost";
    PaymentWorld::Script dearer;
    dearer.rows = 300;
    const auto reply = world.call(header, dearer);
    EXPECT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_FALSE(reply.ran);
    EXPECT_EQ(reply.paid()["amount"], "130");
    EXPECT_EQ(earned(), Amount::micros(price));
    EXPECT_EQ(world.runs, 1u);
}

TEST_F(UptoPayment, GivesTheAnswerAfterACrashBetweenPayingAndAnswering)
{
    const auto header = world.upto({.valid_s = 600});
    ASSERT_EQ(world.call(header, late()).status(), 202u);
    world.crash();
    world.ledger.settle_all();
    const auto reply = world.call(header);
    EXPECT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_EQ(reply.response.body().view(), "answer");
    EXPECT_EQ(world.runs, 1u);
    EXPECT_EQ(earned(), Amount::micros(price));
}

TEST_F(UptoPayment, GivesTheStoredAnswerOnlyToThePayer)
{
    const auto header = world.upto({});
    ASSERT_EQ(world.call(header).status(), 200u);
    EXPECT_FALSE(world.call(header).ran);
    EXPECT_EQ(world.call(header).status(), 200u);
    auto forged = from_header(header);
    auto& signature = forged["payload"]["signature"].get_ref<std::string&>();
    signature[10] = signature[10] == '0' ? '1' : '0';
    EXPECT_EQ(world.call(to_header(forged)).error(), x402::upto_signature);
    EXPECT_EQ(earned(), Amount::micros(price));
}

TEST_F(UptoPayment, PaysForOneCallWhateverTheCallIsNamedBy)
{
    const auto first = world.upto({.valid_s = 600, .payment_id = "0123456789abcdef"});
    const auto second = world.upto({.valid_s = 600, .payment_id = "0123456789abcdefg"});
    const auto unnamed = world.upto({.valid_s = 600});
    ASSERT_EQ(world.call(first, late()).status(), 202u);
    EXPECT_EQ(world.call(second).status(), 409u);
    EXPECT_EQ(world.call(unnamed).status(), 409u);
    EXPECT_EQ(world.runs, 1u);
    EXPECT_EQ(world.call(first).status(), 200u);
    PaymentWorld::Script other;
    other.body = "other";
    EXPECT_EQ(world.call(first, other).status(), 409u);
}

TEST_F(UptoPayment, GivesTheAnswerToWhoSignedATransferForTheSameCall)
{
    const auto first = world.upto({.valid_s = 600, .payment_id = "0123456789abcdef"});
    const auto second = world.exact({.nonce = 2, .valid_s = 600, .payment_id = "0123456789abcdef"});
    ASSERT_EQ(world.call(first, late()).status(), 202u);
    world.crash();
    EXPECT_EQ(world.call(second).status(), 409u) << "the permit may still come";
    world.ledger.settle_all();
    const auto reply = world.call(second);
    EXPECT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_EQ(reply.paid()["amount"], "130");
    EXPECT_EQ(world.runs, 1u);
    EXPECT_EQ(earned(), Amount::micros(price)) << "the transfer is not used";
}

TEST_F(UptoPayment, IsKeptWhileTheLedgerTakesNothing)
{
    const auto header = world.upto({.valid_s = 600});
    auto halting = late();
    halting.halt = true;
    const auto stopped = world.call(header, halting);
    EXPECT_EQ(stopped.status(), 503u);
    EXPECT_EQ(world.call(header).status(), 200u);
    EXPECT_EQ(world.runs, 1u);
    EXPECT_EQ(earned(), Amount::micros(price));
}

TEST_F(UptoPayment, ChargesNothingForARunThatFails)
{
    PaymentWorld::Script failing;
    failing.run_fails = true;
    const auto header = world.upto({});
    EXPECT_EQ(world.call(header, failing).status(), 500u);
    EXPECT_EQ(world.ledger.waiting(), 0u);
    EXPECT_EQ(world.call(header).status(), 200u);
    EXPECT_EQ(earned(), Amount::micros(price));
}

TEST_F(UptoPayment, DoesNotPassForATransfer)
{
    auto payment = from_header(world.upto({}));
    payment["accepted"] = world.entry(1000, x402::Scheme::exact);
    EXPECT_EQ(world.call(to_header(payment)).status(), 400u);
    auto transfer = from_header(world.exact({}));
    transfer["accepted"] = world.entry(1000, x402::Scheme::upto);
    EXPECT_EQ(world.call(to_header(transfer)).status(), 400u);
}

}  // namespace
}  // namespace node
