// What a block hashes for claims by links, and what that costs.
#include "market/execute.hpp"
#include "tests/support/channel_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

constexpr std::uint32_t longest = ChainLimits::length;

ledger::Genesis document()
{
    auto made = MarketWorld::genesis();
    made.params.min_fee = Amount::micros(10);
    return made;
}

class ChainHashing : public testing::Test {
protected:
    ChainHashing()
    {
        world.fund("hugo", 1'000'000);
        for (std::uint8_t lane = 0; lane < 3; ++lane) world.open(world.config(lane), 10'000);
    }

    ChannelWorld::Chain chain(std::uint8_t lane)
    {
        return world.chain(world.config(lane), 0, 1, longest);
    }
    ChainClaimRow row(std::uint8_t lane, std::uint32_t index)
    {
        return world.chain_row(world.config(lane), chain(lane), index);
    }
    /// Rows that are hashed all the same although the channels are not there.
    ChannelChainClaim whole_blocks_claim()
    {
        return {std::vector<ChainClaimRow>(64, row(2, longest))};
    }
    CheckedTransaction from_hugo(std::uint64_t nonce, const Message& message, std::uint64_t fee)
    {
        auto envelope = make_transaction(world.address_of("hugo"), {0}, {nonce},
                                         Amount::micros(fee), 0, message);
        const auto id = transaction_id(world.network().transactions, envelope, message);
        envelope.signature = world.sign("hugo", ledger::retag<Hash>(id));
        return *check_transaction(world.network(), ledger::encode_transaction(envelope));
    }
    BlockExecution block()
    {
        return BlockExecution{
            world.memory(), world.network(), {{1}, {world.now_ms()}, world.address_of("payout")}};
    }
    std::uint64_t hashes(const ChannelChainClaim& claim)
    {
        return link_hashes(world.view(), world.network(), claim);
    }

    ChannelWorld world{document()};
};

TEST_F(ChainHashing, IsOnlyWhatTheLastClaimLeaves)
{
    EXPECT_EQ(hashes({{row(0, 30), row(1, 12)}}), 42u);
    ASSERT_EQ(world.apply("hugo", ChannelChainClaim{{row(0, 30)}}), Rejection::none);
    EXPECT_EQ(hashes({{row(0, 31), row(1, 12)}}), 13u);
    EXPECT_EQ(hashes({{row(0, 30)}}), 30u) << "what lies below it is hashed from the root";
    auto other = row(0, 31);
    other.chain.root.bytes[0] ^= 1;
    EXPECT_EQ(hashes({{other}}), 31u);
    EXPECT_EQ(hashes({{row(0, longest + 1)}}), 0u) << "refused before it is hashed";
    EXPECT_EQ(hashes({std::vector<ChainClaimRow>(65, row(0, 9))}), 0u);
    EXPECT_EQ(hashes(whole_blocks_claim()), ChainLimits::block_hashes);
}

TEST_F(ChainHashing, CostsAFeeForEach1024Begun)
{
    const auto least = [&](std::uint32_t index) {
        return least_fee(world.view(), world.network(), ChannelChainClaim{{row(0, index)}})
            .micros();
    };
    EXPECT_EQ(least(1), 20u);
    EXPECT_EQ(least(1'024), 20u);
    EXPECT_EQ(least(1'025), 30u);
    EXPECT_EQ(least_fee(world.view(), world.network(), Transfer{}), Amount::micros(10));

    auto execution = block();
    ASSERT_TRUE(execution.add(from_hugo(0, ChannelChainClaim{{row(0, 1'025)}}, 29)));
    ASSERT_TRUE(execution.add(from_hugo(1, ChannelChainClaim{{row(0, 1'025)}}, 30)));
    EXPECT_EQ(execution.receipts()[0].rejection, Rejection::fee_below_the_hashing);
    EXPECT_EQ(execution.receipts()[0].fee, Amount::micros(29)) << "it is paid all the same";
    EXPECT_EQ(execution.receipts()[1].rejection, Rejection::none);
}

TEST_F(ChainHashing, OfABlockEndsAt2To18AndWhatIsAboveHasNoPlaceInIt)
{
    auto execution = block();
    ASSERT_TRUE(execution.add(from_hugo(0, whole_blocks_claim(), 2'570)));
    const auto one_more = from_hugo(1, ChannelChainClaim{{row(1, 1)}}, 20);
    const auto refused = execution.add(one_more);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), EnvelopeFault::hashing_used_up);
    EXPECT_EQ(execution.receipts().size(), 1u);
    EXPECT_TRUE(
        execution.add(from_hugo(1, Transfer{world.address_of("rita"), Amount::micros(1)}, 10)))
        << "its nonce was not used";

    auto next = block();
    EXPECT_TRUE(next.add(from_hugo(0, ChannelChainClaim{{row(1, 1)}}, 20)));
}

TEST_F(ChainHashing, WhatPaysTooLittleUsesNothingOfTheBlocksShare)
{
    auto execution = block();
    ASSERT_TRUE(execution.add(from_hugo(0, whole_blocks_claim(), 2'569)));
    EXPECT_EQ(execution.receipts()[0].rejection, Rejection::fee_below_the_hashing);
    EXPECT_TRUE(execution.add(from_hugo(1, ChannelChainClaim{{row(1, longest)}}, 50)));
    EXPECT_EQ(execution.receipts()[1].rejection, Rejection::none);
}

}  // namespace
}  // namespace market
