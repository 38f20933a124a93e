#pragma once

#include "node/env/clock.hpp"

#include <atomic>
#include <chrono>

namespace node {

/// A clock that moves when the test says so. Any thread may read it.
class ManualClock : public Clock {
public:
    /// 2026-01-01T00:00:00Z: a time that no rule finds odd.
    explicit ManualClock(ledger::TimeMs start = {1'767'225'600'000}) : start_{start} {}

    ledger::TimeMs wall() const override { return {start_.value + passed_.load()}; }
    Steady now() const override { return Steady{std::chrono::milliseconds{passed_.load()}}; }

    void advance(std::chrono::milliseconds step)
    {
        passed_ += static_cast<std::uint64_t>(step.count());
    }

private:
    ledger::TimeMs start_;
    std::atomic<std::uint64_t> passed_{0};
};

}  // namespace node
