#pragma once

#include "edge/app/folder_source.hpp"
#include "edge/app/row_source.hpp"
#include "edge/outbox/sender.hpp"
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

/// Takes items into a queue and delivers batches, until a signal or the end of what there is.
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
    void deliver(bool is_last);
    /// Says what keeps it waiting, once until something else does.
    void complain(const ledger::Error& error);

    LockedQueue* locked_;
    RunOptions options_;
    std::optional<FolderSource> files_;
    std::optional<RowSource> rows_;
    std::unique_ptr<Sender> sender_;
    std::uint64_t taken_ = 0;
    std::uint64_t acknowledged_ = 0;
    bool looked_ = false;
    bool is_full_ = false;
    bool has_more_ = false;  ///< the last delivery sent something, and there may be more
    std::string complaint_;
    std::chrono::steady_clock::time_point synced_at_;
};

}  // namespace edge::app
