#include "wallet/batches/batch_client.hpp"

#include "ledger/codec/json.hpp"
#include "tests/support/fake_node.hpp"
#include "tests/support/sealed_batch.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace wallet {
namespace {

namespace transfer = ledger::transfer;

/// A node that has chunks 10 to 19 of a batch of 41, and takes the rest.
struct BatchClientTest : testing::Test {
    BatchClientTest()
    {
        have.set({10, 10});
        node.on(node::Method::put, "/v1/batches/{root}",
                [this](const FakeRequest&) { return status(201); });
        node.on(node::Method::get, "/v1/batches/{root}",
                [this](const FakeRequest&) { return status(200); });
        node.on(node::Method::get, "/v1/batches/{root}/manifest", [this](const FakeRequest&) {
            return node::Response::json(200, transfer::manifest_text(told));
        });
        node.on(node::Method::get, "/v1/batches/{root}/providers",
                [this](const FakeRequest&) { return node::Response::json(200, said_providers); });
        node.on(node::Method::put, "/v1/batches/{root}/table/{range}",
                [this](const FakeRequest& request) {
                    ledger::append(table, request.body);
                    return node::Response::json(200, "{}");
                });
        node.on(node::Method::put, "/v1/batches/{root}/chunks/{range}",
                [this](const FakeRequest& request) {
                    if (std::exchange(busy, false))
                        return node::Response::json(429, "{}").with("Retry-After", "1");
                    const auto range = *transfer::parse_range(
                        request.target.substr(request.target.rfind('/') + 1));
                    EXPECT_EQ(request.body, batch.chunk_part(range));
                    have.set(range);
                    return node::Response::json(200, "{}");
                });
        node.start();
        write("batch.json", transfer::manifest_text(batch.manifest));
        write("batch.leaves", ledger::as_text(batch.leaves));
        write("batch.sealed", ledger::as_text(batch.sealed));
    }
    void write(const char* name, std::string_view bytes)
    {
        std::ofstream{folder.path() / name, std::ios::binary} << bytes;
    }
    node::Response status(unsigned code)
    {
        auto status = transfer::status_of(batch.summary(), table.size() / 64);
        transfer::say_have(status, have, 0);
        return node::Response::json(code, ledger::codec::to_json(status).dump());
    }
    BatchClient client() const { return {*parse_url(node.url()), {}}; }

    ledger::TemporaryFolder folder;
    ledger::SealedBatch batch = ledger::seal_batch(1, 40);
    BatchManifest told = batch.manifest;
    transfer::ChunkSet have{41};
    ledger::Bytes table;
    bool busy = false;
    std::string said_providers =
        R"({"items":[{"url":"http://a:8700"},{"url":"file:///etc/passwd"},{"url":7},3,{},)"
        R"({"url":"http://a:8700"},{"url":"https://b.example"}]})";
    FakeNode node;
};

TEST_F(BatchClientTest, TakesOfWhatTheNodeSaysOfProvidersWhatIsAnAddress)
{
    EXPECT_EQ(*client().providers(batch.root()),
              (std::vector<std::string>{"http://a:8700", "https://b.example"}));
    said_providers = R"({"items":7})";
    EXPECT_TRUE(client().providers(batch.root())->empty());
    said_providers = "[]";
    EXPECT_TRUE(client().providers(batch.root())->empty());
    said_providers = "no JSON";
    EXPECT_TRUE(client().providers(batch.root())->empty());
}

TEST_F(BatchClientTest, SendsWhatTheNodeHasNotGot)
{
    auto read = *BatchFolder::open(folder.path());
    std::uint64_t last = 0;
    const auto sent = client().put(read, [&](std::uint64_t done) { last = done; });
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_TRUE(have.is_full());
    EXPECT_EQ(table, batch.leaves);
    EXPECT_EQ(*sent, batch.sealed.size() - 10 * ledger::sealing::sealed_chunk_bytes);
    EXPECT_EQ(last, batch.sealed.size());
    EXPECT_EQ(*client().put(read, [](std::uint64_t) {}), 0u) << "nothing twice";
}

TEST_F(BatchClientTest, WaitsWhereTheNodeAsksForPatience)
{
    busy = true;
    auto read = *BatchFolder::open(folder.path());
    ASSERT_TRUE(client().put(read, [](std::uint64_t) {}));
    EXPECT_TRUE(have.is_full());
}

TEST_F(BatchClientTest, TakesNoManifestOfAnotherBatch)
{
    EXPECT_EQ(*client().manifest(batch.root()), batch.manifest);
    told.root.bytes[0] ^= 1;
    const auto other = client().manifest(batch.root());
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().fault, Fault::unverified);
}

TEST_F(BatchClientTest, KeepsToPublicAddressesWhereAStrangerNamedTheNode)
{
    auto named = client();
    named.keep_to_public_addresses();
    EXPECT_EQ(named.manifest(batch.root()).error().fault, Fault::unreachable);
    const auto get = named.get();
    const auto found =
        get({transfer::batch_target(batch.root()), 64 * 1024, std::chrono::seconds{5}, {}});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error(), transfer::ProviderFault::vanished);
    EXPECT_EQ(node.calls("/v1/batches/{root}") + node.calls("/v1/batches/{root}/manifest"), 0);
}

TEST_F(BatchClientTest, TellsAFetchWhatWentWrong)
{
    const auto get = client().get();
    const auto found =
        get({transfer::batch_target(batch.root()), 64 * 1024, std::chrono::seconds{5}, {}});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->status, 200u);
    const BatchClient nobody{*parse_url("http://127.0.0.1:1"), {}};
    const auto gone = nobody.get()({"/", 100, std::chrono::seconds{5}, {}});
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error(), transfer::ProviderFault::vanished);
}

}  // namespace
}  // namespace wallet
