#pragma once

#include "inference/batch_queue.hpp"
#include "inference/watchdog.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

namespace inference {

/// The requests of one joined run while it goes on. One that is cancelled or whose time is over is
/// answered then and there; the run is told to stop when nobody is left.
class JoinedRun {
public:
    struct Living {
        std::size_t index;  ///< among the jobs this began with
        PoolJob job;
    };
    /// Takes a job that died. Called on the thread that cancelled it or on the watchdog's.
    using OnDeath = std::function<void(PoolJob, InferError)>;

    JoinedRun(std::vector<PoolJob> jobs, Watchdog& watchdog, OnDeath on_death);
    ~JoinedRun();
    JoinedRun(const JoinedRun&) = delete;
    JoinedRun& operator=(const JoinedRun&) = delete;

    /// Stops when the last job is dead.
    std::stop_token stop() const { return stop_.get_token(); }

    /// Ends the watch: those who lived to see it, in order. Once.
    std::vector<Living> end();

private:
    struct Member;
    void die(Member& member, InferError why);

    OnDeath on_death_;
    std::stop_source stop_;
    std::mutex mutex_;
    std::size_t alive_;
    std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace inference
