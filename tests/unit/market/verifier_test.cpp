#include "market/invariants.hpp"
#include "market/lease_draw.hpp"
#include "market/rules/verify_rules.hpp"
#include "tests/support/lease_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

/// Who can be drawn, and how the stake returns.
class Verifiers : public testing::Test {
protected:
    ~Verifiers() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
        EXPECT_EQ(world.total_held(), world.supply());
    }
    Rejection join(const std::string& name, std::uint64_t stake = LeaseWorld::stake)
    {
        return world.apply(name, VerifierJoin{LeaseWorld::arch, Amount::micros(stake)});
    }
    Rejection leave(const std::string& name)
    {
        return world.apply(name, VerifierLeave{LeaseWorld::arch});
    }
    std::size_t drawable(Height at) const
    {
        return candidates(world.view(), world.network(), LeaseWorld::arch, at, {}).size();
    }
    Height height() const { return world.context().height; }
    LeaseWorld world;
};

TEST_F(Verifiers, JoinWithAStake)
{
    EXPECT_EQ(world.apply("v0", VerifierJoin{"SM 90", Amount::micros(10'000)}),
              Rejection::malformed_text);
    EXPECT_EQ(join("v0", 9'999), Rejection::bond_too_small);
    EXPECT_EQ(join("v0", 200'000), Rejection::insufficient_funds);
    const auto before = world.balance("v0");
    ASSERT_EQ(join("v0"), Rejection::none);
    EXPECT_EQ(world.balance("v0") + world.locked("v0"), before - LeaseWorld::stake);
    EXPECT_EQ(join("v0"), Rejection::already_a_verifier);
    EXPECT_EQ(world.apply("v0", VerifierJoin{"sm_90", Amount::micros(10'000)}), Rejection::none)
        << "of another class";
}

TEST_F(Verifiers, AreDrawnByBlocksAfterTheirsAndUntilTheyLeft)
{
    ASSERT_EQ(join("v0"), Rejection::none);
    const auto joined = height();
    EXPECT_EQ(drawable(joined), 0u) << "who knows the block's id may not join for it";
    world.begin_block();
    EXPECT_EQ(drawable(height()), 1u);
    world.begin_block();
    ASSERT_EQ(leave("v0"), Rejection::none);
    const auto left = height();
    EXPECT_EQ(drawable(left), 1u) << "nor leave";
    EXPECT_EQ(drawable({left.value + 1}), 0u);
}

TEST_F(Verifiers, GetTheirStakeAfterANoticeThatOutlastsEveryDraw)
{
    EXPECT_EQ(leave("v0"), Rejection::not_a_verifier);
    const auto before = world.balance("v0");
    ASSERT_EQ(join("v0"), Rejection::none);
    ASSERT_EQ(leave("v0"), Rejection::none);
    world.pass_ms(199'999);
    EXPECT_EQ(leave("v0"), Rejection::notice_not_over);
    world.pass_ms(1);
    ASSERT_EQ(leave("v0"), Rejection::none);
    EXPECT_EQ(world.balance("v0"), before);
    EXPECT_EQ(leave("v0"), Rejection::not_a_verifier);
}

TEST_F(Verifiers, KeepTheirStakeHereWhileTheyAreOnDuty)
{
    world.join(1);
    const auto id = world.assigned(world.ordering());
    EXPECT_EQ(world.verifier("v0").duties, LeaseWorld::samples);
    ASSERT_EQ(leave("v0"), Rejection::none);
    world.pass_s(200);
    EXPECT_EQ(leave("v0"), Rejection::on_duty);
    world.report(id);
    world.open_all(id);
    ASSERT_EQ(world.apply("pol", LeaseSettle{id}), Rejection::none);
    EXPECT_EQ(leave("v0"), Rejection::none);
}

TEST_F(Verifiers, TheLeastStakeGivesWayWhereAClassIsFull)
{
    for (std::size_t i = 0; i < LeaseLimits::verifiers; ++i) {
        const auto name = "w" + std::to_string(i);
        world.fund(name, 100'000);
        ASSERT_EQ(join(name, i == 5 ? 10'000 : 11'000), Rejection::none);
    }
    EXPECT_EQ(join("v0", 10'000), Rejection::too_many_verifiers);
    ASSERT_EQ(join("v0", 10'001), Rejection::none);
    EXPECT_NE(world.verifier("w5").left.value, 0u);
    EXPECT_EQ(join("v1", 10'001), Rejection::too_many_verifiers);
    world.pass_s(200);
    EXPECT_EQ(leave("w5"), Rejection::none) << "with its stake";
}

TEST_F(Verifiers, CannotFillAClassByGoing)
{
    for (std::size_t i = 0; i < LeaseLimits::verifier_records; ++i) {
        const auto name = "w" + std::to_string(i);
        world.fund(name, 100'000);
        ASSERT_EQ(join(name, 10'000), Rejection::none);
        ASSERT_EQ(leave(name), Rejection::none);
    }
    EXPECT_EQ(join("v0"), Rejection::too_many_verifiers);
    world.pass_s(200);
    ASSERT_EQ(leave("w0"), Rejection::none);
    EXPECT_EQ(join("v0"), Rejection::none);
}

TEST_F(Verifiers, WhoseNoticeIsOverAreSentHomeWithTheirStakeWhereRoomIsNeeded)
{
    world.join(1);
    const auto id = world.assigned(world.ordering());
    ASSERT_EQ(leave("v0"), Rejection::none);
    std::uint64_t held = 0;
    const auto money = [&] {
        std::uint64_t sum = 0;
        for (std::size_t i = 1; i < LeaseLimits::verifier_records; ++i)
            sum += world.balance("w" + std::to_string(i));
        return sum;
    };
    for (std::size_t i = 1; i < LeaseLimits::verifier_records; ++i) {
        const auto name = "w" + std::to_string(i);
        world.fund(name, 100'000);
        ASSERT_EQ(join(name, 10'000), Rejection::none);
        held = 100'000 - world.balance(name);
        ASSERT_EQ(leave(name), Rejection::none);
    }
    world.pass_ms(199'999);
    EXPECT_EQ(join("v1"), Rejection::too_many_verifiers);
    const auto before = money();
    world.pass_ms(1);
    EXPECT_EQ(join("v1"), Rejection::none);
    EXPECT_EQ(money(), before + held) << "one of them, with its byte deposit";
    EXPECT_EQ(world.verifier("v0").duties, LeaseWorld::samples) << "not who is on duty";
    EXPECT_EQ(world.lease(id).status, LeaseStatus::verifying);
}

}  // namespace
}  // namespace market
