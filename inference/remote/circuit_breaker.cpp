#include "inference/remote/circuit_breaker.hpp"

#include <algorithm>

namespace inference {

bool CircuitBreaker::allow(Instant now)
{
    const std::lock_guard lock{mutex_};
    if (state_ == State::closed) return true;
    if (state_ == State::open) {
        if (now < again_) return false;
        state_ = State::half_open;
    }
    if (trying_) return false;
    trying_ = true;
    return true;
}

void CircuitBreaker::succeeded()
{
    const std::lock_guard lock{mutex_};
    // A late answer to a call from before it opened is a sign of life as good as a trial's.
    state_ = State::closed;
    failures_ = 0;
    trying_ = false;
}

void CircuitBreaker::failed(Instant now)
{
    const std::lock_guard lock{mutex_};
    if (state_ == State::open) return;
    if (state_ == State::closed) {
        if (++failures_ < limits_.failures) return;
        pause_ = limits_.first_pause;
    } else {
        pause_ = std::min(2 * pause_, limits_.longest_pause);
    }
    state_ = State::open;
    trying_ = false;
    again_ = now + pause_;
}

void CircuitBreaker::abandoned()
{
    const std::lock_guard lock{mutex_};
    trying_ = false;
}

CircuitBreaker::State CircuitBreaker::state() const
{
    const std::lock_guard lock{mutex_};
    return state_;
}

}  // namespace inference
