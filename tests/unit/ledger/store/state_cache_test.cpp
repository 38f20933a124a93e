#include "ledger/store/state_cache.hpp"

#include "ledger/state/memory_state.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

Bytes text(std::string_view from)
{
    return Bytes(from.begin(), from.end());
}

Bytes numbered_key(unsigned number)
{
    return text("account " + std::to_string(number));
}

/// Counts what gets through to the table.
struct CountingState final : StateView {
    MemoryState state;
    mutable std::size_t reads = 0;
    std::optional<Bytes> get(ByteView key) const override
    {
        ++reads;
        return state.get(key);
    }
    void scan_from(ByteView prefix, ByteView start, const Visit& visit) const override
    {
        state.scan_from(prefix, start, visit);
    }
};

TEST(StateCache, ReadsAKeyFromTheTableOnceWhetherItIsThereOrNot)
{
    CountingState table;
    table.state.apply({{text("a"), text("1")}});
    StateCache cache{1 << 20, 3};
    const CachedState cached{table, cache};
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(cached.get(text("a")), text("1"));
        EXPECT_EQ(cached.get(text("b")), std::nullopt);
    }
    EXPECT_EQ(table.reads, 2u);
}

TEST(StateCache, AnswersWhatWasPutLast)
{
    StateCache cache{1 << 20, 3};
    cache.put(text("a"), text("1"));
    cache.put(text("a"), text("2"));
    EXPECT_EQ(*cache.find(text("a")), text("2"));
    cache.put(text("a"), std::nullopt);
    EXPECT_EQ(*cache.find(text("a")), std::nullopt);
    EXPECT_EQ(cache.find(text("b")), nullptr);
}

TEST(StateCache, StaysWithinItsBudgetAndKeepsWhatIsInUse)
{
    constexpr std::size_t budget = 100'000;
    StateCache cache{budget, 3};
    cache.put(text("in use"), text("value"));
    for (unsigned i = 0; i < 10'000; ++i) {
        cache.put(numbered_key(i), Bytes(i % 50));
        EXPECT_LE(cache.bytes(), budget * 3 / 2 + 256);
        ASSERT_NE(cache.find(text("in use")), nullptr);
    }
    EXPECT_EQ(*cache.find(text("in use")), text("value"));
    EXPECT_EQ(cache.find(numbered_key(0)), nullptr);
    cache.clear();
    EXPECT_EQ(cache.bytes(), 0u);
    EXPECT_EQ(cache.find(text("in use")), nullptr);
}

TEST(StateCache, AWriteReplacesWhatTheOldGenerationHolds)
{
    StateCache cache{2'000, 3};
    cache.put(text("a"), text("1"));
    for (unsigned i = 0; i < 9; ++i)
        cache.put(numbered_key(i), Bytes{});  // "a" is in the old one now
    cache.put(text("a"), text("2"));
    EXPECT_EQ(*cache.find(text("a")), text("2"));
    for (unsigned i = 20; i < 29; ++i) cache.put(numbered_key(i), Bytes{});
    EXPECT_EQ(*cache.find(text("a")), text("2"));
}

}  // namespace
}  // namespace ledger
