#include "node/payment/x402_errors.hpp"
#include "tests/unit/node/payment/paid_call.hpp"

// Paid calls that are asked for again.
namespace node {
namespace {

using ledger::Amount;
using namespace std::chrono_literals;

TEST_F(PaidCall, GivesTheStoredAnswerToTheSameRequestUncharged)
{
    world.open_channel(5000);
    const auto header = world.voucher({});
    const auto first = world.call(header);
    world.crash();
    const auto second = world.call(header);
    EXPECT_EQ(second.status(), 200u);
    EXPECT_FALSE(second.ran);
    EXPECT_EQ(second.response.body().view(), "answer");
    EXPECT_EQ(second.response.content_type(), "application/json");
    EXPECT_EQ(second.header("PAYMENT-RESPONSE"), first.header("PAYMENT-RESPONSE"));
    EXPECT_EQ(world.charged(), Amount::micros(130));
}

TEST_F(PaidCall, RefusesAnotherRequestUnderTheSameVoucher)
{
    world.open_channel(5000);
    const auto header = world.voucher({});
    ASSERT_EQ(world.call(header).status(), 200u);
    PaymentWorld::Script other;
    other.body = "{\"other\":1}";
    EXPECT_EQ(world.call(header, other).status(), 409u);
    other.body = "{}";
    other.path = "/v2/models/m/versions/2/infer";
    EXPECT_EQ(world.call(header, other).status(), 409u);
}

TEST_F(PaidCall, ForgetsAVouchersAnswerAfterTenMinutes)
{
    world.open_channel(5000);
    const auto header = world.voucher({});
    ASSERT_EQ(world.call(header).status(), 200u);
    world.advance(599'999ms);
    EXPECT_EQ(world.call(header).status(), 200u);
    world.advance(1ms);
    EXPECT_EQ(world.call(header).error(), x402::cumulative_amount_mismatch);
    EXPECT_EQ(world.runs, 1u);
}

TEST_F(PaidCall, AnswersAPaymentIdentifierOnceHoweverItIsPaid)
{
    world.open_channel(5000);
    const std::string id = "pay_0123456789abcdef";
    ASSERT_EQ(world.call(world.voucher({.payment_id = id})).status(), 200u);
    const auto again = world.call(world.voucher({.payment_id = id}));
    EXPECT_EQ(again.status(), 200u);
    EXPECT_FALSE(again.ran);
    EXPECT_EQ(world.charged(), Amount::micros(130));
    PaymentWorld::Script other;
    other.body = "{\"other\":1}";
    EXPECT_EQ(world.call(world.voucher({.payment_id = id}), other).status(), 409u);
    EXPECT_EQ(world.call(world.voucher({.payment_id = id + "2"}), other).status(), 200u);
}

TEST_F(PaidCall, IsRememberedAtThePriceOfItsTime)
{
    world.open_channel(10'000);
    const auto named = world.voucher({.payment_id = "0123456789abcdef"});
    ASSERT_EQ(world.call(named).status(), 200u);
    const auto plain = world.voucher({});
    ASSERT_EQ(world.call(plain).status(), 200u);
    const auto fresh = world.voucher({});
    for (auto& [version, sheets] : world.ledger.prices) sheets[0].sheet.cap = Amount::micros(815);
    EXPECT_EQ(world.call(named).status(), 200u);
    EXPECT_EQ(world.call(plain).status(), 200u);
    EXPECT_EQ(world.call(fresh).error(), x402::accepted_not_offered);
    auto forged = from_header(named);
    auto& signature = forged["payload"]["voucher"]["signature"].get_ref<std::string&>();
    signature[10] = signature[10] == '0' ? '1' : '0';
    EXPECT_EQ(world.call(to_header(forged)).error(), x402::accepted_not_offered);
    EXPECT_EQ(world.runs, 2u);
}

TEST_F(PaidCall, WorksOnOneRequestOfAnIdentifierAtATime)
{
    world.open_channel(5000);
    world.open_channel(5000, 1);
    const std::string id = "pay_0123456789abcdef";
    RequestMachine first{world.node->services, world.resource()};
    const auto header = world.voucher({.payment_id = id});
    const std::vector<std::string_view> headers{header};
    (void)first.start(headers, world.now());
    EXPECT_EQ(world.call(world.voucher({.lane = 1, .payment_id = id})).status(), 409u);
    (void)first.on_caller_gone();
    EXPECT_EQ(world.call(world.voucher({.lane = 1, .payment_id = id})).status(), 200u);
}

TEST(PaidCallTerms, KeepsOnlyTheReceiptOfAnAnswerThatIsTooLarge)
{
    ShelfLimits limits;
    limits.answer_bytes = 5;
    PaymentWorld world{{}, {}, limits};
    world.open_channel(5000);
    const auto header = world.voucher({});
    const auto first = world.call(header);
    ASSERT_EQ(first.status(), 200u);
    const auto second = world.call(header);
    EXPECT_EQ(second.status(), 410u);
    EXPECT_NE(second.response.body().view().find("answer_expired"), std::string_view::npos);
    EXPECT_EQ(second.header("PAYMENT-RESPONSE"), first.header("PAYMENT-RESPONSE"));
    EXPECT_EQ(world.charged(), Amount::micros(130));
}

}  // namespace
}  // namespace node
