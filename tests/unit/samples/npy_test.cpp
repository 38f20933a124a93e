#include "tests/unit/samples/files.hpp"

#include "samples/array_file.hpp"

namespace samples {
namespace {

TEST(Npy, SaysTypeShapeAndWhereItsDataAre)
{
    const auto file = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }",
                          little<float>({1.5F, -2.0F}));
    const auto read = read_npy(file);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->type, inference::DataType::FP32);
    EXPECT_EQ(read->shape, (Shape{2, 1}));
    EXPECT_EQ(number_at(file.data() + read->data + 4, read->type, read->order), -2);
}

TEST(Npy, IsRefusedWhereItsHeaderAndItsBytesDisagree)
{
    const ledger::Bytes data(8);
    for (const auto* header : {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
                               "{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }",
                               "{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }",
                               "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }",
                               "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "{}"})
        EXPECT_FALSE(read_npy(npy(header, data))) << header;
    const auto whole = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", data);
    ASSERT_TRUE(read_npy(whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(read_npy(ledger::ByteView{whole}.first(size))) << size;
}

}  // namespace
}  // namespace samples
