#include "ledger/base/hex.hpp"

#include "ledger/base/ids.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

TEST(HexTest, WritesLowerCaseWithAndWithoutPrefix)
{
    const Bytes bytes{0x00, 0xab, 0xff};
    EXPECT_EQ(to_hex(bytes), "00abff");
    EXPECT_EQ(to_hex0x(bytes), "0x00abff");
}

TEST(HexTest, ReadsEitherCaseWithOrWithoutPrefix)
{
    const Bytes bytes{0xab, 0xcd};
    EXPECT_EQ(from_hex("0xAbCd"), bytes);
    EXPECT_EQ(from_hex("abcd"), bytes);
    EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(HexTest, RefusesOddLengthsAndOtherCharacters)
{
    EXPECT_EQ(from_hex("abc"), std::nullopt);
    EXPECT_EQ(from_hex("zz"), std::nullopt);
    EXPECT_EQ(from_hex("0x0x"), std::nullopt);
}

TEST(HexTest, ReadsAnIdOnlyOfItsExactLength)
{
    EXPECT_TRUE(id_from_hex<Address>("0x" + std::string(40, 'a')));
    EXPECT_FALSE(id_from_hex<Address>("0x" + std::string(42, 'a')));
    EXPECT_FALSE(id_from_hex<Address>("0x"));
}

}  // namespace
}  // namespace ledger
