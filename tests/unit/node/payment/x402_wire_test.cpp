#include "node/payment/x402_wire.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "market/signing.hpp"
#include "node/payment/base64.hpp"
#include "node/payment/signed_offer.hpp"
#include "node/payment/x402_errors.hpp"
#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

namespace node::x402 {
namespace {

using nlohmann::json;

json voucher_payment()
{
    // Signed by the stock packages (2.27.0) with the private key 0x01 * 32 on chain 402077.
    return json::parse(R"({"x402Version":2,
      "payload":{"type":"voucher","channelConfig":{
        "payer":"0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1",
        "payerAuthorizer":"0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1",
        "receiver":"0x00000000000000000000000000000000000000a1",
        "receiverAuthorizer":"0x00000000000000000000000000000000000000b1",
        "token":"0x00000000000000000000000000000000000000f1","withdrawDelay":900,
        "salt":"0x0000000000000000000000000000000000000000000000000000000000000000"},
       "voucher":{
        "channelId":"0xc4c5c8c79ed441465ab1385b5731b8ff945b1522c31a50cf0c2230ac42289178",
        "maxClaimableAmount":"1000",
        "signature":"0xbc470bc7ea06d1357dd1d378e00a4390771bc2839c7b6fd2cefe037d6b421c4c3a9db92050bd0ce20ded4d534ea81f10bd1357cd71fc05e98a14de246f1c39b51b"}},
      "resource":{"url":"http://host/"},
      "accepted":{"scheme":"batch-settlement","amount":"1000"}})");
}

Refusal refusal(const json& payment)
{
    const auto decoded = decode_payment(to_header(payment));
    return decoded ? Refusal{200, "accepted"} : decoded.error();
}

TEST(Base64, ReadsWhatItWrites)
{
    for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
        const auto written = to_base64(ledger::as_bytes(text));
        const auto read = from_base64(written);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(ledger::as_text(*read), text);
    }
    EXPECT_EQ(to_base64(ledger::as_bytes("fooba")), "Zm9vYmE=");  // RFC 4648 section 10
}

TEST(Base64, RefusesEverySecondSpelling)
{
    for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Zm9v=", "====", "Z===", "Zm9vY", "Zm 9",
                             "Zm9v\n", "Zg==Zg==", "Zm-_"})
        EXPECT_FALSE(from_base64(text)) << text;
}

TEST(X402Wire, ReadsAStockVoucher)
{
    const auto payment = decode_payment(to_header(voucher_payment()));
    ASSERT_TRUE(payment) << payment.error().message;
    const auto& batch = std::get<BatchPayload>(payment->payload);
    EXPECT_EQ(batch.type, PayloadType::voucher);
    EXPECT_EQ(batch.max_claimable, Amount::micros(1000));
    EXPECT_EQ(batch.config.withdraw_delay.value, 900u);
    EXPECT_EQ(batch.config.payer, batch.config.payer_authorizer);
    EXPECT_FALSE(payment->payment_id);

    ledger::Genesis genesis;
    genesis.chain_id = {402'077};
    const market::Network network{genesis, {}};
    EXPECT_EQ(market::channel_id(network, batch.config), batch.channel);
    EXPECT_TRUE(market::voucher_signed(
        batch.config, market::voucher_digest(network, batch.channel, batch.max_claimable),
        batch.signature));
}

json permit_payment()
{
    // Signed by viem 2.48.11 as @x402/evm 2.27.0 does, with the private key 0x01 * 32.
    return json::parse(R"({"x402Version":2,
      "payload":{"permit2Authorization":{
        "permitted":{"token":"0x00000000000000000000000000000000000000f1","amount":"1000"},
        "from":"0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1",
        "spender":"0x4020A4f3b7b90ccA423B9fabCc0CE57C6C240002",
        "nonce":"77648812782670860460512307594061302913369283834606025297048026922953510464427",
        "deadline":"4102444800",
        "witness":{"to":"0x00000000000000000000000000000000000000a1",
                   "facilitator":"0x00000000000000000000000000000000000000b1",
                   "validAfter":"0"}},
       "signature":"0x165cc81e11973b5cb7d344824f34e1e88fc3817629b89e28dbb93758bef53df27bcdd0e6180891ce8dac5803e4d20199d3d5d529179fd75acc5c2a5d1d193fc71c"},
      "resource":{"url":"http://host/"},
      "accepted":{"scheme":"upto","amount":"1000"}})");
}

