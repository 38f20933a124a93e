#pragma once

#include "node/env/clock.hpp"
#include "node/serving/caller_limits.hpp"

#include <map>
#include <mutex>
#include <optional>

namespace node {

/// How many bytes a second each caller may move, with a burst of a second. Remembers a bounded
/// number of callers, those who have used up nothing first to be forgotten. Any thread.
class ByteRates {
public:
    static constexpr std::size_t callers = 4'096;

    /// 0: without a limit.
    explicit ByteRates(std::uint64_t per_second) : per_second_{per_second} {}

    /// Empty when she may; else how long she has to wait.
    std::optional<std::chrono::seconds> refuse(const CallerKey& caller, std::uint64_t bytes,
                                               Clock::Steady now);

private:
    const std::uint64_t per_second_;
    std::mutex mutex_;
    std::map<CallerKey, Clock::Steady> paid_until_;
};

}  // namespace node
