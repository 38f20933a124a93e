#include "node/blobs/store/batch_records.hpp"

#include "tests/support/sealed_batch.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;

TEST(BatchRecords, KeepAManifest)
{
    const auto manifest = seal_batch(1, 2).manifest;
    const auto bytes = encode_manifest(manifest);
    EXPECT_EQ(*decode_manifest(bytes), manifest);
    for (std::size_t i = 0; i < bytes.size(); i += 7) {
        auto damaged = bytes;
        damaged[i] ^= 0x10;
        EXPECT_FALSE(decode_manifest(damaged)) << i;
    }
    EXPECT_FALSE(decode_manifest(ByteView{bytes}.first(bytes.size() - 1)));
    EXPECT_FALSE(decode_manifest({}));
}

TEST(BatchRecords, KeepAMarkInOneSector)
{
    const BatchMark mark{7, 1'767'225'600'000, {"fetch", "operator", std::string(32, 'x')}};
    const auto sector = encode_mark(mark);
    ASSERT_EQ(sector.size(), sector_bytes);
    EXPECT_EQ(*decode_mark(sector), mark);
    EXPECT_EQ(*decode_mark(encode_mark({})), BatchMark{});
    auto full = mark;
    full.holders.clear();
    for (char c = 'a'; c < 'i'; ++c) full.holders.push_back(std::string(32, c));
    EXPECT_EQ(*decode_mark(encode_mark(full)), full);
    for (std::size_t i = 0; i < sector_bytes; i += 5) {
        auto damaged = sector;
        damaged[i] ^= 1;
        EXPECT_FALSE(decode_mark(damaged)) << i;
    }
    EXPECT_FALSE(decode_mark(Bytes(sector_bytes)));
    EXPECT_FALSE(decode_mark({}));
}

TEST(BatchRecords, KeepWhichChunksAreThere)
{
    ChunkSet have{page_chunks + 100};
    have.set({0, 3});
    have.set({page_chunks - 1, 5});
    ChunkSet read{page_chunks + 100};
    for (std::uint64_t page = 0; page < 2; ++page)
        ASSERT_TRUE(decode_page(encode_page(have, page), page, read));
    EXPECT_EQ(read.ranges(9), have.ranges(9));
}

TEST(BatchRecords, RefuseAPageOfChunksThatTheBatchHasNotGot)
{
    ChunkSet larger{100}, smaller{50};
    larger.set(50);
    EXPECT_FALSE(decode_page(encode_page(larger, 0), 0, smaller));
    EXPECT_EQ(smaller.count(), 0u);
    EXPECT_FALSE(decode_page(encode_page(larger, 0), 1, larger));
}

TEST(BatchRecords, KnowTheNamesOfHolders)
{
    EXPECT_TRUE(is_holder("operator"));
    EXPECT_TRUE(is_holder("job-1.a"));
    for (const auto& name : {"", "Operator", "a b", "a/b"}) EXPECT_FALSE(is_holder(name)) << name;
    EXPECT_FALSE(is_holder(std::string(33, 'a')));
}

}  // namespace
}  // namespace node
