#include "market/invariants.hpp"
#include "market/rules/lease_rules.hpp"
#include "market/state/data_records.hpp"
#include "tests/support/lease_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

/// How a lease that runs is closed: by whom, when, and why.
class LeaseCloses : public testing::Test {
protected:
    ~LeaseCloses() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
    }
    Rejection close(std::string_view who, CloseReason reason)
    {
        return world.apply(who, LeaseClose{id, reason});
    }
    LeaseWorld world;
    const LeaseId id = world.start();
};

TEST_F(LeaseCloses, ByTheTenantAtAnyTime)
{
    EXPECT_EQ(close("dora", CloseReason::done), Rejection::not_a_party);
    EXPECT_EQ(world.apply("tia", LeaseClose{{}, CloseReason::done}), Rejection::unknown_lease);
    EXPECT_EQ(close("tia", CloseReason::starved), Rejection::reason_does_not_hold);
    EXPECT_EQ(close("tia", CloseReason::reclaimed), Rejection::reason_does_not_hold);
    EXPECT_EQ(close("tia", CloseReason::paid_out), Rejection::reason_does_not_hold);
    ASSERT_EQ(close("tia", CloseReason::stalled), Rejection::none);
    const auto lease = world.lease(id);
    EXPECT_EQ(lease.status, LeaseStatus::verifying);
    EXPECT_EQ(lease.reason, CloseReason::stalled);
    EXPECT_EQ(lease.closed_ms, world.now_ms());
    EXPECT_EQ(close("tia", CloseReason::done), Rejection::lease_not_running);
    EXPECT_EQ(world.apply("pol", LeaseReclaim{id}), Rejection::lease_not_running);
}

TEST_F(LeaseCloses, ByTheProviderWhenNobodyPaysForItsTime)
{
    ASSERT_EQ(world.apply("pol", world.claim(id, 10)), Rejection::none);
    EXPECT_EQ(close("pol", CloseReason::stalled), Rejection::reason_does_not_hold);
    world.pass_ms(39'999);
    EXPECT_EQ(close("pol", CloseReason::starved), Rejection::reason_does_not_hold);
    world.pass_ms(1);
    EXPECT_EQ(close("pol", CloseReason::starved), Rejection::none);
    EXPECT_EQ(world.lease(id).paid_s, 10u) << "there is no lockup";
}

TEST_F(LeaseCloses, ByTheProviderWhenItHasCommittedToTheWholeJob)
{
    world.checkpoint(id, LeaseWorld::segments - 1);
    EXPECT_EQ(close("pol", CloseReason::done), Rejection::reason_does_not_hold);
    world.checkpoint(id);
    EXPECT_EQ(close("pol", CloseReason::done), Rejection::none);
}

TEST_F(LeaseCloses, ByEitherWhenFundsAreOut)
{
    ASSERT_EQ(world.apply("pol", world.claim(id, 990)), Rejection::none);
    EXPECT_EQ(close("pol", CloseReason::paid_out), Rejection::reason_does_not_hold)
        << "one interval is left";
    ASSERT_EQ(world.apply("pol", world.claim(id, 991)), Rejection::none);
    EXPECT_EQ(close("pol", CloseReason::paid_out), Rejection::none);
}

TEST_F(LeaseCloses, ByTheProviderAfterTheNoticeThatWasAgreed)
{
    EXPECT_EQ(world.apply("tia", LeaseReclaim{id}), Rejection::not_a_party);
    EXPECT_EQ(world.apply("pol", LeaseReclaim{}), Rejection::unknown_lease);
    EXPECT_EQ(close("pol", CloseReason::reclaimed), Rejection::reason_does_not_hold);
    ASSERT_EQ(world.apply("pol", LeaseReclaim{id}), Rejection::none);
    EXPECT_EQ(world.lease(id).status, LeaseStatus::reclaiming);
    EXPECT_EQ(world.apply("pol", LeaseReclaim{id}), Rejection::reclaim_given);
    world.pass_ms(59'999);
    EXPECT_EQ(close("pol", CloseReason::reclaimed), Rejection::reason_does_not_hold);
    EXPECT_EQ(world.apply("pol", world.claim(id, 60)), Rejection::none) << "pay goes on";
    world.checkpoint(id, 3);
    world.pass_ms(1);
    EXPECT_EQ(close("pol", CloseReason::reclaimed), Rejection::none);
}

TEST_F(LeaseCloses, AndThatBlockDrawsWhatIsExecutedAgain)
{
    world.checkpoint(id);
    ASSERT_EQ(close("tia", CloseReason::done), Rejection::none);
    const auto height = world.lease(id).closed_height;
    EXPECT_FALSE(world.view().has<Beacon>(height));
    world.next_block("the block of the close");
    EXPECT_EQ(world.view().get<Beacon>(height).block,
              ledger::retag<ledger::BlockId>(MarketWorld::hash_of("the block of the close")));
}

}  // namespace
}  // namespace market
