#include "market/invariants.hpp"
#include "market/lease_draw.hpp"
#include "market/rules/lease_rules.hpp"
#include "market/rules/verify_rules.hpp"
#include "tests/support/lease_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

/// A lease that runs: it starts, commits to segments, and is paid for co-signed time.
class LeasePay : public testing::Test {
protected:
    ~LeasePay() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
        EXPECT_EQ(world.total_held(), world.supply());
    }
    LeaseId matched(JobKind kind = JobKind::train)
    {
        const auto offer = world.offer();
        const auto order = world.order(world.ordering(kind));
        return world.accept(order, world.bid(world.bidding(order, offer)));
    }
    Rejection claim(const LeaseId& id, std::uint64_t seconds)
    {
        return world.apply("pol", world.claim(id, seconds));
    }
    static LeaseStart starting(const LeaseId& id)
    {
        return {id, MarketWorld::hash_of("environment"), MarketWorld::hash_of("c_0"), {1, 2, 3}};
    }
    LeaseWorld world;
};

TEST_F(LeasePay, AStartReturnsTheDepositAndTimeRuns)
{
    const auto id = matched();
    EXPECT_EQ(world.apply("tia", starting(id)), Rejection::not_a_party);
    EXPECT_EQ(world.apply("pol", starting({})), Rejection::unknown_lease);
    auto message = starting(id);
    message.endpoint_enc.resize(LeaseLimits::endpoint + 1);
    EXPECT_EQ(world.apply("pol", message), Rejection::malformed_wrap);
    message = starting(id);
    message.initial = {};
    EXPECT_EQ(world.apply("pol", message), Rejection::malformed_job) << "a job begins somewhere";
    const auto before = world.balance("pol") + world.locked("pol");
    ASSERT_EQ(world.apply("pol", starting(id)), Rejection::none);
    EXPECT_EQ(world.balance("pol") + world.locked("pol"), before + 360);
    const auto lease = world.lease(id);
    EXPECT_EQ(lease.status, LeaseStatus::active);
    EXPECT_EQ(lease.started_ms, world.now_ms());
    EXPECT_EQ(lease.endpoint_enc, (Bytes{1, 2, 3}));
    EXPECT_EQ(world.apply("pol", starting(id)), Rejection::lease_not_matched);
}

