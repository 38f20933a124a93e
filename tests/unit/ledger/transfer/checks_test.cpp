#include "ledger/transfer/checks.hpp"

#include "tests/support/sealed_batch.hpp"

#include <gtest/gtest.h>

namespace ledger::transfer {
namespace {

TEST(Checks, FitAMiBIntoAPiece)
{
    EXPECT_EQ(piece_chunks, 31u);
    EXPECT_EQ(piece_leaves, 16'384u);
}

TEST(Checks, KnowWholeChunksByTheirBytes)
{
    const auto batch = seal_batch(1, 3);
    EXPECT_EQ(*chunks_in(batch.summary(), 1, 2 * sealing::sealed_chunk_bytes), (ChunkRange{1, 2}));
    EXPECT_EQ(*chunks_in(batch.summary(), 3, 116), (ChunkRange{3, 1}));
    EXPECT_EQ(*chunks_in(batch.summary(), 0, batch.sealed.size()), (ChunkRange{0, 4}));
    EXPECT_FALSE(chunks_in(batch.summary(), 0, 0));
    EXPECT_FALSE(chunks_in(batch.summary(), 0, 116));
    EXPECT_FALSE(chunks_in(batch.summary(), 3, sealing::sealed_chunk_bytes));
    EXPECT_FALSE(chunks_in(batch.summary(), 2, 3 * sealing::sealed_chunk_bytes));
    EXPECT_FALSE(chunks_in(batch.summary(), 4, 116));
    EXPECT_FALSE(chunks_in(batch.summary(), 0, ~std::uint64_t{0} - 5));
}

TEST(Checks, FindTheFirstChunkThatIsNotTheRightOne)
{
    const auto batch = seal_batch(1, 3);
    const ChunkRange all{0, 4};
    auto bytes = batch.chunk_part(all);
    const auto leaves = batch.leaf_part(all);
    EXPECT_EQ(good_chunks(batch.summary(), all, bytes, leaves), 4u);
    bytes[2 * sealing::sealed_chunk_bytes + 5] ^= 1;
    EXPECT_EQ(good_chunks(batch.summary(), all, bytes, leaves), 2u);
    bytes[0] ^= 1;
    EXPECT_EQ(good_chunks(batch.summary(), all, bytes, leaves), 0u);
}

TEST(TableCheck, HoldsForAllLeavesOfTheBatchAndNothingElse)
{
    const auto batch = seal_batch(1, 3);
    TableCheck check{batch.summary()};
    ASSERT_TRUE(check.add(batch.leaf_part({0, 1})));
    ASSERT_TRUE(check.add(batch.leaf_part({1, 2})));
    EXPECT_FALSE(check.holds()) << "one is missing";
    EXPECT_FALSE(check.add(batch.leaf_part({2, 2}))) << "one too many";
    EXPECT_FALSE(check.add(Bytes(63)));
    ASSERT_TRUE(check.add(batch.leaf_part({3, 1})));
    EXPECT_TRUE(check.holds());

    TableCheck other{batch.summary()};
    auto leaves = batch.leaves;
    leaves[64] ^= 1;
    ASSERT_TRUE(other.add(leaves));
    EXPECT_FALSE(other.holds());
}

}  // namespace
}  // namespace ledger::transfer
