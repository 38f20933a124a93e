#include "market/contribution.hpp"
#include "tests/support/label_world.hpp"
#include "tests/unit/node/api/api_fixture.hpp"

namespace node {
namespace {

using namespace ledger;

/// Person 1 has items labelled, persons 2 and 3 label them, person 4 decides.
class LabelRoutes : public ApiTest {
protected:
    LabelRoutes()
    {
        send(1, market::DataWorld::registration());
        market::LabelWorld world;
        ordered = world.good();
        ordered.dataset = market::dataset_id(test_account(1), "leaves");
        ordered.batches.clear();
        ordered.arbiter = test_account(4);
        ordered.work_s = ordered.review_s = ordered.appeal_s = ordered.decide_s = 0;
        send(1, market::DeviceEnroll{ordered.dataset, test_account(5), test_account(1),
                                     market::SharesRule::rows, 100});
        for (std::uint64_t number : {1, 2}) {
            contribute(number);
            ordered.batches.push_back({test_account(5), number});
        }
    }
    void contribute(std::uint64_t number)
    {
        const auto batch =
            market::seal_batch(ordered.dataset, "batch " + std::to_string(number), 1);
        market::DataContribute made;
        made.dataset = ordered.dataset;
        made.device = test_account(5);
        made.batch = number;
        made.point = batch.summary.point;
        made.root = batch.summary.root;
        made.chunks = batch.summary.chunks;
        made.bytes = batch.summary.bytes;
        made.shares = 1;
        made.wraps.resize(1);
        made.device_signature = sign(test_key(5), market::contribution_digest(network, made));
        send(1, made);
    }
    json send(std::uint8_t n, const market::Message& message)
    {
        const auto encoded =
            signed_transaction(network, n, nonces[n]++, message, Amount::micros(1'000));
        auto answer = post("/v1/transactions?wait=final", {{"tx", to_hex0x(encoded)}});
        EXPECT_EQ(answer.body["receipt"]["status"], "applied") << answer.text;
        return answer.body;
    }
    std::string order() { return send(1, ordered)["txId"]; }
    void agree(const std::string& order)
    {
        send(4, market::LabelAgree{*id_from_hex<market::LabelOrderId>(order)});
    }
    void take(std::uint8_t n, const std::string& order)
    {
        auto message = market::LabelWorld::taking(*id_from_hex<market::LabelOrderId>(order));
        send(n, message);
    }

    market::LabelOrder ordered;
    const std::string nothing = "0x" + std::string(64, '1');
};

TEST_F(LabelRoutes, ShowOrdersAndTheirSeats)
{
    const auto id = order();
    const auto shown = read("/v1/labels/orders/" + id);
    EXPECT_EQ(shown["id"], id);
    EXPECT_EQ(shown["owner"], to_checksum(test_account(1)));
    EXPECT_EQ(shown["classes"], (json{"cat", "dog", "neither"}));
    EXPECT_EQ(shown["items"], 10);
    EXPECT_EQ(shown["seatsFree"], 2);
    EXPECT_EQ(shown["escrow"], "460");
    EXPECT_EQ(shown["agreedMs"], 0);
    EXPECT_EQ(shown["batches"].size(), 2u);
    EXPECT_TRUE(read("/v1/labels/orders")["items"].empty()) << "the arbiter has not agreed";
    agree(id);
    auto listed = read("/v1/labels/orders/" + id);
    EXPECT_NE(listed["agreedMs"], 0);
    for (const auto* large : {"batches", "picks", "arbiterWraps", "annotators"})
        listed.erase(large);
    EXPECT_EQ(read("/v1/labels/orders")["items"], json::array({listed}));
    const auto of = [&](const std::string& dataset) {
        return read("/v1/labels/orders?dataset=" + dataset)["items"].size();
    };
    EXPECT_EQ(of(to_hex0x(ordered.dataset.view())), 1u);
    EXPECT_EQ(of(nothing), 0u);
    EXPECT_EQ(get("/v1/labels/orders?dataset=leaves").code(), "bad_id");
    EXPECT_EQ(get("/v1/labels/orders/" + nothing).status, 404u);
    EXPECT_EQ(get("/v1/labels/orders/leaves").status, 400u);

    take(2, id);
    take(3, id);
    EXPECT_TRUE(read("/v1/labels/orders")["items"].empty()) << "no seat is free";
    EXPECT_EQ(read("/v1/labels/orders?all=1")["items"].size(), 1u);
    EXPECT_EQ(read("/v1/labels/orders/" + id)["workOpen"], 2);
}

TEST_F(LabelRoutes, ShowWhatAnnotatorsDo)
{
    const auto first = order(), second = order();
    agree(first);
    agree(second);
    take(2, first);
    take(3, first);
    take(2, second);
    const auto items = [&](const std::string& query) {
        return read("/v1/labels/work" + query)["items"];
    };
    EXPECT_EQ(items("").size(), 3u);
    EXPECT_EQ(items("?order=" + first).size(), 2u);
    EXPECT_EQ(items("?annotator=" + to_checksum(test_account(2))).size(), 2u);
    const auto one = items("?order=" + second);
    ASSERT_EQ(one.size(), 1u);
    EXPECT_EQ(one[0]["annotator"], to_checksum(test_account(2)));
    EXPECT_EQ(one[0]["order"], second);
    EXPECT_EQ(one[0]["status"], "taken");
    EXPECT_EQ(read("/v1/labels/orders/" + second + "/work/" + to_checksum(test_account(2))),
              one[0]);
    EXPECT_EQ(get("/v1/labels/orders/" + second + "/work/" + to_checksum(test_account(3))).status,
              404u);
    EXPECT_EQ(get("/v1/labels/orders/" + second + "/work/bob").code(), "bad_address");
    EXPECT_EQ(get("/v1/labels/work?annotator=bob").code(), "bad_address");
}

}  // namespace
}  // namespace node
