#pragma once

#include "node/app/blob_host.hpp"
#include "node/app/config.hpp"
#include "node/board/board_routes.hpp"
#include "node/board/board_sweeper.hpp"

namespace node {

/// Where the parties to orders of GPU time meet on a running node.
class BoardHost {
public:
    /// The referred-to must outlive this.
    struct Parts {
        const market::Network& network;
        const ledger::BlockStore& store;
        BlobHost& blobs;
        const Clock& clock;
    };
    /// Takes part in what batches are wanted; before the routes of `parts.blobs` are asked.
    BoardHost(const BoardConfig& config, const BoardId& id, const Parts& parts);

    void start() { sweeper_.start(); }
    /// None unless enabled: what was held before is let go of all the same.
    void add_routes(Router& router, Metrics& metrics);
    /// Answers who waits for notes, and waits no more.
    void end_waits() { boards_.end_waits(); }
    void stop() { sweeper_.stop(); }

private:
    const bool enabled_;
    Parts parts_;
    Boards boards_;
    BoardRoots roots_;
    CallerLimits posting_{4'096};
    CallerLimits reading_{4'096};
    BoardCounts counts_;
    BoardSweeper sweeper_;
};

}  // namespace node
