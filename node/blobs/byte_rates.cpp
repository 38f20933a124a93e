#include "node/blobs/byte_rates.hpp"

namespace node {

using namespace std::chrono;

std::optional<seconds> ByteRates::refuse(const CallerKey& caller, std::uint64_t bytes,
                                         Clock::Steady now)
{
    if (per_second_ == 0) return {};
    const std::lock_guard lock{mutex_};
    if (!paid_until_.contains(caller) && paid_until_.size() >= callers) {
        std::erase_if(paid_until_, [&](const auto& known) { return known.second <= now; });
        if (paid_until_.size() >= callers) return seconds{1};
    }
    auto& until = paid_until_[caller];
    if (until > now + seconds{1}) return ceil<seconds>(until - now - seconds{1});
    // In microseconds: a MiB at a byte a second is still far from the end of the clock.
    until = std::max(until, now) + microseconds{bytes * 1'000'000 / per_second_};
    return {};
}

}  // namespace node
