#include "ledger/state/overlay.hpp"

#include "ledger/state/memory_state.hpp"
#include "tests/unit/ledger/state/text_bytes.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace ledger {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

Entries entries(const StateView& view, std::string_view prefix = "", std::size_t limit = 1000)
{
    Entries found;
    view.scan(as_bytes(prefix), [&](ByteView key, ByteView value) {
        found.emplace_back(as_text(key), as_text(value));
        return found.size() < limit;
    });
    return found;
}

struct OverlayTest : ::testing::Test {
    OverlayTest() { below.apply({{b("a1"), b("one")}, {b("a3"), b("three")}, {b("b"), b("bee")}}); }
    MemoryState below;
    Overlay overlay{below};
    void put(std::string_view key, std::string_view value)
    {
        overlay.put(as_bytes(key), as_bytes(value));
    }
};

TEST_F(OverlayTest, ShowsWhatIsBelowUntilItIsChanged)
{
    EXPECT_EQ(overlay.get(as_bytes("a1")), b("one"));
    put("a1", "uno");
    EXPECT_EQ(overlay.get(as_bytes("a1")), b("uno"));
    EXPECT_EQ(below.get(as_bytes("a1")), b("one"));
    overlay.erase(as_bytes("a1"));
    EXPECT_EQ(overlay.get(as_bytes("a1")), std::nullopt);
}

TEST_F(OverlayTest, AnEmptyValueIsAValue)
{
    put("a1", "");
    EXPECT_EQ(overlay.get(as_bytes("a1")), Bytes{});
    EXPECT_EQ(entries(overlay, "a1"), (Entries{{"a1", ""}}));
}

TEST_F(OverlayTest, ScansBothLayersInOrder)
{
    put("a0", "zero");
    put("a2", "two");
    put("a3", "drei");
    put("a4", "four");
    put("c", "sea");
    overlay.erase(as_bytes("a1"));
    EXPECT_EQ(entries(overlay, "a"),
              (Entries{{"a0", "zero"}, {"a2", "two"}, {"a3", "drei"}, {"a4", "four"}}));
    EXPECT_EQ(entries(overlay, "").size(), 6U);
    EXPECT_EQ(entries(overlay, "z"), Entries{});
}

TEST_F(OverlayTest, StopsTheScanWhenTheVisitorHasEnoughInEitherLayer)
{
    put("a2", "two");
    put("c", "sea");
    for (std::size_t limit = 1; limit <= 5; ++limit) {
        EXPECT_EQ(entries(overlay, "", limit).size(), limit);
    }
}

TEST_F(OverlayTest, ScansFromAKeyOn)
{
    put("a2", "two");
    std::vector<std::string> keys;
    overlay.scan_from(as_bytes("a"), as_bytes("a2"), [&](ByteView key, ByteView) {
        keys.emplace_back(as_text(key));
        return true;
    });
    EXPECT_EQ(keys, (std::vector<std::string>{"a2", "a3"}));
    keys.clear();
    overlay.scan_from(as_bytes("b"), as_bytes("a"), [&](ByteView key, ByteView) {
        keys.emplace_back(as_text(key));
        return true;
    });
    EXPECT_EQ(keys, std::vector<std::string>{"b"}) << "a start before the prefix adds nothing";
}

TEST_F(OverlayTest, KeepsEveryWriteAndNamesThoseThatMatter)
{
    put("a1", "one");               // as below
    put("a3", "changed");           //
    overlay.erase(as_bytes("b"));   //
    overlay.erase(as_bytes("zz"));  // was never there
    EXPECT_EQ(overlay.diff().size(), 4U);
    EXPECT_EQ(overlay.effective_diff(),
              (StateDiff{{b("a3"), b("changed")}, {b("b"), std::nullopt}}));
}

TEST_F(OverlayTest, HandsItsDiffOverAndIsEmptyAfterwards)
{
    put("a1", "uno");
    EXPECT_EQ(overlay.take(), (StateDiff{{b("a1"), b("uno")}}));
    EXPECT_TRUE(overlay.diff().empty());
    EXPECT_EQ(overlay.get(as_bytes("a1")), b("one"));
}

TEST_F(OverlayTest, ATransactionLayerIsDroppedOrApplied)
{
    Overlay transaction{overlay};
    transaction.put(as_bytes("a1"), as_bytes("uno"));
    transaction.erase(as_bytes("b"));
    transaction.clear();
    EXPECT_EQ(transaction.get(as_bytes("b")), b("bee"));

    transaction.put(as_bytes("a1"), as_bytes("uno"));
    transaction.erase(as_bytes("b"));
    overlay.apply(transaction.diff());
    EXPECT_EQ(overlay.get(as_bytes("a1")), b("uno"));
    EXPECT_EQ(overlay.get(as_bytes("b")), std::nullopt);
}

TEST(Overlay, BehavesLikeOneMapUnderRandomWrites)
{
    std::mt19937 random{7};
    for (int round = 0; round < 200; ++round) {
        MemoryState below;
        MemoryState plain;
        const auto write = [&] {
            StateDiff diff;
            for (int i = 0; i < 8; ++i) {
                Bytes key(random() % 4);
                for (auto& byte : key) byte = random() % 2 == 0 ? 0x00 : 0xff;
                diff[key] =
                    random() % 3 == 0 ? std::nullopt : std::optional{Bytes(random() % 3, 0x55)};
            }
            return diff;
        };
        const auto first = write();
        below.apply(first);
        plain.apply(first);
        Overlay middle{below};
        Overlay top{middle};
        for (Overlay* layer : {&middle, &top}) {
            const auto diff = write();
            layer->apply(diff);
            plain.apply(diff);
        }
        for (const Bytes& prefix : {Bytes{}, Bytes{0x00}, Bytes{0xff}, Bytes{0xff, 0xff}}) {
            EXPECT_EQ(entries(top, as_text(prefix)), entries(plain, as_text(prefix)));
        }
        below.apply(middle.diff());
        below.apply(top.diff());
        EXPECT_EQ(entries(below), entries(plain));
    }
}

}  // namespace
}  // namespace ledger
