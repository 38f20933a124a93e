#include "wallet/batches/partial_batch.hpp"

#include "tests/support/sealed_batch.hpp"
#include "tests/support/temporary_folder.hpp"
#include "wallet/sealed/batch_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace wallet {
namespace {

using ledger::ErrorKind;
using ledger::transfer::ChunkRange;

struct PartialBatchTest : testing::Test {
    std::unique_ptr<PartialBatch> open()
    {
        auto opened = PartialBatch::open(folder, batch.manifest);
        EXPECT_TRUE(opened) << opened.error().detail;
        auto partial = std::move(*opened);
        EXPECT_TRUE(partial->look([](std::uint64_t) {}));
        return partial;
    }
    void put_table(PartialBatch& partial)
    {
        ASSERT_TRUE(partial.begin_table());
        ASSERT_TRUE(partial.add_leaves(0, batch.leaf_part({0, 2})));
        ASSERT_TRUE(partial.add_leaves(2, batch.leaf_part({2, 4})));
        ASSERT_TRUE(*partial.finish_table());
    }

    ledger::TemporaryFolder home{ledger::TemporaryFolder::Place::memory};
    std::filesystem::path folder = home.path() / "fetched" / "batch";
    ledger::SealedBatch batch = ledger::seal_batch(1, 5);
};

TEST_F(PartialBatchTest, BecomesAFolderThatOpensWhenItIsWhole)
{
    {
        auto partial = open();
        put_table(*partial);
        EXPECT_EQ(*partial->keep({0, 6}, batch.sealed), 6u);
        EXPECT_FALSE(std::filesystem::exists(folder));
        ASSERT_TRUE(partial->commit());
    }
    auto read = BatchFolder::open(folder);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_TRUE(read->verify([](std::uint64_t) {}));
    EXPECT_FALSE(std::filesystem::exists(folder.string() + ".partial"));
    const auto again = PartialBatch::open(folder, batch.manifest);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::denied);
}

TEST_F(PartialBatchTest, KnowsByHashingWhatIsThere)
{
    {
        auto partial = open();
        EXPECT_FALSE(partial->has_table());
        put_table(*partial);
        EXPECT_EQ(*partial->keep({1, 2}, batch.chunk_part({1, 2})), 2u);
        EXPECT_EQ(*partial->keep({5, 1}, batch.chunk_part({5, 1})), 1u);
        ASSERT_TRUE(partial->sync());
    }
    std::fstream sealed{folder.string() + ".partial/batch.sealed",
                        std::ios::binary | std::ios::in | std::ios::out};
    sealed.seekp(2 * ledger::sealing::sealed_chunk_bytes + 7);
    sealed.put('x');
    sealed.close();
    const auto partial = open();
    EXPECT_TRUE(partial->has_table());
    EXPECT_EQ(partial->have().ranges(9), (std::vector<ChunkRange>{{1, 1}, {5, 1}}));
}

TEST_F(PartialBatchTest, KeepsChunksUpToTheFirstWrongOne)
{
    auto partial = open();
    put_table(*partial);
    auto bytes = batch.chunk_part({0, 3});
    bytes[ledger::sealing::sealed_chunk_bytes] ^= 1;
    EXPECT_EQ(*partial->keep({0, 3}, bytes), 1u);
    partial.reset();
    EXPECT_EQ(open()->have().ranges(9), (std::vector<ChunkRange>{{0, 1}}));
}

TEST_F(PartialBatchTest, BelievesNoTableButTheOneOfTheRoot)
{
    {
        auto partial = open();
        auto leaves = batch.leaves;
        leaves[3] ^= 1;
        ASSERT_TRUE(partial->begin_table());
        ASSERT_TRUE(partial->add_leaves(0, leaves));
        EXPECT_FALSE(*partial->finish_table());
        EXPECT_FALSE(partial->add_leaves(1, batch.leaves)) << "out of order";
    }
    const auto partial = open();
    EXPECT_FALSE(partial->has_table());
    EXPECT_EQ(partial->have().count(), 0u);
    put_table(*partial);
}

TEST_F(PartialBatchTest, MixesNoTwoBatchesAndNoTwoPrograms)
{
    const auto partial = open();
    const auto second = PartialBatch::open(folder, batch.manifest);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::denied);
    const auto other = PartialBatch::open(folder, ledger::seal_batch(2, 5).manifest);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().kind, ErrorKind::denied);
}

}  // namespace
}  // namespace wallet
