#pragma once

#include "node/transport/frame.hpp"

#include <array>
#include <cstddef>
#include <deque>
#include <vector>

namespace node {

struct WriteLimits {
    std::size_t consensus = 24 * 1024 * 1024;
    std::size_t blocks = 16 * 1024 * 1024;
    std::size_t transactions = 4 * 1024 * 1024;
    std::size_t total = 32 * 1024 * 1024;
};

/// What waits to be written to one peer: consensus before blocks before transactions, each in
/// its order. Frames are shared between peers, their bytes count for each. Pure.
class WriteQueues {
public:
    explicit WriteQueues(WriteLimits limits = {}) : limits_{limits} {}

    enum class Verdict {
        queued,
        dropped,   ///< this frame, or transactions that waited, made room: see `dropped()`
        overflow,  ///< the peer reads too slowly even for what must not be dropped: hang up
    };
    Verdict push(WriteClass to, SharedFrame frame);

    /// The next frames to write, together about `bytes` and at least one; empty when none wait.
    std::vector<SharedFrame> take(std::size_t bytes);

    bool empty() const { return total_ == 0; }
    std::size_t bytes() const { return total_; }
    std::size_t bytes(WriteClass of) const { return queues_[static_cast<std::size_t>(of)].bytes; }
    std::uint64_t dropped() const { return dropped_; }

private:
    struct Queue {
        std::deque<SharedFrame> frames;
        std::size_t bytes = 0;
    };

    WriteLimits limits_;
    std::array<Queue, static_cast<std::size_t>(WriteClass::count)> queues_;
    std::size_t total_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace node
