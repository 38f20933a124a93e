#include "ledger/sealing/sealer.hpp"

#include "tests/unit/ledger/sealing/sealed_batch.hpp"

#include <gtest/gtest.h>

namespace ledger::sealing {
namespace {

Result<Bytes> open_all(const SealedBatch& batch)
{
    auto leaves = LeafTable::check(batch.leaves, batch.summary);
    if (!leaves) return leaves.error();
    auto opener = Opener::make(batch.key, some_dataset(), batch.summary, *leaves);
    if (!opener) return opener.error();
    Bytes plain;
    for (std::size_t i = 0; i < batch.chunks.size(); ++i) {
        const auto chunk = opener->open(i, batch.chunks[i]);
        if (!chunk) return invalid(std::string{describe(chunk.error())});
        append(plain, *chunk);
    }
    return plain;
}

TEST(Sealer, GivesBackEveryLengthAroundAChunk)
{
    SeededRandom random{5};
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, chunk_bytes - 1, chunk_bytes,
                                   chunk_bytes + 1, 2 * chunk_bytes, 2 * chunk_bytes + 77}) {
        const auto plain = random_bytes(random, size);
        for (const std::size_t piece : {std::size_t{4096}, std::size_t{100'000}}) {
            const auto batch = seal_all(plain, random, piece);
            EXPECT_EQ(batch.summary.chunks,
                      std::max<std::size_t>(1, (size + chunk_bytes - 1) / chunk_bytes));
            EXPECT_EQ(batch.summary.bytes, size + batch.summary.chunks * tag_bytes);
            const auto opened = open_all(batch);
            ASSERT_TRUE(opened) << size << ": " << opened.error().detail;
            EXPECT_EQ(*opened, plain);
        }
    }
}

TEST(Sealer, ShowsChunksThatAreMissingReorderedOrForeign)
{
    SeededRandom random{6};
    const auto batch = seal_all(random_bytes(random, 3 * chunk_bytes), random);
    const auto leaves = *LeafTable::check(batch.leaves, batch.summary);
    const auto opener = *Opener::make(batch.key, some_dataset(), batch.summary, leaves);
    EXPECT_EQ(opener.open(0, batch.chunks[1]).error(), ChunkFault::other_bytes);
    const auto other = seal_all(random_bytes(random, 3 * chunk_bytes), random);
    EXPECT_EQ(opener.open(0, other.chunks[0]).error(), ChunkFault::other_bytes);
    EXPECT_EQ(opener.open(0, ByteView{}).error(), ChunkFault::other_bytes);
    // Cut off after the second chunk: whatever the table says, the second is not the last.
    auto cut = seal_all(random_bytes(random, 3 * chunk_bytes), random);
    MerkleBuilder tree;
    for (std::uint64_t i = 0; i < 2; ++i)
        tree.append(leaf_hash(i, LeafTable::check(cut.leaves, cut.summary)->at(i)));
    cut.summary.root = tree.root();
    cut.summary.chunks = 2;
    cut.summary.bytes = 2 * sealed_chunk_bytes;
    cut.leaves.resize(2 * LeafTable::entry_bytes);
    cut.chunks.pop_back();
    EXPECT_EQ(open_all(cut).error().detail, describe(ChunkFault::does_not_open));
}

TEST(Sealer, OpensWithTheKeyOfTheBatchOnly)
{
    SeededRandom random{7};
    const auto batch = seal_all(random_bytes(random, 100), random);
    const auto leaves = *LeafTable::check(batch.leaves, batch.summary);
    const auto other = SecretKey::generate(random);
    EXPECT_EQ(Opener::make(other, some_dataset(), batch.summary, leaves).error().kind,
              ErrorKind::denied);
    const auto opener = *Opener::make(batch.key, some_dataset(2), batch.summary, leaves);
    EXPECT_EQ(opener.open(0, batch.chunks[0]).error(), ChunkFault::other_key);
}

TEST(Sealer, StopsWhereTheReceiverOfItsChunksDoes)
{
    SeededRandom random{8};
    int taken = 0;
    Sealer sealer{SecretKey::generate(random), some_dataset(),
                  [&](ByteView, const Leaf&) -> Result<void> {
                      if (++taken == 2) return Error{ErrorKind::full, "no space"};
                      return {};
                  }};
    EXPECT_TRUE(sealer.write(random_bytes(random, 2 * chunk_bytes)));
    EXPECT_EQ(sealer.write(random_bytes(random, 1)).error().kind, ErrorKind::full);
    EXPECT_EQ(sealer.bytes_read(), 2 * chunk_bytes + 1);
}

}  // namespace
}  // namespace ledger::sealing
