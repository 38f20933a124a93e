#include "market/execute.hpp"
#include "market/hash_chain.hpp"
#include "market/invariants.hpp"
#include "market/rules/sale_rules.hpp"
#include "tests/support/data_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class DataOffers : public testing::Test {
protected:
    ~DataOffers() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
        EXPECT_EQ(world.total_held(), world.supply());
    }
    Rejection offering(const std::function<void(DataOffer&)>& change)
    {
        auto message = good;
        change(message);
        return world.apply("alice", message);
    }
    Rejection buying(const OfferId& offer, const std::function<void(DataBuy&)>& change)
    {
        auto message = world.purchase(offer, {"a", "b"});
        change(message);
        return world.apply("bob", message);
    }

    DataWorld world;
    const DatasetId id = world.make_dataset();
    const SealedBatch first_batch = seal_batch(id, "first", 1);
    const BatchRef first = world.contribute(id, 1, first_batch);
    const BatchRef second = world.contribute(id, 2, seal_batch(id, "second", 2));
    const DataOffer good = DataWorld::offering(id, {first, second});
};

TEST_F(DataOffers, LockTheBondsOfAllTheirSales)
{
    const auto before = world.balance("alice");
    const auto locked = world.locked("alice");
    const auto offer = world.offer(good);
    EXPECT_EQ(before - world.balance("alice"), 2 * 1'001 + world.locked("alice") - locked);
    EXPECT_EQ(world.offer_at(offer).bonds, Amount::micros(2'002));
    const auto terms = world.view().get<OfferTerms>(offer);
    EXPECT_EQ(world.locked("alice") - locked,
              entry_bytes(offer, terms) + entry_bytes(offer, world.offer_at(offer)));
    EXPECT_EQ(terms.seller, MarketWorld::address_of("alice"));
    EXPECT_EQ(terms.offered.t_rel_s, DataWorld::t_rel_s) << "the network's in place of 0";
    EXPECT_EQ(terms.offered.t_disp_s, DataWorld::t_disp_s);
    EXPECT_TRUE(world.emitted(EventKind::bonded));
    EXPECT_TRUE(world.emitted(EventKind::offered));
}

TEST_F(DataOffers, AreOfTheOwnersOwnBatches)
{
    EXPECT_EQ(world.apply("carol", good), Rejection::not_the_owner);
    EXPECT_EQ(offering([](auto& m) { m.dataset = DataWorld::dataset("nobody's"); }),
              Rejection::unknown_dataset);
    EXPECT_EQ(offering([](auto& m) { m.batches.clear(); }), Rejection::too_many_entries);
    EXPECT_EQ(offering([&](auto& m) { m.batches.assign(257, first); }),
              Rejection::too_many_entries);
    EXPECT_EQ(offering([&](auto& m) { m.batches = {first, first}; }), Rejection::duplicate_entry);
    EXPECT_EQ(offering([](auto& m) { m.batches[1].batch = 3; }), Rejection::unknown_batch);
    const auto other = world.make_dataset("other");
    EXPECT_EQ(offering([&](auto& m) { m.dataset = other; }), Rejection::unknown_batch);
}

TEST_F(DataOffers, HaveTermsThatHold)
{
    EXPECT_EQ(offering([](auto& m) { m.price = {}; }), Rejection::amount_is_zero);
    EXPECT_EQ(offering([](auto& m) { m.seller_x25519 = {}; }), Rejection::key_is_zero);
    EXPECT_EQ(offering([](auto& m) { m.sale_bond = Amount::micros(999); }),
              Rejection::bond_too_small);
    EXPECT_EQ(offering([](auto& m) { m.sale_bond = m.price; }), Rejection::none);
    EXPECT_EQ(offering([](auto& m) { m.max_open = 0; }), Rejection::offer_full);
    EXPECT_EQ(offering([](auto& m) { m.max_open = 1'000; }), Rejection::insufficient_funds);
    EXPECT_EQ(offering([](auto& m) { m.sale_bond = Amount::max(); }),
              Rejection::insufficient_funds);
}

TEST_F(DataOffers, HaveWindowsBetweenTheNetworksAndThirtyDays)
{
    EXPECT_EQ(offering([](auto& m) { m.t_rel_s = DataWorld::t_rel_s - 1; }),
              Rejection::window_out_of_bounds);
    EXPECT_EQ(offering([](auto& m) { m.t_disp_s = DataWorld::t_disp_s - 1; }),
              Rejection::window_out_of_bounds);
    EXPECT_EQ(offering([](auto& m) { m.t_disp_s = SaleLimits::longest_window_s + 1; }),
              Rejection::window_out_of_bounds);
    EXPECT_EQ(offering([](auto& m) { m.t_rel_s = ~0ull; }), Rejection::window_out_of_bounds);
    EXPECT_EQ(offering([](auto& m) {
                  m.t_rel_s = SaleLimits::longest_window_s;
                  m.t_disp_s = DataWorld::t_disp_s;
              }),
              Rejection::none);
}

TEST_F(DataOffers, AreBoughtForThePriceAndADisputeBond)
{
    const auto offer = world.offer(good);
    const auto before = world.balance("bob");
    const auto id_of_sale = world.buy(offer, {"a", "b"});
    const auto sale = world.sale(id_of_sale);
    EXPECT_EQ(sale.status, SaleStatus::funded);
    EXPECT_EQ(sale.offer, offer);
    EXPECT_EQ(sale.buyer, MarketWorld::address_of("bob"));
    EXPECT_EQ(sale.bought_ms, world.now_ms());
    EXPECT_EQ(sale.window_end_ms, world.now_ms() + 10'000);
    EXPECT_EQ(sale.escrow(), Amount::micros(2'000));
    auto keys = world.view().get<SaleKeys>(id_of_sale);
    EXPECT_TRUE(keys.t.empty());
    keys.t.resize(2);
    EXPECT_EQ(world.locked("bob"), entry_bytes(id_of_sale, sale) + entry_bytes(id_of_sale, keys))
        << "the release costs the seller no deposit";
    EXPECT_EQ(before - world.balance("bob"), 2'000 + world.locked("bob"));
    EXPECT_EQ(world.offer_at(offer).open, 1u);
    EXPECT_TRUE(world.emitted(EventKind::bought));
}

TEST_F(DataOffers, RefuseWhatIsNotTheirPurchase)
{
    const auto offer = world.offer(good);
    EXPECT_EQ(buying(offer, [](auto& m) { m.offer = {}; }), Rejection::unknown_offer);
    EXPECT_EQ(buying(offer, [](auto& m) { m.price = Amount::micros(999); }),
              Rejection::price_not_the_offers);
    EXPECT_EQ(buying(offer, [](auto& m) { m.price = Amount::micros(1'001); }),
              Rejection::price_not_the_offers);
    EXPECT_EQ(buying(offer, [](auto& m) { m.points.pop_back(); }), Rejection::too_many_entries);
    EXPECT_EQ(buying(offer, [](auto& m) { m.points[1] = m.points[0]; }),
              Rejection::duplicate_entry);
    EXPECT_EQ(buying(offer, [](auto& m) { m.wrapped_z.pop_back(); }), Rejection::malformed_wrap);
    EXPECT_EQ(buying(offer, [](auto& m) { m.points[1].bytes.fill(0xff); }),
              Rejection::malformed_key);
    EXPECT_EQ(buying(offer,
                     [&](auto& m) {
                         m.points[0] = first_batch.summary.point;
                         m.points[0].bytes[0] ^= 1;  // its negative: K + Z is no point
                     }),
              Rejection::malformed_key);
    world.fund("rita", 2'000);
    EXPECT_EQ(world.apply("rita", world.purchase(offer, {"a", "b"})), Rejection::insufficient_funds)
        << "the deposit of the records is not covered";
    EXPECT_EQ(world.offer_at(offer).open, 0u);
}

TEST_F(DataOffers, SellUpToTheirNumberAtATime)
{
    const auto offer = world.offer(good);
    const auto sale = world.buy(offer, {"a", "b"});
    world.buy(offer, {"c", "d"});
    EXPECT_EQ(buying(offer, [](auto&) {}), Rejection::offer_full);
    world.pass_s(DataWorld::t_rel_s);
    ASSERT_EQ(world.apply("carol", DataTimeout{sale}), Rejection::none);
    EXPECT_EQ(buying(offer, [](auto&) {}), Rejection::none);
}

TEST_F(DataOffers, GiveTheirBondsBackAsTheirSalesEnd)
{
    const auto offer = world.offer(good);
    EXPECT_EQ(world.apply("bob", DataOfferWithdraw{offer}), Rejection::not_the_owner);
    EXPECT_EQ(world.apply("alice", DataOfferWithdraw{}), Rejection::unknown_offer);
    const auto sale = world.buy(offer, {"a", "b"});
    const auto before = world.balance("alice");
    ASSERT_EQ(world.apply("alice", DataOfferWithdraw{offer}), Rejection::none);
    EXPECT_TRUE(world.emitted(EventKind::offer_closed));
    EXPECT_EQ(world.balance("alice"), before + 1'001) << "of the sale that never was";
    EXPECT_EQ(world.offer_at(offer).status, OfferStatus::withdrawn);
    EXPECT_EQ(world.apply("alice", DataOfferWithdraw{offer}), Rejection::offer_closed);
    EXPECT_EQ(buying(offer, [](auto&) {}), Rejection::offer_closed);

    world.pass_s(DataWorld::t_rel_s);
    ASSERT_EQ(world.apply("bob", DataTimeout{sale}), Rejection::none);
    EXPECT_EQ(world.balance("alice"), before + 2'002);
    EXPECT_EQ(world.offer_at(offer).bonds, Amount{});
}

TEST_F(DataOffers, OfTheMostBatchesFitATransactionAndABlock)
{
    const auto fits = [](const Message& message) {
        return ledger::encode_transaction(make_transaction({}, {}, {}, {}, 0, message)).size() <=
               ledger::TransactionLimits::bytes;
    };
    DataOffer offer;
    offer.batches.resize(SaleLimits::batches);
    EXPECT_TRUE(fits(offer));
    DataBuy buy;
    buy.points.resize(SaleLimits::batches);
    buy.wrapped_z.resize(48 + 32 * SaleLimits::batches);
    EXPECT_TRUE(fits(buy));
    DataRelease release;
    release.t.resize(SaleLimits::batches);
    EXPECT_TRUE(fits(release));
    DataDispute dispute;
    dispute.chunk.resize(ledger::sealing::sealed_chunk_bytes);
    dispute.path.resize(64);
    EXPECT_TRUE(fits(dispute));
}

TEST_F(DataOffers, CostTheWorkOfCheckingWhatTheirStateLetsThrough)
{
    const auto work = [&](const Message& message) { return sale_work(world.view(), message); };
    constexpr auto one = ChainLimits::hashes_per_fee;
    const auto offer = world.offer(good);
    auto purchase = world.purchase(offer, {"a", "b"});
    EXPECT_EQ(work(purchase), one / 2);
    const auto sale = world.buy(offer, {"a", "b"});
    DataRelease release{sale, {DataWorld::blinded(first_batch.key, "a"), {}}};
    EXPECT_EQ(work(release), 2 * one);
    EXPECT_EQ(work(DataDispute{sale, {}, {}, {}, {}, {}, {}, {}}), 0u) << "not released";
    EXPECT_EQ(work(DataFinalize{sale}), 0u);
    release.t.resize(SaleLimits::batches + 1);
    EXPECT_EQ(work(release), 0u) << "refused before any is multiplied";
    purchase.points.pop_back();
    EXPECT_EQ(work(purchase), 0u);
    EXPECT_EQ(work(DataBuy{}), 0u);
    EXPECT_EQ(work(DataRelease{}), 0u);
    EXPECT_EQ(SaleLimits::batches * one, ChainLimits::block_hashes)
        << "the largest release is a block's, and no more";

    release.t.resize(2);
    world.pass_s(DataWorld::t_rel_s);
    ASSERT_EQ(world.apply("dora", DataTimeout{sale}), Rejection::none);
    EXPECT_EQ(work(release), 0u);
    ASSERT_EQ(world.apply("alice", DataOfferWithdraw{offer}), Rejection::none);
    EXPECT_EQ(work(world.purchase(offer, {"a", "b"})), 0u);
}

TEST_F(DataOffers, PayALeastFeeForEachMultiplicationOfARelease)
{
    auto genesis = DataWorld::genesis(ledger::AssetKind::coin);
    genesis.params.min_fee = Amount::micros(10);
    const Network with_fees{genesis, world.network().genesis_id};
    const auto sale = world.buy(world.offer(good), {"a", "b"});
    const auto least = [&](const Message& message) {
        return least_fee(world.view(), with_fees, message).micros();
    };
    EXPECT_EQ(least(DataRelease{sale, {{}, {}}}), 30u);
    EXPECT_EQ(least(DataFinalize{sale}), 10u);
    EXPECT_EQ(least(world.purchase(world.sale(sale).offer, {"c", "d"})), 20u);
}

}  // namespace
}  // namespace market
