#include "node/blobs/batch_routes.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "tests/support/fake_exchange.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_batches.hpp"
#include "tests/support/sealed_batch.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;
using nlohmann::json;

/// Routes over batches in memory; the operator's token is "secret".
struct BatchRoutesTest : testing::Test {
    struct Answer {
        unsigned status = 0;
        std::string text;
        std::optional<std::string> tag, retry_after;
        json body() const { return json::parse(text); }
        std::string code() const { return body()["error"]["code"]; }
    };
    using Headers = FakeExchange::Headers;

    BatchRoutesTest() { open_routes(false); }

    void open_routes(bool to_all, std::uint64_t bytes_per_second = 0)
    {
        rates.emplace(bytes_per_second);
        router.emplace();
        const BatchParts parts{store,   background, fetches, wanted, gate,
                               callers, *rates,     counts,  clock,  {to_all}};
        add_batch_routes(*router, parts);
        add_batch_operator_routes(*router, parts);
    }
    Answer ask(std::string_view method, const std::string& target, std::string_view body,
               const Headers& headers)
    {
        FakeExchange exchange{method, target, headers, body};
        exchange.run(*router);
        const auto header = [&](const char* name) -> std::optional<std::string> {
            const auto found = exchange.answer_header(name);
            return found ? std::optional{std::string{*found}} : std::nullopt;
        };
        return {exchange.status(), exchange.text(), header("ETag"), header("Retry-After")};
    }
    Answer ask(std::string_view method, const std::string& target, ByteView body = {},
               bool by_operator = false)
    {
        Headers headers;
        if (by_operator) headers.emplace_back("Authorization", "Bearer secret");
        return ask(method, target, as_text(body), headers);
    }
    std::string path(const std::string& rest = "") const
    {
        return transfer::batch_target(batch.root()) + rest;
    }
    Bytes manifest_body() const
    {
        const auto text = transfer::manifest_text(batch.manifest);
        return {text.begin(), text.end()};
    }
    void put_all()
    {
        ASSERT_EQ(ask("PUT", path(), manifest_body(), true).status, 201u);
        ASSERT_EQ(ask("PUT", path("/table/0-5"), batch.leaves, true).status, 200u);
        ASSERT_EQ(ask("PUT", path("/chunks/0-5"), batch.sealed, true).status, 200u);
    }

    ManualClock clock;
    MemoryBatches store{clock, {std::uint64_t{1} << 20, 100, 2}};
    BatchCounts counts;
    Background background{2};
    BatchFetches fetches{store, clock, counts, open_provider, {}};
    AnnouncedRoots wanted{store};
    OperatorGate gate{SecretBytes::copy_of(as_bytes("secret"))};
    CallerLimits callers{100};
    std::optional<ByteRates> rates;
    std::optional<Router> router;
    SealedBatch batch = seal_batch(1, 5);
};

TEST_F(BatchRoutesTest, KeepABatchAndGiveItBack)
{
    put_all();
    EXPECT_EQ(ask("GET", path("/chunks/0-5")).text, as_text(batch.sealed));
    EXPECT_EQ(ask("GET", path("/chunks/5")).text, as_text(batch.chunk_part({5, 1})));
    EXPECT_EQ(ask("GET", path("/table/2-3")).text, as_text(batch.leaf_part({2, 2})));
    EXPECT_EQ(*codec::from_json<transfer::BatchManifest>(ask("GET", path("/manifest")).body()),
              batch.manifest);
    const auto status = ask("GET", path()).body();
    EXPECT_EQ(status["complete"], true);
    EXPECT_EQ(status["present"], 6);
    EXPECT_EQ(status["have"], json::array({"0-5"}));
    EXPECT_EQ(counts.received_bytes, batch.sealed.size());
    EXPECT_EQ(counts.served_bytes, batch.sealed.size() + 116);
}

