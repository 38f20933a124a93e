#include "node/env/clock.hpp"

namespace node {

ledger::TimeMs SystemClock::wall() const
{
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(since).count())};
}

Clock::Steady SystemClock::now() const
{
    return std::chrono::steady_clock::now();
}

}  // namespace node
