#include "market/invariants.hpp"
#include "market/period.hpp"
#include "market/rules/data_rules.hpp"
#include "market/rules/sale_rules.hpp"
#include "tests/support/data_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

/// The state table of market.md 7: a sale of two batches, and every row of it but the disputes.
class DataSales : public testing::Test {
protected:
    explicit DataSales(ledger::AssetKind kind = ledger::AssetKind::coin) : world{kind}
    {
        id = world.make_dataset();
        one = world.contribute(id, 1, first);
        two = world.contribute(id, 2, second);
        offer = world.offer(DataWorld::offering(id, {one, two}));
        sale = world.buy(offer, {"a", "b"});
    }
    ~DataSales() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
        if (world.network().mints()) {
            EXPECT_EQ(world.total_held(), world.supply());
        }
    }
    DataRelease good() const
    {
        return {sale, {DataWorld::blinded(first.key, "a"), DataWorld::blinded(second.key, "b")}};
    }
    Rejection release() { return world.apply("alice", good()); }
    Rejection timeout() { return world.apply("dora", DataTimeout{sale}); }
    Rejection finalize() { return world.apply("dora", DataFinalize{sale}); }
    SaleStatus status() const { return world.sale(sale).status; }

    DataWorld world;
    DatasetId id = DataWorld::dataset();
    const SealedBatch first = seal_batch(id, "first", 2);
    const SealedBatch second = seal_batch(id, "second", 1);
    BatchRef one;
    BatchRef two;
    OfferId offer;
    SaleId sale;
};

