#pragma once

#include "edge/queue/queue_files.hpp"

#include <optional>
#include <string>

namespace edge {

/// What a look at a queue's folder tells, also while somebody else works with it.
struct QueueStatus {
    QueueIdentity identity;
    std::uint64_t batches{};          ///< closed, not sent
    std::uint64_t batch_items{};      ///< in those
    std::uint64_t batch_bytes{};      ///< of ciphertext in those
    std::uint64_t open_items{};       ///< in batches that are not closed
    std::uint64_t file_bytes{};       ///< of all files of batches
    std::uint64_t set_aside{};        ///< damaged files that are still there
    std::uint64_t oldest_begun_at{};  ///< seconds since the Unix epoch; 0 for none
    std::uint64_t next_batch{};
    QueueCounts counts;
};

/// Reads all batches; changes nothing and needs no key. `not_found` when the folder is no queue;
/// `corrupt`, `io`.
ledger::Result<QueueStatus> look_at_queue(ledger::Disk& disk, const std::string& folder);

}  // namespace edge
