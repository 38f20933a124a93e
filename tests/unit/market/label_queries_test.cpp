#include "market/label_queries.hpp"

#include "tests/support/label_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

TEST(LabelQueries, ListOrdersOfADatasetAndThoseWithAFreeSeat)
{
    LabelWorld world;
    const auto first = world.order();
    const auto second = world.order();
    world.order_alone(world.good());  // whose arbiter has not agreed
    const auto count = [&](std::optional<DatasetId> dataset, bool open) {
        std::optional<std::uint64_t> at;
        if (open) at = world.now_ms();
        return list_label_orders(world.view(), dataset, at, {}, 10).items.size();
    };
    EXPECT_EQ(count({}, true), 2u);
    EXPECT_EQ(count(world.good().dataset, true), 2u);
    EXPECT_EQ(count(DataWorld::dataset("other"), false), 0u);
    world.take(first, "bob");
    world.take(first, "carol");
    const auto open = list_label_orders(world.view(), {}, world.now_ms(), {}, 10);
    ASSERT_EQ(open.items.size(), 1u);
    EXPECT_EQ(open.items[0].id, second);
    EXPECT_EQ(open.items[0].seats.free, 2u);
    EXPECT_EQ(open.items[0].ordered.ordered, world.good());
    EXPECT_EQ(count({}, false), 3u);

    const auto page = list_label_orders(world.view(), {}, {}, {}, 1);
    ASSERT_FALSE(page.next.empty());
    const auto rest = list_label_orders(world.view(), {}, {}, page.next, 10);
    ASSERT_EQ(rest.items.size(), 2u);
    EXPECT_NE(rest.items[0].id, page.items[0].id);
    world.pass_s(LabelWorld::open_s);
    EXPECT_EQ(count({}, true), 0u) << "too late to take a seat";
}

TEST(LabelQueries, ListWorkOfAnOrderAndOfAnAnnotator)
{
    LabelWorld world;
    const auto first = world.order();
    const auto second = world.order();
    world.take(first, "bob");
    world.take(first, "carol");
    world.label(second, "bob");
    const auto bob = MarketWorld::address_of("bob");
    const auto list = [&](std::optional<LabelOrderId> order, std::optional<Address> annotator) {
        return list_label_work(world.view(), order, annotator, {}, 10).items;
    };
    EXPECT_EQ(list({}, {}).size(), 3u);
    EXPECT_EQ(list(first, {}).size(), 2u);
    EXPECT_EQ(list({}, bob).size(), 2u);
    const auto one = list(second, bob);
    ASSERT_EQ(one.size(), 1u);
    EXPECT_EQ(one[0].key.order, second);
    EXPECT_EQ(one[0].work.status, LabelWorkStatus::submitted);
    EXPECT_TRUE(list(second, MarketWorld::address_of("carol")).empty());
}

}  // namespace
}  // namespace market