TEST_F(DataSales, AReleaseGivesTheBuyerTheKeysAndNobodyElse)
{
    ASSERT_EQ(release(), Rejection::none);
    EXPECT_EQ(status(), SaleStatus::released);
    EXPECT_EQ(world.sale(sale).window_end_ms, world.now_ms() + 5'000);
    EXPECT_EQ(world.sale(sale).released_in, world.last_tx());
    EXPECT_TRUE(world.emitted(EventKind::released));
    const auto released = world.view().get<SaleKeys>(sale).t;
    ASSERT_EQ(released.size(), 2u);
    const auto key =
        ledger::subtract(*ledger::SecretKey::from_bytes(released[0].view()), DataWorld::blind("a"));
    ASSERT_TRUE(key);
    EXPECT_TRUE(std::ranges::equal(key->view(), first.key.view())) << "k = t - z";
}

TEST_F(DataSales, AReleaseIsTheSellersAndOfEveryKey)
{
    EXPECT_EQ(world.apply("bob", good()), Rejection::not_a_party);
    auto message = good();
    message.sale = {};
    EXPECT_EQ(world.apply("alice", message), Rejection::unknown_sale);
    message = good();
    message.t.pop_back();
    EXPECT_EQ(world.apply("alice", message), Rejection::too_many_entries);
    for (const std::size_t place : {0u, 1u}) {
        message = good();
        message.t[place].bytes[31] ^= 1;
        EXPECT_EQ(world.apply("alice", message), Rejection::scalar_does_not_fit);
        message.t[place] = {};
        EXPECT_EQ(world.apply("alice", message), Rejection::scalar_does_not_fit);
        message.t[place].bytes.fill(0xff);
        EXPECT_EQ(world.apply("alice", message), Rejection::scalar_does_not_fit);
    }
    message = good();
    std::swap(message.t[0], message.t[1]);
    EXPECT_EQ(world.apply("alice", message), Rejection::scalar_does_not_fit);
    EXPECT_EQ(status(), SaleStatus::funded);
}

TEST_F(DataSales, TimeOutAfterTheReleasesWindow)
{
    const auto before = world.balance("bob");
    const auto locked = world.locked("bob");
    world.pass_ms(9'999);
    EXPECT_EQ(timeout(), Rejection::window_not_over);
    EXPECT_EQ(world.apply("dora", DataTimeout{}), Rejection::unknown_sale);
    world.pass_ms(1);
    ASSERT_EQ(timeout(), Rejection::none);
    EXPECT_EQ(status(), SaleStatus::refunded);
    EXPECT_EQ(world.sale(sale).ended_ms, world.now_ms());
    EXPECT_TRUE(world.emitted(EventKind::refunded));
    EXPECT_FALSE(world.view().has<SaleKeys>(sale));
    EXPECT_EQ(world.locked("bob"), entry_bytes(sale, world.sale(sale))) << "what stays is history";
    EXPECT_EQ(world.balance("bob"), before + 2'000 + locked - world.locked("bob"));
    EXPECT_EQ(world.offer_at(offer).open, 0u);
    EXPECT_EQ(world.offer_at(offer).sold, 0u);
    EXPECT_EQ(world.offer_at(offer).bonds, Amount::micros(2'002)) << "no fault is assigned";
}

TEST_F(DataSales, AReleaseWinsUntilTheTimeoutIsExecuted)
{
    world.pass_s(1'000);
    ASSERT_EQ(release(), Rejection::none) << "late, and in time";
    EXPECT_EQ(timeout(), Rejection::sale_not_funded);
    EXPECT_EQ(world.sale(sale).window_end_ms, world.now_ms() + 5'000)
        << "the buyer has its whole window";
}

TEST_F(DataSales, AreReleasedOrTimedOutOnce)
{
    world.pass_s(10);
    ASSERT_EQ(timeout(), Rejection::none);
    EXPECT_EQ(timeout(), Rejection::sale_not_funded);
    EXPECT_EQ(release(), Rejection::sale_not_funded);
    EXPECT_EQ(finalize(), Rejection::sale_not_released);
}

TEST_F(DataSales, SettleAfterTheDisputesWindow)
{
    EXPECT_EQ(finalize(), Rejection::sale_not_released);
    ASSERT_EQ(release(), Rejection::none);
    world.pass_ms(4'999);
    EXPECT_EQ(finalize(), Rejection::window_not_over);
    EXPECT_EQ(world.apply("dora", DataFinalize{}), Rejection::unknown_sale);
    world.pass_ms(1);
    const auto alice = world.balance("alice");
    const auto bob = world.balance("bob");
    const auto carol = world.balance("carol");
    const auto burned = world.view().get<Supply>({}).burned.micros();
    const auto minted = world.view().get<Supply>({}).minted.micros();
    ASSERT_EQ(finalize(), Rejection::none);
    EXPECT_EQ(status(), SaleStatus::finalized);
    EXPECT_EQ(world.balance("bob"), bob + 1'000) << "the dispute bond";
    EXPECT_EQ(world.view().get<Supply>({}).burned.micros(), burned + 1'000);
    EXPECT_EQ(world.view().get<Supply>({}).minted.micros(), minted + 970);
    EXPECT_EQ(world.balance("alice"), alice + 582) << "60 %";
    EXPECT_EQ(world.view().get<Dataset>(id).pot, Amount::micros(388));
    ASSERT_EQ(world.apply("carol", DataClaim{id}), Rejection::none);
    EXPECT_EQ(world.balance("carol"), carol + 388);
    EXPECT_EQ(world.offer_at(offer).sold, 1u);
    EXPECT_EQ(world.offer_at(offer).open, 0u);
    EXPECT_EQ(world.offer_at(offer).bonds, Amount::micros(2'002)) << "the offer goes on";

    EXPECT_EQ(finalize(), Rejection::sale_not_released);
    EXPECT_EQ(release(), Rejection::sale_not_funded);
    EXPECT_EQ(timeout(), Rejection::sale_not_funded);
    EXPECT_EQ(world.view().get<SaleKeys>(sale).t, good().t) << "what was paid for stays";
}

TEST_F(DataSales, OpenOnesGoOnAfterTheOfferIsWithdrawn)
{
    ASSERT_EQ(world.apply("alice", DataOfferWithdraw{offer}), Rejection::none);
    ASSERT_EQ(release(), Rejection::none);
    world.pass_s(5);
    const auto alice = world.balance("alice");
    ASSERT_EQ(finalize(), Rejection::none);
    EXPECT_EQ(world.balance("alice"), alice + 582 + 1'001) << "with its bond";
    EXPECT_EQ(world.offer_at(offer).sold, 1u);
}

TEST_F(DataSales, StayAsTheLogOfWhoMayReadWhat)
{
    const auto bought_ms = world.now_ms();
    ASSERT_EQ(release(), Rejection::none);
    world.pass_s(100);
    ASSERT_EQ(finalize(), Rejection::none);
    const auto record = world.sale(sale);
    EXPECT_EQ(record.buyer, MarketWorld::address_of("bob"));
    EXPECT_EQ(record.bought_ms, bought_ms);
    EXPECT_EQ(record.ended_ms, bought_ms + 100'000);
    const auto terms = world.view().get<OfferTerms>(record.offer).offered;
    EXPECT_EQ(terms.license_hash, MarketWorld::hash_of("for research"));
    EXPECT_EQ(terms.batches, (std::vector{one, two}));
}

TEST_F(DataSales, PayParentsByTheirTables)
{
    auto derived = DataWorld::registration("derived");
    derived.parents = {{id, {500'000}}};
    derived.owner_ppm = {100'000};
    ASSERT_EQ(world.apply("bob", derived), Rejection::none);
    const auto child = dataset_id(MarketWorld::address_of("bob"), "derived");
    ASSERT_EQ(world.apply("bob", DataWorld::enrolment(child, "camera", "dora")), Rejection::none);
    const auto batch = seal_batch(child, "derived", 1);
    ASSERT_EQ(world.apply("bob", world.contribution(child, 1, batch)), Rejection::none);
    ASSERT_EQ(world.apply("bob", DataWorld::offering(child, {one})), Rejection::none);
    const auto listed = ledger::retag<OfferId>(world.last_tx());
    ASSERT_EQ(world.apply("carol", world.purchase(listed, {"c"})), Rejection::none);
    const auto bought = ledger::retag<SaleId>(world.last_tx());
    ASSERT_EQ(world.apply("bob", DataRelease{bought, {DataWorld::blinded(batch.key, "c")}}),
              Rejection::none);
    world.pass_s(5);
    const auto alice = world.balance("alice");
    const auto bob = world.balance("bob");
    ASSERT_EQ(world.apply("dora", DataFinalize{bought}), Rejection::none);
    EXPECT_EQ(world.view().get<Dataset>(child).pot, Amount::micros(388));
    EXPECT_EQ(world.view().get<Dataset>(id).pot, Amount::micros(194)) << "40 % of the half";
    EXPECT_EQ(world.balance("alice"), alice + 291);
    EXPECT_EQ(world.balance("bob"), bob + 97);
}

class CreditDataSales : public DataSales {
protected:
    CreditDataSales() : DataSales{ledger::AssetKind::credit} {}
};

TEST_F(CreditDataSales, BurnThePriceAndAddTheSharesToStatements)
{
    const auto alice = world.balance("alice");
    ASSERT_EQ(release(), Rejection::none);
    world.pass_s(5);
    const auto held = world.total_held();
    ASSERT_EQ(finalize(), Rejection::none);
    EXPECT_EQ(world.total_held(), held - 1'000);
    EXPECT_EQ(world.view().get<Supply>({}).minted, Amount{});
    EXPECT_EQ(world.balance("alice"), alice);
    const auto period = period_of({world.now_ms()});
    EXPECT_EQ(world.view().get<Earned>({MarketWorld::address_of("alice"), period}).amount,
              Amount::micros(582));
    ASSERT_EQ(world.apply("carol", DataClaim{id}), Rejection::none);
    EXPECT_EQ(world.view().get<Earned>({MarketWorld::address_of("carol"), period}).amount,
              Amount::micros(388));
}

}  // namespace
}  // namespace market
