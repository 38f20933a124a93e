#include "tests/unit/wallet/client/paid_client_fixture.hpp"

namespace wallet {
namespace {

TEST_F(PaidClientTest, PaysOneCallByATransfer)
{
    PaymentTerms terms;
    terms.pay = x402::Scheme::exact;
    const auto answer = client().call(request(), terms);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->charged, Amount::micros(1'000));
    EXPECT_TRUE(ChannelFolder::open(folder.path() / "home")->list()->empty());
}

TEST_F(PaidClientTest, TheNextRunRepeatsATransferWhoseAnswerWasLost)
{
    host.lose = 1;
    PaymentTerms terms;
    terms.pay = x402::Scheme::exact;
    terms.attempts = 1;
    EXPECT_EQ(client().call(request(), terms).error().fault, Fault::unreachable);
    const auto answer = client().call(request(), terms);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(text(*answer), "answer 1");
    EXPECT_EQ(host.transfers.size(), 1u) << "paid once";

    ASSERT_TRUE(client().call(request(), terms));
    EXPECT_EQ(host.transfers.size(), 2u) << "the next call is another one";
}

TEST_F(PaidClientTest, SignsAnotherTransferOnlyWhenTheFirstCannotBeTakenAnyMore)
{
    PaymentTerms terms;
    terms.pay = x402::Scheme::exact;
    host.refusal = 503;
    EXPECT_EQ(client().call(request(), terms).error().fault, Fault::unreachable);
    host.lose = 1;
    host.refusal = 0;
    terms.attempts = 1;
    EXPECT_FALSE(client().call(request(), terms));
    host.refusal = 400;
    EXPECT_EQ(client().call(request(), terms).error().fault, Fault::usage);
    host.refusal = 0;
    ASSERT_TRUE(client().call(request(), terms));
    EXPECT_EQ(host.transfers.size(), 2u);
}

TEST_F(PaidClientTest, PaysOneCallByAPermitAndKeepsItsReceipt)
{
    PaymentTerms terms;
    terms.pay = x402::Scheme::upto;
    const auto answer = client().call(request(), terms);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->scheme, x402::Scheme::upto);
    EXPECT_EQ(answer->charged, Amount::micros(600)) << "what was done, not what was permitted";
    const auto folder_now = ChannelFolder::open(folder.path() / "home");
    EXPECT_TRUE(folder_now->list()->empty());
    const auto receipts = folder_now->receipts(answer->channel, 10);
    ASSERT_TRUE(receipts);
    ASSERT_EQ(receipts->size(), 1u);
    EXPECT_EQ(receipts->at(0).voucher_max, Amount::micros(1'000));
}

TEST_F(PaidClientTest, TheNextRunRepeatsAPermitWhoseAnswerWasLost)
{
    host.lose = 1;
    PaymentTerms terms;
    terms.pay = x402::Scheme::upto;
    terms.attempts = 1;
    EXPECT_EQ(client().call(request(), terms).error().fault, Fault::unreachable);
    terms.pay = x402::Scheme::exact;
    const auto answer = client().call(request(), terms);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->scheme, x402::Scheme::upto) << "what was signed for this call first";
    EXPECT_EQ(host.transfers.size(), 1u) << "paid once";
}

TEST_F(PaidClientTest, TakesNoReceiptAboveWhatItPermitted)
{
    host.cost = 1'001;
    PaymentTerms terms;
    terms.pay = x402::Scheme::upto;
    EXPECT_EQ(client().call(request(), terms).error().fault, Fault::unverified);
}

}  // namespace
}  // namespace wallet
