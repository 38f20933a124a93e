#include "node/serving/caller_limits.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>

namespace node {
namespace {

using namespace std::chrono;

/// So many calls in that time, and so many of them at once.
struct Pace {
    std::int64_t calls, burst;
    nanoseconds time;

    nanoseconds each() const { return time / calls; }
    /// How long a caller has to wait; not above 0 when she need not.
    nanoseconds wait(Clock::Steady free, Clock::Steady now) const
    {
        return duration_cast<nanoseconds>(free - now) - each() * (burst - 1);
    }
    Clock::Steady used(Clock::Steady free, Clock::Steady now) const
    {
        return std::max(free, now) + each();
    }
};

std::optional<Pace> rate(const CallerLimit& limit)
{
    if (limit.per_second == 0) return {};
    return Pace{limit.per_second, limit.burst != 0 ? limit.burst : limit.per_second, seconds{1}};
}

std::optional<Pace> quota(const CallerLimit& limit)
{
    if (limit.quota == 0) return {};
    const auto calls = static_cast<std::int64_t>(limit.quota);
    return Pace{calls, calls, limit.quota_time};
}

CallerLimits::Refused refused(nanoseconds wait, std::string why)
{
    return {std::max(seconds{1}, ceil<seconds>(wait)), std::move(why)};
}

}  // namespace

CallerKey caller_key(const ledger::Address& payer)
{
    CallerKey key;
    std::copy(payer.bytes.begin(), payer.bytes.end(), key.begin());
    return key;
}

CallerKey caller_key(const boost::asio::ip::address& peer)
{
    CallerKey key{};
    if (peer.is_v4()) {
        const auto bytes = peer.to_v4().to_bytes();
        std::copy(bytes.begin(), bytes.end(), key.begin());
        key.back() = 4;
        return key;
    }
    const auto bytes = peer.to_v6().to_bytes();
    if (peer.to_v6().is_v4_mapped()) {
        std::copy(bytes.begin() + 12, bytes.end(), key.begin());
        key.back() = 4;
    } else {
        std::copy_n(bytes.begin(), 8, key.begin());
        key.back() = 6;
    }
    return key;
}

CallerLimits::Permit& CallerLimits::Permit::operator=(Permit&& other) noexcept
{
    if (this == &other) return *this;
    if (limits_) limits_->end(key_);
    limits_ = std::exchange(other.limits_, nullptr);
    key_ = other.key_;
    return *this;
}

CallerLimits::Permit::~Permit()
{
    if (limits_) limits_->end(key_);
}

std::variant<CallerLimits::Permit, CallerLimits::Refused> CallerLimits::admit(
    const CallerKey& key, const CallerLimit& limit, Clock::Steady now)
{
    const std::lock_guard lock{mutex_};
    const auto at = remember(key);
    if (at == known_.end()) return refused(seconds{1}, "too many callers at once");
    auto& caller = at->second;
    if (limit.concurrent != 0 && caller.running >= limit.concurrent)
        return refused(seconds{1}, "at most " + std::to_string(limit.concurrent) +
                                       " calls of one caller at once");
    const auto pace = rate(limit);
    const auto allowance = quota(limit);
    if (const auto wait = pace ? pace->wait(caller.rate_free, now) : nanoseconds{};
        wait.count() > 0)
        return refused(
            wait, "at most " + std::to_string(limit.per_second) + " calls a second of one caller");
    if (const auto wait = allowance ? allowance->wait(caller.quota_free, now) : nanoseconds{};
        wait.count() > 0)
        return refused(wait, "the quota of " + std::to_string(limit.quota) +
                                 " calls of one caller is used up");
    if (pace) caller.rate_free = pace->used(caller.rate_free, now);
    if (allowance) caller.quota_free = allowance->used(caller.quota_free, now);
    if (caller.running++ == 0) silent_.erase(caller.silent);
    return std::variant<Permit, Refused>{std::in_place_type<Permit>, *this, key};
}

/// The caller's place, as one without a running call where it is new; end() where all places are
/// taken by running calls.
CallerLimits::Callers::iterator CallerLimits::remember(const CallerKey& key)
{
    if (const auto at = known_.find(key); at != known_.end()) {
        if (at->second.running == 0) silent_.splice(silent_.end(), silent_, at->second.silent);
        return at;
    }
    if (known_.size() >= callers_) {
        if (silent_.empty()) return known_.end();
        known_.erase(silent_.front());
        silent_.pop_front();
    }
    const auto at = known_.emplace(key, Caller{}).first;
    at->second.silent = silent_.insert(silent_.end(), key);
    return at;
}

void CallerLimits::end(const CallerKey& key)
{
    const std::lock_guard lock{mutex_};
    const auto at = known_.find(key);
    ledger::ensure(at != known_.end() && at->second.running != 0, "a call that ends was running");
    if (--at->second.running == 0) at->second.silent = silent_.insert(silent_.end(), key);
}

std::size_t CallerLimits::remembered() const
{
    const std::lock_guard lock{mutex_};
    return known_.size();
}

}  // namespace node
