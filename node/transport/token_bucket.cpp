#include "node/transport/token_bucket.hpp"

#include <algorithm>

namespace node {
namespace {

constexpr std::int64_t one = 1'000;

std::int64_t thousandths(std::uint64_t tokens)
{
    return static_cast<std::int64_t>(std::min<std::uint64_t>(tokens, 1ull << 40)) * one;
}

bool counts_bytes(RateClass rate)
{
    switch (rate) {
        case RateClass::proposals:
        case RateClass::answers:
        case RateClass::inventory:
        case RateClass::transactions:
            return true;
        default:
            return false;
    }
}

template <std::size_t... I>
std::array<TokenBucket, sizeof...(I)> make(const PeerRates& rates, Clock::Steady now,
                                           std::index_sequence<I...>)
{
    return {TokenBucket{rates.of[I], now}...};
}

}  // namespace

TokenBucket::TokenBucket(Rate rate, Clock::Steady now)
    : rate_{rate}, level_{thousandths(rate.burst)}, filled_{now}
{
}

void TokenBucket::fill(Clock::Steady now)
{
    using std::chrono::milliseconds;
    // A day fills every bucket, and keeps the product small.
    const auto passed = std::clamp(std::chrono::duration_cast<milliseconds>(now - filled_),
                                   milliseconds{0}, milliseconds{86'400'000});
    filled_ = std::max(filled_, now);
    const auto rate =
        static_cast<std::int64_t>(std::min<std::uint64_t>(rate_.per_second, 1ull << 32));
    level_ = std::min(thousandths(rate_.burst), level_ + rate * passed.count());
}

TokenBucket::Verdict TokenBucket::spend(std::uint64_t cost, Clock::Steady now)
{
    if (spend_if_there(cost, now)) return Verdict::within;
    level_ -= thousandths(cost);
    const auto least = -thousandths(rate_.burst);
    if (level_ >= least) return Verdict::over;
    level_ = least;
    return Verdict::flood;
}

bool TokenBucket::spend_if_there(std::uint64_t cost, Clock::Steady now)
{
    fill(now);
    if (level_ < thousandths(cost)) return false;
    level_ -= thousandths(cost);
    return true;
}

PeerBudget::PeerBudget(const PeerRates& rates, Clock::Steady now)
    : buckets_{
          make(rates, now, std::make_index_sequence<static_cast<std::size_t>(RateClass::count)>{})}
{
}

TokenBucket::Verdict PeerBudget::spend(RateClass rate, std::size_t payload_bytes, Clock::Steady now)
{
    return buckets_[static_cast<std::size_t>(rate)].spend(counts_bytes(rate) ? payload_bytes : 1,
                                                          now);
}

}  // namespace node
