#pragma once

#include "ledger/base/amount.hpp"
#include "node/env/clock.hpp"

#include <boost/asio/ip/address.hpp>

#include <map>
#include <mutex>

namespace node {

/// What may be spent on others in a day (UTC). Counted in memory: a restart begins a new day's.
/// Any thread.
class FeeBudget {
public:
    explicit FeeBudget(ledger::Amount per_day) : per_day_{per_day} {}

    /// False when `cost` is more than is left today; then nothing is taken.
    bool take(ledger::Amount cost, ledger::TimeMs wall);

private:
    const ledger::Amount per_day_;
    std::mutex mutex_;
    std::uint64_t day_ = 0;
    ledger::Amount spent_;
};

/// Requests of one caller's address in a minute; of IPv6 the first 64 bits count. Any thread.
class CallerQuota {
public:
    static constexpr std::size_t callers = 4096;  ///< in one minute; who comes after them waits

    explicit CallerQuota(std::uint64_t per_minute) : per_minute_{per_minute} {}

    bool take(const boost::asio::ip::address& caller, Clock::Steady now);

private:
    const std::uint64_t per_minute_;
    std::mutex mutex_;
    Clock::Steady since_{};
    std::map<boost::asio::ip::address, std::uint64_t> asked_;
};

}  // namespace node
