#pragma once

#include "ledger/store/block_store.hpp"
#include "market/network.hpp"
#include "node/blobs/background.hpp"
#include "node/board/board_roots.hpp"
#include "node/board/boards.hpp"
#include "node/env/clock.hpp"
#include "node/http/metrics.hpp"
#include "node/http/router.hpp"
#include "node/serving/caller_limits.hpp"

namespace node {

/// What happened to notes since the start, for /metrics. Any thread.
struct BoardCounts {
    std::atomic<std::uint64_t> posted = 0;
    std::atomic<std::uint64_t> refused = 0;
};

/// Of one caller's address.
struct BoardRouteLimits {
    CallerLimit posting{50, 100, 0, {}, 8};
    CallerLimit reading{50, 100, 0, {}, 32};  ///< readers that wait count as well
    std::size_t page_bytes = 256 * 1024;      ///< of the JSON of notes, in one answer
};

struct BoardParts {
    const market::Network& network;
    const ledger::BlockStore& store;
    Boards& boards;
    BoardRoots& roots;
    Background& background;
    CallerLimits& posting;
    CallerLimits& reading;
    BoardCounts& counts;
    const Clock& clock;
    BoardRouteLimits limits = {};
};

/// What the parties to an order say to each other, under /v1/gpu/orders/{order}/notes. The parts
/// outlive the router.
void add_board_routes(Router&, const BoardParts&);

void add_board_metrics(Metrics&, const Boards&, const BoardCounts&);

}  // namespace node
