#include "ledger/codec/binary.hpp"

#include "ledger/base/hex.hpp"

#include <gtest/gtest.h>

namespace ledger::codec {
namespace {

enum class Colour { red, green };
BOOST_DESCRIBE_ENUM(Colour, red, green)

struct Inner {
    std::uint16_t number{};
    std::string text;
    friend bool operator==(const Inner&, const Inner&) = default;
};
MILLRACE_DESCRIBE(Inner, (number, text))

struct Sample {
    bool flag{};
    Colour colour{};
    Nonce nonce;
    Amount amount;
    Address account;
    Bytes blob;
    std::vector<Inner> list;
    std::optional<std::uint8_t> maybe;
    std::map<std::uint8_t, std::string> table;
    friend bool operator==(const Sample&, const Sample&) = default;
};
MILLRACE_DESCRIBE(Sample, (flag, colour, nonce, amount, account, blob, list, maybe, table))

Sample sample()
{
    Sample made;
    made.flag = true;
    made.colour = Colour::green;
    made.nonce = {7};
    made.amount = Amount::micros(0x0102030405060708);
    made.account.bytes.fill(0xaa);
    made.blob = {1, 2, 3};
    made.list = {{300, "hi"}, {1, ""}};
    made.maybe = 9;
    made.table = {{1, "a"}, {2, "b"}};
    return made;
}

TEST(BinaryTest, WritesBigEndianFixedWidthWithCountsBeforeLists)
{
    const Inner inner{300, "hi"};
    EXPECT_EQ(to_hex(encode(inner)), "012c000000026869");
}

TEST(BinaryTest, ReadsBackWhatItWrote)
{
    EXPECT_EQ(*decode<Sample>(encode(sample())), sample());
}

TEST(BinaryTest, RefusesEveryTruncation)
{
    const auto whole = encode(sample());
    for (std::size_t n = 0; n < whole.size(); ++n)
        EXPECT_FALSE(decode<Sample>(ByteView{whole}.first(n))) << n;
}

TEST(BinaryTest, RefusesBytesLeftOver)
{
    auto longer = encode(sample());
    longer.push_back(0);
    EXPECT_TRUE(decode<Sample>(longer).error().detail.starts_with("bytes left over"));
}

TEST(BinaryTest, RefusesACountLargerThanTheBytesThatFollowBeforeTakingMemory)
{
    const auto bytes = *from_hex("ffffffff");
    const auto read = decode<std::vector<std::uint64_t>>(bytes);
    EXPECT_TRUE(read.error().detail.starts_with("a count exceeds"));
}

TEST(BinaryTest, RefusesASecondEncodingOfTheSameValue)
{
    EXPECT_FALSE(decode<bool>(Bytes{2}));
    EXPECT_FALSE(decode<Colour>(Bytes{2}));
    EXPECT_FALSE(decode<std::optional<bool>>(Bytes{2, 0}));
    using Table = std::map<std::uint8_t, bool>;
    EXPECT_TRUE(decode<Table>(*from_hex("0000000201000200")));
    EXPECT_FALSE(decode<Table>(*from_hex("0000000202000100")));
    EXPECT_FALSE(decode<Table>(*from_hex("0000000201000100")));
}

TEST(BinaryTest, RefusesANumberOfMoreBitsThanItsTypeHas)
{
    EXPECT_EQ(decode<Wide<40>>(*from_hex("000000ffffffffff"))->value, (1ull << 40) - 1);
    EXPECT_EQ(decode<Wide<40>>(*from_hex("0000010000000000")).error().detail,
              "number has too many bits at byte 8");
    EXPECT_EQ(decode<Wide<256>>(*from_hex("ffffffffffffffff"))->value, ~0ull);
}

TEST(BinaryTest, RefusesTextThatIsNotUtf8)
{
    for (const auto* bad :
         {"00000001ff", "00000002c080", "00000003eda080", "00000004f4908080", "00000001e2"})
        EXPECT_FALSE(decode<std::string>(*from_hex(bad))) << bad;
    EXPECT_EQ(*decode<std::string>(*from_hex("00000003e282ac")), "\u20ac");
}

}  // namespace
}  // namespace ledger::codec
