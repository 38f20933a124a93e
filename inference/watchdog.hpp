#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace inference {

/// One thread that calls back at deadlines. Cheap while deadlines are met: a later deadline than
/// the earliest one known does not even wake the thread.
class Watchdog {
public:
    using Instant = std::chrono::steady_clock::time_point;

    /// Takes the deadline off the list when destroyed; after that the action does not run. The
    /// action runs on the watchdog's thread, at most once, and must be short.
    class Watch {
    public:
        Watch(Watchdog& dog, Instant when, std::function<void()> action);
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

    private:
        Watchdog& dog_;
        std::function<void()> action_;
        std::optional<std::multimap<Instant, Watch*>::iterator> entry_;  ///< until it has run

        friend class Watchdog;
    };

    Watchdog();
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

private:
    void guard();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::multimap<Instant, Watch*> deadlines_;
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace inference
