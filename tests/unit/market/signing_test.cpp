#include "market/signing.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/secp256k1.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

// Made with the stock packages @x402/evm 2.27.0 and viem: private key 0x01 * 32, chain 402077,
// token "MKT" version "1" at 0x...f1, payTo 0x...a1, receiver authorizer 0x...b1.
Address last_byte(std::uint8_t value)
{
    Address made;
    made.bytes[19] = value;
    return made;
}

Network network()
{
    ledger::Genesis genesis;
    genesis.chain_id = {402'077};
    genesis.asset = {ledger::AssetKind::coin, "MKT", "MKT", "1", 6, last_byte(0xf1)};
    return {genesis, {}};
}

struct SigningTest : testing::Test {
    Network net = network();
    ledger::SecretKey key = *ledger::SecretKey::from_bytes(Bytes(32, 1));
    Address payer = ledger::address_of(key);
    ChannelConfig config{payer, payer, last_byte(0xa1), last_byte(0xb1), last_byte(0xf1),
                         {900}, {}};

    static std::string hex(const auto& id) { return ledger::to_hex0x(id.view()); }
};

TEST_F(SigningTest, SignsATransferAuthorizationAsStockClientsDo)
{
    TransferWithAuth auth;
    auth.from = payer;
    auth.to = last_byte(0xa1);
    auth.value = Amount::micros(1000);
    auth.valid_before = 4'102'444'800;
    auth.nonce.bytes.fill(0xab);
    const auto digest = transfer_authorization_digest(net, auth);
    EXPECT_EQ(hex(digest), "0xe8c5db0a485d7f4d06c412342e927c7947a24319a0b01314005333aeb37a0547");
    EXPECT_EQ(hex(ledger::sign(key, digest)),
              "0xbcc35a26ce20a8168e033202841ec751834bfc922600332961c440658d71a6c2530fd55e5574a9b7"
              "aa160fa6271508a8a70aa16c42a6195c1a6f5db50a6b0a761b");
}

TEST_F(SigningTest, SignsAPermitAsStockClientsDo)
{
    PermitSettle permit;
    permit.permitted = {last_byte(0xf1), Amount::micros(1000)};
    permit.from = payer;
    permit.spender = upto_spender;
    permit.nonce.bytes.fill(0xab);
    permit.deadline = 4'102'444'800;
    permit.witness = {last_byte(0xa1), last_byte(0xb1), 0};
    const auto digest = permit_digest(net, permit);
    EXPECT_EQ(hex(digest), "0x0dea8b66fb1c98041ef23aea198c7c0c851a82124dc755a69803421f0b548cf5");
    EXPECT_EQ(hex(ledger::sign(key, digest)),
              "0x165cc81e11973b5cb7d344824f34e1e88fc3817629b89e28dbb93758bef53df27bcdd0e6180891ce8"
              "dac5803e4d20199d3d5d529179fd75acc5c2a5d1d193fc71c");
    // What was done is the facilitator's to say; the owner signs the most it may come to.
    permit.actual = Amount::micros(7);
    EXPECT_EQ(permit_digest(net, permit), digest);
}

TEST_F(SigningTest, NamesAChannelAsStockClientsDo)
{
    EXPECT_EQ(hex(channel_id(net, config)),
              "0xc4c5c8c79ed441465ab1385b5731b8ff945b1522c31a50cf0c2230ac42289178");
}

TEST_F(SigningTest, SignsAVoucherAsStockClientsDo)
{
    const auto digest = voucher_digest(net, channel_id(net, config), Amount::micros(1000));
    EXPECT_EQ(hex(digest), "0xa7164722949ca9a527f6974d69a4cc2f1b228182cb21417f19e38feb51d66ea0");
    const auto signature = ledger::sign(key, digest);
    EXPECT_EQ(hex(signature),
              "0xbc470bc7ea06d1357dd1d378e00a4390771bc2839c7b6fd2cefe037d6b421c4c3a9db92050bd0ce2"
              "0ded4d534ea81f10bd1357cd71fc05e98a14de246f1c39b51b");
    EXPECT_TRUE(voucher_signed(config, digest, signature));
}

// The next two by viem 2.48.11, hashTypedData; the types are ours.
TEST_F(SigningTest, DigestsAChainVoucherInTheDomainOfChannels)
{
    Hash root;
    root.bytes.fill(0xab);
    const ChainTerms chain{Amount::micros(7), Amount::micros(50), 4'096, root};
    EXPECT_EQ(hex(chain_voucher_digest(net, channel_id(net, config), chain)),
              "0x944bcf4f6d9c5a05de401485372965304a43935a4377c67fbf1b1a08e282c14a");
}

TEST_F(SigningTest, DigestsABatchReceiptInTheDomainOfReceipts)
{
    BatchReceipt receipt{channel_id(net, config), {}, 3, 64, {}, Amount::micros(6'400), 5};
    receipt.chain.bytes.fill(0xab);
    receipt.records_root.bytes.fill(0xcd);
    EXPECT_EQ(hex(batch_receipt_digest(net, receipt)),
              "0xb5b5ec1ec6d78da6c36c8ac517c73ca8dfa57236acc545b4a82375b94d22a586");
}

TEST_F(SigningTest, DigestsRefundsAndClaimsAsStockClientsDo)
{
    const auto channel = channel_id(net, config);
    EXPECT_EQ(hex(refund_digest(net, channel, 0, Amount::micros(100))),
              "0x79706fc2a410c97e5f6bb2ae818a6e736bed00bb227828ee60e9b6a04b29ac0a");
    EXPECT_EQ(hex(claim_batch_digest(net, {{channel, {1000}, {700}}})),
              "0x48c9aef14d9872f88d12d43054bb5401ec7d7cfabc3a34ab82c3eede118a5e8f");
}

TEST_F(SigningTest, DerivesADepositsNonceAsStockClientsDo)
{
    Hash salt;
    salt.bytes[31] = 1;
    EXPECT_EQ(hex(deposit_nonce(channel_id(net, config), salt)),
              "0x8112283b9b479e1aa43654ce45c99c7ca40b7f3aa1e1ad576e8b9d0a2241aa78");
}

TEST_F(SigningTest, TakesAVoucherOfThePayerOrItsAuthorizerOnly)
{
    const auto digest = voucher_digest(net, channel_id(net, config), Amount::micros(1));
    const auto other = *ledger::SecretKey::from_bytes(Bytes(32, 2));
    EXPECT_FALSE(voucher_signed(config, digest, ledger::sign(other, digest)));
    config.payer_authorizer = ledger::address_of(other);
    EXPECT_TRUE(voucher_signed(config, digest, ledger::sign(other, digest)));
    EXPECT_TRUE(voucher_signed(config, digest, ledger::sign(key, digest)));
    EXPECT_FALSE(voucher_signed(config, digest, Signature{}));
}

}  // namespace
}  // namespace market
