#pragma once

#include "ledger/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <span>

namespace training {

/// One end of a connected stream socket, from when on nothing is waited for without an end. Reads,
/// writes and polls, nothing else: it works where no socket may be made. One thread.
class Channel {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    Channel() = default;
    /// Takes the descriptor and makes it one that does not block.
    explicit Channel(int descriptor);
    ~Channel();
    Channel(Channel&& other) noexcept;
    Channel& operator=(Channel&& other) noexcept;

    bool is_open() const { return descriptor_ >= 0; }
    void close();

    /// All of it. Time in which this process stands still does not count. `unavailable` when the
    /// deadline passes, `io` when the other end is gone; then it is closed, but for one to which
    /// nothing can be sent any more: it may have said something.
    ledger::Result<void> send(std::span<const std::byte> bytes, Deadline deadline);
    ledger::Result<void> receive(std::span<std::byte> bytes, Deadline deadline);

private:
    class Awake;
    ledger::Result<void> wait(short events, Awake& awake);
    ledger::Error gone();

    int descriptor_ = -1;
};

/// Two ends that belong together, closed in programs that are started. `io` when the system has
/// none.
ledger::Result<std::pair<int, int>> make_channel_ends();

}  // namespace training
