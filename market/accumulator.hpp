#pragma once

#include "market/state/records.hpp"

/// Money for many shares in constant time: what one share earned since the beginning, times
/// 2^64, in 128 bits that wrap. Rounding is down, so the pot always covers every claim.
namespace market {

/// The accumulator after `amount` came in for `total_shares`, at least 1.
Accumulator plus_per_share(const Accumulator&, Amount amount, std::uint64_t total_shares);

/// What `shares` earned between two values of the accumulator.
Amount earned_between(const Accumulator& from, const Accumulator& to, std::uint64_t shares);

}  // namespace market
