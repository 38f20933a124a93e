#include "market/pricing.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

namespace market {
namespace {

__extension__ using Wide = unsigned __int128;
constexpr Wide most = std::numeric_limits<std::uint64_t>::max();

/// Smallest common multiple of all dens; empty when it does not fit 64 bits.
std::optional<std::uint64_t> common_den(const PriceSheet& sheet)
{
    std::uint64_t common = 1;
    for (const auto& part : sheet.parts) {
        const auto next = Wide{common / std::gcd(common, part.den)} * part.den;
        if (next > most) return {};
        common = static_cast<std::uint64_t>(next);
    }
    return common;
}

/// ceil(base + sum of num * units / den), without min and cap. Empty when it does not fit 64 bits.
/// The whole parts and the fractions are added apart: with at most 8 parts over a common den of
/// 64 bits neither sum leaves 128 bits.
std::optional<std::uint64_t> raw_price(const PriceSheet& sheet, std::uint64_t common,
                                       auto&& units_of)
{
    Wide whole = sheet.base.micros();
    Wide fractions = 0;
    for (std::size_t i = 0; i < sheet.parts.size(); ++i) {
        const auto& part = sheet.parts[i];
        const auto product = Wide{part.num} * units_of(i);
        if (product / part.den > most) return {};
        whole += product / part.den;
        fractions += product % part.den * (common / part.den);
    }
    whole += (fractions + (common - 1)) / common;
    if (whole > most) return {};
    return static_cast<std::uint64_t>(whole);
}

Amount bounded(const PriceSheet& sheet, std::uint64_t raw)
{
    return std::clamp(Amount::micros(raw), sheet.min, sheet.cap);
}

Amount price(const PriceSheet& sheet, auto&& units_of)
{
    const auto common = common_den(sheet);
    ledger::ensure(common.has_value(), "a price sheet was checked when it was registered");
    const auto raw = raw_price(sheet, *common, units_of);
    ledger::ensure(raw.has_value(), "a price sheet was checked when it was registered");
    return bounded(sheet, *raw);
}

}  // namespace

Verdict check_sheet(const PriceSheet& sheet, const Address& asset)
{
    if (sheet.asset != asset) return Rejection::wrong_asset;
    if (sheet.parts.size() > PricingLimits::parts) return Rejection::bad_price_sheet;
    for (auto part = sheet.parts.begin(); part != sheet.parts.end(); ++part) {
        if (part->den == 0) return Rejection::bad_price_sheet;
        const auto same = [&](const PricePart& other) { return other.unit == part->unit; };
        if (std::any_of(sheet.parts.begin(), part, same)) return Rejection::bad_price_sheet;
    }
    if (sheet.min.is_zero() || sheet.min > sheet.cap) return Rejection::bad_price_sheet;
    const auto common = common_den(sheet);
    if (!common) return Rejection::bad_price_sheet;
    if (!raw_price(sheet, *common, [&](std::size_t i) { return sheet.parts[i].max_units; }))
        return Rejection::bad_price_sheet;
    return {};
}

Amount ceiling(const PriceSheet& sheet)
{
    return price(sheet, [&](std::size_t i) { return sheet.parts[i].max_units; });
}

Amount charge(const PriceSheet& sheet, std::span<const std::uint64_t> units)
{
    return price(sheet, [&](std::size_t i) {
        return i < units.size() ? std::min(units[i], sheet.parts[i].max_units) : 0;
    });
}

}  // namespace market
