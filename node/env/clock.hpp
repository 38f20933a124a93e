#pragma once

#include "ledger/base/ids.hpp"

#include <chrono>
#include <cstdint>

namespace node {

/// The one place that knows the time. Any thread may ask.
class Clock {
public:
    using Steady = std::chrono::steady_clock::time_point;

    virtual ~Clock() = default;
    /// Milliseconds since the Unix epoch; may jump when the machine's clock is set.
    virtual ledger::TimeMs wall() const = 0;
    /// Never goes back; for deadlines and durations.
    virtual Steady now() const = 0;

    /// The same in milliseconds, for what is pure and knows no clock.
    std::uint64_t steady_ms() const
    {
        const auto since = now().time_since_epoch();
        return static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
    }
};

/// The machine's own clocks.
class SystemClock : public Clock {
public:
    ledger::TimeMs wall() const override;
    Steady now() const override;
};

}  // namespace node
