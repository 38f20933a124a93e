#include "ledger/transfer/chunk_set.hpp"

#include <gtest/gtest.h>

namespace ledger::transfer {
namespace {

TEST(ChunkRange, IsReadAsItIsWritten)
{
    for (const auto range : {ChunkRange{0, 1}, ChunkRange{7, 1}, ChunkRange{7, 6}})
        EXPECT_EQ(*parse_range(to_text(range)), range) << to_text(range);
    EXPECT_EQ(to_text({7, 6}), "7-12");
}

TEST(ChunkRange, IsNothingElse)
{
    for (const auto* text : {"", "-", "1-", "-1", "2-1", "01", "1-2-3", "a", "0-33554432",
                             "18446744073709551615", "1 "})
        EXPECT_FALSE(parse_range(text)) << text;
}

TEST(ChunkSet, CountsWhatIsThere)
{
    ChunkSet set{20};
    set.set({3, 5});
    set.set(5);
    set.clear(4);
    set.clear(19);
    EXPECT_EQ(set.count(), 4u);
    EXPECT_FALSE(set.has_all({3, 2}));
    EXPECT_TRUE(set.has_all({5, 3}));
    set.set_all();
    EXPECT_TRUE(set.is_full());
    EXPECT_EQ(set.missing(0, 20).count, 0u);
}

TEST(ChunkSet, TellsWhatIsMissingAndWhatIsThereInRanges)
{
    ChunkSet set{100};
    set.set({0, 30});
    set.set({40, 1});
    EXPECT_EQ(set.missing(0, 100), (ChunkRange{30, 10}));
    EXPECT_EQ(set.missing(0, 4), (ChunkRange{30, 4}));
    EXPECT_EQ(set.missing(35, 100), (ChunkRange{35, 5}));
    const std::vector<ChunkRange> all{{0, 30}, {40, 1}};
    EXPECT_EQ(set.ranges(9), all);
    EXPECT_EQ(set.ranges(1), (std::vector<ChunkRange>{{0, 30}}));
    EXPECT_EQ(set.ranges(9, 29), (std::vector<ChunkRange>{{29, 1}, {40, 1}}));
}

TEST(ChunkSet, FindsWhatAnotherSetLacks)
{
    ChunkSet has{100}, without{100};
    has.set({10, 50});
    without.set({0, 20});
    without.set({25, 1});
    EXPECT_EQ(has.first_without(without, 0, 100), (ChunkRange{20, 5}));
    EXPECT_EQ(has.first_without(without, 0, 2), (ChunkRange{20, 2}));
    EXPECT_EQ(has.first_without(without, 25, 100), (ChunkRange{26, 34}));
    EXPECT_EQ(has.first_without(without, 60, 100).count, 0u);
    EXPECT_EQ(has.first_without(has, 0, 100).count, 0u);
}

}  // namespace
}  // namespace ledger::transfer
