#include "wallet/amount_text.hpp"

#include <gtest/gtest.h>

namespace wallet {
namespace {

using ledger::Amount;

TEST(AmountText, ReadsTokensWithUpToSixPlaces)
{
    EXPECT_EQ(parse_tokens("1"), Amount::micros(1'000'000));
    EXPECT_EQ(parse_tokens("0.001"), Amount::micros(1'000));
    EXPECT_EQ(parse_tokens("12.345678"), Amount::micros(12'345'678));
    EXPECT_EQ(parse_tokens("0.000001"), Amount::micros(1));
    EXPECT_EQ(parse_tokens("18446744073709.551615"), Amount::max());
}

TEST(AmountText, RefusesWhatIsNoExactAmount)
{
    for (const auto* text : {"", ".", "1.", ".5", "-1", "+1", "1e3", "0.0000001", "1,5", " 1", "1 ",
                             "0x1", "1.2.3", "18446744073709.551616", "99999999999999999999"})
        EXPECT_EQ(parse_tokens(text), std::nullopt) << text;
}

TEST(AmountText, WritesWhatItReads)
{
    for (const auto* text : {"0", "1", "0.001", "12.345678", "0.000001", "1000000", "0.1"})
        EXPECT_EQ(to_tokens(*parse_tokens(text)), text);
}

}  // namespace
}  // namespace wallet
