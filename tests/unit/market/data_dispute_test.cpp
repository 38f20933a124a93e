#include "market/invariants.hpp"
#include "market/rules/sale_rules.hpp"
#include "tests/support/data_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

/// A sale of a good batch and one whose chunk 1 of 3 has a flaw, released.
class DataDisputes : public testing::Test {
protected:
    explicit DataDisputes(Flaw flaw = Flaw::none) : bad{seal_batch(id, "bad", 3, flaw, 1)}
    {
        world.make_dataset();
        const auto one = world.contribute(id, 1, good);
        const auto two = world.contribute(id, 2, bad);
        offer = world.offer(DataWorld::offering(id, {one, two}));
        sale = world.buy(offer, {"a", "b"});
    }
    ~DataDisputes() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
        EXPECT_EQ(world.total_held(), world.supply());
    }
    void release()
    {
        ASSERT_EQ(world.apply("alice", DataRelease{sale,
                                                   {DataWorld::blinded(good.key, "a"),
                                                    DataWorld::blinded(bad.key, "b")}}),
                  Rejection::none);
    }
    DataDispute about_chunk(std::uint64_t index) const
    {
        return DataWorld::chunk_dispute(sale, bad, index, 1);
    }
    DataDispute about_key(std::uint64_t index) const
    {
        return DataWorld::key_dispute(sale, bad, "b", index, 1);
    }
    Rejection dispute(const DataDispute& message) { return world.apply("bob", message); }

    /// A dispute that holds: the buyer has all its money and half of the bond.
    void expect_slashed(const DataDispute& message)
    {
        const auto alice = world.balance("alice");
        const auto bob = world.balance("bob");
        const auto locked = world.locked("bob");
        const auto burned = world.view().get<Supply>({}).burned.micros();
        ASSERT_EQ(dispute(message), Rejection::none);
        for (const auto kind : {EventKind::slashed, EventKind::compensated, EventKind::refunded,
                                EventKind::offer_closed})
            EXPECT_TRUE(world.emitted(kind));
        EXPECT_EQ(world.sale(sale).status, SaleStatus::slashed);
        EXPECT_EQ(world.balance("bob"), bob + 2'000 + 500 + locked - world.locked("bob"));
        EXPECT_EQ(world.view().get<Supply>({}).burned.micros(), burned + 501)
            << "half of 1,001, rounded against who reports";
        EXPECT_EQ(world.balance("alice"), alice + 1'001) << "the bond of the other sale";
        EXPECT_EQ(world.offer_at(offer).status, OfferStatus::delisted);
        EXPECT_EQ(world.offer_at(offer).bonds, Amount{});
        EXPECT_EQ(world.apply("carol", world.purchase(offer, {"c", "d"})), Rejection::offer_closed);
        EXPECT_EQ(dispute(message), Rejection::sale_not_released);
        world.pass_s(100);
        EXPECT_EQ(world.apply("dora", DataFinalize{sale}), Rejection::sale_not_released);
    }
    /// A dispute that does not: its bond is gone and the sale goes on.
    void expect_lost(const DataDispute& message)
    {
        const auto alice = world.balance("alice");
        const auto bob = world.balance("bob");
        const auto burned = world.view().get<Supply>({}).burned.micros();
        ASSERT_EQ(dispute(message), Rejection::none);
        EXPECT_TRUE(world.emitted(EventKind::dispute_lost));
        EXPECT_EQ(world.sale(sale).status, SaleStatus::released);
        EXPECT_EQ(world.sale(sale).escrow(), Amount::micros(1'000));
        EXPECT_EQ(world.balance("alice"), alice + 500);
        EXPECT_EQ(world.balance("bob"), bob);
        EXPECT_EQ(world.view().get<Supply>({}).burned.micros(), burned + 500);
        EXPECT_EQ(world.offer_at(offer).status, OfferStatus::listed);
        EXPECT_EQ(dispute(message), Rejection::no_dispute_bond);
        world.pass_s(5);
        ASSERT_EQ(world.apply("dora", DataFinalize{sale}), Rejection::none);
        EXPECT_EQ(world.balance("bob"), bob);
        EXPECT_EQ(world.balance("alice"), alice + 500 + 582);
    }

    DataWorld world;
    const DatasetId id = DataWorld::dataset();
    const SealedBatch good = seal_batch(id, "good", 2);
    const SealedBatch bad;
    OfferId offer;
    SaleId sale;
};

class JunkDisputes : public DataDisputes {
protected:
    JunkDisputes() : DataDisputes{Flaw::junk} {}
};

class KeyDisputes : public DataDisputes {
protected:
    KeyDisputes() : DataDisputes{Flaw::other_key} {}
};

TEST_F(JunkDisputes, HoldAgainstAChunkThatDoesNotOpen)
{
    release();
    expect_slashed(about_chunk(1));
}

TEST_F(JunkDisputes, HoldEvenAfterTheWindowUntilTheSaleIsFinal)
{
    release();
    world.pass_s(1'000);
    expect_slashed(about_chunk(1));
}

TEST_F(JunkDisputes, GiveTheBondBackToNobodyAfterAWithdrawal)
{
    ASSERT_EQ(world.apply("alice", DataOfferWithdraw{offer}), Rejection::none);
    release();
    const auto alice = world.balance("alice");
    ASSERT_EQ(dispute(about_chunk(1)), Rejection::none);
    EXPECT_EQ(world.balance("alice"), alice);
    EXPECT_EQ(world.offer_at(offer).bonds, Amount{});
    EXPECT_EQ(world.offer_at(offer).status, OfferStatus::withdrawn);
}

TEST_F(JunkDisputes, LeaveOtherSalesOfTheOfferAsTheyAre)
{
    ASSERT_EQ(world.apply("carol", world.purchase(offer, {"c", "d"})), Rejection::none);
    const auto other = ledger::retag<SaleId>(world.last_tx());
    release();
    ASSERT_EQ(dispute(about_chunk(1)), Rejection::none);
    EXPECT_EQ(world.offer_at(offer).bonds, Amount::micros(1'001));
    EXPECT_EQ(world.sale(other).status, SaleStatus::funded);
    world.pass_s(10);
    const auto alice = world.balance("alice");
    ASSERT_EQ(world.apply("carol", DataTimeout{other}), Rejection::none);
    EXPECT_EQ(world.balance("alice"), alice + 1'001);
}

TEST_F(KeyDisputes, HoldAgainstAKeyThatIsNotOfTheBatch)
{
    release();
    expect_slashed(about_key(1));
}

TEST_F(KeyDisputes, AboutAChunkOfAnotherKeyAreLost)
{
    release();
    expect_lost(about_chunk(1));
}

TEST_F(JunkDisputes, AboutTheKeyOfJunkAreLost)
{
    release();
    expect_lost(about_key(1));
}

TEST_F(JunkDisputes, AboutAGoodChunkAreLost)
{
    release();
    expect_lost(about_chunk(2));
}

TEST_F(DataDisputes, ThatAreFalseCostTheBond)
{
    release();
    expect_lost(about_key(0));
}

TEST_F(DataDisputes, AreTheBuyersWhileTheSaleIsReleased)
{
    EXPECT_EQ(dispute(about_chunk(0)), Rejection::sale_not_released);
    release();
    EXPECT_EQ(world.apply("carol", about_chunk(0)), Rejection::not_a_party);
    EXPECT_EQ(world.apply("alice", about_chunk(0)), Rejection::not_a_party);
    auto message = about_chunk(0);
    message.sale = {};
    EXPECT_EQ(dispute(message), Rejection::unknown_sale);
}

TEST_F(JunkDisputes, ShowExactlyWhatTheBatchCommitsTo)
{
    release();
    const auto refused = [&](const std::function<void(DataDispute&)>& change) {
        auto message = about_chunk(1);
        change(message);
        return dispute(message);
    };
    EXPECT_EQ(refused([](auto& m) { m.batch = 2; }), Rejection::unknown_batch);
    EXPECT_EQ(refused([](auto& m) { m.batch = 0; }), Rejection::leaf_not_of_the_batch);
    EXPECT_EQ(refused([](auto& m) { m.index = 2; }), Rejection::leaf_not_of_the_batch);
    EXPECT_EQ(refused([](auto& m) { m.index = ~0ull; }), Rejection::leaf_not_of_the_batch);
    EXPECT_EQ(refused([](auto& m) { m.path.push_back({}); }), Rejection::leaf_not_of_the_batch);
    EXPECT_EQ(refused([](auto& m) { m.path.resize(65); }), Rejection::too_many_entries);
    EXPECT_EQ(refused([](auto& m) { m.leaf.key_hash.bytes[0] ^= 1; }),
              Rejection::leaf_not_of_the_batch);
    EXPECT_EQ(refused([](auto& m) { m.secret.bytes[0] ^= 1; }), Rejection::key_not_of_the_leaf);
    EXPECT_EQ(refused([](auto& m) { m.chunk[0] ^= 1; }), Rejection::chunk_not_of_the_leaf);
    EXPECT_EQ(refused([](auto& m) { m.chunk.resize(ledger::sealing::sealed_chunk_bytes + 1); }),
              Rejection::chunk_too_long);
    EXPECT_EQ(world.sale(sale).escrow(), Amount::micros(2'000)) << "nothing of it was a dispute";
}

TEST_F(KeyDisputes, ShowTheBlindOfTheBatch)
{
    release();
    auto message = about_key(1);
    message.secret = Scalar::of(DataWorld::blind("a").view());
    EXPECT_EQ(dispute(message), Rejection::scalar_does_not_fit);
    message.secret = {};
    EXPECT_EQ(dispute(message), Rejection::scalar_does_not_fit);
    message = about_key(1);
    message.chunk = {1};
    EXPECT_EQ(dispute(message), Rejection::chunk_too_long);
    EXPECT_EQ(world.sale(sale).status, SaleStatus::released);
}

}  // namespace
}  // namespace market
