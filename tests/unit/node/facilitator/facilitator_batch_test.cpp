#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "node/payment/x402_errors.hpp"
#include "tests/unit/node/facilitator/facilitator_fixture.hpp"

namespace node {
namespace {

using ledger::Amount;

struct FacilitatorBatch : FacilitatorFixture {
    static constexpr auto claim_failed = "invalid_batch_settlement_evm_claim_transaction_failed";

    /// Another server's: paid to a version, whose claims name no uses.
    market::ChannelConfig terms(std::uint8_t lane = 0) const
    {
        auto config = world.config(lane);
        config.receiver = market::split_address(world.model, {2}, world.host.host);
        return config;
    }
    market::ChannelId id(std::uint8_t lane = 0) const
    {
        return market::channel_id(world.network, terms(lane));
    }
    void open(std::uint64_t balance, std::uint8_t lane = 0)
    {
        market::Channel channel;
        channel.config = terms(lane);
        channel.balance = Amount::micros(balance);
        world.ledger.channels[id(lane)] = channel;
    }
    json claim(std::uint64_t max, std::uint64_t total, std::uint8_t lane = 0) const
    {
        const auto signature = ledger::sign(
            world.payer_key, market::voucher_digest(world.network, id(lane), Amount::micros(max)));
        return {{"voucher",
                 {{"channel", ledger::codec::to_json(terms(lane))},
                  {"maxClaimableAmount", std::to_string(max)}}},
                {"signature", ledger::to_hex0x(signature.view())},
                {"totalClaimed", std::to_string(total)}};
    }
    json claims(std::uint64_t max, std::uint64_t total) const
    {
        const auto digest = market::claim_batch_digest(world.network, {{id(), {max}, {total}}});
        return {{"type", "claim"},
                {"claims", json::array({claim(max, total)})},
                {"claimAuthorizerSignature",
                 ledger::to_hex0x(ledger::sign(world.host.key, digest).view())}};
    }
    json settle_payload() const
    {
        return {{"type", "settle"},
                {"receiver", x402::plain(terms().receiver)},
                {"token", x402::plain(world.network.genesis.asset.address)}};
    }
    json refund(std::uint64_t amount, json with_claims, std::uint64_t nonce = 0) const
    {
        const auto digest =
            market::refund_digest(world.network, id(), nonce, Amount::micros(amount));
        auto made = std::move(with_claims);
        made["type"] = "refund";
        made["channelConfig"] = ledger::codec::to_json(terms());
        made["amount"] = std::to_string(amount);
        made["refundNonce"] = std::to_string(nonce);
        made["refundAuthorizerSignature"] =
            ledger::to_hex0x(ledger::sign(world.host.key, digest).view());
        return made;
    }
    void claimed(const SettleOrder& made)
    {
        EXPECT_TRUE(carry_out(made).empty());
        for (const auto& [receiver, channel] : made.claimed) memory.claimed(receiver, channel);
    }
};

TEST_F(FacilitatorBatch, VerifiesADepositAndAVoucherAndTellsTheChannel)
{
    EXPECT_EQ(invalid(body(world.voucher({}))), x402::channel_not_found);
    const auto opening = body(world.voucher({.deposit = 5000}));
    EXPECT_EQ(invalid(opening), "");
    EXPECT_TRUE(carry_out(order(opening)).empty());
    EXPECT_EQ(invalid(body(world.voucher({}))), "");
    const auto verified = facilitator.verify(request(body(world.voucher({}))), {});
    EXPECT_EQ(verified->channel, world.channel());
    const auto said = facilitator.channel_json(world.channel());
    EXPECT_EQ(said["balance"], "5000");
    EXPECT_EQ(said["totalClaimed"], "0");
    EXPECT_EQ(said["refundNonce"], "0");
    EXPECT_EQ(said["withdrawRequestedAt"], 0);
    EXPECT_EQ(unsettled(body(world.voucher({}))), x402::payload_type) << "its server keeps it";
}

TEST_F(FacilitatorBatch, ChecksAVoucherAgainstItsServersTermsAndTheLedger)
{
    world.open_channel(5000);
    const auto good = body(world.voucher({}));
    ASSERT_EQ(invalid(good), "");
    const auto changed = [&](const char* at, const json& value) {
        auto wrong = good;
        if (value.is_null())
            wrong["paymentRequirements"]["extra"].erase(at);
        else
            wrong["paymentRequirements"][json::json_pointer{at}] = value;
        return invalid(wrong);
    };
    EXPECT_EQ(changed("/payTo", "0x00000000000000000000000000000000000000a7"),
              x402::receiver_mismatch);
    EXPECT_EQ(changed("/extra/receiverAuthorizer", "0x00000000000000000000000000000000000000a7"),
              x402::receiver_authorizer_mismatch);
    EXPECT_EQ(changed("receiverAuthorizer", nullptr), x402::receiver_authorizer_mismatch);
    EXPECT_EQ(changed("/extra/withdrawDelay", 901), x402::withdraw_delay_mismatch);
    EXPECT_EQ(invalid(body(world.voucher({.max = 5001}))), x402::cumulative_exceeds_balance);
    EXPECT_EQ(invalid(body(world.voucher({.deposit = 100}))), x402::deposit_below_min_deposit);
    world.ledger.channels[world.channel()].total_claimed = Amount::micros(1000);
    EXPECT_EQ(invalid(body(world.voucher({.max = 1000}))), x402::cumulative_below_claimed);
}

TEST_F(FacilitatorBatch, ClaimsWhatTheAuthorizerSignedAndSettlesItAfterTheWindow)
{
    open(5000);
    EXPECT_EQ(unsettled(action(settle_payload())),
              "invalid_batch_settlement_evm_nothing_to_settle");
    claimed(order(action(claims(1000, 700))));
    EXPECT_EQ(facilitator.channel_json(id())["totalClaimed"], "700") << "a pending claim is made";
    EXPECT_EQ(unsettled(action(settle_payload())),
              "invalid_batch_settlement_evm_nothing_to_settle");
    world.advance(std::chrono::seconds{3});
    const auto settling = order(action(settle_payload()));
    EXPECT_EQ(settling.amount, Amount::micros(700));
    EXPECT_TRUE(carry_out(settling).empty());
    memory.finalized(settling.receiver, settling.finalized);
    EXPECT_EQ(world.ledger.earned[terms().receiver], Amount::micros(700));
    EXPECT_TRUE(memory.claimed_for(terms().receiver).empty());
}

TEST_F(FacilitatorBatch, FinalizesAnOldClaimBeforeTheNextAndNoneTooSoon)
{
    open(5000);
    claimed(order(action(claims(1000, 700))));
    EXPECT_EQ(unsettled(action(claims(2000, 900))), claim_failed);
    world.advance(std::chrono::seconds{3});
    const auto next = order(action(claims(2000, 900)));
    ASSERT_EQ(next.steps.size(), 2u);
    claimed(next);
    EXPECT_EQ(world.ledger.channels[id()].total_claimed, Amount::micros(700));
    EXPECT_EQ(world.ledger.channels[id()].pending->total, Amount::micros(900));
}

TEST_F(FacilitatorBatch, ClaimsNothingWithoutTheAuthorizersSignature)
{
    open(5000);
    auto unsigned_claims = claims(1000, 700);
    unsigned_claims.erase("claimAuthorizerSignature");
    EXPECT_EQ(unsettled(action(unsigned_claims)),
              "invalid_batch_settlement_evm_authorizer_not_configured");
    auto forged = claims(1000, 700);
    forged["claims"][0]["totalClaimed"] = "701";
    EXPECT_EQ(unsettled(action(forged)), claim_failed);
    auto none = claims(1000, 700);
    none["claims"] = json::array();
    EXPECT_EQ(unsettled(action(none)), claim_failed);
    EXPECT_EQ(invalid(action(claims(1000, 700))), x402::payload_type) << "nothing to verify";
}

TEST_F(FacilitatorBatch, GivesBackWhatIsLeftAfterClaiming)
{
    open(5000);
    const auto made = order(action(refund(4300, claims(700, 700))));
    ASSERT_EQ(made.steps.size(), 2u);
    EXPECT_EQ(made.amount, Amount::micros(4300));
    const auto before = world.ledger.balance(world.payer);
    claimed(made);
    EXPECT_EQ(world.ledger.balance(world.payer), before + Amount::micros(4300));
    EXPECT_EQ(world.ledger.channels[id()].pending->total, Amount::micros(700));
    EXPECT_EQ(unsettled(action(refund(1, claims(700, 700), 1))), x402::refund_no_balance);
}

TEST_F(FacilitatorBatch, GivesBackWithoutAClaimThatAddsNothing)
{
    open(5000);
    auto nothing_new = claims(700, 0);
    const auto made = order(action(refund(5000, nothing_new)));
    ASSERT_EQ(made.steps.size(), 1u);
    EXPECT_TRUE(carry_out(made).empty());
    EXPECT_EQ(world.ledger.channels[id()].balance, Amount{});
    auto unsigned_refund = refund(5000, nothing_new);
    unsigned_refund.erase("refundAuthorizerSignature");
    EXPECT_EQ(unsettled(action(unsigned_refund)),
              "invalid_batch_settlement_evm_authorizer_not_configured");
}

TEST_F(FacilitatorBatch, PaysForNoRefundThatTheLedgerWouldRefuse)
{
    open(5000);
    const auto good = refund(4300, claims(700, 700));
    auto forged = good;
    forged["refundAuthorizerSignature"] = "0x" + std::string(128, '1') + "1b";
    EXPECT_EQ(unsettled(action(forged)), x402::refund_transaction_failed);
    auto stale = good;
    stale["refundNonce"] = "1";
    EXPECT_EQ(unsettled(action(stale)), x402::refund_transaction_failed);
    EXPECT_EQ(order(action(good)).steps.size(), 2u);
}

}  // namespace
}  // namespace node
