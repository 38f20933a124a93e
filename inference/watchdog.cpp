#include "inference/watchdog.hpp"

#include <utility>

namespace inference {

Watchdog::Watch::Watch(Watchdog& dog, Instant when, std::function<void()> action)
    : dog_{dog}, action_{std::move(action)}
{
    bool earliest = false;
    {
        const std::lock_guard lock{dog_.mutex_};
        entry_ = dog_.deadlines_.emplace(when, this);
        earliest = *entry_ == dog_.deadlines_.begin();
    }
    if (earliest) dog_.changed_.notify_one();
}

Watchdog::Watch::~Watch()
{
    const std::lock_guard lock{dog_.mutex_};
    if (entry_) dog_.deadlines_.erase(*entry_);
}

Watchdog::Watchdog() : thread_{[this] { guard(); }} {}

Watchdog::~Watchdog()
{
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Watchdog::guard()
{
    std::unique_lock lock{mutex_};
    while (!closing_) {
        if (deadlines_.empty()) {
            changed_.wait(lock);
            continue;
        }
        const auto next = deadlines_.begin();
        if (std::chrono::steady_clock::now() < next->first) {
            const auto when = next->first;  // the entry may go while we wait
            changed_.wait_until(lock, when);
            continue;
        }
        auto* watch = next->second;
        deadlines_.erase(next);
        watch->entry_.reset();
        watch->action_();
    }
}

}  // namespace inference
