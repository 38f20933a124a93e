#pragma once

#include <chrono>
#include <mutex>

namespace inference {

struct BreakerLimits {
    unsigned failures = 5;  ///< in a row, until nobody asks any more
    std::chrono::milliseconds first_pause{1'000};
    std::chrono::milliseconds longest_pause{30'000};  ///< each failed trial doubles the pause
};

/// Whether a server that failed may be asked again. Closed: yes. Open: no, until a pause is over.
/// Half open: one trial at a time decides. Any thread.
class CircuitBreaker {
public:
    using Instant = std::chrono::steady_clock::time_point;
    enum class State { closed, open, half_open };

    explicit CircuitBreaker(const BreakerLimits& limits = {}) : limits_{limits} {}

    /// Whether to ask now; after true exactly one of the three below has to follow.
    bool allow(Instant now);
    void succeeded();
    void failed(Instant now);
    /// Nothing was learnt, as when the caller gave up.
    void abandoned();

    State state() const;

private:
    const BreakerLimits limits_;
    mutable std::mutex mutex_;
    State state_ = State::closed;
    unsigned failures_ = 0;
    bool trying_ = false;
    std::chrono::milliseconds pause_{};
    Instant again_{};
};

}  // namespace inference
