#include "inference/model/tensor.hpp"

#include <gtest/gtest.h>

namespace inference {
namespace {

TEST(DataTypes, NamesAndSizesAreThoseOfTheProtocol)
{
    for (const auto type : all_datatypes) EXPECT_EQ(datatype_named(name_of(type)), type);
    EXPECT_EQ(name_of(DataType::BF16), "BF16");
    EXPECT_EQ(size_of(DataType::FP16), 2u);
    EXPECT_EQ(size_of(DataType::UINT64), 8u);
    EXPECT_EQ(size_of(DataType::BOOL), 1u);
    EXPECT_FALSE(datatype_named("fp32"));
    EXPECT_FALSE(datatype_named(""));
}

TEST(ElementCount, IsTheProductOfTheSizes)
{
    EXPECT_EQ(element_count(std::vector<std::int64_t>{}), 1u);
    EXPECT_EQ(element_count(std::vector<std::int64_t>{2, 3, 4}), 24u);
    EXPECT_EQ(element_count(std::vector<std::int64_t>{2, 0, 4}), 0u);
}

TEST(ElementCount, IsEmptyWhenASizeIsNegativeOrTheProductDoesNotFit)
{
    EXPECT_FALSE(element_count(std::vector<std::int64_t>{2, -1}));
    EXPECT_FALSE(element_count(std::vector<std::int64_t>{1LL << 32, 1LL << 32}));
    EXPECT_FALSE(element_count(std::vector<std::int64_t>{0, 1LL << 62, 1LL << 62}));
    EXPECT_FALSE(element_count(std::vector<std::int64_t>{101}, 100));
    EXPECT_EQ(element_count(std::vector<std::int64_t>{100}, 100), 100u);
}

TEST(Strings, AreSplitOnlyWhenTheLengthsAddUpExactly)
{
    Bytes data;
    append_string(data, ledger::as_bytes("mill"));
    append_string(data, {});
    const auto both = split_strings(data, 2);
    ASSERT_TRUE(both);
    EXPECT_EQ(ledger::as_text((*both)[0]), "mill");
    EXPECT_EQ((*both)[1].size(), 0u);
    EXPECT_FALSE(split_strings(data, 1));
    EXPECT_FALSE(split_strings(data, 3));
    EXPECT_FALSE(split_strings(data, UINT64_MAX));
    data[0] = 200;
    EXPECT_FALSE(split_strings(data, 2));
}

ModelIo two_inputs()
{
    return {{{"a", DataType::FP32, {-1, 2}}, {"b", DataType::BOOL, {1}}}, {}};
}

std::vector<Tensor> good_inputs()
{
    return {{"a", DataType::FP32, {3, 2}, Bytes(24)}, {"b", DataType::BOOL, {1}, Bytes{1}}};
}

TEST(Inputs, ThatFitTheModelHaveNoFault)
{
    EXPECT_EQ(fault_of(good_inputs(), two_inputs()), std::nullopt);
    EXPECT_EQ(batch_items(good_inputs(), two_inputs()), 3u);
}

TEST(Inputs, AreToldExactlyWhatIsWrong)
{
    const auto fault = [](auto change) {
        auto inputs = good_inputs();
        change(inputs);
        return fault_of(inputs, two_inputs()).value_or("none");
    };
    EXPECT_EQ(fault([](auto& in) { in[0].name = "c"; }), "the model has no input 'c'");
    EXPECT_EQ(fault([](auto& in) { in.pop_back(); }), "input 'b' is missing");
    EXPECT_EQ(fault([](auto& in) { in[1] = in[0]; }), "input 'a' is given twice");
    EXPECT_EQ(fault([](auto& in) { in[0].type = DataType::INT32; }),
              "input 'a' is INT32, the model takes FP32");
    EXPECT_EQ(fault([](auto& in) {
                  in[0].shape = {3, 3};
              }),
              "input 'a' has shape [3,3], the model takes [-1,2]");
    EXPECT_EQ(fault([](auto& in) {
                  in[0].shape = {-1, 2};
              }),
              "input 'a' has shape [-1,2], the model takes [-1,2]");
    EXPECT_EQ(fault([](auto& in) {
                  in[0].shape = {1LL << 62, 2};
              }),
              "input 'a' has more elements than can be counted");
    EXPECT_EQ(fault([](auto& in) { in[0].data.pop_back(); }),
              "input 'a' has 23 bytes of data, its shape [3,2] needs 24");
    EXPECT_EQ(fault([](auto& in) { in[1].data[0] = 2; }),
              "input 'b' has a boolean that is neither 0 nor 1");
}

}  // namespace
}  // namespace inference
