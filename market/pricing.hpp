#pragma once

#include "market/messages/model.hpp"
#include "market/rejection.hpp"

#include <span>

/// What a call costs (market.md 5). Exact: the parts are added as fractions, and only their sum
/// is rounded, up.
namespace market {

struct PricingLimits {
    static constexpr std::size_t parts = 8;
};

/// `wrong_asset` when the sheet is in another asset; `bad_price_sheet` unless every unit stands
/// once, every den is at least 1, the smallest common multiple of all dens and the price of
/// max_units fit 64 bits, and 1 <= min <= cap.
Verdict check_sheet(const PriceSheet&, const Address& asset);

/// The most that a call can cost: what a voucher must cover. The sheet has been checked.
Amount ceiling(const PriceSheet&);

/// Price of these units, in the order of the sheet's parts; never above the ceiling. Units beyond
/// a part's max_units are free, missing ones count as zero and those without a part are ignored,
/// so that every signed receipt has a price. The sheet has been checked.
Amount charge(const PriceSheet&, std::span<const std::uint64_t> units);

}  // namespace market
