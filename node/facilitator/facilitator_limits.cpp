#include "node/facilitator/facilitator_limits.hpp"

#include <chrono>

namespace node {
namespace {

constexpr std::uint64_t day_ms = 86'400'000;

boost::asio::ip::address network_of(const boost::asio::ip::address& caller)
{
    if (!caller.is_v6()) return caller;
    auto bytes = caller.to_v6().to_bytes();
    for (std::size_t i = 8; i < bytes.size(); ++i) bytes[i] = 0;
    return boost::asio::ip::address_v6{bytes};
}

}  // namespace

bool FeeBudget::take(ledger::Amount cost, ledger::TimeMs wall)
{
    const std::lock_guard lock{mutex_};
    const auto today = wall.value / day_ms;
    if (today != day_) {
        day_ = today;
        spent_ = {};
    }
    const auto after = spent_.plus(cost);
    if (!after || *after > per_day_) return false;
    spent_ = *after;
    return true;
}

bool CallerQuota::take(const boost::asio::ip::address& caller, Clock::Steady now)
{
    const std::lock_guard lock{mutex_};
    if (now - since_ >= std::chrono::minutes{1}) {
        since_ = now;
        asked_.clear();
    }
    const auto from = network_of(caller);
    if (asked_.size() >= callers && !asked_.contains(from)) return false;
    return ++asked_[from] <= per_minute_;
}

}  // namespace node
