#include "tests/unit/node/payment/paid_call.hpp"

#include <nlohmann/json.hpp>

// The codes by which programs tell why a paid call failed; none of these costs anything. Under /v2
// an error is a text alone, so these calls come by another path.
namespace node {
namespace {

using ledger::Amount;
using namespace std::chrono_literals;

const std::string path = "/v1/chat/completions";
const std::string call_id = "pay_0123456789abcdef";

struct PaidCallError : PaidCall {
    PaidCallError() { world.open_channel(100'000); }

    PaidResource resource() const
    {
        auto made = world.resource();
        made.path = path;
        return made;
    }
    static PaymentWorld::Script script()
    {
        PaymentWorld::Script made;
        made.path = path;
        return made;
    }
    /// A call of its own, as far as its body is wanted.
    std::unique_ptr<RequestMachine> begin(const std::string& header)
    {
        auto machine = std::make_unique<RequestMachine>(world.node->services, resource());
        const std::vector<std::string_view> headers{header};
        const auto action = machine->start(headers, world.now());
        EXPECT_TRUE(std::holds_alternative<ReadBody>(action));
        return machine;
    }
    static void expect_error(const Response& response, unsigned status, std::string_view code)
    {
        EXPECT_EQ(response.status(), status);
        const auto body = nlohmann::json::parse(response.body().view(), nullptr, false);
        const auto named = body.is_discarded() ? "" : body["error"].value("code", "");
        EXPECT_EQ(named, code) << response.body().view();
    }
    static void expect_error(const Action& action, unsigned status, std::string_view code)
    {
        ASSERT_TRUE(std::holds_alternative<Answer>(action));
        expect_error(std::get<Answer>(action).response, status, code);
    }
    static Action served(RequestMachine& machine, RequestMachine::Now now)
    {
        Served late{Response::json(200, "late"), {2}, {}};
        return machine.on_ran(std::move(late), now);
    }
    /// Beyond what any lease lasts without news of its call.
    void outlive_leases() { world.advance(30s + 60s + 60s); }
};

TEST_F(PaidCallError, SaysReservationLostWhereTheBodyCameTooLate)
{
    const auto header = world.voucher({});
    const auto late = begin(header);
    outlive_leases();
    const auto other = begin(header);
    expect_error(late->on_body({}, world.now()), 503, "reservation_lost");
    EXPECT_EQ(world.charged(), Amount{});
}

TEST_F(PaidCallError, SaysReservationLostWhereAnotherVoucherWasChargedMeanwhile)
{
    const auto header = world.voucher({});
    const auto late = begin(header);
    (void)late->on_body({}, world.now());
    outlive_leases();
    ASSERT_EQ(world.call(header).status(), 200u);
    const auto before = world.charged();
    expect_error(served(*late, world.now()), 503, "reservation_lost");
    EXPECT_EQ(world.charged(), before);
}

TEST_F(PaidCallError, SaysReservationLostWhereAnotherLinkWasChargedMeanwhile)
{
    auto chain = world.chain(20);
    ASSERT_EQ(world.call(world.link(chain)).status(), 200u);
    chain.opened = true;
    chain.used = 7;  // 130 in links of 20
    const auto late = begin(world.link(chain));
    (void)late->on_body({}, world.now());
    outlive_leases();
    ASSERT_EQ(world.call(world.link(chain)).status(), 200u);
    const auto before = world.charged();
    expect_error(served(*late, world.now()), 503, "reservation_lost");
    EXPECT_EQ(world.charged(), before);
}

TEST_F(PaidCallError, SaysReservationLostWhereAVoucherEndedTheChainMeanwhile)
{
    auto chain = world.chain(20);
    ASSERT_EQ(world.call(world.link(chain)).status(), 200u);
    chain.opened = true;
    chain.used = 7;
    const auto late = begin(world.link(chain));
    (void)late->on_body({}, world.now());
    outlive_leases();
    ASSERT_EQ(world.call(world.voucher({})).status(), 200u);
    const auto before = world.charged();
    expect_error(served(*late, world.now()), 503, "reservation_lost");
    EXPECT_EQ(world.charged(), before);
}

TEST_F(PaidCallError, SaysWrongVersionWhereOneRanThatWasNotOfferedHoweverItIsPaid)
{
    auto other = script();
    other.ver = {3};
    const auto chain = world.chain(20);
    for (const auto& header :
         {world.voucher({}), world.link(chain), world.exact({}), world.upto({.nonce = 2})}) {
        const auto reply = world.call(header, other);
        expect_error(reply.response, 500, "wrong_version");
        EXPECT_TRUE(reply.ran);
    }
    EXPECT_EQ(world.charged(), Amount{});
    EXPECT_EQ(world.ledger.waiting(), 0u);
    EXPECT_EQ(world.ledger.balances[world.payer], PaymentWorld{}.ledger.balances[world.payer]);
}

TEST(PaidCallErrors, SayAnswerTooLargeToPaymentsForOneCallAlone)
{
    ShelfLimits limits;
    limits.answer_bytes = 5;
    PaymentWorld world{{}, {}, limits};
    const auto before = world.ledger.balances[world.payer];
    for (const auto& header : {world.exact({}), world.upto({.nonce = 2})})
        PaidCallError::expect_error(world.call(header, PaidCallError::script()).response, 413,
                                    "answer_too_large");
    EXPECT_EQ(world.ledger.waiting(), 0u);
    EXPECT_EQ(world.ledger.balances[world.payer], before);
}

TEST_F(PaidCallError, SaysPaymentInProgressWhileACallOfTheSameNameIsUnderWay)
{
    world.open_channel(100'000, 1);
    const auto first = begin(world.voucher({.payment_id = call_id}));
    const auto second = world.voucher({.lane = 1, .payment_id = call_id});
    expect_error(world.call(second, script()).response, 409, "payment_in_progress");
    EXPECT_TRUE(first->on_caller_gone());
    EXPECT_EQ(world.call(second, script()).status(), 200u);
}

TEST_F(PaidCallError, SaysPaymentInProgressWhileTheSameTransferIsUnderWay)
{
    const auto header = world.exact({});
    const auto first = begin(header);
    expect_error(world.call(header, script()).response, 409, "payment_in_progress");
    EXPECT_TRUE(first->on_caller_gone());
    EXPECT_EQ(world.call(header, script()).status(), 200u);
}

TEST_F(PaidCallError, SaysPaymentInProgressWhileTheFirstTransferOfACallMayStillCome)
{
    auto late = script();
    late.settle_late = true;
    const auto first = world.exact({.valid_s = 600, .payment_id = call_id});
    ASSERT_EQ(world.call(first, late).status(), 202u);
    world.crash();
    const auto second = world.exact({.nonce = 2, .valid_s = 600, .payment_id = call_id});
    expect_error(world.call(second, script()).response, 409, "payment_in_progress");
    EXPECT_EQ(world.runs, 1u);
}

TEST_F(PaidCallError, SaysPaymentInProgressWhileAnotherRequestSettlesTheSameTransfer)
{
    auto late = script();
    late.settle_late = true;
    const auto header = world.exact({.valid_s = 600});
    ASSERT_EQ(world.call(header, late).status(), 202u);
    const auto first = begin(header);
    expect_error(world.call(header, script()).response, 409, "payment_in_progress");
    EXPECT_TRUE(first->on_caller_gone());
    EXPECT_EQ(world.call(header, script()).status(), 200u);
    EXPECT_EQ(world.runs, 1u);
}

}  // namespace
}  // namespace node
