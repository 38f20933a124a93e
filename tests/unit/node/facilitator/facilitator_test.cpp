#include "ledger/crypto/address.hpp"
#include "node/payment/x402_errors.hpp"
#include "tests/unit/node/facilitator/facilitator_fixture.hpp"

namespace node {
namespace {

using ledger::Amount;

struct FacilitatorTest : FacilitatorFixture {};

TEST_F(FacilitatorTest, SaysWhatItSettlesAndWithWhichAccount)
{
    const auto said = facilitator.supported();
    const auto account = ledger::to_checksum(world.terms.facilitator);
    ASSERT_EQ(said["kinds"].size(), 3u);
    EXPECT_EQ(said["kinds"][0]["scheme"], "exact");
    EXPECT_EQ(said["kinds"][1]["scheme"], "upto");
    EXPECT_EQ(said["kinds"][1]["extra"]["facilitatorAddress"], account);
    EXPECT_EQ(said["kinds"][2]["scheme"], "batch-settlement");
    for (const auto& kind : said["kinds"]) EXPECT_EQ(kind["network"], "eip155:402077");
    EXPECT_EQ(said["signers"]["eip155:*"][0], account);
}

TEST_F(FacilitatorTest, SettlesATransferToAnybody)
{
    ledger::Address shop;
    shop.bytes[0] = 7;
    auto payment = body(world.exact({.change = [&](auto& t) { t.to = shop; }}));
    payment["paymentRequirements"]["payTo"] = x402::plain(shop);
    EXPECT_EQ(invalid(payment), "");
    const auto made = order(payment);
    ASSERT_EQ(made.steps.size(), 1u);
    EXPECT_EQ(made.amount, Amount::micros(1000));
    EXPECT_EQ(made.payer, world.payer);
    EXPECT_TRUE(carry_out(made).empty());
    EXPECT_EQ(world.ledger.earned[shop], Amount::micros(1000));
    EXPECT_EQ(invalid(payment), x402::exact_nonce_already_used);
    EXPECT_EQ(unsettled(payment), x402::exact_nonce_already_used);
}

TEST_F(FacilitatorTest, ChecksATransferAsItsServerWantsIt)
{
    const auto good = body(world.exact({}));
    const auto changed = [&](const char* at, const json& value) {
        auto wrong = good;
        wrong["paymentRequirements"][json::json_pointer{at}] = value;
        EXPECT_EQ(invalid(wrong), unsettled(wrong)) << at;
        return invalid(wrong);
    };
    EXPECT_EQ(changed("/amount", "999"), x402::exact_value_mismatch);
    EXPECT_EQ(changed("/payTo", "0x00000000000000000000000000000000000000a7"),
              x402::exact_recipient_mismatch);
    EXPECT_EQ(changed("/asset", "0x00000000000000000000000000000000000000a7"),
              "asset_not_deployed_contract");
    EXPECT_EQ(changed("/network", "eip155:1"), "network_mismatch");
    EXPECT_EQ(changed("/extra/name", "MKX"), "invalid_exact_evm_token_name_mismatch");
    EXPECT_EQ(changed("/extra/version", "2"), "invalid_exact_evm_token_version_mismatch");
    EXPECT_EQ(changed("/scheme", "upto"), x402::unsupported_scheme);
    world.ledger.balances[world.payer] = Amount::micros(999);
    EXPECT_EQ(invalid(good), x402::exact_insufficient_balance);
}

TEST_F(FacilitatorTest, SettlesAPermitForWhatWasDone)
{
    auto payment = body(world.upto({}));
    EXPECT_EQ(invalid(payment), "");
    payment["paymentRequirements"]["amount"] = "432";
    EXPECT_EQ(invalid(payment), x402::upto_amount_mismatch) << "verified for its ceiling";
    const auto made = order(payment);
    EXPECT_EQ(made.amount, Amount::micros(432));
    EXPECT_TRUE(carry_out(made).empty());
    EXPECT_EQ(world.ledger.earned[market::split_address(world.model, {2}, world.host.host)],
              Amount::micros(432));
    EXPECT_EQ(unsettled(payment), x402::upto_nonce_already_used);
}

TEST_F(FacilitatorTest, SettlesNoPermitAboveItsCeilingAndSendsNothingForNothing)
{
    auto payment = body(world.upto({}));
    payment["paymentRequirements"]["amount"] = "1001";
    EXPECT_EQ(unsettled(payment), "invalid_upto_evm_payload_settlement_exceeds_amount");
    payment["paymentRequirements"]["amount"] = "0";
    const auto made = order(payment);
    EXPECT_TRUE(made.steps.empty());
    EXPECT_EQ(made.amount, Amount{});
}

TEST_F(FacilitatorTest, SettlesPermitsForTheServersItKnowsAlone)
{
    // Else a payer would settle its own permit, for next to nothing, before its server does.
    const auto permit = request(body(world.upto({})));
    for (const auto& shown : {std::optional<ledger::Hash>{}, std::optional{ledger::Hash{}}}) {
        EXPECT_EQ(facilitator.order(permit, shown).error().reason, "facilitator_key_required");
        EXPECT_EQ(facilitator.verify(permit, shown).error().reason, "facilitator_key_required");
    }
    ledger::Address shop;
    shop.bytes[0] = 7;
    auto elsewhere = body(world.upto({.change = [&](auto& p) { p.witness.to = shop; }}));
    elsewhere["paymentRequirements"]["payTo"] = x402::plain(shop);
    EXPECT_EQ(unsettled(elsewhere), "facilitator_key_required");
    const Facilitator nobody{
        world.network, world.ledger, memory, {world.terms.facilitator, {}, {}, {}}};
    EXPECT_EQ(nobody.supported()["kinds"].size(), 2u);
    EXPECT_TRUE(facilitator.verify(request(body(world.exact({}))), {})) << "says its own amount";
}

TEST_F(FacilitatorTest, TakesNoPermitOfAnotherFacilitator)
{
    const auto payment =
        body(world.upto({.change = [](auto& p) { p.witness.facilitator.bytes[0] ^= 1; }}));
    EXPECT_EQ(invalid(payment), x402::upto_facilitator_mismatch);
    EXPECT_EQ(unsettled(payment), x402::upto_facilitator_mismatch);
}

TEST_F(FacilitatorTest, ReportsAPaymentAsSettledOnlyToWhoHasNotHeard)
{
    const auto payment = body(world.exact({}));
    const auto made = order(payment);
    ASSERT_TRUE(made.once);
    ledger::TxId transaction;
    transaction.bytes[0] = 5;
    memory.owe(made.once->digest, {transaction, Amount::micros(1000)});
    EXPECT_FALSE(order(payment).settled) << "it is not on the ledger yet";
    EXPECT_TRUE(carry_out(made).empty());
    EXPECT_EQ(order(payment).settled, transaction);
    EXPECT_TRUE(order(payment).steps.empty());
    auto another_servers = payment;
    another_servers["paymentRequirements"]["payTo"] = "0x00000000000000000000000000000000000000a7";
    EXPECT_EQ(unsettled(another_servers), x402::exact_recipient_mismatch);
    auto another_price = payment;
    another_price["paymentRequirements"]["amount"] = "1000000";
    EXPECT_EQ(unsettled(another_price), x402::exact_value_mismatch);
    memory.told(made.once->digest);
    EXPECT_EQ(unsettled(payment), x402::exact_nonce_already_used);
}

TEST_F(FacilitatorTest, SendsAPermitAgainAtThePriceThatItWasSentWith)
{
    auto payment = body(world.upto({}));
    payment["paymentRequirements"]["amount"] = "100";
    const auto first = order(payment);
    memory.owe(first.once->digest, {{}, Amount::micros(100)});
    payment["paymentRequirements"]["amount"] = "500";
    const auto again = order(payment);
    EXPECT_EQ(again.amount, Amount::micros(100));
    EXPECT_TRUE(carry_out(first).empty());
    EXPECT_EQ(order(payment).amount, Amount::micros(100));
    EXPECT_TRUE(order(payment).settled);
}

TEST_F(FacilitatorTest, CountsWhatItCosts)
{
    auto genesis = world.network.genesis;
    genesis.params.min_fee = Amount::micros(7);
    genesis.params.byte_deposit = Amount::micros(2);
    const market::Network dear{genesis, {}};
    const Facilitator asked{dear, world.ledger, memory, terms_of_it};
    const auto cost = [&](const std::string& header) {
        return asked.order(request(body(header)), {})->cost.micros();
    };
    EXPECT_EQ(cost(world.exact({})), 7u);
    const auto opening = cost(world.voucher({.deposit = 3000}));
    EXPECT_GT(opening, 7u + 2 * 200);
    world.open_channel(5000);
    EXPECT_EQ(cost(world.voucher({.deposit = 3000})), 7u) << "the channel is there";
}

TEST(CreditFacilitator, MovesCreditToModelsAlone)
{
    PaymentWorld world;
    SettleMemory memory;
    auto genesis = world.network.genesis;
    genesis.asset.kind = ledger::AssetKind::credit;
    const market::Network credit{genesis, {}};
    const Facilitator facilitator{
        credit, world.ledger, memory, {world.terms.facilitator, world.terms.min_deposit, {}, {}}};
    const auto to_model =
        decode_facilitator_request(FacilitatorFixture::body(world.exact({})).dump());
    EXPECT_TRUE(facilitator.verify(*to_model, {}));
    ledger::Address shop;
    shop.bytes[0] = 7;
    auto payment = FacilitatorFixture::body(world.exact({.change = [&](auto& t) { t.to = shop; }}));
    payment["paymentRequirements"]["payTo"] = x402::plain(shop);
    const auto refused = facilitator.verify(*decode_facilitator_request(payment.dump()), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, x402::exact_recipient_mismatch);
}

}  // namespace
}  // namespace node
