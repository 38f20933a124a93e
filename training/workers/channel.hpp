#pragma once

#include "ledger/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
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

    /// How many bytes were there, at most those asked for; 0 where none is. Does not wait.
    ledger::Result<std::size_t> receive_some(std::span<std::byte> bytes);
    /// Waits until there is something to read, or to learn: the other end may be gone. False where
    /// the deadline passes, or `goes_on`, asked each second, says no. Closes nothing.
    bool wait_for_word(Deadline deadline, const std::function<bool()>& goes_on) const;
    /// Whether the other end says nothing more; what it has said can still be read.
    bool is_hung_up() const;
    /// For poll(2), with others.
    int descriptor() const { return descriptor_; }

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
