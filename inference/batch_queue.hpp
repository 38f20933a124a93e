#pragma once

#include "inference/batch.hpp"
#include "inference/pool_options.hpp"
#include "inference/pool_request.hpp"

#include <list>
#include <optional>
#include <vector>

namespace inference {

/// A request in a pool, from submit to its answer.
struct PoolJob {
    using Instant = std::chrono::steady_clock::time_point;
    PoolRequest request;
    PoolDone done;
    std::optional<BatchPart> part;  ///< none: it runs alone
    std::uint64_t rows = 1;
    Instant submitted = {};
    Instant due = {};  ///< until then it may wait for company
};

/// What waits for a worker, and what goes next: the oldest request of the highest level that has
/// any, and with it others of its kind in their order, from its own level first; where that one
/// still waits for company, the same of the next level. So a request is passed over only by riders
/// of an older one, or of a higher level, or while it waits, and never by its own kind.
/// Pure: the time is an argument. Not safe to share between threads.
class BatchQueue {
public:
    using Instant = PoolJob::Instant;

    struct Ended {
        PoolJob job;
        InferError why;  ///< cancelled, deadline, or busy: it waited too long
    };
    struct Taken {
        std::vector<PoolJob> jobs;
        /// When there may be jobs although nothing new comes; empty: only then.
        std::optional<Instant> wake;
    };

    explicit BatchQueue(const PoolOptions& options);

    /// Moves `job` in. False when its level is full, and then it is untouched; the places of those
    /// that are dead are given away first. Whoever must be answered goes to `ended`.
    [[nodiscard]] bool add(PoolJob& job, Instant now, std::vector<Ended>& ended);

    /// One request, or several of one kind with at most max_rows together. Nobody who is dead.
    Taken take(Instant now, std::vector<Ended>& ended);

    /// Everybody, in order.
    std::vector<PoolJob> take_all();

    std::size_t size() const;

private:
    using Level = std::list<PoolJob>;
    struct Rider {
        Level* level;
        Level::iterator at;
    };

    std::size_t level_of(std::uint64_t priority) const;
    void end_the_old(Instant now, std::vector<Ended>& ended);
    static void end_the_dead(Level& level, Instant now, std::vector<Ended>& ended);
    std::vector<Rider> riders(std::size_t first, Instant now, bool& full,
                              std::vector<Ended>& ended);
    std::size_t ready(const std::vector<Rider>& riders, bool full, Instant now,
                      std::optional<Instant>& wake) const;

    PoolOptions options_;
    std::vector<Level> levels_;
};

}  // namespace inference