TEST_F(LeasePay, AStartWinsUntilItsTimeoutIsExecuted)
{
    const auto id = matched();
    world.pass_s(100'000);
    EXPECT_EQ(world.apply("pol", starting(id)), Rejection::none);
    EXPECT_EQ(world.apply("dora", LeaseTimeout{GpuEntry::lease, ledger::retag<Hash>(id)}),
              Rejection::lease_not_matched);
}

TEST_F(LeasePay, CheckpointsFollowEachOther)
{
    const auto id = matched();
    LeaseCheckpoint message{id, 0, 8, MarketWorld::hash_of("root"), {}};
    EXPECT_EQ(world.apply("pol", message), Rejection::lease_not_running);
    ASSERT_EQ(world.apply("pol", starting(id)), Rejection::none);
    EXPECT_EQ(world.apply("tia", message), Rejection::not_a_party);
    message.seg_from = 1;
    EXPECT_EQ(world.apply("pol", message), Rejection::segments_not_next);
    message.seg_from = message.seg_to = 0;
    EXPECT_EQ(world.apply("pol", message), Rejection::segments_not_next);
    message.seg_to = LeaseWorld::segments + 1;
    EXPECT_EQ(world.apply("pol", message), Rejection::segments_beyond_the_job);
    message.seg_to = 8;
    ASSERT_EQ(world.apply("pol", message), Rejection::none);
    EXPECT_EQ(world.lease(id).segments, 8u);
    const auto record = world.view().get<CheckpointRecord>({id, 0});
    EXPECT_EQ(record.root, message.root);
    EXPECT_EQ(world.apply("pol", message), Rejection::segments_not_next);
    message.seg_from = 8;
    message.seg_to = LeaseWorld::segments;
    ASSERT_EQ(world.apply("pol", message), Rejection::none);
    EXPECT_EQ(world.lease(id).checkpoints, 2u);
    message.lease = {};
    EXPECT_EQ(world.apply("pol", message), Rejection::unknown_lease);
}

TEST_F(LeasePay, ACheckpointHasAsManySegmentsAsATreeCanHaveTwoLeavesOf)
{
    auto order = world.ordering();
    order.job.segment_steps = 1;
    order.job.total_steps = ~0ull;
    const auto id = world.start(order);
    LeaseCheckpoint message{id, 0, (1ull << 63) + 1, MarketWorld::hash_of("root"), {}};
    EXPECT_EQ(world.apply("pol", message), Rejection::segments_beyond_the_job)
        << "its last leaf would be its second";
    message.seg_to = (1ull << 63) - 1;
    EXPECT_EQ(world.apply("pol", message), Rejection::none);
}

TEST_F(LeasePay, ARawLeaseCommitsToNothing)
{
    const auto id = matched(JobKind::raw);
    ASSERT_EQ(world.apply("pol", starting(id)), Rejection::none);
    EXPECT_EQ(world.apply("pol", LeaseCheckpoint{id, 0, 1, {}, {}}), Rejection::nothing_to_verify);
    const auto provider = world.balance("pol");
    ASSERT_EQ(claim(id, 100), Rejection::none);
    EXPECT_EQ(world.balance("pol"), provider + 970) << "and keeps nothing back";
    EXPECT_EQ(world.lease(id).holdback, Amount{});
}

TEST_F(LeasePay, AClaimPaysCoSignedTimeLessTheHoldback)
{
    const auto id = world.start();
    const auto provider = world.balance("pol");
    const auto burned = world.burned();
    ASSERT_EQ(claim(id, 100), Rejection::none);
    auto lease = world.lease(id);
    EXPECT_EQ(lease.paid_s, 100u);
    EXPECT_EQ(lease.escrow, Amount::micros(9'000));
    EXPECT_EQ(lease.holdback, Amount::micros(200));
    EXPECT_EQ(world.balance("pol"), provider + 776) << "800 less a fee of 3 %";
    EXPECT_EQ(world.burned(), burned + 800);
    ASSERT_EQ(claim(id, 101), Rejection::none);
    lease = world.lease(id);
    EXPECT_EQ(lease.escrow, Amount::micros(8'990));
    EXPECT_EQ(lease.holdback, Amount::micros(202));
    EXPECT_EQ(world.balance("pol"), provider + 776 + 7) << "8 less 1, rounded up";
}

TEST_F(LeasePay, OnlyTimeThatTheTenantSignedIsPaid)
{
    const auto id = matched();
    EXPECT_EQ(claim(id, 10), Rejection::lease_not_running);
    ASSERT_EQ(world.apply("pol", starting(id)), Rejection::none);
    EXPECT_EQ(world.apply("dora", world.claim(id, 10)), Rejection::not_a_party);
    EXPECT_EQ(claim({}, 10), Rejection::unknown_lease);
    auto message = world.claim(id, 10);
    message.seconds = 11;
    EXPECT_EQ(world.apply("pol", message), Rejection::wrong_signature) << "of another time";
    message = world.claim(id, 10);
    message.signature =
        MarketWorld::sign("pol", voucher_digest(world.network(), {id, 10, Amount::micros(100)}));
    EXPECT_EQ(world.apply("pol", message), Rejection::wrong_signature) << "by itself";
    message = world.claim(id, 10);
    message.signature =
        MarketWorld::sign("tia", voucher_digest(world.network(), {{}, 10, Amount::micros(100)}));
    EXPECT_EQ(world.apply("pol", message), Rejection::wrong_signature) << "of another lease";
    EXPECT_EQ(claim(id, 1'001), Rejection::beyond_the_lease);
    EXPECT_EQ(claim(id, 0), Rejection::claim_not_above_the_last);
    ASSERT_EQ(claim(id, 10), Rejection::none);
    EXPECT_EQ(claim(id, 10), Rejection::claim_not_above_the_last);
    EXPECT_EQ(claim(id, 9), Rejection::claim_not_above_the_last);
    EXPECT_EQ(claim(id, 1'000), Rejection::none) << "all there is";
    EXPECT_EQ(world.lease(id).escrow, Amount{});
}

TEST_F(LeasePay, ATenantShowsItsVoucherToAProviderThatSaysThatNobodyPaid)
{
    const auto id = world.start();
    const auto provider = world.balance("pol");
    world.pass_s(45);
    ASSERT_EQ(world.apply("tia", world.claim(id, 50)), Rejection::none);
    EXPECT_EQ(world.balance("pol"), provider + 388) << "400 less 3 %: it pays the provider";
    EXPECT_EQ(world.apply("pol", LeaseClose{id, CloseReason::starved}),
              Rejection::reason_does_not_hold);
}

TEST_F(LeasePay, WhatWasSignedIsDrawnAfterTheCloseToo)
{
    const auto id = world.start();
    world.close(id);
    EXPECT_EQ(claim(id, 50), Rejection::none);
    world.pass_s(100);
    ASSERT_EQ(world.apply("dora", LeaseSettle{id}), Rejection::none);
    EXPECT_EQ(claim(id, 60), Rejection::lease_not_running) << "not when it is over";
}

TEST(LeasePayOnCredit, GoesToStatements)
{
    LeaseWorld world{ledger::AssetKind::credit};
    const auto id = world.start();
    const auto provider = world.balance("pol");
    ASSERT_EQ(world.apply("pol", world.claim(id, 100)), Rejection::none);
    EXPECT_EQ(world.balance("pol"), provider);
    EXPECT_TRUE(world.emitted(EventKind::earned));
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
}

}  // namespace
}  // namespace market
