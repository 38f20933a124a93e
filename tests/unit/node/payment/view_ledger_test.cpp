#include "node/payment/view_ledger.hpp"

#include "tests/support/market_world.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using ledger::Amount;

struct DatedSheets : testing::Test {
    market::MarketWorld world;
    market::VersionKey key{{}, {1}};

    static market::PriceSheet sheet(std::uint64_t base)
    {
        market::PriceSheet made;
        made.base = Amount::micros(base);
        return made;
    }
    void set_up(std::uint32_t changes)
    {
        market::VersionRecord version;
        version.version.price_sheet = sheet(1);
        version.registered_ms = 100;
        version.prices = changes;
        world.put(key, version);
        for (std::uint32_t i = 0; i < changes; ++i)
            world.put({key.model, key.ver, i}, market::PriceRecord{sheet(2 + i), 200 + 100 * i});
    }
    SheetsInForce at(std::uint64_t now) { return sheets_in_force(world.view(), key, {now}); }
    std::vector<std::uint64_t> bases(std::uint64_t now)
    {
        std::vector<std::uint64_t> found;
        for (const auto& dated : at(now).sheets) found.push_back(dated.sheet.base.micros());
        return found;
    }
};

TEST_F(DatedSheets, AreThePresentOneAndTheOneBefore)
{
    set_up(3);
    EXPECT_EQ(bases(99), std::vector<std::uint64_t>{});
    EXPECT_EQ(bases(100), std::vector<std::uint64_t>{1});
    EXPECT_EQ(bases(200), (std::vector<std::uint64_t>{2, 1}));
    EXPECT_EQ(bases(399), (std::vector<std::uint64_t>{3, 2}));
    EXPECT_EQ(bases(400), (std::vector<std::uint64_t>{4, 3}));
    EXPECT_EQ(at(400).sheets[0].from_ms, 400u);
}

TEST_F(DatedSheets, HoldUntilTheNextOneAndNotBeforeTheirOwnTime)
{
    set_up(3);
    for (std::uint64_t read = 0; read < 500; read += 50) {
        const auto sheets = at(read);
        for (std::uint64_t now = 0; now < 500; now += 25)
            EXPECT_EQ(sheets.hold({now}), bases(now) == bases(read)) << read << " " << now;
    }
}

TEST_F(DatedSheets, AreNoneForAnUnknownVersion)
{
    EXPECT_TRUE(bases(1000).empty());
}

}  // namespace
}  // namespace node
