#include "samples/numbers.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace samples {
namespace {

using inference::DataType;

TEST(Numbers, OfEveryTypeComeBackAsTheyWereWritten)
{
    for (const auto type : inference::all_datatypes) {
        if (!can_put(type)) continue;
        std::uint8_t bytes[8] = {};
        ASSERT_TRUE(put_number(bytes, type, 1)) << inference::name_of(type);
        EXPECT_EQ(number_at(bytes, type), 1) << inference::name_of(type);
    }
}

TEST(Numbers, ThatAnIntegerCannotHoldAreRefused)
{
    std::uint8_t bytes[8] = {};
    EXPECT_TRUE(put_number(bytes, DataType::UINT8, 255));
    EXPECT_FALSE(put_number(bytes, DataType::UINT8, 256));
    EXPECT_FALSE(put_number(bytes, DataType::UINT8, -1));
    EXPECT_FALSE(put_number(bytes, DataType::INT8, 1.5));
    EXPECT_TRUE(put_number(bytes, DataType::INT8, -128));
    EXPECT_FALSE(put_number(bytes, DataType::BOOL, 2));
    EXPECT_TRUE(put_number(bytes, DataType::INT64, -0x1p63));
    EXPECT_FALSE(put_number(bytes, DataType::INT64, 0x1p63));
    EXPECT_FALSE(put_number(bytes, DataType::UINT64, 0x1p64));
    EXPECT_FALSE(put_number(bytes, DataType::INT32, std::nan("")));
    EXPECT_FALSE(put_number(bytes, DataType::FP16, 1));
}

TEST(Numbers, OfHalfPrecisionAreRead)
{
    const auto half = [](std::uint16_t bits) {
        const std::uint8_t bytes[2] = {static_cast<std::uint8_t>(bits),
                                       static_cast<std::uint8_t>(bits >> 8)};
        return number_at(bytes, DataType::FP16);
    };
    EXPECT_EQ(half(0x3c00), 1);
    EXPECT_EQ(half(0xc000), -2);
    EXPECT_EQ(half(0x0001), 0x1p-24);
    EXPECT_EQ(half(0x7bff), 65504);
    EXPECT_TRUE(std::isinf(half(0x7c00)));
    EXPECT_TRUE(std::isnan(half(0x7e00)));
    const std::uint8_t brain[2] = {0x80, 0xbf};
    EXPECT_EQ(number_at(brain, DataType::BF16), -1);
}

TEST(Numbers, InTextsAreDecimalAndFinite)
{
    EXPECT_EQ(number_of(" 1.5e3\t"), 1500);
    EXPECT_EQ(number_of("+2"), 2);
    EXPECT_EQ(number_of("-0.25"), -0.25);
    for (const auto* text : {"", " ", "x", "1x", "1 2", "nan", "inf", "1e999", "0x10", "+"})
        EXPECT_FALSE(number_of(text)) << text;
}

}  // namespace
}  // namespace samples
