#include "ledger/crypto/crc32c.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

TEST(Crc32c, GivesTheExamplesOfRfc3720)
{
    Bytes data(32, 0x00);
    EXPECT_EQ(crc32c(data), 0x8a9136aaU);
    data.assign(32, 0xff);
    EXPECT_EQ(crc32c(data), 0x62a8ab43U);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i);
    EXPECT_EQ(crc32c(data), 0x46dd794eU);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(31 - i);
    EXPECT_EQ(crc32c(data), 0x113fdb5cU);
    EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283U);
    EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, GivesTheSameForTwoPieces)
{
    const ByteView all = as_bytes("123456789");
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
        EXPECT_EQ(crc32c(all.first(cut), all.subspan(cut)), 0xe3069283U);
    }
}

}  // namespace
}  // namespace ledger
