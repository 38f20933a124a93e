#include "ledger/chain/block.hpp"

#include "ledger/base/hex.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

Header header()
{
    Header made;
    made.chain_id = {402'077};
    made.height = {3};
    made.time_ms = {1'700'000'000'000};
    made.tx_count = 2;
    made.state_root.bytes.fill(0xab);
    return made;
}

TEST(BlockTest, ReadsBackAHeader)
{
    EXPECT_EQ(*decode_header(encode_header(header())), header());
}

TEST(BlockTest, RefusesAHeaderOfAnUnknownVersion)
{
    auto later = header();
    later.version = 2;
    EXPECT_EQ(decode_header(encode_header(later)).error().detail, "unknown header version 2");
}

TEST(BlockTest, ChangesItsIdWithEveryByteOfTheHeader)
{
    const auto id = block_id(header());
    auto bytes = encode_header(header());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] ^= 1;
        if (const auto other = decode_header(bytes)) {
            EXPECT_NE(block_id(*other), id) << i;
        }
        bytes[i] ^= 1;
    }
}

TEST(BlockTest, ReadsBackABody)
{
    const BlockBody body{{1, 2, 3}, {}, {4}};
    EXPECT_EQ(*decode_body(encode_body(body)), body);
    EXPECT_EQ(decode_body(encode_body({}))->size(), 0u);
}

TEST(BlockTest, RefusesABodyBeyondItsLimits)
{
    EXPECT_EQ(decode_body(encode_body(BlockBody(BlockLimits::transactions + 1))).error().detail,
              "too many transactions in a block");
    EXPECT_EQ(decode_body(encode_body({Bytes(BlockLimits::body_bytes + 1)})).error().detail,
              "block body too long");
    EXPECT_FALSE(decode_body(*from_hex("00000001ffffffff")));
}

TEST(BlockTest, HasARootThatDependsOnOrderAndOnWhereOneItemEnds)
{
    EXPECT_NE(root_of({{1}, {2}}), root_of({{2}, {1}}));
    EXPECT_NE(root_of({{1, 2}, {}}), root_of({{1}, {2}}));
}

}  // namespace
}  // namespace ledger
