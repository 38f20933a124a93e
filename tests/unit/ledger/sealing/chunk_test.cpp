#include "ledger/sealing/chunk.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/aead.hpp"
#include "ledger/crypto/hash.hpp"
#include "tests/unit/ledger/sealing/sealed_batch.hpp"

#include <gtest/gtest.h>

namespace ledger::sealing {
namespace {

struct ChunkTest : testing::Test {
    SecretBytes key = SecretBytes::copy_of(Bytes(32, 7));
    ChunkPlace place{some_dataset(), 5, false};
    Bytes plain = Bytes(100, 'p');
    SealedChunk chunk = seal_chunk(key, place, plain);

    std::string open_at(const ChunkPlace& at) const
    {
        const auto opened = open_chunk(key.view(), at, chunk.leaf, chunk.sealed);
        return opened ? to_hex(*opened) : std::string{describe(opened.error())};
    }
};

TEST_F(ChunkTest, CommitsToKeyAndCiphertextInOneLeaf)
{
    EXPECT_EQ(chunk.sealed.size(), plain.size() + tag_bytes);
    EXPECT_EQ(chunk.leaf.key_hash, sha256(key.view()));
    EXPECT_EQ(chunk.leaf.chunk_hash, sha256(chunk.sealed));
    Bytes leaf = *from_hex("000000000000000005");
    append(leaf, chunk.leaf.key_hash.view());
    append(leaf, chunk.leaf.chunk_hash.view());
    EXPECT_EQ(leaf_hash(5, chunk.leaf), sha256(leaf));
}

TEST_F(ChunkTest, OpensInItsOwnPlaceOnly)
{
    EXPECT_EQ(open_at(place), to_hex(plain));
    const std::string no{describe(ChunkFault::does_not_open)};
    EXPECT_EQ(open_at({some_dataset(2), 5, false}), no);
    EXPECT_EQ(open_at({some_dataset(), 6, false}), no);
    EXPECT_EQ(open_at({some_dataset(), 5, true}), no);
}

TEST_F(ChunkTest, TellsAWrongKeyFromWrongBytesFromASealThatDoesNotOpen)
{
    const auto fault = [&](ByteView with, const Leaf& leaf, ByteView sealed) {
        return open_chunk(with, place, leaf, sealed).error();
    };
    EXPECT_EQ(fault(Bytes(32, 8), chunk.leaf, chunk.sealed), ChunkFault::other_key);
    EXPECT_EQ(fault(Bytes(31, 7), chunk.leaf, chunk.sealed), ChunkFault::other_key);
    auto changed = chunk.sealed;
    changed[3] ^= 1;
    EXPECT_EQ(fault(key.view(), chunk.leaf, changed), ChunkFault::other_bytes);
    // The seller committed to bytes that never opened.
    const Leaf false_leaf{chunk.leaf.key_hash, sha256(changed)};
    EXPECT_EQ(fault(key.view(), false_leaf, changed), ChunkFault::does_not_open);
    const Bytes long_one =
        seal(Aead::chacha20_poly1305, key.view(), Bytes(12), {}, Bytes(chunk_bytes + 1));
    const Leaf long_leaf{chunk.leaf.key_hash, sha256(long_one)};
    EXPECT_EQ(fault(key.view(), long_leaf, long_one), ChunkFault::does_not_open);
    const Leaf empty_leaf{chunk.leaf.key_hash, sha256({})};
    EXPECT_EQ(fault(key.view(), empty_leaf, {}), ChunkFault::does_not_open);
}

}  // namespace
}  // namespace ledger::sealing
