#include "ledger/crypto/hpke.hpp"
#include "market/rules/data_rules.hpp"
#include "market/rules/sale_rules.hpp"
#include "tests/support/data_world.hpp"
#include "tests/support/temporary_folder.hpp"
#include "wallet/sale/blinds.hpp"
#include "wallet/sale/faults.hpp"
#include "wallet/sale/release.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace wallet {
namespace {

using market::DataWorld;
using market::Flaw;
using market::Rejection;

/// Alice sells one batch of three chunks, whose second may be bad; Bob buys it by what the wallet
/// works out.
struct SaleTest : testing::Test {
    static constexpr std::uint64_t chunks = 3;

    void sell(Flaw flaw)
    {
        const auto dataset = world.make_dataset();
        batch = market::seal_batch(dataset, "batch", chunks, flaw, 1);
        auto offering = DataWorld::offering(dataset, {world.contribute(dataset, 1, *batch)});
        offering.seller_x25519 = ledger::x25519_public_key(seller);
        offer = world.offer(offering);
        blinds = make_blinds(bob, offer, 1);
        const auto wrapped = seal_blinds(blinds, offer, buyer, offering.seller_x25519, random);
        ASSERT_TRUE(wrapped);
        ASSERT_EQ(
            world.apply("bob", market::DataBuy{offer, offering.price, blinds.points, *wrapped}),
            Rejection::none);
        sale = ledger::retag<market::SaleId>(world.last_tx());

        const auto opened = open_blinds(seller, offer, buyer, blinds.points, *wrapped);
        ASSERT_TRUE(opened);
        released = *release_scalar(batch->key, opened->front());
        ASSERT_EQ(world.apply("alice", market::DataRelease{sale, {released}}), Rejection::none);
        write(dataset);
    }
    /// The batch as it lies at the buyer's.
    void write(const market::DatasetId& dataset)
    {
        folder = home.path() / "batch";
        std::filesystem::create_directory(folder);
        std::ofstream sealed{folder / "batch.sealed"}, leaves{folder / "batch.leaves"};
        for (std::uint64_t i = 0; i < chunks; ++i) {
            sealed << ledger::as_text(batch->chunks[i]);
            leaves << ledger::as_text(batch->leaves[i].key_hash.view())
                   << ledger::as_text(batch->leaves[i].chunk_hash.view());
        }
        const auto& summary = batch->summary;
        const BatchManifest manifest{ledger::retag<ledger::Hash>(dataset),
                                     summary.point,
                                     summary.root,
                                     summary.chunks,
                                     summary.bytes,
                                     {{ledger::x25519_public_key(seller), ledger::Bytes(80, 1)}}};
        std::ofstream{folder / "batch.json"} << manifest_text(manifest);
    }
    ledger::Result<std::optional<market::DataDispute>> fault()
    {
        auto here = BatchFolder::open(folder);
        EXPECT_TRUE(here) << here.error().detail;
        const auto key = released_key(released, blinds.scalars.front(), batch->summary.point);
        EXPECT_TRUE(key);
        return find_fault(*here, *key, blinds.scalars.front(), [](std::uint64_t) {});
    }
    /// What the ledger says to a dispute of what was found.
    Rejection disputed()
    {
        auto found = *fault();
        EXPECT_TRUE(found.has_value());
        if (!found) return Rejection::none;
        found->sale = sale;
        return world.apply("bob", *found);
    }

