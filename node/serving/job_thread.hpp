#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace node {

/// Runs one job after the other on a thread of its own, and `tick` between them now and then: for
/// work that takes seconds and must not happen twice at once.
class JobThread {
public:
    using Job = std::function<void()>;

    JobThread(std::size_t places, std::chrono::milliseconds every, Job tick);
    /// As stop().
    ~JobThread();
    JobThread(const JobThread&) = delete;
    JobThread& operator=(const JobThread&) = delete;

    /// False when all places are taken or it has stopped: the job will not run. Any thread.
    [[nodiscard]] bool post(Job job);
    /// Finishes the job that runs and drops the rest.
    void stop();

private:
    void run();

    const std::size_t places_;
    const std::chrono::milliseconds every_;
    const Job tick_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace node
