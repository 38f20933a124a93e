#include "node/core/work_pool.hpp"

namespace node {

WorkPool::WorkPool(unsigned threads, std::size_t queued_of_peer) : queued_of_peer_{queued_of_peer}
{
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkPool::~WorkPool()
{
    stop();
}

void WorkPool::stop()
{
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        waiting_.clear();
    }
    wake_.notify_all();
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
}

std::function<void()> WorkPool::take()
{
    if (!urgent_.empty()) {
        auto task = std::move(urgent_.front());
        urgent_.pop_front();
        return task;
    }
    if (waiting_.empty()) return {};
    auto next = waiting_.upper_bound(last_);
    if (next == waiting_.end()) next = waiting_.begin();
    last_ = next->first;
    auto task = std::move(next->second.front());
    next->second.pop_front();
    if (next->second.empty()) waiting_.erase(next);
    return task;
}

void WorkPool::work()
{
    std::unique_lock lock{mutex_};
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !urgent_.empty() || !waiting_.empty(); });
        auto task = take();
        if (!task) return;  // stopping, and nothing is left that somebody waits for
        lock.unlock();
        task();
        task = {};
        lock.lock();
    }
}

WorkPool::Begun WorkPool::begin(Tasks tasks)
{
    return begin(std::move(tasks), false);
}

void WorkPool::run_first(Tasks tasks)
{
    finish(begin(std::move(tasks), true));
}

WorkPool::Begun WorkPool::begin(Tasks tasks, bool before_others)
{
    auto begun = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(tasks.size()));
    if (threads_.empty()) {
        for (auto& task : tasks) task();
        begun->count_down(static_cast<std::ptrdiff_t>(tasks.size()));
        return begun;
    }
    {
        const std::lock_guard lock{mutex_};
        auto at = before_others ? urgent_.begin() : urgent_.end();
        for (auto& task : tasks)
            at = std::next(urgent_.insert(at, [task = std::move(task), begun] {
                task();
                begun->count_down();
            }));
    }
    wake_.notify_all();
    return begun;
}

void WorkPool::finish(const Begun& begun)
{
    // What is left when there is nothing to help with, others are at.
    for (std::unique_lock lock{mutex_}; !urgent_.empty() && !begun->try_wait();) {
        auto task = take();
        lock.unlock();
        task();
        lock.lock();
    }
    begun->wait();
}

bool WorkPool::post(const ledger::PublicKey& peer, std::function<void()> task)
{
    {
        const std::lock_guard lock{mutex_};
        if (stopping_) return false;
        if (!threads_.empty()) {
            auto& queue = waiting_[peer];
            if (queue.size() >= queued_of_peer_) return false;
            queue.push_back(std::move(task));
            task = {};
        }
    }
    if (task)
        task();
    else
        wake_.notify_one();
    return true;
}

}  // namespace node
