#pragma once

#include "ledger/store/block_store.hpp"
#include "node/board/board_roots.hpp"
#include "node/board/boards.hpp"
#include "node/env/clock.hpp"

#include <chrono>
#include <condition_variable>
#include <thread>

namespace node {

/// Looks now and then which orders are over: their boards may go, and their batches are let go of.
class BoardSweeper {
public:
    /// The referred-to must outlive this.
    struct Parts {
        Boards& boards;
        BoardRoots& roots;
        const ledger::BlockStore& store;
        const Clock& clock;
    };
    explicit BoardSweeper(const Parts& parts,
                          std::chrono::milliseconds rest = std::chrono::minutes{1})
        : parts_{parts}, rest_{rest}
    {
    }
    /// As stop().
    ~BoardSweeper();

    void start();
    void stop();

    /// One look at all of them. For the thread, and for tests.
    ledger::Result<void> sweep();

private:
    void run();

    Parts parts_;
    const std::chrono::milliseconds rest_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace node