TEST_F(BatchRoutesTest, TakeWhatTheOperatorAnnouncedFromAnybodyAndNothingElse)
{
    const auto refused = ask("PUT", path(), manifest_body());
    EXPECT_EQ(refused.status, 401u);
    EXPECT_EQ(ask("PUT", path("/table/0-5"), batch.leaves).status, 401u);
    EXPECT_EQ(
        ask("PUT", path(), as_text(manifest_body()), {{"Authorization", "Bearer wrong"}}).status,
        403u);
    EXPECT_FALSE(store.info(batch.root()));
    ASSERT_EQ(ask("PUT", path(), manifest_body(), true).status, 201u);
    EXPECT_EQ(ask("PUT", path("/table/0-5"), batch.leaves).status, 200u);
    EXPECT_EQ(ask("PUT", path("/chunks/0-5"), batch.sealed).status, 200u);
    EXPECT_TRUE(store.info(batch.root())->is_complete());
}

TEST_F(BatchRoutesTest, TakeAnyBatchFromAnybodyWhereTheStoreIsOpen)
{
    open_routes(true);
    ASSERT_EQ(ask("PUT", path(), manifest_body()).status, 201u);
    EXPECT_TRUE(store.info(batch.root())->holders.empty()) << "nobody holds it";
    EXPECT_EQ(ask("PUT", path("/table/0-5"), batch.leaves).status, 200u);
}

TEST_F(BatchRoutesTest, RefuseAWrongChunkAndKeepThoseBeforeIt)
{
    ASSERT_EQ(ask("PUT", path(), manifest_body(), true).status, 201u);
    EXPECT_EQ(ask("PUT", path("/chunks/0-5"), batch.sealed, true).code(), "no_table");
    ASSERT_EQ(ask("PUT", path("/table/0-5"), batch.leaves, true).status, 200u);
    auto wrong = batch.chunk_part({0, 3});
    wrong[sealing::sealed_chunk_bytes] ^= 1;
    const auto answer = ask("PUT", path("/chunks/0-2"), wrong, true);
    EXPECT_EQ(answer.status, 422u);
    EXPECT_EQ(answer.code(), "wrong_chunk");
    EXPECT_EQ(store.have(batch.root())->ranges(9), (std::vector<ChunkRange>{{0, 1}}));
    EXPECT_EQ(counts.refused_chunks, 1u);
}

TEST_F(BatchRoutesTest, RefuseWhatMakesNoSense)
{
    ASSERT_EQ(ask("PUT", path(), manifest_body(), true).status, 201u);
    auto table = batch.leaves;
    table[5] ^= 1;
    EXPECT_EQ(ask("PUT", path("/table/0-5"), table, true).status, 422u) << "not of the root";
    EXPECT_EQ(ask("PUT", path("/table/0-5"), Bytes(5), true).status, 400u);
    EXPECT_EQ(ask("PUT", path("/table/0-5"), Bytes(385), true).status, 413u);
    EXPECT_EQ(ask("PUT", path("/table/1-5"), batch.leaf_part({1, 5}), true).status, 422u);
    EXPECT_EQ(ask("PUT", path("/table/0-6"), Bytes(7 * 64), true).status, 404u);
    EXPECT_EQ(ask("GET", path("/chunks/0-31")).code(), "bad_range");
    EXPECT_EQ(ask("GET", path("/chunks/x")).code(), "bad_range");
    EXPECT_EQ(ask("GET", "/v1/batches/0x12").status, 400u);
    EXPECT_EQ(ask("GET", path("/chunks/0")).status, 404u) << "not here";
    const auto other = transfer::batch_target(seal_batch(2, 1).root());
    EXPECT_EQ(ask("PUT", other, manifest_body(), true).status, 422u) << "another root";
    EXPECT_EQ(ask("PUT", path(), Bytes{1, 2}, true).status, 422u);
    EXPECT_EQ(ask("GET", other).status, 404u);
}

