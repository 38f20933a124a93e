#pragma once

#include "edge/queue/queue.hpp"
#include "ledger/disk/folder_lock.hpp"

#include <memory>
#include <string>

namespace edge {

/// A queue on the real disk, with the system's clock and randomness, that no other process has.
class LockedQueue {
public:
    /// As `Queue::open`; makes the folder, mode 0700, where it is missing. `unavailable` when
    /// another process has it. `device` must outlive it.
    static ledger::Result<std::unique_ptr<LockedQueue>> open(const std::string& folder,
                                                             const ledger::SecretKey& device,
                                                             QueueOptions options);
    /// As `Queue::open_to_send`; makes nothing.
    static ledger::Result<std::unique_ptr<LockedQueue>> open_to_send(
        const std::string& folder, const ledger::SecretKey& device);

    Queue& queue() { return *queue_; }
    const Queue& queue() const { return *queue_; }
    ledger::Disk& disk() { return disk_; }

private:
    static ledger::Result<std::unique_ptr<LockedQueue>> lock(const std::string& folder);
    explicit LockedQueue(std::unique_ptr<ledger::FolderLock> lock) : lock_{std::move(lock)} {}

    std::unique_ptr<ledger::FolderLock> lock_;
    ledger::PosixDisk disk_;
    ledger::SystemRandom random_;
    std::unique_ptr<Queue> queue_;
};

}  // namespace edge