TEST(X402Wire, ReadsAStockPermit)
{
    const auto payment = decode_payment(to_header(permit_payment()));
    ASSERT_TRUE(payment) << payment.error().message;
    const auto& permit = std::get<market::PermitSettle>(payment->payload);
    Hash nonce;
    nonce.bytes.fill(0xab);
    EXPECT_EQ(permit.nonce, nonce);
    EXPECT_EQ(permit.spender, market::upto_spender);
    EXPECT_TRUE(permit.actual.is_zero());
    ledger::Genesis genesis;
    genesis.chain_id = {402'077};
    const market::Network network{genesis, {}};
    EXPECT_TRUE(
        market::signed_by(permit.from, market::permit_digest(network, permit), permit.signature));
    const auto plain = decode_payment_json(permit_payment().dump());
    ASSERT_TRUE(plain);
    EXPECT_EQ(std::get<market::PermitSettle>(plain->payload), permit);
}

TEST(X402Wire, ReadsEveryPermitNonceOf256BitsAndNoOther)
{
    auto payment = permit_payment();
    auto& nonce = payment["payload"]["permit2Authorization"]["nonce"];
    const std::string most =
        "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    nonce = most;
    const auto read = decode_payment(to_header(payment));
    ASSERT_TRUE(read) << read.error().message;
    Hash ones;
    ones.bytes.fill(0xff);
    EXPECT_EQ(std::get<market::PermitSettle>(read->payload).nonce, ones);
    nonce = "0";
    EXPECT_TRUE(decode_payment(to_header(payment)));
    for (const json& wrong : {json(most.substr(0, 77) + "6"), json(most + "0"), json("00"),
                              json(""), json("-1"), json("0x1"), json(7), json(nullptr)}) {
        nonce = wrong;
        EXPECT_EQ(refusal(payment).reason, "malformed_payment") << wrong;
    }
}

TEST(X402Wire, RefusesEveryMissingMemberOfAPermit)
{
    for (const char* pointer :
         {"/payload/signature", "/payload/permit2Authorization",
          "/payload/permit2Authorization/permitted",
          "/payload/permit2Authorization/permitted/token",
          "/payload/permit2Authorization/permitted/amount", "/payload/permit2Authorization/from",
          "/payload/permit2Authorization/spender", "/payload/permit2Authorization/nonce",
          "/payload/permit2Authorization/deadline", "/payload/permit2Authorization/witness",
          "/payload/permit2Authorization/witness/to",
          "/payload/permit2Authorization/witness/facilitator",
          "/payload/permit2Authorization/witness/validAfter"}) {
        const json::json_pointer at{pointer};
        auto payment = permit_payment();
        payment[at.parent_pointer()].erase(at.back());
        EXPECT_EQ(refusal(payment).status, 400u) << pointer;
    }
}

TEST(X402Wire, RefusesAnAmountAbove64BitsAndSaysSo)
{
    auto payment = voucher_payment();
    payment["payload"]["voucher"]["maxClaimableAmount"] = "18446744073709551616";
    EXPECT_EQ(refusal(payment).status, 400u);
    EXPECT_EQ(refusal(payment).message, "maxClaimableAmount is above 2^64 - 1");
    payment["payload"]["voucher"]["maxClaimableAmount"] = "18446744073709551615";
    EXPECT_EQ(refusal(payment).reason, "accepted");
}

TEST(X402Wire, RefusesAmountsThatAreNoDecimalText)
{
    for (const json& wrong : {json(1000), json("01"), json("-1"), json(""), json("1e3"),
                              json(nullptr), json("0x10"), json(1.5)}) {
        auto payment = voucher_payment();
        payment["payload"]["voucher"]["maxClaimableAmount"] = wrong;
        EXPECT_EQ(refusal(payment).reason, "malformed_payment") << wrong;
    }
}

TEST(X402Wire, RefusesEveryMissingMember)
{
    for (const char* pointer :
         {"/x402Version", "/payload", "/accepted", "/accepted/scheme", "/accepted/amount",
          "/payload/type", "/payload/channelConfig", "/payload/channelConfig/payer",
          "/payload/channelConfig/salt", "/payload/channelConfig/withdrawDelay", "/payload/voucher",
          "/payload/voucher/channelId", "/payload/voucher/signature"}) {
        const json::json_pointer at{pointer};
        auto payment = voucher_payment();
        payment[at.parent_pointer()].erase(at.back());
        EXPECT_EQ(refusal(payment).status, 400u) << pointer;
    }
}

TEST(X402Wire, RefusesAWrongChecksumAndAShortSignature)
{
    auto payment = voucher_payment();
    payment["payload"]["channelConfig"]["payer"] = "0x1A642f0E3c3aF545E7AcBD38b07251B3990914F1";
    EXPECT_EQ(refusal(payment).reason, "malformed_payment");
    payment = voucher_payment();
    payment["payload"]["voucher"]["signature"] = "0x00";
    EXPECT_EQ(refusal(payment).reason, "malformed_payment");
}

TEST(X402Wire, NamesWhatAStockClientCouldDoOtherwise)
{
    auto payment = voucher_payment();
    payment["accepted"]["scheme"] = "lottery";
    EXPECT_EQ(refusal(payment).reason, "unsupported_scheme");
    EXPECT_EQ(refusal(payment).status, 402u);

    payment = voucher_payment();
    payment["payload"]["type"] = "gift";
    EXPECT_EQ(refusal(payment).reason, "invalid_batch_settlement_evm_payload_type");

    payment["payload"]["type"] = "deposit";
    payment["payload"]["deposit"]["amount"] = "5";
    payment["payload"]["deposit"]["authorization"]["permit2Authorization"] = json::object();
    EXPECT_EQ(refusal(payment).reason,
              "invalid_batch_settlement_evm_erc3009_authorization_required");

    payment = voucher_payment();
    payment["payload"]["type"] = "refund";
    payment["payload"]["amount"] = "0";
    EXPECT_EQ(refusal(payment).reason, "invalid_batch_settlement_evm_refund_amount_invalid");
}

TEST(X402Wire, RefusesLongDeepAndDoubledInput)
{
    EXPECT_EQ(decode_payment(std::string(16'388, 'A')).error().status, 400u);
    EXPECT_EQ(decode_payment("").error().status, 400u);
    EXPECT_EQ(decode_payment("{}").error().status, 400u);
    const auto deep = std::string(13, '[') + std::string(13, ']');
    EXPECT_EQ(decode_payment(to_base64(ledger::as_bytes(deep))).error().status, 400u);
    EXPECT_EQ(decode_payment(to_base64(ledger::as_bytes(R"({"a":1,"a":2})"))).error().status, 400u);
    EXPECT_EQ(decode_payment(to_base64(ledger::as_bytes("\"\xff\""))).error().status, 400u);

    auto payment = voucher_payment();
    payment["deep"] = json::parse(std::string(11, '[') + "1" + std::string(11, ']'));
    EXPECT_EQ(refusal(payment).reason, "accepted") << "12 levels";
    payment["deep"] = json::parse(std::string(12, '[') + "1" + std::string(12, ']'));
    EXPECT_EQ(refusal(payment).status, 400u) << "13 levels";
}

TEST(X402Wire, RefusesAMemberThatStandsTwiceAnywhere)
{
    const auto good = voucher_payment().dump();
    for (const std::string name : {"x402Version", "type", "withdrawDelay", "url", "scheme"}) {
        auto text = good;
        const auto at = text.find('"' + name + '"');
        ASSERT_NE(at, text.npos) << name;
        text.insert(at, '"' + name + R"(":[{"a":1}],)");
        const auto refused = decode_payment(to_base64(ledger::as_bytes(text)));
        ASSERT_FALSE(refused) << text;
        EXPECT_NE(refused.error().message.find(name + " twice"), std::string::npos);
    }
    auto payment = voucher_payment();
    payment["more"] = json::array({1, {{"x", {{"same", 1}, {"other", 2}}}}});
    auto text = payment.dump();
    EXPECT_TRUE(decode_payment(to_base64(ledger::as_bytes(text))));
    text.replace(text.find("other"), 5, "same");
    EXPECT_FALSE(decode_payment(to_base64(ledger::as_bytes(text))));
}

TEST(X402Wire, RefusesWhatFollowsTheValueAndWhatIsCutOff)
{
    const auto good = voucher_payment().dump();
    EXPECT_FALSE(decode_payment(to_base64(ledger::as_bytes(good + "{}"))));
    EXPECT_FALSE(decode_payment(to_base64(ledger::as_bytes(good + "x"))));
    EXPECT_TRUE(decode_payment(to_base64(ledger::as_bytes(" " + good + "\n"))));
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(decode_payment(to_base64(ledger::as_bytes(good.substr(0, size))))) << size;
}

TEST(X402Wire, ReadsAPaymentIdentifierOfTheRightForm)
{
    auto payment = voucher_payment();
    auto& info = payment["extensions"]["payment-identifier"]["info"];
    info["required"] = false;
    EXPECT_FALSE(decode_payment(to_header(payment))->payment_id);
    info["id"] = "pay_0123456789abcdef";
    EXPECT_EQ(decode_payment(to_header(payment))->payment_id, "pay_0123456789abcdef");
    for (const json& wrong :
         {json("short"), json("spaces are not fine!"), json(7), json(std::string(129, 'a'))}) {
        info["id"] = wrong;
        EXPECT_EQ(refusal(payment).reason, "malformed_payment_id") << wrong;
    }
}

TEST(X402Wire, KnowsWhoWantsTheReceiptOfTheExtension)
{
    auto payment = voucher_payment();
    EXPECT_FALSE(decode_payment(to_header(payment))->wants_receipt);
    payment["extensions"]["payment-identifier"]["info"]["required"] = false;
    EXPECT_FALSE(decode_payment(to_header(payment))->wants_receipt);
    payment["extensions"]["offer-receipt"]["info"]["offers"] = json::array();
    EXPECT_TRUE(decode_payment(to_header(payment))->wants_receipt);
}

TEST(X402Wire, WritesWhatAPaymentResponseHas)
{
    PaymentResponse response;
    response.network = "eip155:402077";
    EXPECT_EQ(from_header(encode_payment_response(response)),
              json::parse(R"({"success":true,"transaction":"","network":"eip155:402077"})"));

    response.success = false;
    response.error_reason = "no \"reason\"";
    response.transaction = "0x01";
    response.payer = Address{};
    response.amount = Amount::micros(5);
    response.charged = Amount::micros(4);
    response.channel_state = ChannelState{};
    response.channel_state->withdraw_requested_at = 9;
    response.channel_state->refund_nonce = 3;
    response.channel_state->charged = Amount::micros(7);
    market::UsageReceipt receipt;
    receipt.units = {1, 2};
    response.receipt = SignedReceipt{receipt, {}};
    response.served = SignedServedCall{{"n", "http://host/\xc3\xa9", "p", 8, ""}, {}};
    const auto read = from_header(encode_payment_response(response));
    EXPECT_EQ(read["success"], false);
    EXPECT_EQ(read["errorReason"], "no \"reason\"");
    EXPECT_EQ(read["transaction"], "0x01");
    EXPECT_EQ(read["payer"], "0x" + std::string(40, '0'));
    EXPECT_EQ(read["amount"], "5");
    EXPECT_EQ(read["extra"]["chargedAmount"], "4");
    EXPECT_EQ(read["extra"]["channelState"], to_json(*response.channel_state));
    auto with_signature = ledger::codec::to_json(receipt);
    with_signature["signature"] = "0x" + std::string(130, '0');
    EXPECT_EQ(read["extra"]["receipt"], with_signature);
    const json payload{{"version", 1}, {"network", "n"}, {"resourceUrl", "http://host/\xc3\xa9"},
                       {"payer", "p"}, {"issuedAt", 8},  {"transaction", ""}};
    const json signed_call{
        {"format", "eip712"}, {"payload", payload}, {"signature", "0x" + std::string(130, '0')}};
    EXPECT_EQ(read["extensions"]["offer-receipt"]["info"]["receipt"], signed_call);
}

TEST(X402Wire, NeverFallsOverMangledInput)
{
    ledger::SeededRandom random{11};
    const auto good = voucher_payment().dump();
    for (int i = 0; i < 3000; ++i) {
        auto text = good;
        for (int changes = 0; changes < 3; ++changes)
            text[random.below(text.size())] = static_cast<char>(random.below(256));
        text.resize(random.below(2) == 0 ? text.size() : random.below(text.size()));
        const auto decoded = decode_payment(to_base64(ledger::as_bytes(text)));
        const auto status = decoded ? 402 : decoded.error().status;
        EXPECT_TRUE(status == 400 || status == 402);
    }
}

TEST(X402Wire, SignsOffersAsTheExtensionSays)
{
    // Made with @x402/extensions 2.27.0: createOfferEIP712 and createReceiptEIP712, key 0x01 * 32.
    const auto key = *ledger::SecretKey::from_bytes(ledger::Bytes(32, 1));
    const json entry{{"scheme", "exact"},
                     {"network", "eip155:402077"},
                     {"asset", "0x00000000000000000000000000000000000000f1"},
                     {"payTo", "0x00000000000000000000000000000000000000a1"},
                     {"amount", "1000"}};
    const auto offer = signed_offer(entry, 1, "http://host/m", 1'767'226'000, key);
    EXPECT_EQ(offer["signature"],
              "0xd016054b879480d1c0fade21352068e36161c97b00a79ea15843378f036aa9fa3e612a3427b44e71ee"
              "d7c20419abcb87b439d953e67197926239530c065c62d41b");
    EXPECT_EQ(offer["acceptIndex"], 1);
    const auto receipt =
        signed_receipt({"eip155:402077", "http://host/m",
                        "0x1a642f0e3c3af545e7acbd38b07251b3990914f1", 1'767'225'600, ""},
                       key);
    EXPECT_EQ(ledger::to_hex0x(receipt.signature.view()),
              "0x027363c60fc956cde8e0f24b4c85e41d8028d5bf237b3d229dd9c92ba0099f6b59061975bef760a140"
              "13eae376ceff2a7436ae76ea56eadeedeaef00497e3edb1b");
}

json link_payment()
{
    return {{"x402Version", 2},
            {"accepted", {{"scheme", "hash-chain"}, {"amount", "1000"}}},
            {"payload",
             {{"channelId", "0x" + std::string(64, '1')},
              {"index", 7},
              {"link", "0x" + std::string(64, '2')}}}};
}

json opening_payment()
{
    auto payment = link_payment();
    const auto voucher = voucher_payment();
    auto& payload = payment["payload"];
    payload["channelConfig"] = voucher["payload"]["channelConfig"];
    payload["chain"] = {
        {"base", "30"}, {"unit", "50"}, {"length", 4096}, {"root", "0x" + std::string(64, '3')}};
    payload["signature"] = voucher["payload"]["voucher"]["signature"];
    return payment;
}

TEST(X402Wire, ReadsALinkAndAChainsOpening)
{
    const auto link = decode_payment(to_header(link_payment()));
    ASSERT_TRUE(link) << link.error().message;
    EXPECT_TRUE(link->accepted.is_short());
    const auto& shown = std::get<ChainPayload>(link->payload);
    EXPECT_EQ(shown.index, 7u);
    EXPECT_EQ(ledger::to_hex0x(shown.link.view()), "0x" + std::string(64, '2'));
    EXPECT_FALSE(shown.opening);

    const auto opening = decode_payment(to_header(opening_payment()));
    ASSERT_TRUE(opening) << opening.error().message;
    const auto& opened = *std::get<ChainPayload>(opening->payload).opening;
    EXPECT_EQ(opened.terms.base, Amount::micros(30));
    EXPECT_EQ(opened.terms.unit, Amount::micros(50));
    EXPECT_EQ(opened.terms.length, 4096u);
    EXPECT_EQ(opened.config.withdraw_delay.value, 900u);
    EXPECT_FALSE(opened.deposit);
}

TEST(X402Wire, RefusesMalformedLinks)
{
    for (const char* name : {"channelId", "index", "link"}) {
        auto payment = link_payment();
        payment["payload"].erase(name);
        EXPECT_EQ(refusal(payment).message, std::string{name} + " is missing");
    }
    auto payment = link_payment();
    payment["payload"]["index"] = 1ull << 32;
    EXPECT_EQ(refusal(payment).message, "index must be a number");
    for (const char* name : {"base", "unit", "length", "root"}) {
        payment = opening_payment();
        payment["payload"]["chain"].erase(name);
        EXPECT_EQ(refusal(payment).message, std::string{name} + " is missing");
    }
    payment = opening_payment();
    payment["payload"].erase("signature");
    EXPECT_EQ(refusal(payment).message, "signature is missing");
    payment = opening_payment();
    payment["payload"]["deposit"] = {{"amount", "7"}, {"authorization", json::object()}};
    EXPECT_EQ(refusal(payment).reason, erc3009_authorization_required);
}

}  // namespace
}  // namespace node::x402
