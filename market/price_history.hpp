#pragma once

#include "market/state/state.hpp"

/// Prices of a version over time: the sheet it was registered with, then one per ModelPrice.
namespace market {

struct PriceLimits {
    /// Changes of one version's price: a dispute looks through them all.
    static constexpr std::uint32_t changes = 1024;
    static constexpr std::uint64_t ahead_ms = 366ull * 24 * 3600 * 1000;
};

/// EIP-712 struct hash: how receipts name a sheet.
Hash sheet_hash(const PriceSheet&);

/// The sheet in force at a time; empty when there is no such version, or not yet.
std::optional<PriceSheet> sheet_at(const View&, const VersionKey&, std::uint64_t time_ms);

/// A sheet this version has, had or will have.
std::optional<PriceSheet> sheet_by_hash(const View&, const VersionKey&, const Hash&);

}  // namespace market
