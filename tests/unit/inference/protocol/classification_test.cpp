#include "inference/protocol/classification.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

namespace inference {
namespace {

template <class Number>
std::vector<std::string> classes(DataType type, std::vector<std::int64_t> shape,
                                 const std::vector<Number>& values, std::size_t count)
{
    Tensor tensor{"y", type, std::move(shape), Bytes(values.size() * sizeof(Number))};
    if (!values.empty()) std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
    const auto best = classify(tensor, count, {});
    EXPECT_TRUE(best);
    const auto elements = split_strings(best->data, *element_count(best->shape));
    EXPECT_TRUE(elements);
    std::vector<std::string> texts;
    for (const auto element : *elements) texts.emplace_back(ledger::as_text(element));
    return texts;
}

using Texts = std::vector<std::string>;

TEST(Classification, OrdersEachRowByItself)
{
    EXPECT_EQ(classes<float>(DataType::FP32, {2, 2}, {1, 2, 4, 3}, 1), (Texts{"2:1", "4:0"}));
    EXPECT_EQ(classes<float>(DataType::FP32, {3}, {1, 3, 2}, 9), (Texts{"3:1", "2:2", "1:0"}));
}

TEST(Classification, KeepsTheOrderOfEqualsAndPutsNanLast)
{
    const auto nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(classes<double>(DataType::FP64, {4}, {nan, 1, 1, -5}, 4),
              (Texts{"1:1", "1:2", "-5:3", "null:0"}));
}

TEST(Classification, ReadsEveryNumber)
{
    EXPECT_EQ(classes<std::uint16_t>(DataType::FP16, {4}, {0x3c00, 0xc000, 0x0001, 0x7c00}, 3),
              (Texts{"null:3", "1:0", "5.9604645e-08:2"}));
    EXPECT_EQ(classes<std::uint16_t>(DataType::BF16, {2}, {0x3fc0, 0x4000}, 2),
              (Texts{"2:1", "1.5:0"}));
    EXPECT_EQ(classes<std::int8_t>(DataType::INT8, {2}, {-3, 2}, 2), (Texts{"2:1", "-3:0"}));
    EXPECT_EQ(classes<std::uint64_t>(DataType::UINT64, {2}, {7, 8}, 1), (Texts{"8:1"}));
}

TEST(Classification, OfNothingIsNothing)
{
    EXPECT_EQ(classes<float>(DataType::FP32, {0, 3}, {}, 2), Texts{});
    EXPECT_EQ(classes<float>(DataType::FP32, {2, 0}, {}, 2), Texts{});
}

TEST(Classification, RefusesStrings)
{
    EXPECT_FALSE(classify({"y", DataType::BYTES, {0}, {}}, 1, {}));
}

}  // namespace
}  // namespace inference
