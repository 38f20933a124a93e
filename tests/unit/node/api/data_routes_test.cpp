#include "ledger/crypto/hpke.hpp"
#include "ledger/sealing/contribution.hpp"
#include "tests/support/data_world.hpp"
#include "tests/unit/node/api/api_fixture.hpp"

namespace node {
namespace {

using namespace ledger;

/// A dataset of person 1, to which the device of person 5 has contributed; person 2 buys it.
class DataRoutes : public ApiTest {
protected:
    DataRoutes()
    {
        auto registered = market::DataWorld::registration();
        registered.card_hash.bytes.fill(3);
        send(1, registered);
        send(1, market::DeviceEnroll{id, test_account(5), test_account(3), market::SharesRule::rows,
                                     100});
        send(3, contribution());
    }
    market::DataContribute contribution() const
    {
        market::DataContribute made;
        made.dataset = id;
        made.device = test_account(5);
        made.batch = 1;
        made.point = batch.summary.point;
        made.root = batch.summary.root;
        made.chunks = batch.summary.chunks;
        made.bytes = batch.summary.bytes;
        made.shares = 10;
        made.wraps.resize(1);
        sealing::Contribution said;
        said.network = retag<Hash>(network.genesis_id);
        said.dataset = retag<Hash>(id);
        said.batch = 1;
        said.summary = batch.summary;
        said.shares = 10;
        said.wraps = {Bytes(80)};
        made.device_signature = sign(test_key(5), sealing::contribution_digest(said));
        return made;
    }
    std::string offer()
    {
        return send(1, market::DataWorld::offering(id, {{test_account(5), 1}}))["txId"];
    }
    std::string buy(const std::string& offer)
    {
        market::DataBuy made;
        made.offer = *id_from_hex<market::OfferId>(offer);
        made.price = Amount::micros(1'000);
        made.points = {public_key(market::DataWorld::blind("a"))};
        made.wrapped_z.resize(hpke_overhead_bytes + 32);
        return send(2, made)["txId"];
    }
    json send(std::uint8_t n, const market::Message& message)
    {
        const auto encoded =
            signed_transaction(network, n, nonces[n]++, message, Amount::micros(1'000));
        auto answer = post("/v1/transactions?wait=final", {{"tx", to_hex0x(encoded)}});
        EXPECT_EQ(answer.body["receipt"]["status"], "applied") << answer.text;
        return answer.body;
    }

    const market::DatasetId id = market::dataset_id(test_account(1), "leaves");
    const std::string path = "/v1/datasets/" + to_hex0x(id.view());
    const market::SealedBatch batch = market::seal_batch(id, "batch", 2);
};

TEST_F(DataRoutes, ShowADatasetByIdAndByOwnerAndName)
{
    const auto shown = read(path);
    EXPECT_EQ(shown["owner"], to_checksum(test_account(1)));
    EXPECT_EQ(shown["name"], "leaves");
    EXPECT_EQ(shown["ownerPpm"], 600'000);
    EXPECT_EQ(shown["totalShares"], 10);
    EXPECT_EQ(shown["open"], true);
    EXPECT_EQ(shown["shares"].size(), 2u);
    EXPECT_EQ(read("/v1/datasets/" + to_checksum(test_account(1)) + ":leaves"), shown);
    EXPECT_EQ(read("/v1/datasets")["items"], json::array({shown}));
    EXPECT_EQ(get("/v1/datasets/" + to_checksum(test_account(1)) + ":roses").status, 404u);
    EXPECT_EQ(get("/v1/datasets/leaves").status, 400u);
}

TEST_F(DataRoutes, ShowItsDevicesAndBatches)
{
    const auto devices = read(path + "/devices")["items"];
    ASSERT_EQ(devices.size(), 1u);
    EXPECT_EQ(devices[0]["device"], to_checksum(test_account(5)));
    EXPECT_EQ(devices[0]["contributor"], to_checksum(test_account(3)));
    EXPECT_EQ(devices[0]["sharesRule"], "rows");

    EXPECT_TRUE(read(path + "/batches")["items"][0]["drawn"].empty());
    send(2, market::Transfer{test_account(3), Amount::micros(1)});
    const auto batches = read(path + "/batches");
    EXPECT_TRUE(batches["next"].is_null());
    const auto& one = batches["items"][0];
    EXPECT_EQ(one["batch"], 1);
    EXPECT_EQ(one["root"], to_hex0x(batch.summary.root.view()));
    EXPECT_EQ(one["chunks"], 2);
    EXPECT_FALSE(one["drawn"].empty()) << "the block after the contribution's draws";
    EXPECT_TRUE(one["shown"].empty());
}

TEST_F(DataRoutes, ShowOffersAndWhoBought)
{
    const auto listed = offer();
    const auto shown = read("/v1/offers/" + listed);
    EXPECT_EQ(shown["id"], listed);
    EXPECT_EQ(shown["seller"], to_checksum(test_account(1)));
    EXPECT_EQ(shown["price"], "1000");
    EXPECT_EQ(shown["status"], "listed");
    EXPECT_EQ(shown["bonds"], "2002");
    EXPECT_EQ(read("/v1/offers?dataset=" + to_hex0x(id.view()))["items"], json::array({shown}));
    EXPECT_EQ(get("/v1/offers?dataset=0x12").status, 400u);
    EXPECT_EQ(get("/v1/offers/0x" + std::string(64, '1')).status, 404u);
    EXPECT_EQ(get("/v1/offers/5").code(), "bad_id");

    const auto bought = buy(listed);
    const auto sale = read("/v1/sales/" + bought);
    EXPECT_EQ(sale["status"], "funded");
    EXPECT_EQ(sale["buyer"], to_checksum(test_account(2)));
    EXPECT_EQ(sale["dataset"], to_hex0x(id.view()));
    EXPECT_EQ(sale["licenseHash"], shown["licenseHash"]);
    EXPECT_EQ(sale["escrow"], "2000");
    EXPECT_EQ(sale["points"].size(), 1u);
    EXPECT_TRUE(sale["t"].is_null());
    const auto of = [&](const std::string& query) {
        return read("/v1/sales" + query)["items"].size();
    };
    EXPECT_EQ(of(""), 1u);
    EXPECT_EQ(of("?offer=" + listed), 1u);
    EXPECT_EQ(of("?offer=" + bought), 0u);
    EXPECT_EQ(of("?buyer=" + to_checksum(test_account(2))), 1u);
    EXPECT_EQ(of("?buyer=" + to_checksum(test_account(3))), 0u);
    EXPECT_EQ(get("/v1/sales?buyer=me").code(), "bad_address");
    EXPECT_EQ(get("/v1/sales?offer=me").code(), "bad_id");

    const auto t = market::DataWorld::blinded(batch.key, "a");
    const auto released = send(1, market::DataRelease{*id_from_hex<market::SaleId>(bought), {t}});
    const auto after = read("/v1/sales/" + bought);
    EXPECT_EQ(after["status"], "released");
    EXPECT_EQ(after["t"], json::array({to_hex0x(t.view())}));
    EXPECT_EQ(after["releasedIn"], released["txId"]);
}

}  // namespace
}  // namespace node
