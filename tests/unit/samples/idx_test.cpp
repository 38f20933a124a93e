#include "tests/unit/samples/files.hpp"

#include "samples/array_file.hpp"

namespace samples {
namespace {

using inference::DataType;

TEST(Idx, SaysTypeSizesAndWhereItsDataAre)
{
    const auto file = idx(0x0c, {1, 2}, {0, 0, 1, 0, 0xff, 0xff, 0xff, 0xfe});
    const auto read = read_idx(file);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->type, DataType::INT32);
    EXPECT_EQ(read->shape, (Shape{1, 2}));
    EXPECT_EQ(number_at(file.data() + read->data, read->type, read->order), 256);
    EXPECT_EQ(number_at(file.data() + read->data + 4, read->type, read->order), -2);
}

TEST(Idx, HasSixTypes)
{
    const std::vector<std::pair<std::uint8_t, DataType>> types{
        {0x08, DataType::UINT8}, {0x09, DataType::INT8}, {0x0b, DataType::INT16},
        {0x0c, DataType::INT32}, {0x0d, DataType::FP32}, {0x0e, DataType::FP64}};
    for (const auto& [code, type] : types) {
        const auto read = read_idx(idx(code, {1}, ledger::Bytes(inference::size_of(type))));
        ASSERT_TRUE(read) << int{code};
        EXPECT_EQ(read->type, type);
    }
}

TEST(Idx, IsRefusedWhereItIsDamaged)
{
    const ledger::Bytes whole = idx(0x08, {2, 3}, ledger::Bytes(6));
    EXPECT_TRUE(read_idx(whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(read_idx(ledger::ByteView{whole}.first(size))) << size;
    EXPECT_EQ(read_idx(idx(0x08, {2, 3}, ledger::Bytes(7))).error().detail,
              "the IDX file cannot be used: its sizes [2,3] of UINT8 are not the 7 bytes that "
              "follow");
    EXPECT_FALSE(read_idx(idx(0x0a, {1}, {0})));
    EXPECT_FALSE(read_idx(idx(0x08, {}, {})));
    // Sizes whose product does not fit.
    EXPECT_FALSE(read_idx(idx(0x08, {0xffffffff, 0xffffffff, 0xffffffff}, {0})));
    EXPECT_FALSE(read_idx(idx(0x08, {0, 0xffffffff, 0xffffffff, 0xffffffff}, {})));
    EXPECT_EQ(read_idx(ledger::Bytes{0x1f, 0x8b, 8, 0}).error().detail,
              "the IDX file cannot be used: it is packed with gzip; unpack it first");
}

}  // namespace
}  // namespace samples
