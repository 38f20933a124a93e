#pragma once

#include "ledger/base/ids.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace node {

/// Threads for what needs not be done on the ledger's own: its share of a block's state tree,
/// before all else; signatures of bodies; and signatures of what peers send, one peer after
/// another, so that none starves the rest (ledger.md, frames and limits).
/// Every function may be called from any thread.
class WorkPool {
public:
    /// With no threads everything is run by the caller.
    explicit WorkPool(unsigned threads, std::size_t queued_of_peer = 1'024);
    ~WorkPool();
    WorkPool(const WorkPool&) = delete;
    WorkPool& operator=(const WorkPool&) = delete;

    using Tasks = std::vector<std::function<void()>>;
    /// Counts down to the end of tasks that were begun.
    using Begun = std::shared_ptr<std::latch>;

    /// Has them run in the background, in this order; without threads, now.
    Begun begin(Tasks tasks);
    /// Returns when they are done; the calling thread helps.
    void finish(const Begun&);
    /// Both in one, before anything that was begun.
    void run_first(Tasks tasks);
    /// Runs the task some time, on any thread. False when too many of this peer wait: it is not
    /// taken.
    bool post(const ledger::PublicKey& peer, std::function<void()> task);
    /// Drops what waits and joins the threads.
    void stop();

private:
    void work();
    Begun begin(Tasks tasks, bool before_others);
    std::function<void()> take();  // with the lock held; empty when there is nothing

    std::size_t queued_of_peer_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> urgent_;
    std::map<ledger::PublicKey, std::deque<std::function<void()>>> waiting_;
    ledger::PublicKey last_;  ///< whose turn it was
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace node
