#include "tests/unit/wallet/client/paid_client_fixture.hpp"

namespace wallet {
namespace {

TEST_F(PaidClientTest, OpensAChannelByADepositAndUsesItAgain)
{
    const auto first = client().call(request(), {});
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(text(*first), "answer 1");
    EXPECT_EQ(first->charged, Amount::micros(600));
    EXPECT_EQ(first->deposited, Amount::micros(10'000));
    EXPECT_EQ(first->voucher.max_claimable, Amount::micros(1'000));

    const auto second = client().call(request("{1}"), {});
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_TRUE(second->deposited.is_zero());
    EXPECT_EQ(second->voucher.max_claimable, Amount::micros(1'600));
    EXPECT_EQ(second->channel, first->channel);
    EXPECT_EQ(file(first->channel).charged, Amount::micros(1'200));
    EXPECT_FALSE(file(first->channel).pending);
    EXPECT_EQ(ChannelFolder::open(folder.path() / "home")->receipts(first->channel, 9)->size(), 2u);
}

TEST_F(PaidClientTest, TopsUpAChannelThatIsShort)
{
    PaymentTerms terms;
    terms.deposit = Amount::micros(5'000);
    for (int i = 0; i < 12; ++i) {
        const auto answer = client().call(request(std::to_string(i)), terms);
        ASSERT_TRUE(answer) << answer.error().message;
    }
    EXPECT_EQ(host.charged, 7'200u);
    EXPECT_EQ(host.balance, 10'000u);
}

TEST_F(PaidClientTest, SendsTheSamePaymentAgainWhenTheAnswerIsLost)
{
    host.lose = 2;
    const auto answer = client().call(request(), {});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(host.runs, 1);
    EXPECT_EQ(host.charged, 600u);
    EXPECT_EQ(file(answer->channel).charged, Amount::micros(600));
}

TEST_F(PaidClientTest, TheNextRunGoesOnWithAPaymentWhoseAnswerWasLost)
{
    host.lose = 1;
    PaymentTerms once;
    once.attempts = 1;
    EXPECT_EQ(client().call(request(), once).error().fault, Fault::unreachable);
    const auto answer = client().call(request(), {});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(text(*answer), "answer 1");
    EXPECT_EQ(host.runs, 1);
    EXPECT_EQ(host.charged, 600u);
}

TEST_F(PaidClientTest, TakesTheHostsCountAfterAnotherCallWasLost)
{
    host.lose = 1;
    PaymentTerms once;
    once.attempts = 1;
    EXPECT_FALSE(client().call(request("lost"), once));
    const auto answer = client().call(request("other"), {});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->voucher.max_claimable, Amount::micros(1'600));
    EXPECT_EQ(file(answer->channel).charged, Amount::micros(1'200));
}

TEST_F(PaidClientTest, RecoversACountFromItsOwnSignatureWhenItsFilesAreGone)
{
    ASSERT_TRUE(client().call(request("a"), {}));
    std::filesystem::remove_all(folder.path() / "home");
    const auto answer = client().call(request("b"), {});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->voucher.max_claimable, Amount::micros(1'600));
}

TEST_F(PaidClientTest, BelievesNoCountAboveWhatItSigned)
{
    ASSERT_TRUE(client().call(request("a"), {}));
    host.charged += 500;
    // It signed up to 1,000 and sends 1,600 with the second call; a host may claim no more.
    host.lie = 1'601;
    EXPECT_EQ(client().call(request("b"), {}).error().fault, Fault::unverified);
    host.lie.reset();
    const auto honest = client().call(request("c"), {});
    ASSERT_TRUE(honest) << honest.error().message;
    EXPECT_EQ(file(honest->channel).charged, Amount::micros(1'700));
}

TEST_F(PaidClientTest, BelievesNoCountWithoutASignatureOrTheLedger)
{
    ASSERT_TRUE(client().call(request("a"), {}));
    std::filesystem::remove_all(folder.path() / "home");
    host.forget_voucher = true;
    host.lie = 5'000;
    const auto answer = client().call(request("b"), {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().fault, Fault::unverified);
}

TEST_F(PaidClientTest, RefusesAReceiptForAnotherAnswerButKeepsTheCount)
{
    host.wrong_hash = true;
    const auto answer = client().call(request(), {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().fault, Fault::unverified);
    const auto ids = ChannelFolder::open(folder.path() / "home")->list();
    ASSERT_EQ(ids->size(), 1u);
    EXPECT_EQ(file(ids->front()).charged, Amount::micros(600));
}

TEST_F(PaidClientTest, RefusesAReceiptByAnotherKey)
{
    host.wrong_signer = true;
    EXPECT_EQ(client().call(request(), {}).error().fault, Fault::unverified);
}

TEST_F(PaidClientTest, SignsNothingAboveItsPrice)
{
    host.price = 1'000'001;
    const auto answer = client().call(request(), {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().fault, Fault::payment_refused);
    EXPECT_TRUE(ChannelFolder::open(folder.path() / "home")->list()->empty());
}

TEST_F(PaidClientTest, TellsBeforeAPaymentIsSentAndOnlyThen)
{
    unsigned told = 0;
    std::uint64_t charged_then = 1;
    PaymentTerms terms;
    terms.before_paying = [&] {
        ++told;
        charged_then = host.charged;
    };
    host.price = 1'000'001;
    EXPECT_FALSE(client().call(request(), terms));
    EXPECT_EQ(told, 0u) << "the price is too high";
    host.price = 1'000;
    host.account = 4'999;
    EXPECT_FALSE(client().call(request(), terms));
    EXPECT_EQ(told, 0u) << "there is no money for the deposit";
    host.account = 1'000'000;
    ASSERT_TRUE(client().call(request(), terms));
    EXPECT_EQ(told, 1u);
    EXPECT_EQ(charged_then, 0u);
    host.free = true;
    ASSERT_TRUE(client().call(request("{1}"), terms));
    EXPECT_EQ(told, 1u) << "this one is free";
}

TEST_F(PaidClientTest, SaysWhenTheAccountCannotPayTheDeposit)
{
    host.account = 4'999;
    const auto answer = client().call(request(), {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().fault, Fault::payment_refused);
    EXPECT_NE(answer.error().message.find("0.004999"), std::string::npos) << answer.error().message;
}

TEST_F(PaidClientTest, WaitsForADepositThatIsNotFinal)
{
    host.pending = 3;
    ASSERT_TRUE(client().call(request(), {}));
    EXPECT_EQ(sleeps, 3);
}

TEST_F(PaidClientTest, PaysNothingWhereNothingIsAsked)
{
    host.free = true;
    const auto answer = client().call(request(), {});
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->free);
    EXPECT_EQ(text(*answer), "free");
}

TEST_F(PaidClientTest, AsksForWhatIsUnusedBack)
{
    const auto paid = client().call(request(), {});
    ASSERT_TRUE(paid);
    const auto back = client().refund(paid->channel, {});
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->amount, Amount::micros(9'400));
    EXPECT_EQ(host.refund_ceilings, std::vector{Amount::micros(600)});
    EXPECT_EQ(client().refund({{9}}, {}).error().fault, Fault::not_found);
}

TEST_F(PaidClientTest, AsksForWhatIsUnusedOfAChannelThatOnlyTheLedgerKnows)
{
    const auto paid = client().call(request(), {});
    ASSERT_TRUE(paid);
    const auto channel = on_ledger(file(paid->channel).config);
    lose_home();
    const auto back = client().refund(paid->channel, {}, channel);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->amount, Amount::micros(9'400));
    // Nothing was settled; then what our own voucher, shown by the host, went up to.
    EXPECT_EQ(host.refund_ceilings, (std::vector{Amount{}, Amount::micros(600)}));
    EXPECT_EQ(file(paid->channel).charged, Amount::micros(600));
    EXPECT_EQ(file(paid->channel).target, "/v2/models/m/infer");
}

TEST_F(PaidClientTest, GoesOnFromWhatTheLedgerHasSettledWhenTheHostShowsNoVoucher)
{
    const auto paid = client().call(request(), {});
    ASSERT_TRUE(paid);
    host.claimed = 600;
    host.forget_voucher = true;
    const auto channel = on_ledger(file(paid->channel).config);
    lose_home();
    ASSERT_TRUE(client().refund(paid->channel, {}, channel));
    EXPECT_EQ(host.refund_ceilings, std::vector{Amount::micros(600)});
}

TEST_F(PaidClientTest, SignsNoMoreForALostChannelThanWasSettledOrSigned)
{
    const auto paid = client().call(request(), {});
    ASSERT_TRUE(paid);
    const auto channel = on_ledger(file(paid->channel).config);
    lose_home();
    // The node says that more was settled than it proved, and the host that it charged as much.
    host.lie = 9'000;
    host.claimed = 9'000;
    for (int attempt = 0; attempt < 2; ++attempt) {
        const auto back = client().refund(paid->channel, {}, channel);
        ASSERT_FALSE(back);
        EXPECT_EQ(back.error().fault, Fault::unverified);
    }
    EXPECT_EQ(host.refund_ceilings, (std::vector{Amount{}, Amount{}}));
    host.forget_voucher = true;
    host.lie = 600;
    EXPECT_EQ(client().refund(paid->channel, {}, channel).error().fault, Fault::unverified);
}

TEST_F(PaidClientTest, AsksForNoRefundOfAChannelThatIsNotItsOwn)
{
    const auto paid = client().call(request(), {});
    ASSERT_TRUE(paid);
    const auto channel = on_ledger(file(paid->channel).config);
    lose_home();
    auto other = channel;
    other.config.salt = {{7}};
    EXPECT_EQ(client().refund(paid->channel, {}, other).error().fault, Fault::unverified);
    other.config.payer = node::test_account(4);
    other.config.payer_authorizer = node::test_account(4);
    const auto id = market::channel_id(*network, other.config);
    EXPECT_EQ(client().refund(id, {}, other).error().fault, Fault::refused);
    EXPECT_TRUE(host.refund_ceilings.empty());
}

TEST_F(PaidClientTest, SaysHowToCloseAChannelThatTheNodeServesNothingFor)
{
    const auto paid = client().call(request(), {});
    ASSERT_TRUE(paid);
    auto channel = on_ledger(file(paid->channel).config);
    lose_home();
    for (const auto& index :
         {json::array(), json::array({{{"name", "other"}}, 3, json::object()})}) {
        host.index = index;
        const auto back = client().refund(paid->channel, {}, channel);
        ASSERT_FALSE(back);
        EXPECT_EQ(back.error().fault, Fault::not_found);
        EXPECT_NE(back.error().message.find("channel close"), std::string::npos);
    }
}

TEST_F(PaidClientTest, UsesAnotherLaneWhileAChannelIsBusy)
{
    const auto first = client().call(request(), {});
    ASSERT_TRUE(first);
    const auto channels = ChannelFolder::open(folder.path() / "home");
    const auto held = channels->try_lock(first->channel);
    ASSERT_TRUE(held->has_value());
    PaymentTerms one;
    one.lanes = 1;
    EXPECT_EQ(client().call(request(), one).error().fault, Fault::unreachable);
}

}  // namespace
}  // namespace wallet
