#include "ledger/sealing/leaf_table.hpp"

#include "ledger/crypto/merkle.hpp"
#include "tests/unit/ledger/sealing/sealed_batch.hpp"

#include <gtest/gtest.h>

namespace ledger::sealing {
namespace {

struct LeafTableTest : testing::Test {
    SeededRandom random{11};
    SealedBatch batch = seal_all(random_bytes(random, 3 * chunk_bytes + 10), random);
};

TEST_F(LeafTableTest, ProvesEachLeafUnderTheRoot)
{
    const auto table = LeafTable::check(batch.leaves, batch.summary);
    ASSERT_TRUE(table) << table.error().detail;
    ASSERT_EQ(table->size(), 4U);
    for (std::uint64_t i = 0; i < 4; ++i)
        EXPECT_TRUE(
            merkle_verify(batch.summary.root, leaf_hash(i, table->at(i)), i, 4, table->path(i)));
    EXPECT_EQ(table->encoded(), batch.leaves);
}

TEST_F(LeafTableTest, IsRefusedWhenAnyByteDiffers)
{
    for (std::size_t i = 0; i < batch.leaves.size(); i += 13) {
        auto changed = batch.leaves;
        changed[i] ^= 0x40;
        EXPECT_FALSE(LeafTable::check(changed, batch.summary)) << i;
    }
    auto shorter = batch.leaves;
    shorter.resize(3 * LeafTable::entry_bytes);
    EXPECT_FALSE(LeafTable::check(shorter, batch.summary));
    shorter.push_back(0);
    EXPECT_FALSE(LeafTable::check(shorter, batch.summary));
}

TEST_F(LeafTableTest, RefusesSizesThatDoNotFitTogether)
{
    EXPECT_TRUE(check_sizes(1, tag_bytes));
    EXPECT_FALSE(check_sizes(1, tag_bytes - 1));
    EXPECT_TRUE(check_sizes(1, sealed_chunk_bytes));
    EXPECT_FALSE(check_sizes(1, sealed_chunk_bytes + 1));
    EXPECT_FALSE(check_sizes(2, sealed_chunk_bytes + tag_bytes)) << "an empty second chunk";
    EXPECT_TRUE(check_sizes(2, sealed_chunk_bytes + tag_bytes + 1));
    EXPECT_TRUE(check_sizes(2, 2 * sealed_chunk_bytes));
    EXPECT_FALSE(check_sizes(2, 2 * sealed_chunk_bytes + 1));
    EXPECT_FALSE(check_sizes(0, 0));
    EXPECT_TRUE(check_sizes(most_chunks, most_chunks * sealed_chunk_bytes));
    EXPECT_FALSE(check_sizes(most_chunks + 1, (most_chunks + 1) * sealed_chunk_bytes));
    EXPECT_FALSE(check_sizes(~std::uint64_t{0}, ~std::uint64_t{0}));
}

TEST_F(LeafTableTest, KnowsTheLengthOfEachSealedChunk)
{
    for (std::uint64_t i = 0; i < 4; ++i)
        EXPECT_EQ(sealed_size(batch.summary, i), batch.chunks[i].size()) << i;
}

}  // namespace
}  // namespace ledger::sealing
