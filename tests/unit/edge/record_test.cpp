#include "edge/queue/record.hpp"

#include "tests/support/edge_world.hpp"
#include "tests/support/sim_disk.hpp"

#include <gtest/gtest.h>

namespace edge {
namespace {

using ledger::Bytes;
using ledger::SimDisk;
using Found = RecordScan::Found;

class RecordTest : public testing::Test {
protected:
    /// Three records of different lengths.
    Bytes three(std::uint64_t file = 5)
    {
        Bytes bytes;
        for (std::uint32_t i = 0; i < 3; ++i)
            ledger::append(bytes,
                           encode_record(file, RecordType::piece, i, some_bytes(i, 1000 * i + 10)));
        return bytes;
    }
    /// What a scan says until it stops, as of file 5.
    std::vector<Found> scan(const Bytes& bytes)
    {
        disk_.put("f", bytes);
        const auto file = disk_.open("f", ledger::OpenMode::existing);
        auto records = RecordScan::of(**file, 5);
        std::vector<Found> all;
        do all.push_back(*records->next());
        while (all.back() == Found::record);
        return all;
    }

    SimDisk disk_;
};

TEST_F(RecordTest, AreFoundInOrder)
{
    EXPECT_EQ(scan(three()),
              (std::vector{Found::record, Found::record, Found::record, Found::end}));
    EXPECT_EQ(scan({}), (std::vector{Found::end}));
}

TEST_F(RecordTest, AreTornWhereverTheLastOneStops)
{
    const auto whole = three();
    const auto last = whole.size() - record_frame_bytes - 2010;
    for (auto size = last + 1; size < whole.size(); size += 13)
        EXPECT_EQ(scan({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}),
                  (std::vector{Found::record, Found::record, Found::torn}))
            << size;
}

TEST_F(RecordTest, AreDamagedWhenALaterOneIsThere)
{
    const auto whole = three();
    const auto second = record_frame_bytes + 10;
    for (std::size_t i = 0; i < record_frame_bytes + 1010; i += 7) {
        auto bytes = whole;
        bytes[second + i] ^= 0x20;
        EXPECT_EQ(scan(bytes), (std::vector{Found::record, Found::damaged})) << i;
    }
}

TEST_F(RecordTest, OfAnotherFileAreNone)
{
    EXPECT_EQ(scan(three(6)), (std::vector{Found::torn}));
}

TEST_F(RecordTest, OutOfOrderAreNone)
{
    auto bytes = encode_record(5, RecordType::piece, 0, {});
    ledger::append(bytes, encode_record(5, RecordType::piece, 2, {}));
    EXPECT_EQ(scan(bytes), (std::vector{Found::record, Found::torn}));
}

TEST_F(RecordTest, WithLengthsBeyondTheFileTakeNoMemory)
{
    auto record = encode_record(5, RecordType::piece, 0, some_bytes(1, 100'000));
    record.resize(record_head_bytes + 3);
    EXPECT_EQ(scan(record), (std::vector{Found::torn}));
}

}  // namespace
}  // namespace edge
