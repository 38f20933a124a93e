#include "market/lease_draw.hpp"

#include "tests/support/market_world.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace market {
namespace {

Hash beacon_number(std::uint64_t number)
{
    return MarketWorld::hash_of("beacon " + std::to_string(number));
}

std::vector<Candidate> staked(const std::vector<std::uint64_t>& stakes)
{
    std::vector<Candidate> all;
    for (std::size_t i = 0; i < stakes.size(); ++i)
        all.push_back(
            {MarketWorld::address_of("c" + std::to_string(i)), Amount::micros(stakes[i])});
    return all;
}

TEST(LeaseDraw, PicksSegmentsEachOnceInOrder)
{
    for (std::uint64_t number = 0; number < 200; ++number) {
        const auto drawn = draw_segments(beacon_number(number), 20, 8);
        EXPECT_EQ(drawn.size(), 8u);
        EXPECT_EQ(std::set(drawn.begin(), drawn.end()).size(), 8u);
        EXPECT_TRUE(std::is_sorted(drawn.begin(), drawn.end()));
        EXPECT_LT(drawn.back(), 20u);
    }
    EXPECT_EQ(draw_segments(beacon_number(1), 3, 8), (std::vector<std::uint64_t>{0, 1, 2}));
    EXPECT_EQ(draw_segments(beacon_number(1), ~0ull, 32).size(), 32u);
}

TEST(LeaseDraw, PicksEverySegmentAboutAsOften)
{
    std::map<std::uint64_t, int> counts;
    for (std::uint64_t number = 0; number < 4'000; ++number)
        for (const auto segment : draw_segments(beacon_number(number), 10, 2)) ++counts[segment];
    ASSERT_EQ(counts.size(), 10u);
    for (const auto& [segment, count] : counts) EXPECT_NEAR(count, 800, 150) << segment;
}

TEST(LeaseDraw, PicksVerifiersByStake)
{
    const auto all = staked({1'000, 3'000, 0, 6'000});
    std::map<std::size_t, int> counts;
    for (std::uint64_t number = 0; number < 4'000; ++number)
        ++counts[*draw_one(beacon_number(number), "verifier", 0, all)];
    EXPECT_NEAR(counts[0], 400, 100);
    EXPECT_NEAR(counts[1], 1'200, 150);
    EXPECT_EQ(counts[2], 0);
    EXPECT_NEAR(counts[3], 2'400, 180);
    EXPECT_FALSE(draw_one(beacon_number(1), "verifier", 0, {}));
}

TEST(LeaseDraw, SeatsEachJurorOnce)
{
    const auto all = staked({1, 1'000'000, 1, 1, 1});
    for (std::uint64_t number = 0; number < 100; ++number) {
        const auto jury = draw_jury(beacon_number(number), all, 3);
        EXPECT_EQ(std::set(jury.begin(), jury.end()).size(), 3u);
    }
    EXPECT_EQ(draw_jury(beacon_number(1), all, 9).size(), 5u) << "as many as there are";
    EXPECT_TRUE(draw_jury(beacon_number(1), {}, 3).empty());
}

TEST(LeaseDraw, DependsOnSecretBlockAndLease)
{
    MarketWorld world;
    Lease lease;
    lease.closed_height = {5};
    const LeaseId id;
    const auto secret = MarketWorld::hash_of("secret");
    EXPECT_FALSE(verify_beacon(world.view(), id, lease, secret)) << "the block's id is not known";
    world.put(Height{5}, Beacon{ledger::retag<ledger::BlockId>(MarketWorld::hash_of("block"))});
    world.put(Height{6}, Beacon{ledger::retag<ledger::BlockId>(MarketWorld::hash_of("other"))});
    const auto made = verify_beacon(world.view(), id, lease, secret);
    ASSERT_TRUE(made);
    EXPECT_NE(made, verify_beacon(world.view(), id, lease, MarketWorld::hash_of("another")));
    EXPECT_NE(made, verify_beacon(world.view(), ledger::retag<LeaseId>(secret), lease, secret));
    lease.closed_height = {6};
    EXPECT_NE(made, verify_beacon(world.view(), id, lease, secret));
}

}  // namespace
}  // namespace market
