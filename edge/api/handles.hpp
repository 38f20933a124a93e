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

}  // namespace edge
