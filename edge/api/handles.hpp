#pragma once

#include "edge/millrace_edge.h"
#include "edge/queue/locked_queue.hpp"

#include <exception>
#include <new>

/// What the handles of the C interface are, and how C++ ends at it.
struct mlr_key {
    ledger::SecretKey key;
};

struct mlr_queue {
    ledger::PublicKey device;
    std::unique_ptr<edge::LockedQueue> locked;
    bool is_broken = false;  ///< a change stopped half way, for want of memory
};

struct mlr_batch {
    edge::StoredBatch batch;
    ledger::PublicKey device;
};

namespace edge {

/// Remembers the error for mlr_last_error and gives its status.
mlr_status report(const ledger::Error& error);
mlr_status refuse(const char* why);

/// Runs what may fail; nothing is thrown into C.
template <class Body>
mlr_status guarded(Body body) noexcept
try {
    return body();
} catch (const std::bad_alloc&) {
    return report({ledger::ErrorKind::full, "out of memory"});
} catch (const std::exception& problem) {
    return report({ledger::ErrorKind::io, problem.what()});
}

/// The same for what changes a queue. One whose change stopped half way takes no other: what was
/// synced is on the disk, and the batch that was under way must not be written on.
template <class Body>
mlr_status changing(mlr_queue* queue, Body body) noexcept
{
    if (queue == nullptr) return refuse("a queue is needed");
    if (queue->is_broken)
        return report({ledger::ErrorKind::io,
                       "memory ran out in the middle of a change; close the queue and open it "
                       "again: what was synced is safe"});
    queue->is_broken = true;
    const auto status = guarded([&] {
        const auto done = body();
        queue->is_broken = false;
        return done;
    });
    return status;
}

}  // namespace edge
