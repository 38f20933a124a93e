#include "market/accumulator.hpp"

namespace market {
namespace {

__extension__ using Wide = unsigned __int128;

Wide wide(const Accumulator& value)
{
    return Wide{value.high} << 64 | value.low;
}

}  // namespace

Accumulator plus_per_share(const Accumulator& before, Amount amount, std::uint64_t total_shares)
{
    ledger::ensure(total_shares >= 1, "an accumulator has shares");
    const Wide sum = wide(before) + (Wide{amount.micros()} << 64) / total_shares;
    return {static_cast<std::uint64_t>(sum >> 64), static_cast<std::uint64_t>(sum)};
}

Amount earned_between(const Accumulator& from, const Accumulator& to, std::uint64_t shares)
{
    const Wide span = wide(to) - wide(from);  // wraps like the accumulator itself
    const auto high = static_cast<std::uint64_t>(span >> 64);
    const auto low = static_cast<std::uint64_t>(span);
    // (high * 2^64 + low) * shares / 2^64, in 192 bits
    const Wide micros = Wide{high} * shares + (Wide{low} * shares >> 64);
    ledger::ensure(micros >> 64 == 0, "shares earn no more than came in");
    return Amount::micros(static_cast<std::uint64_t>(micros));
}

}  // namespace market
