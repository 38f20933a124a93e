#include "node/app/ledger_adapter.hpp"

#include "market/price_history.hpp"
#include "tests/unit/node/api/market_api.hpp"

namespace node {
namespace {

using namespace ledger;
using market::Transfer;

/// Payments' view of a real chain; person 4 pays for what is sent.
struct LedgerAdapterTest : MarketApiTest {
    LedgerAdapterTest() : MarketApiTest{test_genesis(), {}, Start::by_hand} {}
    /// The service calls the adapter until it has stopped.
    ~LedgerAdapterTest() override { service->stop(); }

    static market::Message gift(std::uint64_t micros)
    {
        return Transfer{test_account(3), Amount::micros(micros)};
    }
    /// What `submit` came to; a message stays under way until its promise is kept.
    std::future<Settled> submit(const market::Message& message)
    {
        auto outcome = std::make_shared<std::promise<Settled>>();
        auto future = outcome->get_future();
        const auto sent =
            adapter.submit(message, [outcome](Settled settled) { outcome->set_value(settled); });
        EXPECT_TRUE(sent);
        return future;
    }
    static bool told(std::future<Settled>& outcome)
    {
        return outcome.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    }

    SecretKey key = test_key(4);
    LedgerAdapter adapter{network, *store, *service, key, clock};
};

TEST_F(LedgerAdapterTest, SendsAMessageAndTellsThatItWasApplied)
{
    service->start();
    EXPECT_EQ(submit(gift(5)).get(), (Settled{Settled::What::applied, market::Rejection::none}));
    EXPECT_EQ(adapter.balance(test_account(3)).micros(), 1'000'000'005u);
}

TEST_F(LedgerAdapterTest, TellsWhyARuleRefused)
{
    service->start();
    const auto settled = submit(market::HostUnbond{}).get();
    EXPECT_EQ(settled.what, Settled::What::refused);
    EXPECT_NE(settled.rejection, market::Rejection::none);
}

TEST_F(LedgerAdapterTest, SendsManyAtOnceInALaneOfItsOwn)
{
    std::vector<std::future<Settled>> outcomes;
    for (int i = 0; i < 5; ++i) outcomes.push_back(submit(gift(1)));
    service->start();
    for (auto& outcome : outcomes) EXPECT_EQ(outcome.get().what, Settled::What::applied);
    EXPECT_EQ(read("/v1/accounts/" + to_checksum(test_account(4)))["nonce"], 0);
    EXPECT_EQ(read("/v1/accounts/" + to_checksum(test_account(4)) + "?lane=200")["nonce"], 5);
}

TEST_F(LedgerAdapterTest, TellsWhenTheMempoolWillNotHaveIt)
{
    service->start();
    EXPECT_EQ(submit(gift(2'000'000'000)).get().what, Settled::What::dropped);
    EXPECT_EQ(submit(gift(1)).get().what, Settled::What::applied) << "its nonce is used again";
}

TEST_F(LedgerAdapterTest, FillsTheNonceThatALostMessageLeft)
{
    // All three are under way before the ledger looks at any; it refuses the first.
    auto lost = submit(gift(2'000'000'000));
    auto behind = submit(gift(1));
    service->start();
    EXPECT_EQ(lost.get().what, Settled::What::dropped);
    EXPECT_FALSE(told(behind));
    EXPECT_EQ(submit(gift(2)).get().what, Settled::What::applied);
    EXPECT_EQ(behind.get().what, Settled::What::applied);
}

TEST_F(LedgerAdapterTest, GivesUpWhatIsLateThoughNoBlockComes)
{
    auto lost = submit(gift(2'000'000'000));
    auto behind = submit(gift(1));
    service->start();
    lost.get();
    adapter.give_up_late();
    EXPECT_FALSE(told(behind));
    clock.advance(std::chrono::seconds{LedgerAdapter::validity_s + 2});
    adapter.give_up_late();
    ASSERT_TRUE(told(behind));
    EXPECT_EQ(behind.get().what, Settled::What::dropped);
}

TEST_F(LedgerAdapterTest, RefusesWhenTheLedgerHasStopped)
{
    service->start();
    service->stop();
    bool called = false;
    const auto sent = adapter.submit(gift(1), [&](Settled) { called = true; });
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, ErrorKind::unavailable);
    EXPECT_FALSE(called);
}

TEST_F(LedgerAdapterTest, ReadsWhatPaymentsNeed)
{
    service->start();
    make_model();
    make_host();
    const auto id = open_channel(5'000);
    const auto channel = adapter.channel(id);
    ASSERT_TRUE(channel);
    EXPECT_EQ(channel->balance, Amount::micros(5'000));
    EXPECT_EQ(adapter.split(channel->config.receiver)->model, model);
    EXPECT_TRUE(adapter.host(test_account(5)));
    EXPECT_FALSE(adapter.host(test_account(2)));
    const auto nonce = market::deposit_nonce(id, {});
    EXPECT_TRUE(adapter.spent_by(test_account(2), nonce));
    EXPECT_FALSE(adapter.spent_by(test_account(3), nonce));
    EXPECT_TRUE(adapter.head().current);
    EXPECT_GE(adapter.head().time.value, clock.wall().value);
}

TEST_F(LedgerAdapterTest, SeesAChannelAsTheNewestBlockLeftIt)
{
    service->start();
    make_model();
    make_host();
    const auto id = market::channel_id(network, channel_config());
    EXPECT_FALSE(adapter.channel(id));
    open_channel(5'000);
    for (int again = 0; again < 2; ++again)
        EXPECT_EQ(adapter.channel(id)->balance, Amount::micros(5'000));
    settle(100);
    for (int again = 0; again < 2; ++again)
        EXPECT_EQ(adapter.channel(id)->total_claimed, Amount::micros(100));
}

TEST(NewestValues, AreForgottenWithTheNextBlockAndWhenTheyAreTooMany)
{
    NewestValues<int, int> values{2};
    EXPECT_FALSE(values.find({7}, 1));
    values.keep({7}, 1, 10);
    values.keep({7}, 2, 20);
    EXPECT_EQ(values.find({7}, 1), 10);
    EXPECT_EQ(values.find({7}, 2), 20);
    EXPECT_FALSE(values.find({8}, 1));
    EXPECT_FALSE(values.find({6}, 1));

    values.keep({7}, 3, 30);
    EXPECT_FALSE(values.find({7}, 1)) << "no more than two";
    EXPECT_EQ(values.find({7}, 3), 30);

    values.keep({8}, 1, 11);
    values.keep({7}, 1, 10);
    EXPECT_EQ(values.find({8}, 1), 11) << "who is late changes nothing";
    EXPECT_FALSE(values.find({8}, 3));
}

TEST_F(LedgerAdapterTest, KnowsThePresentPriceAndTheOneBefore)
{
    service->start();
    make_model(1);
    ASSERT_EQ(adapter.sheets(model, {1}).size(), 1u);
    EXPECT_TRUE(adapter.sheets(model, {2}).empty());
    auto dearer = version(1).price_sheet;
    dearer.base = Amount::micros(200);
    const auto from = clock.wall().value / 1000 + 60;
    send(1, market::ModelPrice{model, {1}, dearer, from});
    EXPECT_EQ(adapter.sheets(model, {1}).size(), 1u) << "not yet";
    clock.advance(std::chrono::seconds{61});
    const auto sheets = adapter.sheets(model, {1});
    ASSERT_EQ(sheets.size(), 2u);
    EXPECT_EQ(sheets[0].sheet, dearer);
    EXPECT_EQ(sheets[0].hash, market::sheet_hash(dearer));
    EXPECT_EQ(sheets[1].sheet, version(1).price_sheet);
}

}  // namespace
}  // namespace node
