#pragma once

#include "ledger/base/ids.hpp"
#include "node/env/clock.hpp"

#include <boost/asio/ip/address.hpp>

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

namespace node {

/// What one caller may ask for; 0 is without a limit.
struct CallerLimit {
    std::uint32_t per_second = 0;
    std::uint32_t burst = 0;  ///< at once; 0: as many as in a second
    std::uint64_t quota = 0;  ///< calls in `quota_time`, at most all at once
    std::chrono::seconds quota_time{86'400};
    std::uint32_t concurrent = 0;

    bool is_none() const { return per_second == 0 && quota == 0 && concurrent == 0; }
};

/// An account that pays, or an address on the network: an IPv6 /64 counts as one.
using CallerKey = std::array<std::uint8_t, 20>;
CallerKey caller_key(const ledger::Address& payer);
CallerKey caller_key(const boost::asio::ip::address& peer);

/// Counts calls by caller: a rate, a quota and how many at once, as the generic cell rate
/// algorithm does (ITU-T I.371), so that one time for each is all that is remembered. Remembers a
/// bounded number of callers; those who have no call running are forgotten first, the longest
/// silent first. Any thread.
class CallerLimits {
public:
    explicit CallerLimits(std::size_t callers) : callers_{callers} {}

    /// A call that was let in; it has ended when this is gone. Must not outlive the limits.
    class Permit {
    public:
        Permit() = default;
        Permit(CallerLimits& limits, const CallerKey& key) : limits_{&limits}, key_{key} {}
        Permit(Permit&& other) noexcept
            : limits_{std::exchange(other.limits_, nullptr)}, key_{other.key_}
        {
        }
        Permit& operator=(Permit&& other) noexcept;
        ~Permit();

    private:
        CallerLimits* limits_ = nullptr;
        CallerKey key_{};
    };
    struct Refused {
        std::chrono::seconds retry_after;  ///< at least 1
        std::string why;
    };
    std::variant<Permit, Refused> admit(const CallerKey&, const CallerLimit&, Clock::Steady now);

    std::size_t remembered() const;

private:
    struct Caller {
        Clock::Steady rate_free{}, quota_free{};  ///< when all that was used has come back
        std::uint32_t running = 0;
        std::list<CallerKey>::iterator silent;  ///< meaningful while none runs
    };
    using Callers = std::map<CallerKey, Caller>;

    void end(const CallerKey&);
    Callers::iterator remember(const CallerKey&);

    const std::size_t callers_;
    mutable std::mutex mutex_;
    Callers known_;
    std::list<CallerKey> silent_;  ///< those without a running call, the longest first
};

}  // namespace node
