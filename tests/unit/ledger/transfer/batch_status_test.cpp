#include "ledger/transfer/batch_status.hpp"

#include "ledger/codec/json.hpp"

#include <gtest/gtest.h>

namespace ledger::transfer {
namespace {

sealing::BatchSummary batch(std::uint64_t chunks)
{
    sealing::BatchSummary summary;
    summary.root.bytes[0] = 7;
    summary.chunks = chunks;
    summary.bytes = chunks * sealing::sealed_chunk_bytes;
    return summary;
}

TEST(BatchStatus, TellsWhichChunksAreThereAndIsReadAgain)
{
    const auto about = batch(100);
    ChunkSet have{100};
    have.set({10, 5});
    have.set(50);
    auto status = status_of(about, 100);
    say_have(status, have, 0);
    const auto read = parse_status(codec::to_json(status).dump(), about);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(*ranges_of(*read), (std::vector<ChunkRange>{{10, 5}, {50, 1}}));
    EXPECT_EQ(read->present, 6u);
    EXPECT_FALSE(read->complete);
    EXPECT_FALSE(read->next);
}

TEST(BatchStatus, GoesOnInASecondOneWhereThereAreTooManyRanges)
{
    const auto about = batch(4'000);
    ChunkSet have{4'000};
    for (std::uint64_t i = 0; i < 4'000; i += 2) have.set(i);
    auto first = status_of(about, 4'000);
    say_have(first, have, 0);
    ASSERT_EQ(first.next, 2'000u);
    EXPECT_LT(codec::to_json(first).dump().size(), status_bytes);
    auto second = status_of(about, 4'000);
    say_have(second, have, *first.next);
    EXPECT_FALSE(second.next);
    EXPECT_EQ(second.have.front(), "2000");
    EXPECT_EQ(first.have.size() + second.have.size(), 2'000u);
}

TEST(BatchStatus, IsCompleteWithAllLeavesAndChunks)
{
    ChunkSet have{10};
    have.set_all();
    auto status = status_of(batch(10), 10);
    say_have(status, have, 0);
    EXPECT_TRUE(status.complete);
    status = status_of(batch(10), 9);
    say_have(status, have, 0);
    EXPECT_FALSE(status.complete);
}

TEST(BatchStatus, OfAnotherBatchOrWithChunksThatItHasNotGotIsRefused)
{
    const auto about = batch(10);
    auto status = status_of(about, 10);
    status.have = {"0-10"};
    const auto read = parse_status(codec::to_json(status).dump(), about);
    ASSERT_TRUE(read);
    EXPECT_FALSE(ranges_of(*read));
    EXPECT_FALSE(parse_status(codec::to_json(status).dump(), batch(11)));
    auto other = about;
    other.root.bytes[1] = 1;
    EXPECT_FALSE(parse_status(codec::to_json(status).dump(), other));
    EXPECT_FALSE(parse_status("{}", about));
}

TEST(BatchStatus, IsAskedForUnderItsRoot)
{
    const auto about = batch(10);
    const auto path = "/v1/batches/0x07" + std::string(62, '0');
    EXPECT_EQ(status_target(about.root, 5), path + "?from=5");
    EXPECT_EQ(table_target(about.root, {0, 10}), path + "/table/0-9");
    EXPECT_EQ(chunks_target(about.root, {3, 1}), path + "/chunks/3");
}

}  // namespace
}  // namespace ledger::transfer
