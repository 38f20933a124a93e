#include "wallet/client/x402.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "market/signing.hpp"
#include "node/payment/x402_wire.hpp"
#include "tests/support/test_network.hpp"
#include "wallet/client/base64.hpp"

#include <gtest/gtest.h>

namespace wallet::x402 {
namespace {

using ledger::Amount;
using nlohmann::json;

/// The network, key and addresses of the vectors that the stock npm client (2.27.0) made.
market::Network vector_network()
{
    auto genesis = node::test_genesis();
    genesis.asset.name = "MKT";
    genesis.asset.address = *ledger::parse_address("0x00000000000000000000000000000000000000f1");
    return {genesis, {}};
}

json entry(const std::string& amount = "1000")
{
    return {{"scheme", "batch-settlement"},
            {"network", "eip155:402077"},
            {"amount", amount},
            {"asset", "0x00000000000000000000000000000000000000f1"},
            {"payTo", "0x00000000000000000000000000000000000000a1"},
            {"maxTimeoutSeconds", 60},
            {"extra",
             {{"receiverAuthorizer", "0x00000000000000000000000000000000000000b1"},
              {"withdrawDelay", 900},
              {"name", "MKT"},
              {"version", "1"},
              {"minDeposit", "5000"}}}};
}

std::string required(const json& accepts)
{
    const json value{{"x402Version", 2},
                     {"error", "PAYMENT-SIGNATURE header is required"},
                     {"resource", {{"url", "http://host/v2/models/m/infer"}}},
                     {"accepts", accepts}};
    return to_base64(ledger::as_bytes(value.dump()));
}

class X402Client : public testing::Test {
protected:
    const market::Network network = vector_network();
    const ledger::SecretKey key = node::test_key(1);
    const Required read = *read_required(required(json::array({entry()})), network);
    const Offer offer = read.offers.at(0);
    const market::ChannelConfig config = config_for(network, offer, ledger::address_of(key), 0);
};

TEST_F(X402Client, SignsWhatTheStockClientSigns)
{
    EXPECT_EQ(ledger::to_checksum(config.payer), "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1");
    const auto voucher = sign_voucher(network, config, Amount::micros(1000), key);
    EXPECT_EQ(ledger::to_hex0x(voucher.channel.view()),
              "0xc4c5c8c79ed441465ab1385b5731b8ff945b1522c31a50cf0c2230ac42289178");
    EXPECT_EQ(ledger::to_hex0x(voucher.signature.view()),
              "0xbc470bc7ea06d1357dd1d378e00a4390771bc2839c7b6fd2cefe037d6b421c4c3a9db92050bd0ce20d"
              "ed4d534ea81f10bd1357cd71fc05e98a14de246f1c39b51b");

    ledger::Hash nonce;
    nonce.bytes.fill(0xab);
    auto exact = offer;
    exact.scheme = Scheme::exact;
    const auto transfer = sign_transfer(network, exact, 4'102'444'800, nonce, key);
    EXPECT_EQ(ledger::to_hex0x(transfer.signature.view()),
              "0xbcc35a26ce20a8168e033202841ec751834bfc922600332961c440658d71a6c2530fd55e5574a9b7aa"
              "160fa6271508a8a70aa16c42a6195c1a6f5db50a6b0a761b");
}

TEST_F(X402Client, LanesAreChannelsOfTheirOwn)
{
    const auto other = config_for(network, offer, config.payer, 1);
    EXPECT_NE(market::channel_id(network, other), market::channel_id(network, config));
    EXPECT_EQ(other.salt.bytes[31], 1);
}

TEST_F(X402Client, WritesHeadersThatTheNodeReads)
{
    const auto voucher = sign_voucher(network, config, Amount::micros(1000), key);
    const auto deposit = sign_deposit(network, config, Amount::micros(5000), 99, {{7}}, key);
    const auto header = voucher_header(offer, read.resource, config, voucher, deposit);
    const auto payment = node::x402::decode_payment(header);
    ASSERT_TRUE(payment) << payment.error().message;
    const auto& accepted = payment->accepted;
    EXPECT_FALSE(accepted.more || accepted.corrected);
    EXPECT_EQ(accepted.pay_to, entry()["payTo"].get<std::string>());
    EXPECT_EQ(accepted.extra->min_deposit, "5000");
    const auto& batch = std::get<node::x402::BatchPayload>(payment->payload);
    EXPECT_EQ(batch.type, node::x402::PayloadType::deposit);
    EXPECT_EQ(batch.config, config);
    EXPECT_EQ(batch.channel, voucher.channel);
    EXPECT_EQ(batch.max_claimable, Amount::micros(1000));
    EXPECT_EQ(*batch.deposit, deposit);
    EXPECT_TRUE(market::signed_by(config.payer, market::deposit_digest(network, deposit),
                                  deposit.signature));

    const auto refund = node::x402::decode_payment(
        refund_header(offer, read.resource, config, voucher, Amount::micros(100)));
    ASSERT_TRUE(refund);
    EXPECT_EQ(std::get<node::x402::BatchPayload>(refund->payload).refund_amount,
              Amount::micros(100));

    auto entry_exact = entry();
    entry_exact["scheme"] = "exact";
    const auto offers = read_required(required(json::array({entry_exact})), network)->offers;
    ASSERT_EQ(offers.at(0).scheme, Scheme::exact);
    const auto transfer = sign_transfer(network, offers[0], 99, {{9}}, key);
    const auto exact = node::x402::decode_payment(exact_header(offers[0], nullptr, transfer));
    ASSERT_TRUE(exact) << exact.error().message;
    EXPECT_EQ(std::get<market::TransferWithAuth>(exact->payload), transfer);
}

TEST_F(X402Client, PermitsUpToTheOffersAmountAsTheNodeReadsIt)
{
    auto upto = entry();
    upto["scheme"] = "upto";
    EXPECT_TRUE(read_required(required(json::array({upto})), network)->offers.empty())
        << "without a facilitator nobody could settle it";
    upto["extra"] = {{"name", upto["extra"]["name"]},
                     {"version", upto["extra"]["version"]},
                     {"facilitatorAddress", ledger::to_checksum(node::test_account(3))}};
    const auto offers = read_required(required(json::array({upto})), network)->offers;
    ASSERT_EQ(offers.at(0).scheme, Scheme::upto);
    ledger::Hash nonce;
    nonce.bytes.fill(0xfe);
    for (const auto& number : {nonce, ledger::Hash{}}) {
        const auto permit = sign_permit(network, offers[0], 99, number, key);
        const auto payment = node::x402::decode_payment(upto_header(offers[0], nullptr, permit));
        ASSERT_TRUE(payment) << payment.error().message;
        EXPECT_EQ(std::get<market::PermitSettle>(payment->payload), permit);
        EXPECT_EQ(permit.permitted.amount, Amount::micros(1000));
        EXPECT_EQ(permit.witness.facilitator, node::test_account(3));
        EXPECT_TRUE(market::signed_by(permit.from, market::permit_digest(network, permit),
                                      permit.signature));
    }
}

TEST_F(X402Client, LeavesOutOffersOfOtherNetworksAndAssets)
{
    auto other_chain = entry();
    other_chain["network"] = "eip155:1";
    auto other_asset = entry();
    other_asset["asset"] = "0x00000000000000000000000000000000000000f2";
    auto other_domain = entry();
    other_domain["extra"]["version"] = "2";
    auto no_authorizer = entry();
    no_authorizer["extra"].erase("receiverAuthorizer");
    const auto found =
        read_required(required(json::array({other_chain, other_asset, other_domain, no_authorizer,
                                            entry("12x"), entry("0")})),
                      network);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->offers.empty());
}

TEST_F(X402Client, RefusesHeadersThatMakeNoSense)
{
    for (const auto* header : {"", "!", "e30=", "WzFd", "AAAA"})
        EXPECT_FALSE(read_required(header, network)) << header;
    EXPECT_FALSE(read_required(std::string(100'000, 'A'), network));
    EXPECT_FALSE(read_response("!"));
}

}  // namespace
}  // namespace wallet::x402
