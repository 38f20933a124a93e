#include "ledger/base/hex.hpp"
#include "market/signing.hpp"
#include "node/payment/signed_offer.hpp"
#include "node/payment/x402_errors.hpp"
#include "tests/unit/node/payment/paid_call.hpp"

namespace node {
namespace {

using ledger::Amount;
using nlohmann::json;
using namespace std::chrono_literals;

TEST_F(PaidCall, OffersEverySchemeBeforeTheBodyIsRead)
{
    const auto reply = world.call("");
    EXPECT_EQ(reply.status(), 402u);
    EXPECT_EQ(reply.error(), "PAYMENT-SIGNATURE header is required");
    const auto required = reply.required();
    EXPECT_EQ(required["x402Version"], 2);
    ASSERT_EQ(required["accepts"].size(), 4u);
    EXPECT_EQ(required["accepts"][2]["extra"]["facilitatorAddress"],
              x402::plain(world.terms.facilitator));
    EXPECT_EQ(required["accepts"][0]["extra"]["name"], "MKT");
    EXPECT_EQ(required["accepts"][0]["extra"]["withdrawDelay"], 900);
    EXPECT_EQ(required["extensions"]["offer-receipt"]["info"]["offers"].size(), 4u);
    EXPECT_FALSE(reply.ran);
}

TEST_F(PaidCall, ChargesAVoucherAndSignsAReceipt)
{
    world.open_channel(5000);
    const auto reply = world.call(world.voucher({}));
    ASSERT_EQ(reply.status(), 200u) << reply.response.body().view();
    EXPECT_EQ(reply.stage, Stage::answered);
    const auto paid = reply.paid();
    EXPECT_EQ(paid["success"], true);
    EXPECT_EQ(paid["transaction"], "");
    EXPECT_EQ(paid["network"], "eip155:402077");
    EXPECT_EQ(paid["amount"], "130");
    EXPECT_EQ(paid["extra"]["chargedAmount"], "130");
    EXPECT_EQ(paid["extra"]["channelState"]["chargedCumulativeAmount"], "130");
    EXPECT_EQ(paid["extra"]["channelState"]["balance"], "5000");
    EXPECT_EQ(world.charged(), Amount::micros(130));

    const auto stored = receipts();
    ASSERT_EQ(stored.size(), 1u);
    const auto& receipt = stored[0].receipt;
    EXPECT_EQ(receipt.seq, 1u);
    EXPECT_EQ(receipt.units, std::vector<std::uint64_t>{10});
    EXPECT_EQ(receipt.req_hash, ledger::sha256(ledger::as_bytes("{}")));
    EXPECT_EQ(receipt.resp_hash, ledger::sha256(ledger::as_bytes("answer")));
    EXPECT_EQ(receipt.ver, market::Version{2});
    EXPECT_TRUE(market::signed_by(world.host.authorizer,
                                  market::receipt_digest(world.network, receipt),
                                  stored[0].signature));
    EXPECT_EQ(paid["extra"]["receipt"]["chargedCumulative"], "130");
}

TEST_F(PaidCall, SignsTheReceiptOfTheExtensionForThoseWhoSendTheExtensionBack)
{
    world.open_channel(5000);
    EXPECT_FALSE(world.call(world.voucher({})).paid().contains("extensions"));

    const auto with = [](json& payment) {
        payment["extensions"]["offer-receipt"]["info"]["offers"] = json::array();
    };
    const auto paid = world.call(world.voucher({.change = with})).paid();
    const auto& receipt = paid["extensions"]["offer-receipt"]["info"]["receipt"];
    EXPECT_EQ(receipt["format"], "eip712");
    EXPECT_EQ(receipt["payload"]["payer"], x402::plain(world.payer));
    EXPECT_EQ(receipt["payload"]["resourceUrl"], "http://host/m");
    const auto signature =
        ledger::id_from_hex<ledger::Signature>(receipt["signature"].get_ref<const std::string&>());
    const auto again =
        x402::signed_receipt({"eip155:402077", "http://host/m", x402::plain(world.payer),
                              receipt["payload"]["issuedAt"].get<std::uint64_t>(), ""},
                             world.host.key);
    EXPECT_EQ(signature, again.signature);
}

TEST_F(PaidCall, ChargesNoMoreThanTheCeiling)
{
    world.open_channel(5000);
    PaymentWorld::Script script;
    script.rows = 1'000'000;
    EXPECT_EQ(world.call(world.voucher({}), script).paid()["extra"]["chargedAmount"], "1000");
}

TEST_F(PaidCall, ServesManyVouchersInARow)
{
    world.open_channel(50'000);
    for (std::uint64_t i = 1; i <= 40; ++i) {
        // The amounts stay in the offer's range; with small charges ceilings do meet.
        const auto reply = world.call(world.voucher({.amount = 1000 + i * 7 % 31}));
        ASSERT_EQ(reply.status(), 200u) << i << reply.error();
        EXPECT_EQ(world.charged(), Amount::micros(130 * i));
    }
    EXPECT_EQ(receipts().back().receipt.seq, 40u);
}

TEST_F(PaidCall, TakesAPaymentHeaderOnlyOnce)
{
    RequestMachine machine{world.node->services, world.resource()};
    const std::vector<std::string_view> two{"a", "b"};
    const auto action = machine.start(two, world.now());
    EXPECT_EQ(std::get<Answer>(action).response.status(), 400u);
}

TEST_F(PaidCall, RefusesWhatWasNotOffered)
{
    world.open_channel(5000);
    for (const auto& change : std::vector<std::function<void(json&)>>{
             [](json& p) { p["accepted"]["network"] = "eip155:1"; },
             [](json& p) { p["accepted"]["maxTimeoutSeconds"] = 61; },
             [](json& p) { p["accepted"]["asset"] = "0x00000000000000000000000000000000000000f2"; },
             [](json& p) { p["accepted"]["extra"]["withdrawDelay"] = 901; },
             [](json& p) { p["accepted"]["extra"].erase("minDeposit"); },
             [](json& p) { p["accepted"]["more"] = 1; },
             [](json& p) { p["accepted"].erase("payTo"); },
         })
        expect_402({.change = change}, x402::accepted_not_offered);
    expect_402({.amount = 999}, x402::accepted_not_offered);
    expect_402({.amount = 1031}, x402::accepted_not_offered);
    EXPECT_EQ(world.call(world.voucher({.amount = 1030})).status(), 200u);
}

TEST_F(PaidCall, RefusesAnotherChannelThanTheOneOffered)
{
    world.open_channel(5000);
    const auto with = [](auto change) {
        PaymentWorld::Voucher voucher;
        voucher.change_config = change;
        return voucher;
    };
    expect_402(with([](auto& c) { c.token.bytes[0] = 1; }), x402::token_mismatch);
    expect_402(with([](auto& c) { c.receiver.bytes[0] ^= 1; }), x402::receiver_mismatch);
    expect_402(with([](auto& c) { c.receiver_authorizer.bytes[0] ^= 1; }),
               x402::receiver_authorizer_mismatch);
    expect_402(with([](auto& c) { c.withdraw_delay.value = 1000; }), x402::withdraw_delay_mismatch);
    expect_402(
        {.change =
             [](json& p) { p["payload"]["voucher"]["channelId"] = "0x" + std::string(64, '1'); }},
        x402::channel_id_mismatch);
}

TEST_F(PaidCall, RefusesAVoucherThatThePayerDidNotSign)
{
    world.open_channel(5000);
    expect_402({.change =
                    [](json& p) {
                        auto& signature =
                            p["payload"]["voucher"]["signature"].get_ref<std::string&>();
                        signature[10] = signature[10] == '0' ? '1' : '0';
                    }},
               x402::voucher_signature);
}

TEST_F(PaidCall, CorrectsAClientThatLostCount)
{
    world.open_channel(5000);
    ASSERT_EQ(world.call(world.voucher({})).status(), 200u);
    PaymentWorld::Script other;
    other.body = "{\"another\":1}";
    const auto reply = world.call(world.voucher({.amount = 1001, .max = 1001}), other);
    EXPECT_EQ(reply.status(), 402u);
    EXPECT_EQ(reply.error(), x402::cumulative_amount_mismatch);
    EXPECT_EQ(reply.header("PAYMENT-RESPONSE"), "");
    const auto extra = reply.required()["accepts"][0]["extra"];
    EXPECT_EQ(extra["channelState"]["chargedCumulativeAmount"], "130");
    EXPECT_EQ(extra["voucherState"]["signedMaxClaimable"], "1000");

    // The entry of the corrective 402 may come back as it is.
    const auto again = world.call(world.voucher({.amount = 1001, .change = [&](json& p) {
                                                     p["accepted"]["extra"]["channelState"] =
                                                         extra["channelState"];
                                                     p["accepted"]["extra"]["voucherState"] =
                                                         extra["voucherState"];
                                                 }}));
    EXPECT_EQ(again.status(), 200u);
}

TEST_F(PaidCall, SaysWhenAVoucherIsBelowWhatTheLedgerPaid)
{
    world.open_channel(5000);
    world.ledger.channels[world.channel()].total_claimed = Amount::micros(2000);
    const auto reply = world.call(world.voucher({.max = 1000}));
    EXPECT_EQ(reply.error(), x402::cumulative_below_claimed);
    EXPECT_EQ(reply.required()["accepts"][0]["extra"]["channelState"]["chargedCumulativeAmount"],
              "2000");
    // The ledger's count rules where the node has lost its own.
    EXPECT_EQ(
        world.call(world.voucher({})).paid()["extra"]["channelState"]["chargedCumulativeAmount"],
        "2130");
}

TEST_F(PaidCall, RefusesMoreThanTheBalance)
{
    world.open_channel(999);
    expect_402({}, x402::cumulative_exceeds_balance);
    world.open_channel(1000);
    EXPECT_EQ(world.call(world.voucher({})).status(), 200u);
}

TEST_F(PaidCall, RefusesAChannelThatNobodyOpened)
{
    expect_402({}, x402::channel_not_found);
}

TEST_F(PaidCall, TakesVouchersOnlyUpToWhatAWithdrawalLeaves)
{
    world.open_channel(3000);
    auto& channel = world.ledger.channels[world.channel()];
    channel.withdraw = {Amount::micros(2001), world.now().wall.value + 900'000};
    expect_402({}, x402::cumulative_exceeds_balance);
    channel.withdraw->amount = Amount::micros(2000);
    EXPECT_EQ(world.call(world.voucher({})).status(), 200u);
    channel.balance = Amount::micros(50'000);
    channel.withdraw->end_ms = world.now().wall.value + 59'999;
    EXPECT_EQ(world.call(world.voucher({})).error(), x402::withdrawal_ending);
}

TEST_F(PaidCall, TakesNoPaymentWhileTheLedgerIsNotCurrent)
{
    world.open_channel(5000);
    world.ledger.head_.current = false;
    expect_refused(world.call(world.voucher({})), 503, "");
}

TEST_F(PaidCall, ServesOneCallOfAChannelAtATime)
{
    world.open_channel(5000);
    RequestMachine first{world.node->services, world.resource()};
    const auto header = world.voucher({});
    const std::vector<std::string_view> headers{header};
    ASSERT_TRUE(std::holds_alternative<ReadBody>(first.start(headers, world.now())));
    EXPECT_EQ(first.stage(), Stage::reserved);
    EXPECT_EQ(world.call(header).error(), x402::channel_busy);
    world.open_channel(5000, 1);
    EXPECT_EQ(world.call(world.voucher({.lane = 1})).status(), 200u);

    EXPECT_TRUE(first.on_caller_gone());
    EXPECT_EQ(world.call(header).status(), 200u);
}

TEST_F(PaidCall, FreesAChannelWhoseHandlerNeverCameBack)
{
    world.open_channel(5000);
    RequestMachine stuck{world.node->services, world.resource()};
    const auto header = world.voucher({});
    const std::vector<std::string_view> headers{header};
    (void)stuck.start(headers, world.now());
    (void)stuck.on_body({}, world.now());
    world.advance(30s + 60s + 60s);
    ASSERT_EQ(world.call(header).status(), 200u);

    // It comes back after all: its lease is over, so it must not charge.
    Served served{Response::json(200, "late"), {2}, {}};
    const auto action = stuck.on_ran(std::move(served), world.now());
    EXPECT_EQ(std::get<Answer>(action).response.status(), 503u);
    EXPECT_EQ(stuck.stage(), Stage::rolled_back);
    EXPECT_EQ(receipts().size(), 1u);
}

TEST_F(PaidCall, KeepsItsChannelThroughASlowBodyAWholeRunAndASlowReader)
{
    world.open_channel(5000);
    RequestMachine slow{world.node->services, world.resource()};
    const auto header = world.voucher({});
    const std::vector<std::string_view> headers{header};
    (void)slow.start(headers, world.now());
    world.advance(74s);
    EXPECT_TRUE(std::holds_alternative<node::Run>(slow.on_body({}, world.now())));
    world.advance(60s + 59s);
    EXPECT_EQ(world.call(header).error(), x402::channel_busy);
    Served served{Response::json(200, "slow"), {2}, {}};
    EXPECT_TRUE(std::holds_alternative<Write>(slow.on_ran(std::move(served), world.now())));
}

TEST_F(PaidCall, DoesNotRunWhereTheBodyCameAfterAnotherTookItsChannel)
{
    world.open_channel(5000);
    RequestMachine late{world.node->services, world.resource()};
    const auto header = world.voucher({});
    const std::vector<std::string_view> headers{header};
    (void)late.start(headers, world.now());
    world.advance(30s + 60s + 60s);
    RequestMachine other{world.node->services, world.resource()};
    (void)other.start(headers, world.now());
    const auto action = late.on_body({}, world.now());
    ASSERT_TRUE(std::holds_alternative<Answer>(action));
    EXPECT_EQ(std::get<Answer>(action).response.status(), 503u);
}

TEST_F(PaidCall, ChargesNothingWhenTheModelFails)
{
    world.open_channel(5000);
    PaymentWorld::Script script;
    script.run_fails = true;
    const auto header = world.voucher({});
    const auto reply = world.call(header, script);
    EXPECT_EQ(reply.status(), 500u);
    EXPECT_EQ(reply.stage, Stage::rolled_back);
    EXPECT_TRUE(reply.header("PAYMENT-RESPONSE").empty());
    EXPECT_EQ(world.charged(), Amount{});
    EXPECT_TRUE(receipts().empty());
    EXPECT_EQ(world.call(header).status(), 200u) << "the same voucher may be used again";
}

TEST_F(PaidCall, ChargesNothingWhenTheModelIsTooLate)
{
    world.open_channel(5000);
    PaymentWorld::Script script;
    script.run_too_late = true;
    EXPECT_EQ(world.call(world.voucher({}), script).status(), 504u);
    EXPECT_EQ(world.charged(), Amount{});
}

TEST_F(PaidCall, ChargesNothingWhenTheJournalFails)
{
    world.open_channel(5000);
    world.journal.failing = true;
    const auto reply = world.call(world.voucher({}));
    EXPECT_EQ(reply.status(), 503u);
    EXPECT_EQ(reply.response.body().view().find("answer\""), std::string_view::npos);
    EXPECT_EQ(world.charged(), Amount{});
    world.journal.failing = false;
    EXPECT_EQ(world.call(world.voucher({})).status(), 200u);
}

TEST_F(PaidCall, ChargesNothingForAVersionThatWasNotOffered)
{
    world.open_channel(5000);
    PaymentWorld::Script script;
    script.ver = {3};
    EXPECT_EQ(world.call(world.voucher({}), script).status(), 500u);
    EXPECT_EQ(world.charged(), Amount{});
}

TEST_F(PaidCall, RefusesABodyThatCannotBeRead)
{
    world.open_channel(5000);
    RequestMachine machine{world.node->services, world.resource()};
    const auto header = world.voucher({});
    const std::vector<std::string_view> headers{header};
    (void)machine.start(headers, world.now());
    const auto action = machine.on_body_refused({413, "too_large", "too large"});
    EXPECT_EQ(std::get<Answer>(action).response.status(), 413u);
    EXPECT_EQ(world.call(header).status(), 200u);
}

TEST_F(PaidCall, CannotBeStoppedOnceTheChargeIsBeingWritten)
{
    world.open_channel(5000);
    RequestMachine machine{world.node->services, world.resource()};
    const auto header = world.voucher({});
    const std::vector<std::string_view> headers{header};
    (void)machine.start(headers, world.now());
    (void)machine.on_body({}, world.now());
    const auto action = machine.on_ran(Served{Response::json(200, "x"), {2}, {}}, world.now());
    ASSERT_TRUE(std::holds_alternative<Write>(action));
    EXPECT_FALSE(machine.on_caller_gone());
    EXPECT_FALSE(machine.on_deadline(world.now()));
    world.advance(3600s);
    EXPECT_EQ(world.call(header).error(), x402::channel_busy);
}

TEST(PaidCallTerms, CanRequireAPaymentIdentifier)
{
    OfferTerms terms;
    terms.require_payment_id = true;
    PaymentWorld world{terms};
    world.open_channel(5000);
    EXPECT_EQ(world.call(world.voucher({})).status(), 400u);
    EXPECT_EQ(world.call(world.voucher({.payment_id = "0123456789abcdef"})).status(), 200u);
}

}  // namespace
}  // namespace node
