#include "market/pricing.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace market {
namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

Address asset()
{
    Address made;
    made.bytes.fill(7);
    return made;
}

PriceSheet sheet(std::vector<PricePart> parts, std::uint64_t base = 0, std::uint64_t min = 1,
                 std::uint64_t cap = most)
{
    return {asset(), Amount::micros(base), std::move(parts), Amount::micros(min),
            Amount::micros(cap)};
}

Rejection reason(const PriceSheet& of)
{
    const auto checked = check_sheet(of, asset());
    return checked ? Rejection::none : checked.error();
}

std::uint64_t charged(const PriceSheet& of, std::vector<std::uint64_t> units)
{
    return charge(of, units).micros();
}

TEST(Pricing, RoundsTheSumUpAndNotEachPart)
{
    const auto thirds =
        sheet({{Unit::row, 1, 3, 100}, {Unit::call, 1, 3, 100}, {Unit::ms, 1, 3, 100}}, 10);
    ASSERT_EQ(reason(thirds), Rejection::none);
    EXPECT_EQ(charged(thirds, {1, 1, 1}), 11u);
    EXPECT_EQ(charged(thirds, {1, 1, 0}), 11u);
    EXPECT_EQ(charged(thirds, {2, 1, 1}), 12u);
    EXPECT_EQ(charged(thirds, {0, 0, 0}), 10u);
}

TEST(Pricing, AddsFractionsOfDifferentDenominatorsExactly)
{
    // 1/2 + 1/3 + 1/6 is one exactly; 1/2 + 1/3 + 1/7 is less than one.
    const auto one = sheet({{Unit::row, 1, 2, 9}, {Unit::call, 1, 3, 9}, {Unit::ms, 1, 6, 9}});
    EXPECT_EQ(charged(one, {1, 1, 1}), 1u);
    EXPECT_EQ(charged(one, {1, 1, 2}), 2u);
    const auto less = sheet({{Unit::row, 1, 2, 9}, {Unit::call, 1, 3, 9}, {Unit::ms, 1, 7, 9}});
    EXPECT_EQ(charged(less, {1, 1, 1}), 1u);
    EXPECT_EQ(charged(less, {2, 0, 1}), 2u);
}

TEST(Pricing, StaysBetweenMinAndCap)
{
    const auto of = sheet({{Unit::row, 10, 1, 100}}, 0, 25, 500);
    EXPECT_EQ(charged(of, {0}), 25u);
    EXPECT_EQ(charged(of, {3}), 30u);
    EXPECT_EQ(charged(of, {50}), 500u);
    EXPECT_EQ(charged(of, {51}), 500u);
    EXPECT_EQ(ceiling(of), Amount::micros(500));
    EXPECT_EQ(ceiling(sheet({{Unit::row, 10, 1, 1}}, 0, 25)), Amount::micros(25))
        << "a ceiling below the least charge would never suffice";
}

TEST(Pricing, ChargesNoUnitsBeyondThoseTheCeilingCovers)
{
    const auto of = sheet({{Unit::row, 3, 2, 10}, {Unit::ms, 1, 1, 5}}, 1);
    EXPECT_EQ(ceiling(of), Amount::micros(21));
    EXPECT_EQ(charged(of, {11, 6}), 21u);
    EXPECT_EQ(charged(of, {most, most}), 21u);
}

TEST(Pricing, PricesReceiptsWithTheWrongNumberOfUnits)
{
    const auto of = sheet({{Unit::row, 3, 1, 10}, {Unit::ms, 5, 1, 10}});
    EXPECT_EQ(charged(of, {1}), 3u);
    EXPECT_EQ(charged(of, {1, 1, 1'000}), 8u);
    EXPECT_EQ(charged(of, {}), 1u);
}

TEST(Pricing, TakesPricesUpToTheLastMicro)
{
    const auto full = sheet({{Unit::row, most - 5, 1, 1}}, 5);
    ASSERT_EQ(reason(full), Rejection::none);
    EXPECT_EQ(ceiling(full), Amount::max());
    EXPECT_EQ(reason(sheet({{Unit::row, most - 5, 1, 1}}, 6)), Rejection::bad_price_sheet);
    EXPECT_EQ(reason(sheet({{Unit::row, most, 1, 2}})), Rejection::bad_price_sheet);
    EXPECT_EQ(reason(sheet({{Unit::row, most, 1, most}})), Rejection::bad_price_sheet);
    EXPECT_EQ(reason(sheet({{Unit::row, most, most, most}})), Rejection::none);
    EXPECT_EQ(reason(sheet({{Unit::row, 1, 2, 1}}, most)), Rejection::bad_price_sheet)
        << "half a micro more, rounded up";
}

TEST(Pricing, RefusesSheetsThatCouldNotBePriced)
{
    EXPECT_EQ(reason(sheet({{Unit::row, 1, 0, 1}})), Rejection::bad_price_sheet);
    EXPECT_EQ(reason(sheet({{Unit::row, 1, 1, 1}, {Unit::row, 1, 1, 1}})),
              Rejection::bad_price_sheet);
    EXPECT_EQ(reason(sheet({}, 1, 0)), Rejection::bad_price_sheet);
    EXPECT_EQ(reason(sheet({}, 1, 2, 1)), Rejection::bad_price_sheet);
    EXPECT_EQ(reason(sheet({}, 1, 2, 2)), Rejection::none);
    // Two large primes: their product is the common denominator and has more than 64 bits.
    EXPECT_EQ(reason(sheet({{Unit::row, 1, 4'294'967'311, 1}, {Unit::ms, 1, 4'294'967'357, 1}})),
              Rejection::bad_price_sheet);
    EXPECT_EQ(reason(sheet(std::vector<PricePart>(9, {Unit::row, 1, 1, 1}))),
              Rejection::bad_price_sheet);
    auto foreign = sheet({}, 1);
    foreign.asset.bytes.fill(8);
    EXPECT_EQ(reason(foreign), Rejection::wrong_asset);
}

}  // namespace
}  // namespace market
