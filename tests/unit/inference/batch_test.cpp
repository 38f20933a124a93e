#include "inference/batch.hpp"

#include "inference/synthetic_input.hpp"

#include <gtest/gtest.h>

namespace inference {
namespace {

Tensor bytes(std::string name, std::vector<std::int64_t> shape, Bytes data)
{
    return {std::move(name), DataType::UINT8, std::move(shape), std::move(data)};
}

ModelIo two_inputs(DataType type = DataType::UINT8)
{
    return {{{"a", type, {-1, 3}}, {"b", type, {-1, -1, 2}}}, {{"y", type, {-1, 3}}}};
}

class EveryTypeOfRow : public testing::TestWithParam<DataType> {};

TEST_P(EveryTypeOfRow, ComesBackUnchangedFromJoinAndSplit)
{
    const auto io = two_inputs(GetParam());
    const std::vector<std::uint64_t> rows{2, 1, 5};
    std::vector<std::vector<Tensor>> requests;
    std::vector<const std::vector<Tensor>*> views;
    for (const auto count : rows)
        requests.push_back(*synthetic_inputs(io, static_cast<std::int64_t>(count), 4, count));
    std::swap(requests[1][0], requests[1][1]);  // callers order inputs as they like
    for (const auto& request : requests) views.push_back(&request);
    const auto joined = join(views, io);
    ASSERT_EQ(joined.size(), 2u);
    EXPECT_EQ(joined[0].shape, (std::vector<std::int64_t>{8, 3}));
    EXPECT_EQ(joined[1].shape, (std::vector<std::int64_t>{8, 4, 2}));
    EXPECT_FALSE(fault_of(joined, io));
    std::swap(requests[1][0], requests[1][1]);
    EXPECT_EQ(split(joined, rows), requests);
}

INSTANTIATE_TEST_SUITE_P(Batch, EveryTypeOfRow, testing::ValuesIn(all_datatypes),
                         [](const auto& type) { return std::string{name_of(type.param)}; });

TEST(Batch, NeedsRowsThatCallersChooseInEveryInputAndOutput)
{
    auto io = two_inputs();
    EXPECT_FALSE(join_fault(io));
    io.inputs[1].shape = {1, -1, 2};
    EXPECT_EQ(join_fault(io),
              "input 'b' has the shape [1,-1,2], which does not begin with a "
              "number of rows that callers choose");
    io = two_inputs();
    io.outputs[0].shape = {};
    EXPECT_EQ(join_fault(io),
              "output 'y' has the shape [], which does not begin with a number of "
              "rows that callers choose");
    EXPECT_EQ(join_fault({}), "the model has no input");
}

TEST(Batch, TellsKindsApartByTheShapeOfARowAndTheOutputs)
{
    const auto io = two_inputs();
    const auto part = [&](std::int64_t rows, std::int64_t inner, std::vector<std::string> outputs) {
        return batch_part(*synthetic_inputs(io, rows, inner, 0), outputs, io);
    };
    const auto first = part(2, 4, {});
    ASSERT_TRUE(first);
    EXPECT_EQ(first->rows, 2u);
    EXPECT_EQ(first->bytes, 2u * 3 + 2 * 4 * 2);
    EXPECT_EQ(part(7, 4, {})->kind, first->kind);
    EXPECT_NE(part(2, 5, {})->kind, first->kind);
    EXPECT_NE(part(2, 4, {"y"})->kind, first->kind);
}

TEST(Batch, LeavesAloneWhatCannotBeJoined)
{
    const auto io = two_inputs();
    auto uneven = *synthetic_inputs(io, 2, 4, 0);
    uneven[1] = (*synthetic_inputs(io, 3, 4, 0))[1];
    EXPECT_FALSE(batch_part(uneven, {}, io));
    EXPECT_FALSE(batch_part(*synthetic_inputs(io, 0, 4, 0), {}, io));
    EXPECT_FALSE(batch_part({}, {}, io));
    auto wrong = *synthetic_inputs(io, 2, 4, 0);
    wrong[0].data.pop_back();
    EXPECT_FALSE(batch_part(wrong, {}, io));
}

TEST(Batch, DoesNotSplitWhatHasOtherRowsThanWentIn)
{
    const std::vector<std::uint64_t> rows{1, 2};
    EXPECT_TRUE(split(std::vector{bytes("y", {3, 1}, {1, 2, 3})}, rows));
    EXPECT_FALSE(split(std::vector{bytes("y", {2, 1}, {1, 2})}, rows));
    EXPECT_FALSE(split(std::vector{bytes("y", {}, {1})}, rows));
    EXPECT_FALSE(split(std::vector{bytes("y", {3, 1}, {1, 2})}, rows));
    EXPECT_FALSE(split(std::vector{bytes("y", {3, 1}, {1, 2, 3, 4})}, rows));
    Tensor texts{"y", DataType::BYTES, {3}, {}};
    append_string(texts.data, ledger::as_bytes("one"));
    append_string(texts.data, ledger::as_bytes(""));
    EXPECT_FALSE(split(std::vector{texts}, rows));
    append_string(texts.data, ledger::as_bytes("three"));
    const auto parts = split(std::vector{texts}, rows);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->at(1).at(0).data.size(), 4u + 4 + 5);
}

TEST(SyntheticInputs, AreTheSameForTheSameSeedAndFitTheModel)
{
    for (const auto type : all_datatypes) {
        const auto io = two_inputs(type);
        const auto inputs = synthetic_inputs(io, 2, 3, 7);
        ASSERT_TRUE(inputs);
        EXPECT_FALSE(fault_of(*inputs, io)) << name_of(type);
        EXPECT_EQ(inputs, synthetic_inputs(io, 2, 3, 7));
        EXPECT_NE(inputs, synthetic_inputs(io, 2, 3, 8)) << name_of(type);
    }
    EXPECT_FALSE(synthetic_inputs({{{"in", DataType::UINT8, {-1, -1}}}, {}}, 1 << 20, 64, 0));
}

}  // namespace
}  // namespace inference
