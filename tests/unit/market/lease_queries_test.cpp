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

TEST(LeaseQueries, APartyIsTheTenantAndWhoeverWaitsWithABidOrHasTheLease)
{
    LeaseWorld world;
    const auto party = [&](const GpuOrderId& order, const char* who) {
        return is_party(world.view(), order, MarketWorld::address_of(who));
    };
    const auto offer = world.offer();
    const auto order = world.order(world.ordering());
    const auto other = world.order(world.ordering());
    EXPECT_TRUE(party(order, "tia"));
    EXPECT_FALSE(party(order, "pol"));
    const auto bid = world.bid(world.bidding(order, offer));
    EXPECT_TRUE(party(order, "pol"));
    EXPECT_FALSE(party(other, "pol")) << "a bid is for one order";
    ASSERT_EQ(world.apply("pol", GpuCancel{GpuEntry::bid, ledger::retag<Hash>(bid)}),
              Rejection::none);
    EXPECT_FALSE(party(order, "pol")) << "it waits no more";
    world.accept(order, world.bid(world.bidding(order, offer)));
    EXPECT_TRUE(party(order, "pol"));
    EXPECT_TRUE(party(order, "tia"));
    EXPECT_FALSE(party(order, "dora"));
    EXPECT_FALSE(party(ledger::retag<GpuOrderId>(MarketWorld::hash_of("none")), "tia"));
}

TEST(LeaseQueries, APartyIsWhoeverIsDrawnWhileALeaseIsChecked)
{
    LeaseWorld world;
    world.join();
    const auto id = world.assigned(world.ordering());
    const auto order = world.lease(id).order;
    const auto drawn = [&] {
        std::set<Address> found;
        for (std::size_t i = 0; i < LeaseWorld::verifiers; ++i) {
            const auto who = MarketWorld::address_of("v" + std::to_string(i));
            if (is_party(world.view(), order, who)) found.insert(who);
        }
        return found;
    };
    std::set<Address> expected;
    for (const auto& slot : world.slots(id)) expected.insert(slot.verifier);
    EXPECT_EQ(drawn(), expected);
    const auto doubted = world.slots(id).front().segment;
    world.report(id, {{doubted, MarketWorld::hash_of("a lie")}});
    world.open_all(id);
    ASSERT_EQ(world.apply("pol", LeaseSettle{id}), Rejection::none);
    world.begin_block();
    for (const auto& juror : world.jury(id)) expected.insert(juror);
    EXPECT_EQ(drawn(), expected);
}

TEST(LeaseQueries, AnOrderIsOverOnceItIsCancelledOrExpired)
{
    LeaseWorld world;
    const auto over = [&](const GpuOrderId& order, std::uint64_t now_ms) {
        return is_over(world.view(), order, now_ms);
    };
    auto ordering = world.ordering();
    const auto order = world.order(ordering);
    const auto end_ms = ordering.expires * 1'000;
    EXPECT_FALSE(over(order, world.now_ms()));
    EXPECT_FALSE(over(order, end_ms - 1));
    EXPECT_TRUE(over(order, end_ms)) << "nobody can take a bid for it any more";
    ASSERT_EQ(world.apply("tia", GpuCancel{GpuEntry::order, ledger::retag<Hash>(order)}),
              Rejection::none);
    EXPECT_TRUE(over(order, world.now_ms()));
    EXPECT_TRUE(over(ledger::retag<GpuOrderId>(MarketWorld::hash_of("none")), 0));
}

TEST(LeaseQueries, AnOrderIsOverAnHourAfterItsLeaseEnded)
{
    LeaseWorld world;
    const auto id = world.start(world.ordering(JobKind::raw));
    const auto order = world.lease(id).order;
    EXPECT_FALSE(is_over(world.view(), order, world.now_ms() + 1'000'000'000)) << "it runs";
    world.close(id);
    world.pass_s(200);
    ASSERT_EQ(world.apply("pol", LeaseSettle{id}), Rejection::none);
    const auto ended_ms = world.lease(id).ended_ms;
    ASSERT_NE(ended_ms, 0u);
    EXPECT_FALSE(is_over(world.view(), order, ended_ms));
    EXPECT_FALSE(is_over(world.view(), order, ended_ms + after_lease_ms));
    EXPECT_TRUE(is_over(world.view(), order, ended_ms + after_lease_ms + 1));
}

}  // namespace
}  // namespace market