TEST_F(BatchRoutesTest, SayWhenTheQuotaIsUsedUp)
{
    batch = seal_batch(3, 40);
    ASSERT_EQ(ask("PUT", path(), manifest_body(), true).status, 201u);
    ASSERT_EQ(ask("PUT", path("/table/0-40"), batch.leaves, true).status, 200u);
    ASSERT_EQ(ask("PUT", path("/chunks/0-30"), batch.chunk_part({0, 31}), true).status, 200u);
    const auto full = ask("PUT", path("/chunks/31-40"), batch.chunk_part({31, 10}), true);
    EXPECT_EQ(full.status, 507u);
    EXPECT_EQ(full.code(), "full");
}

TEST_F(BatchRoutesTest, NeedNotSendWhatTheCallerHas)
{
    put_all();
    const auto first = ask("GET", path("/chunks/1-2"));
    ASSERT_TRUE(first.tag);
    const auto again = ask("GET", path("/chunks/1-2"), "", {{"If-None-Match", *first.tag}});
    EXPECT_EQ(again.status, 304u);
    EXPECT_EQ(again.text, "");
    EXPECT_EQ(ask("GET", path("/chunks/1-3"), "", {{"If-None-Match", *first.tag}}).status, 200u);
}

TEST_F(BatchRoutesTest, AskACallerForPatienceWhoMovesTooMuch)
{
    open_routes(false, 100'000);
    put_all();
    EXPECT_EQ(ask("GET", path("/chunks/0-5")).status, 200u);
    const auto busy = ask("GET", path("/chunks/0-5"));
    EXPECT_EQ(busy.status, 429u);
    EXPECT_EQ(busy.retry_after, "1");
    EXPECT_EQ(ask("GET", path("/chunks/0-5"), {}, true).status, 200u) << "the operator may";
    clock.advance(std::chrono::seconds{2});
    EXPECT_EQ(ask("GET", path("/chunks/0-5")).status, 200u);
}

TEST_F(BatchRoutesTest, HaveNothingOfADamagedChunk)
{
    put_all();
    store.damage(batch.root(), 2);
    EXPECT_EQ(ask("GET", path("/chunks/0-5")).status, 404u);
    EXPECT_EQ(ask("GET", path()).body()["have"], json::array({"0-1", "3-5"}));
    EXPECT_EQ(counts.damaged_chunks, 1u);
}

TEST_F(BatchRoutesTest, ListAndRemoveForTheOperatorAlone)
{
    put_all();
    EXPECT_EQ(ask("GET", "/v1/batches").status, 401u);
    const auto all = ask("GET", "/v1/batches", {}, true).body();
    ASSERT_EQ(all["items"].size(), 1u);
    EXPECT_EQ(all["items"][0]["root"], to_hex0x(batch.root().view()));
    EXPECT_EQ(all["items"][0]["holders"], json::array({"operator"}));
    EXPECT_EQ(all["next"], nullptr);
    EXPECT_EQ(ask("DELETE", path()).status, 401u);
    ASSERT_TRUE(store.pin(batch.root(), "job-1"));
    EXPECT_EQ(ask("DELETE", path(), {}, true).code(), "held");
    ASSERT_TRUE(store.unpin(batch.root(), "job-1"));
    EXPECT_EQ(ask("DELETE", path(), {}, true).status, 200u);
    EXPECT_EQ(ask("GET", path()).status, 404u);
}

TEST_F(BatchRoutesTest, FetchForTheOperatorAlone)
{
    const auto order = [](const json& body) {
        const auto text = body.dump();
        return Bytes{text.begin(), text.end()};
    };
    const auto good = order({{"providers", {"http://127.0.0.1:1"}}});
    EXPECT_EQ(ask("POST", path("/fetch"), good).status, 401u);
    EXPECT_EQ(ask("POST", path("/fetch"), order({{"providers", json::array()}}), true).status,
              422u);
    EXPECT_EQ(ask("POST", path("/fetch"), order({{"providers", {"ftp://x"}}}), true).status, 422u);
    EXPECT_EQ(ask("POST", path("/fetch"), order({{"nobody", 1}}), true).status, 400u);
    EXPECT_EQ(ask("POST", path("/fetch"), good, true).status, 202u);
}

}  // namespace
}  // namespace node
