#include "samples/item_stream.hpp"

#include "tests/unit/samples/files.hpp"

#include <unistd.h>
#include <algorithm>
#include <thread>

namespace samples {
namespace {

ledger::Bytes stream_of(const Items& items)
{
    ledger::Bytes stream;
    const auto written = write_item_stream(items, [&](ledger::ByteView piece) {
        ledger::append(stream, piece);
        return ledger::Result<void>{};
    });
    EXPECT_TRUE(written) << (written ? "" : written.error().detail);
    return stream;
}

ledger::Result<std::shared_ptr<const Items>> items_from(ledger::ByteView stream,
                                                        const Limits& limits = {},
                                                        std::size_t piece = 7)
{
    return read_item_stream(
        [&](std::span<std::uint8_t> to) -> ledger::Result<std::size_t> {
            const auto size = std::min({piece, to.size(), stream.size()});
            std::copy_n(stream.begin(), size, to.begin());
            stream = stream.subspan(size);
            return size;
        },
        limits);
}

TEST(ItemStream, BringsItemsAsTheyWere)
{
    const auto stream =
        stream_of(*in_memory({{"b/1", bytes_of("one")}, {"a", {}}, {"c", ledger::Bytes(1'000)}}));
    for (const std::size_t piece : {1u, 7u, 100'000u}) {
        const auto items = items_from(stream, {}, piece);
        ASSERT_TRUE(items) << items.error().detail;
        ASSERT_EQ((*items)->size(), 3u);
        EXPECT_EQ((*items)->name(1), "b/1");
        EXPECT_EQ(**(*items)->bytes(1, 10), bytes_of("one"));
        EXPECT_EQ(stream_of(**items), stream);
    }
}

TEST(ItemStream, GoesThroughAPipe)
{
    int ends[2] = {};
    ASSERT_EQ(::pipe(ends), 0);
    const auto sent = in_memory({{"a", ledger::Bytes(500'000, 7)}});
    std::thread writer{[&] {
        EXPECT_TRUE(write_item_stream(*sent, ends[1]));
        ::close(ends[1]);
    }};
    const auto got = read_item_stream(ends[0]);
    writer.join();
    ::close(ends[0]);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(**(*got)->bytes(0, 500'000), ledger::Bytes(500'000, 7));
    EXPECT_EQ(read_item_stream(-1).error().kind, ledger::ErrorKind::io);
    EXPECT_EQ(write_item_stream(*sent, -1).error().kind, ledger::ErrorKind::io);
}

TEST(ItemStream, IsRefusedWhereItIsCutOffOrNamesAnItemTwice)
{
    const auto stream = stream_of(*in_memory({{"a", bytes_of("x")}, {"b", bytes_of("y")}}));
    for (std::size_t size = 0; size < stream.size(); ++size)
        EXPECT_FALSE(items_from(ledger::ByteView{stream}.first(size))) << size;
    auto twice = stream;
    std::replace(twice.begin(), twice.end(), std::uint8_t{'b'}, std::uint8_t{'a'});
    EXPECT_EQ(items_from(twice).error().detail, "two items are named a");
}

TEST(ItemStream, KeepsItsBounds)
{
    const auto stream = stream_of(*in_memory({{"a", bytes_of("xx")}, {"b", bytes_of("yy")}}));
    const auto with = [&](const std::function<void(Limits&)>& change) {
        Limits limits;
        change(limits);
        return items_from(stream, limits);
    };
    EXPECT_TRUE(with([](Limits& limits) { limits.items = 2; }));
    EXPECT_EQ(with([](Limits& limits) { limits.items = 1; }).error().kind, ledger::ErrorKind::full);
    EXPECT_TRUE(with([](Limits& limits) { limits.stream_bytes = 6; }));
    EXPECT_EQ(with([](Limits& limits) { limits.stream_bytes = 5; }).error().kind,
              ledger::ErrorKind::full);
    EXPECT_EQ(with([](Limits& limits) { limits.file_bytes = 1; }).error().kind,
              ledger::ErrorKind::full);
}

}  // namespace
}  // namespace samples
