#include "node/serving/job_thread.hpp"

namespace node {

JobThread::JobThread(std::size_t places, std::chrono::milliseconds every, Job tick)
    : places_{places}, every_{every}, tick_{std::move(tick)}, thread_{[this] { run(); }}
{
}

JobThread::~JobThread()
{
    stop();
}

bool JobThread::post(Job job)
{
    {
        const std::lock_guard lock{mutex_};
        if (stopping_ || jobs_.size() >= places_) return false;
        jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
    return true;
}

void JobThread::stop()
{
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
    const std::lock_guard lock{mutex_};
    jobs_.clear();
}

void JobThread::run()
{
    auto next_tick = std::chrono::steady_clock::now() + every_;
    for (;;) {
        Job job;
        {
            std::unique_lock lock{mutex_};
            changed_.wait_until(lock, next_tick, [this] { return stopping_ || !jobs_.empty(); });
            if (stopping_) return;
            if (!jobs_.empty()) {
                job = std::move(jobs_.front());
                jobs_.pop_front();
            }
        }
        if (job) job();
        if (std::chrono::steady_clock::now() < next_tick) continue;
        tick_();
        next_tick = std::chrono::steady_clock::now() + every_;
    }
}

}  // namespace node
