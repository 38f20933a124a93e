#include "market/lease_queries.hpp"

#include "market/rules/lease_rules.hpp"
#include "market/rules/verify_rules.hpp"
#include "tests/support/lease_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

TEST(LeaseQueries, ListOffersOrdersAndBids)
{
    LeaseWorld world;
    const auto offer = world.offer();
    const auto order = world.order(world.ordering());
    const auto bid = world.bid(world.bidding(order, offer));
    const auto pol = MarketWorld::address_of("pol");
    const auto tia = MarketWorld::address_of("tia");
    const auto offers = [&](const std::optional<Address>& who, bool listed) {
        return list_gpu_offers(world.view(), who, listed, {}, 10).items.size();
    };
    const auto orders = [&](const std::optional<Address>& who, bool waiting) {
        return list_gpu_orders(world.view(), who, waiting, {}, 10).items.size();
    };
    EXPECT_EQ(offers({}, true), 1u);
    EXPECT_EQ(offers(pol, true), 1u);
    EXPECT_EQ(offers(tia, true), 0u);
    EXPECT_EQ(orders(tia, true), 1u);
    EXPECT_EQ(orders(pol, true), 0u);
    const auto bids = list_bids(world.view(), order);
    ASSERT_EQ(bids.size(), 1u);
    EXPECT_EQ(bids[0].id, bid);
    ASSERT_EQ(world.apply("pol", GpuCancel{GpuEntry::offer, ledger::retag<Hash>(offer)}),
              Rejection::none);
    ASSERT_EQ(world.apply("tia", GpuCancel{GpuEntry::order, ledger::retag<Hash>(order)}),
              Rejection::none);
    EXPECT_EQ(offers({}, true), 0u);
    EXPECT_EQ(offers({}, false), 1u);
    EXPECT_EQ(orders({}, true), 0u);
    EXPECT_EQ(orders({}, false), 1u);
    EXPECT_TRUE(list_bids(world.view(), order).empty());
}

TEST(LeaseQueries, ListLeasesCheckpointsAndWhatVerifiersHaveToDo)
{
    LeaseWorld world;
    world.join();
    const auto id = world.start();
    world.checkpoint(id, 5);
    world.checkpoint(id);
    const auto leases = [&](const std::optional<Address>& tenant,
                            const std::optional<Address>& provider) {
        return list_leases(world.view(), tenant, provider, {}, 10).items.size();
    };
    const auto pol = MarketWorld::address_of("pol");
    const auto tia = MarketWorld::address_of("tia");
    EXPECT_EQ(leases({}, {}), 1u);
    EXPECT_EQ(leases(tia, pol), 1u);
    EXPECT_EQ(leases(pol, {}), 0u);
    EXPECT_EQ(leases({}, tia), 0u);
    EXPECT_EQ(list_checkpoints(world.view(), id, 0, 10).size(), 2u);
    EXPECT_EQ(list_checkpoints(world.view(), id, 1, 10).at(0).seg_from, 5u);
    EXPECT_EQ(list_checkpoints(world.view(), id, 0, 1).size(), 1u);
    EXPECT_EQ(list_verifiers(world.view(), {}, 100).items.size(), LeaseWorld::verifiers);

    world.close(id);
    world.assign(id);
    const auto slot = world.slots(id).front();
    const auto duties = list_duties(world.view(), slot.verifier);
    ASSERT_FALSE(duties.empty());
    EXPECT_EQ(duties[0], (Duty{id, slot.segment, false}));
    world.report(id, {{slot.segment, MarketWorld::hash_of("a lie")}});
    EXPECT_TRUE(list_duties(world.view(), slot.verifier).empty());
    world.open_all(id);
    ASSERT_EQ(world.apply("pol", LeaseSettle{id}), Rejection::none);
    world.begin_block();
    const auto juror = world.jury(id).front();
    const auto seat = list_duties(world.view(), juror);
    ASSERT_EQ(seat.size(), 1u);
    EXPECT_EQ(seat[0], (Duty{id, slot.segment, true}));
}

}  // namespace
}  // namespace market
