#pragma once

#include "edge/app/folder_source.hpp"
#include "edge/app/row_source.hpp"
#include "edge/outbox/delivery.hpp"
#include "edge/queue/locked_queue.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace edge::app {

struct RunOptions {
    FolderOptions folder;  ///< an empty path: rows from standard input
    bool acknowledges = false;
    bool once = false;
    int sync_ms = 1000;
    int poll_ms = 1000;
};

/// Takes items into a queue, and delivers batches meanwhile, until a signal or the end of what
/// there is.
class SealingRun {
public:
    /// `sender`: null for none.
    SealingRun(const ledger::SecretKey& device, LockedQueue& locked, const RunOptions& options,
               std::unique_ptr<Sender> sender);
    /// Returns when everything taken is closed, and delivered where that can be. Throws a
    /// Failure when the disk fails, or when it ends while the queue is full.
    void run();

private:
    void take_files();
    void take_rows();
    bool is_at_end() const;
    void sync_rows();
    void deliver();
    void deliver_the_rest();
    void tell(const ledger::Result<Sent>& sent);
    /// Waits for input from `descriptor` as `wait_for`, or until a delivery has ended.
    bool wait_here_for(int descriptor, int milliseconds) const;
    /// Says what keeps it waiting, once until something else does.
    void complain(const ledger::Error& error);

    LockedQueue* locked_;
    RunOptions options_;
    std::optional<FolderSource> files_;
    std::optional<RowSource> rows_;
    std::unique_ptr<Sender> sender_;
    std::unique_ptr<Delivery> delivery_;  ///< null where there is no sender
    std::uint64_t taken_ = 0;
    std::uint64_t acknowledged_ = 0;
    bool looked_ = false;
    bool is_full_ = false;
    std::string complaint_;
    std::chrono::steady_clock::time_point synced_at_;
    std::chrono::steady_clock::time_point deliver_at_{};  ///< not before
};

}  // namespace edge::app
