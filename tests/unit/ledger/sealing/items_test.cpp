#include "ledger/sealing/items.hpp"

#include "ledger/crypto/random.hpp"

#include <gtest/gtest.h>

#include <map>

namespace ledger::sealing {
namespace {

using Items = std::vector<std::pair<std::string, Bytes>>;

Bytes stream_of(const Items& items)
{
    auto stream = items_begin();
    for (const auto& [name, bytes] : items) {
        append(stream, item_header(name, bytes.size()));
        append(stream, bytes);
    }
    append(stream, items_end());
    return stream;
}

Result<Items> read_items(ByteView stream, std::size_t piece)
{
    Items items;
    bool open = false;
    ItemReader reader{{[&](const std::string& name, std::uint64_t) {
                           EXPECT_FALSE(std::exchange(open, true));
                           items.emplace_back(name, Bytes{});
                           return Result<void>{};
                       },
                       [&](ByteView data) {
                           append(items.back().second, data);
                           return Result<void>{};
                       },
                       [&] {
                           EXPECT_TRUE(std::exchange(open, false));
                           return Result<void>{};
                       }}};
    while (!stream.empty()) {
        const auto now = stream.first(std::min(piece, stream.size()));
        stream = stream.subspan(now.size());
        if (const auto done = reader.read(now); !done) return done.error();
    }
    if (const auto done = reader.finish(); !done) return done.error();
    EXPECT_EQ(reader.items(), items.size());
    return items;
}

TEST(Items, ComeBackFromPiecesOfEverySize)
{
    const Items items{{"a.csv", Bytes(10, 'x')},
                      {"deep/er/b.png", {}},
                      {"größe.wav", Bytes(100, 'y')},
                      {"a.csv", Bytes(1, 'z')}};
    const auto stream = stream_of(items);
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        const auto read = read_items(stream, piece);
        ASSERT_TRUE(read) << piece << ": " << read.error().detail;
        EXPECT_EQ(*read, items);
    }
    EXPECT_TRUE(read_items(stream_of({}), 1)->empty());
}

TEST(Items, HaveNamesThatStayBelowAFolder)
{
    EXPECT_TRUE(check_item_name("a"));
    EXPECT_TRUE(check_item_name("a/b..c/...d"));
    EXPECT_TRUE(check_item_name(std::string(item_name_bytes, 'n')));
    for (const auto& bad :
         {std::string{}, std::string{"/a"}, std::string{"a/"}, std::string{"a//b"},
          std::string{".."}, std::string{"a/../b"}, std::string{"./a"}, std::string{"a\\b"},
          std::string{"a\nb"}, std::string{"a\0b", 3}, std::string(item_name_bytes + 1, 'n')})
        EXPECT_FALSE(check_item_name(bad)) << bad;
}

TEST(Items, RefuseEveryStreamThatIsCutOrGoesOn)
{
    const auto stream = stream_of({{"name", Bytes(20, 'x')}, {"other", {}}});
    for (std::size_t size = 0; size < stream.size(); ++size)
        EXPECT_FALSE(read_items(ByteView{stream}.first(size), 7)) << size;
    auto longer = stream;
    longer.push_back(0);
    EXPECT_FALSE(read_items(longer, 7));
    auto unknown_kind = stream;
    unknown_kind[8] = 2;
    EXPECT_FALSE(read_items(unknown_kind, 7));
    auto no_magic = stream;
    no_magic[0] ^= 1;
    EXPECT_FALSE(read_items(no_magic, 7));
    auto dots = stream_of({{"ab", Bytes(1)}});
    dots[11] = dots[12] = '.';
    EXPECT_FALSE(read_items(dots, 7));
}

TEST(Items, StopWhereTheirReceiverDoes)
{
    const auto stream = stream_of({{"name", Bytes(20, 'x')}});
    const auto good = [] { return Result<void>{}; };
    const Error full{ErrorKind::full, "no space"};
    ItemReader refused{{[&](const std::string&, std::uint64_t) -> Result<void> { return full; },
                        [&](ByteView) { return good(); }, good}};
    EXPECT_EQ(refused.read(stream).error().kind, ErrorKind::full);
    ItemReader cut{{[&](const std::string&, std::uint64_t) { return good(); },
                    [&](ByteView) -> Result<void> { return full; }, good}};
    EXPECT_EQ(cut.read(stream).error().kind, ErrorKind::full);
}

}  // namespace
}  // namespace ledger::sealing