    ledger::TemporaryFolder home;
    DataWorld world;
    ledger::SeededRandom random{11};
    const ledger::SecretKey bob = DataWorld::key_of("bob");
    const ledger::Address buyer = DataWorld::address_of("bob");
    ledger::X25519Key seller = *ledger::hpke_derive_key(DataWorld::hash_of("master").view());
    std::optional<market::SealedBatch> batch;
    market::OfferId offer;
    market::SaleId sale;
    Blinds blinds;
    market::Scalar released;
    std::filesystem::path folder;
};

TEST_F(SaleTest, GivesTheBuyerTheKeyAndFindsNoFaultInAGoodBatch)
{
    sell(Flaw::none);
    const auto key = released_key(released, blinds.scalars.front(), batch->summary.point);
    ASSERT_TRUE(key);
    EXPECT_TRUE(std::ranges::equal(key->view(), batch->key.view()));
    const auto found = fault();
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_FALSE(found->has_value());
}

TEST_F(SaleTest, ShowsAChunkThatDoesNotOpenAndTheLedgerAgrees)
{
    sell(Flaw::junk);
    EXPECT_EQ((*fault())->kind, market::DataDisputeKind::chunk);
    EXPECT_EQ(disputed(), Rejection::none);
    EXPECT_EQ(world.sale(sale).status, market::SaleStatus::slashed);
}

TEST_F(SaleTest, ShowsAKeyThatIsNotTheBatchsAndTheLedgerAgrees)
{
    sell(Flaw::other_key);
    EXPECT_EQ((*fault())->kind, market::DataDisputeKind::key);
    EXPECT_EQ(disputed(), Rejection::none);
    EXPECT_EQ(world.sale(sale).status, market::SaleStatus::slashed);
}

TEST_F(SaleTest, TakesDamageOfItsOwnCopyForNobodysFault)
{
    sell(Flaw::junk);
    std::fstream sealed{folder / "batch.sealed", std::ios::in | std::ios::out};
    sealed.seekp(5);
    sealed.put('x');
    sealed.close();
    const auto found = fault();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().detail, "chunk 0 is damaged here: fetch the batch again");
}

TEST_F(SaleTest, BlindsComeBackFromTheAccountAndDifferByOfferAndPlace)
{
    const market::OfferId one{{1}}, other{{2}};
    const auto made = make_blinds(bob, one, 3);
    EXPECT_EQ(make_blinds(bob, one, 3).points, made.points);
    EXPECT_NE(made.points[0], made.points[1]);
    EXPECT_NE(make_blinds(bob, other, 1).points[0], made.points[0]);
    EXPECT_NE(make_blinds(DataWorld::key_of("carol"), one, 1).points[0], made.points[0]);
}

TEST_F(SaleTest, BlindsOpenForTheSellerAndForThatPurchaseAlone)
{
    const market::OfferId one{{1}}, other{{2}};
    const auto made = make_blinds(bob, one, 2);
    const auto to = ledger::x25519_public_key(seller);
    const auto wrapped = seal_blinds(made, one, buyer, to, random);
    ASSERT_TRUE(wrapped);
    EXPECT_TRUE(open_blinds(seller, one, buyer, made.points, *wrapped));
    EXPECT_FALSE(open_blinds(seller, other, buyer, made.points, *wrapped));
    EXPECT_FALSE(open_blinds(seller, one, DataWorld::address_of("carol"), made.points, *wrapped));
    const auto stranger = ledger::hpke_derive_key(DataWorld::hash_of("stranger").view());
    EXPECT_FALSE(open_blinds(*stranger, one, buyer, made.points, *wrapped));
}

TEST_F(SaleTest, SeesThatABuyerSealedAnotherScalarThanItShowed)
{
    const market::OfferId one{{1}};
    auto lying = make_blinds(bob, one, 1);
    lying.scalars[0] = DataWorld::key_of("carol").clone();
    const auto wrapped = seal_blinds(lying, one, buyer, ledger::x25519_public_key(seller), random);
    ASSERT_TRUE(wrapped);
    const auto opened = open_blinds(seller, one, buyer, lying.points, *wrapped);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().detail, "the buyer sealed a scalar that is not its point's");
}

TEST_F(SaleTest, KnowsAReleaseThatIsNotOfTheBatch)
{
    const auto blind = DataWorld::key_of("blind");
    const auto wrong = release_scalar(DataWorld::key_of("another batch"), blind);
    ASSERT_TRUE(wrong);
    EXPECT_FALSE(released_key(*wrong, blind, ledger::public_key(DataWorld::key_of("this batch"))));
}

}  // namespace
}  // namespace wallet
