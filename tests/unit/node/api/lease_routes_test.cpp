#include "tests/unit/node/api/api_fixture.hpp"

namespace node {
namespace {

using namespace ledger;

/// Person 1 lets a machine, person 2 rents it.
class LeaseRoutes : public ApiTest {
protected:
    static std::uint64_t tomorrow() { return test_genesis().time_ms.value / 1'000 + 86'400; }
    std::string offer()
    {
        market::GpuOffer made;
        made.device = {"H200", 143'000, 1, "570.1", "eu"};
        made.profile = {60'000, 4'800'000, "sm_90", true, {}};
        made.rate = Amount::micros(10);
        made.min_s = 60;
        made.max_s = 3'600;
        made.expires = tomorrow();
        return send(1, made)["txId"];
    }
    std::string order()
    {
        market::GpuOrder made;
        made.job.kind = market::JobKind::raw;
        made.max_rate = Amount::micros(10);
        made.escrow = Amount::micros(10'000);
        made.expires = tomorrow();
        return send(2, made)["txId"];
    }
    std::string bid(const std::string& order, const std::string& offer)
    {
        market::GpuBid made;
        made.order = *id_from_hex<market::GpuOrderId>(order);
        made.offer = *id_from_hex<market::GpuOfferId>(offer);
        made.rate = Amount::micros(9);
        made.start_by = tomorrow();
        made.deposit = Amount::micros(300);
        return send(1, made)["txId"];
    }
    static const std::string nothing;
};
const std::string LeaseRoutes::nothing = "0x" + std::string(64, '1');

TEST_F(LeaseRoutes, ShowOffersOrdersAndBids)
{
    const auto offered = offer();
    const auto shown = read("/v1/gpu/offers/" + offered);
    EXPECT_EQ(shown["provider"], to_checksum(test_account(1)));
    EXPECT_EQ(shown["device"]["model"], "H200");
    EXPECT_EQ(shown["profile"]["gflops"], 60'000);
    EXPECT_EQ(shown["status"], "listed");
    EXPECT_EQ(read("/v1/gpu/offers")["items"], json::array({shown}));
    const auto of = [&](std::uint8_t n) {
        return read("/v1/gpu/offers?provider=" + to_checksum(test_account(n)))["items"].size();
    };
    EXPECT_EQ(of(1), 1u);
    EXPECT_EQ(of(2), 0u);
    EXPECT_EQ(get("/v1/gpu/offers?provider=me").code(), "bad_address");
    EXPECT_EQ(get("/v1/gpu/offers/5").code(), "bad_id");
    EXPECT_EQ(get("/v1/gpu/offers/" + nothing).status, 404u);

    const auto ordered = order();
    const auto made = bid(ordered, offered);
    const auto wanted = read("/v1/gpu/orders/" + ordered);
    EXPECT_EQ(wanted["tenant"], to_checksum(test_account(2)));
    EXPECT_EQ(wanted["bids"], 1);
    ASSERT_EQ(wanted["waiting"].size(), 1u);
    EXPECT_EQ(wanted["waiting"][0]["id"], made);
    EXPECT_EQ(wanted["waiting"][0]["rate"], "9");
    EXPECT_EQ(read("/v1/gpu/orders")["items"].size(), 1u);
    EXPECT_EQ(get("/v1/gpu/orders/" + nothing).status, 404u);
}

TEST_F(LeaseRoutes, ShowLeasesAndWhatVerifiersHaveToDo)
{
    const auto offered = offer();
    const auto ordered = order();
    const auto taken = *id_from_hex<market::GpuBidId>(bid(ordered, offered));
    const std::string id =
        send(2, market::LeaseAccept{*id_from_hex<market::GpuOrderId>(ordered), taken})["txId"];
    const auto lease = read("/v1/leases/" + id);
    EXPECT_EQ(lease["status"], "matched");
    EXPECT_EQ(lease["tenant"], to_checksum(test_account(2)));
    EXPECT_EQ(lease["provider"], to_checksum(test_account(1)));
    EXPECT_EQ(lease["held"], "10300");
    EXPECT_TRUE(lease["verification"].is_null());
    EXPECT_TRUE(lease["dispute"].is_null());
    EXPECT_EQ(read("/v1/leases")["items"].size(), 1u);
    EXPECT_EQ(read("/v1/leases?tenant=" + to_checksum(test_account(1)))["items"].size(), 0u);
    EXPECT_EQ(read("/v1/leases?provider=" + to_checksum(test_account(1)))["items"].size(), 1u);
    EXPECT_EQ(read("/v1/gpu/orders")["items"].size(), 0u) << "it takes no more bids";
    EXPECT_EQ(read("/v1/gpu/orders?all=1")["items"].size(), 1u);
    const auto checkpoints = read("/v1/leases/" + id + "/checkpoints?from=7");
    EXPECT_TRUE(checkpoints["items"].empty());
    EXPECT_TRUE(checkpoints["next"].is_null());
    EXPECT_EQ(get("/v1/leases/" + nothing).status, 404u);
    EXPECT_EQ(get("/v1/leases/" + nothing + "/checkpoints").status, 404u);
    EXPECT_TRUE(read("/v1/verifiers")["items"].empty());
    EXPECT_TRUE(
        read("/v1/verifiers/" + to_checksum(test_account(1)) + "/duties")["items"].empty());
}

}  // namespace
}  // namespace node
