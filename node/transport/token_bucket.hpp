#pragma once

#include "node/env/clock.hpp"
#include "node/transport/channels.hpp"

#include <array>
#include <cstdint>

namespace node {

/// What may be spent: `burst` at once, `per_second` in the long run.
struct Rate {
    std::uint64_t burst{};
    std::uint64_t per_second{};
};

/// Fills with time up to its burst. It can be overdrawn by one burst: what goes below is how
/// the patient part of a limit tells a busy peer from a flood. Pure; integers.
class TokenBucket {
public:
    TokenBucket(Rate rate, Clock::Steady now);

    enum class Verdict { within, over, flood };
    /// Takes `cost` away. `over`: nothing was left for it; `flood`: a burst has been overdrawn.
    Verdict spend(std::uint64_t cost, Clock::Steady now);
    /// Takes `cost` away if it is there; nothing otherwise.
    bool spend_if_there(std::uint64_t cost, Clock::Steady now);

private:
    void fill(Clock::Steady now);

    Rate rate_;
    std::int64_t level_;  ///< thousandths
    Clock::Steady filled_;
};

/// What each peer may send of each class: frames of control, votes, certificates and status;
/// bytes of everything else.
struct PeerRates {
    std::array<Rate, static_cast<std::size_t>(RateClass::count)> of = {{
        {64, 8},                // control: frames
        {4'096, 2'048},         // votes: frames; 4n per view for n = 128 and several views a second
        {1'024, 512},           // certificates: frames
        {32u << 20, 8u << 20},  // proposals: bytes
        {256, 32},              // status: frames
        {4'096, 512},           // requests: frames; what serving costs, the protocols count
        {64u << 20, 32u << 20},  // answers: bytes
        {4u << 20, 1u << 20},    // inventory: bytes
        {16u << 20, 4u << 20},   // transactions: bytes
    }};
};

/// One peer's buckets.
class PeerBudget {
public:
    PeerBudget(const PeerRates& rates, Clock::Steady now);
    TokenBucket::Verdict spend(RateClass rate, std::size_t payload_bytes, Clock::Steady now);

private:
    std::array<TokenBucket, static_cast<std::size_t>(RateClass::count)> buckets_;
};

}  // namespace node
