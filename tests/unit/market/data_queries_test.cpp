#include "ledger/crypto/address.hpp"
#include "market/queries.hpp"
#include "market/rules/data_rules.hpp"
#include "market/rules/sale_rules.hpp"
#include "tests/support/data_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace market {
namespace {

class DataQueries : public testing::Test {
protected:
    DataQueries()
    {
        first = world.contribute(id, 1, batch);
        second = world.contribute(id, 2, seal_batch(id, "second", 2));
    }
    DataWorld world;
    const DatasetId id = world.make_dataset();
    const SealedBatch batch = seal_batch(id, "batch", 2);
    BatchRef first;
    BatchRef second;
};

TEST_F(DataQueries, FindADatasetByIdAndByOwnerAndName)
{
    const auto owner = ledger::to_checksum(MarketWorld::address_of("alice"));
    EXPECT_EQ(*find_dataset(world.view(), ledger::to_hex0x(id.view())), id);
    EXPECT_EQ(*find_dataset(world.view(), owner + "/leaves"), id);
    EXPECT_EQ(find_dataset(world.view(), owner + "/roses").error().kind,
              ledger::ErrorKind::not_found);
    EXPECT_EQ(find_dataset(world.view(), "leaves").error().kind, ledger::ErrorKind::invalid);
}

TEST_F(DataQueries, ListTheBatchesOfADatasetWithWhatIsShownOfThem)
{
    const auto other = world.make_dataset("other");
    world.contribute(other, 1, seal_batch(other, "other", 1));
    auto page = list_batches(world.view(), id, {}, 1);
    ASSERT_EQ(page.items.size(), 1u);
    EXPECT_EQ(page.items[0].ref, first);
    EXPECT_TRUE(page.items[0].drawn.empty()) << "the block is not known yet";
    page = list_batches(world.view(), id, page.next, 10);
    ASSERT_EQ(page.items.size(), 1u);
    EXPECT_EQ(page.items[0].ref, second);
    EXPECT_TRUE(page.next.empty());

    world.next_block("a block");
    page = list_batches(world.view(), id, {}, 10);
    const auto drawn = page.items[0].drawn;
    ASSERT_FALSE(drawn.empty());
    EXPECT_TRUE(page.items[0].shown.empty());
    const auto chunk = drawn.back();
    ASSERT_EQ(world.apply("alice", DataPreview{id, first, chunk, batch.chunk_keys[chunk],
                                               batch.leaves[chunk], batch.path(chunk)}),
              Rejection::none);
    EXPECT_EQ(list_batches(world.view(), id, {}, 10).items[0].shown, std::vector{chunk});
    EXPECT_TRUE(list_batches(world.view(), id, {}, 10).items[1].shown.empty());
}

TEST_F(DataQueries, ListOffersOfADatasetAndSalesByOfferAndBuyer)
{
    const auto one = world.offer(DataWorld::offering(id, {first}));
    const auto two = world.offer(DataWorld::offering(id, {second}));
    const auto sale = world.buy(one, {"a"});
    world.buy(two, {"b"});
    ASSERT_EQ(world.apply("carol", world.purchase(two, {"c"})), Rejection::none);
    const auto sales = [&](std::optional<OfferId> offer, std::optional<Address> buyer) {
        return list_sales(world.view(), offer, buyer, {}, 10).items.size();
    };
    const auto bob = MarketWorld::address_of("bob");
    EXPECT_EQ(sales({}, {}), 3u);
    EXPECT_EQ(sales(two, {}), 2u);
    EXPECT_EQ(sales({}, bob), 2u);
    EXPECT_EQ(sales(two, bob), 1u);
    EXPECT_EQ(sales(one, MarketWorld::address_of("carol")), 0u);
    EXPECT_EQ(list_sales(world.view(), one, {}, {}, 10).items[0].id, sale);

    EXPECT_EQ(list_offers(world.view(), id, {}, 10).items.size(), 2u);
    EXPECT_EQ(list_offers(world.view(), {}, {}, 1).items.size(), 1u);
    EXPECT_TRUE(list_offers(world.view(), DataWorld::dataset("other"), {}, 10).items.empty());
}

}  // namespace
}  // namespace market
