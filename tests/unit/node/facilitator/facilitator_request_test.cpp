#include "node/facilitator/facilitator_request.hpp"

#include "node/payment/x402_errors.hpp"
#include "tests/unit/node/facilitator/facilitator_fixture.hpp"

namespace node {
namespace {

struct FacilitatorRequests : FacilitatorFixture {
    static unsigned status(const std::string& body)
    {
        const auto read = decode_facilitator_request(body);
        return read ? 200 : read.error().status;
    }
};

TEST_F(FacilitatorRequests, ReadsEverySchemesPayment)
{
    const auto exact = request(body(world.exact({})));
    EXPECT_EQ(exact.requirements.scheme, x402::Scheme::exact);
    EXPECT_EQ(exact.requirements.amount, ledger::Amount::micros(1000));
    EXPECT_EQ(exact.requirements.name, "MKT");
    EXPECT_EQ(exact.requirements.max_timeout_s, 60u);
    EXPECT_EQ(request(body(world.upto({}))).requirements.scheme, x402::Scheme::upto);
    const auto batch = request(body(world.voucher({})));
    EXPECT_EQ(batch.requirements.receiver_authorizer, world.host.authorizer);
    EXPECT_EQ(batch.requirements.withdraw_delay, 900u);
    EXPECT_TRUE(std::holds_alternative<x402::Payment>(batch.payment));
}

TEST_F(FacilitatorRequests, TellsWhatAServerDoesFromWhatAPayerSent)
{
    EXPECT_TRUE(std::holds_alternative<ClaimAction>(
        request(action({{"type", "claim"}, {"claims", json::array()}})).payment));
    const auto token = x402::plain(world.network.genesis.asset.address);
    EXPECT_TRUE(std::holds_alternative<SettleAction>(
        request(action({{"type", "settle"}, {"receiver", token}, {"token", token}})).payment));
    const auto refund = body(world.voucher({.max = 0, .type = "refund"}));
    EXPECT_TRUE(std::holds_alternative<x402::Payment>(request(refund).payment));
}

TEST_F(FacilitatorRequests, RefusesWhatIsNoSuchBody)
{
    for (const char* wrong :
         {"", "{}", "[]", "null", "{\"paymentPayload\":{}}", "{\"a\":1,\"a\":2}"})
        EXPECT_EQ(status(wrong), 400u) << wrong;
    EXPECT_EQ(status(std::string(FacilitatorLimits::body_bytes + 1, ' ')), 400u);
    const auto good = body(world.exact({}));
    for (const char* name : {"network", "asset", "payTo", "amount"}) {
        auto wrong = good;
        wrong["paymentRequirements"].erase(name);
        EXPECT_EQ(status(wrong.dump()), 400u) << name;
        wrong["paymentRequirements"][name] = 7;
        EXPECT_EQ(status(wrong.dump()), 400u) << name;
    }
    auto scheme = good;
    scheme["paymentRequirements"]["scheme"] = "lottery";
    EXPECT_EQ(status(scheme.dump()), 402u);
    auto payload = good;
    payload["paymentPayload"]["payload"] = json::object();
    EXPECT_EQ(status(payload.dump()), 400u);
}

TEST_F(FacilitatorRequests, BoundsTheClaimsOfOneRequest)
{
    const auto with = [&](std::size_t count) {
        json claims = json::array();
        for (std::size_t i = 0; i < count; ++i) claims.push_back(json::object());
        return decode_facilitator_request(action({{"type", "claim"}, {"claims", claims}}).dump());
    };
    EXPECT_EQ(with(65).error().message, "claims are a list of at most 64");
    EXPECT_NE(with(64).error().message, "claims are a list of at most 64");
}

TEST_F(FacilitatorRequests, NeverFallsOverMangledInput)
{
    ledger::SeededRandom random{13};
    for (const auto& header : {world.exact({}), world.upto({}), world.voucher({.deposit = 5000})}) {
        const auto good = body(header).dump();
        for (int i = 0; i < 500; ++i) {
            auto text = good;
            for (int changes = 0; changes < 3; ++changes)
                text[random.below(text.size())] = static_cast<char>(random.below(256));
            const auto read = decode_facilitator_request(text);
            const auto status = read ? 402 : read.error().status;
            EXPECT_TRUE(status == 400 || status == 402);
        }
    }
}

}  // namespace
}  // namespace node
