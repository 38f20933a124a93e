#include "node/blobs/blob_routes.hpp"

#include "tests/support/payment_world.hpp"
#include "tests/unit/node/api/market_api.hpp"

namespace node {
namespace {

using namespace ledger;

struct BlobsTest : MarketApiTest {
    BlobsTest() { add_blob_routes(router, {cards, registered}); }

    /// Registers a model whose card this is.
    void name_card(const std::string& name, std::string_view card)
    {
        send(1, market::ModelRegister{name, hash_of(card)});
        clock.advance(std::chrono::seconds{2});
    }
    Answer put(std::string_view card) { return ask("POST", "/v1/blobs", card); }
    Answer fetch(std::string_view card)
    {
        return get("/v1/blobs/" + to_hex0x(hash_of(card).view()));
    }

    FakeJournal journal;
    CardStore cards{journal, {100'000}};
    RegisteredCards registered{*store, clock};
};

TEST_F(BlobsTest, KeepACardThatTheLedgerNames)
{
    const std::string card = "{\"license\":\"MIT\"}";
    name_card("digits", card);
    EXPECT_EQ(fetch(card).status, 404u);
    const auto stored = put(card);
    EXPECT_EQ(stored.status, 201u) << stored.text;
    EXPECT_EQ(stored.body["sha256"], to_hex0x(hash_of(card).view()));
    EXPECT_EQ(stored.body["bytes"], card.size());
    EXPECT_EQ(fetch(card).text, card);
    EXPECT_EQ(put(card).status, 201u) << "again";
}

TEST_F(BlobsTest, KeepTheCardOfAVersion)
{
    make_model(1);
    clock.advance(std::chrono::seconds{2});
    EXPECT_EQ(put("card1").status, 201u);
    EXPECT_EQ(put("card2").code(), "unknown_card");
}

TEST_F(BlobsTest, KeepTheCardOfADataset)
{
    send(1, market::DatasetRegister{"leaves", {}, hash_of("card"), {1'000'000}, {}, {}, false});
    EXPECT_EQ(put("card").status, 201u);
    EXPECT_EQ(fetch("card").status, 200u);
}

TEST_F(BlobsTest, TakeNothingElse)
{
    EXPECT_EQ(put("junk").status, 422u);
    EXPECT_EQ(put("").code(), "malformed");
    EXPECT_EQ(put(std::string(CardLimits::card_bytes + 1, 'x')).status, 413u);
    EXPECT_EQ(fetch("junk").status, 404u);
    EXPECT_EQ(get("/v1/blobs/abc").code(), "bad_id");
}

TEST_F(BlobsTest, TakeACardOfTheLargestSizeAndNoMoreThanFit)
{
    const std::string first(CardLimits::card_bytes, 'a'), second(CardLimits::card_bytes, 'b');
    name_card("a", first);
    name_card("b", second);
    EXPECT_EQ(put(first).status, 201u);
    EXPECT_EQ(put(second).status, 507u);
    EXPECT_EQ(put(first).status, 201u) << "what is there needs no room";
    CardStore reopened{journal, {100'000}};
    ASSERT_TRUE(reopened.rebuild());
    bool full = false;
    reopened.put({second.begin(), second.end()},
                 [&](Result<void> done) { full = !done && done.error().kind == ErrorKind::full; });
    EXPECT_TRUE(full);
}

TEST_F(BlobsTest, ReadTheRegistryOncePerSecondAtMost)
{
    EXPECT_EQ(put("one").status, 422u);
    send(1, market::ModelRegister{"one", hash_of("one")});
    EXPECT_EQ(put("one").status, 503u) << "the registry was read a moment ago";
    clock.advance(std::chrono::seconds{1});
    EXPECT_EQ(put("one").status, 201u);
}

TEST_F(BlobsTest, NeverServeWhatIsNotWhatItsHashSays)
{
    journal.commit({{"card", Bytes(32, 7), Bytes{1, 2, 3}}}, [](Result<void>) {});
    const auto answer = get("/v1/blobs/0x" + to_hex(Bytes(32, 7)));
    EXPECT_EQ(answer.status, 500u);
    EXPECT_EQ(answer.code(), "corrupt");
}

TEST_F(BlobsTest, SayWhenTheDiskRefusesAndKeepTheRoom)
{
    const std::string card(CardLimits::card_bytes, 'a');
    name_card("a", card);
    journal.failing = true;
    EXPECT_EQ(put(card).status, 503u);
    journal.failing = false;
    EXPECT_EQ(put(card).status, 201u);
}

}  // namespace
}  // namespace node
