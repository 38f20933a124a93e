#pragma once

#include "node/env/clock.hpp"
#include "node/http/limits.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace node {

namespace asio = boost::asio;

/// Something with a deadline on a shard: a connection or a WebSocket. A deadline is a plain
/// time that one tick looks at, because a timer for every read and write costs more than the
/// request itself.
class Timed {
public:
    virtual ~Timed() = default;
    Clock::Steady deadline = Clock::Steady::max();

    /// The deadline passed. Must only cancel or close; the coroutine does the rest.
    virtual void expire() = 0;
    /// Since when nothing has been under way that would be lost if it were closed; empty: there is.
    virtual std::optional<Clock::Steady> idle_since() const { return {}; }
    /// The server wants to end: finish what is under way and close.
    virtual void stop() = 0;
    /// The server cannot wait any longer.
    virtual void abort() = 0;
};

/// One io thread's world. Everything in it runs on that thread, so nothing in it has locks.
class Shard {
public:
    Shard(const Clock& clock, const HttpLimits& limits);

    asio::io_context& io() { return io_; }
    Clock::Steady now() const { return clock_.now(); }
    void add(Timed& item) { items_.insert(&item); }
    void remove(Timed& item) { items_.erase(&item); }
    bool stopping() const { return stopping_; }

    /// The Date field's value, made anew once a second.
    std::string_view date();

    void start_ticks();
    /// Soon closes the one that has been idle the longest, at least HttpLimits::spared: others want
    /// its place. From any thread; asked again before that, it looks once.
    void make_room();
    void stop_all();
    void abort_all();

private:
    void tick();
    void drop_idlest();
    template <class Action>
    void for_all(Action action);

    const Clock& clock_;
    std::chrono::milliseconds period_;
    std::chrono::milliseconds spared_;
    std::atomic<bool> making_room_ = false;
    std::unordered_set<Timed*> items_;  ///< before io_: what it destroys at the end removes itself
    asio::io_context io_{1};
    asio::steady_timer timer_{io_};
    bool stopping_ = false;
    std::uint64_t date_second_ = 0;
    std::string date_;
};

}  // namespace node
