#include "training/workers/channel.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace training {

using ledger::Result;
using Clock = std::chrono::steady_clock;

/// A deadline that moves while this process stands still (SIGSTOP) or gets no processor: others may
/// have said what they had to say meanwhile. Asked at least once in each `slice`.
class Channel::Awake {
public:
    explicit Awake(Deadline deadline) : deadline_{deadline} {}
    bool is_over()
    {
        const auto now = Clock::now();
        if (const auto gap = now - last_; gap > 2 * slice) deadline_ += gap;
        last_ = now;
        return now >= deadline_;
    }
    int slice_ms() const
    {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - last_);
        return static_cast<int>(std::min(left, slice).count());
    }

private:
    static constexpr std::chrono::milliseconds slice{1'000};
    Deadline deadline_;
    Clock::time_point last_ = Clock::now();
};

Channel::Channel(int descriptor) : descriptor_{descriptor}
{
    const auto flags = fcntl(descriptor_, F_GETFL);
    if (flags < 0 || fcntl(descriptor_, F_SETFL, flags | O_NONBLOCK) < 0) close();
    // write(2) to an end that is gone would otherwise end the program; sending without the signal
    // is a call that a sandbox has not.
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
}

Channel::~Channel()
{
    close();
}

Channel::Channel(Channel&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}

Channel& Channel::operator=(Channel&& other) noexcept
{
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

void Channel::close()
{
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

ledger::Error Channel::gone()
{
    close();
    return {ledger::ErrorKind::io, "is gone"};
}

Result<void> Channel::wait(short events, Awake& awake)
{
    for (;;) {
        // What is there already is taken, however late it is.
        const bool is_last_look = awake.is_over();
        pollfd asked{descriptor_, events, 0};
        const auto ready = poll(&asked, 1, is_last_look ? 0 : awake.slice_ms());
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return gone();
        if (ready < 0 || !is_last_look) continue;
        close();
        return ledger::Error{ledger::ErrorKind::unavailable, "says nothing"};
    }
}

Result<void> Channel::send(std::span<const std::byte> bytes, Deadline deadline)
{
    Awake awake{deadline};
    while (!bytes.empty()) {
        const auto sent = ::write(descriptor_, bytes.data(), bytes.size());
        if (sent > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        } else if (sent < 0 && errno != EINTR && errno != EAGAIN) {
            // Not closed: what the other end said before it went can still be read.
            return ledger::Error{ledger::ErrorKind::io, "is gone"};
        } else if (auto done = wait(POLLOUT, awake); !done) {
            return done;
        }
    }
    return {};
}

Result<void> Channel::receive(std::span<std::byte> bytes, Deadline deadline)
{
    if (!is_open()) return gone();
    Awake awake{deadline};
    while (!bytes.empty()) {
        const auto got = ::read(descriptor_, bytes.data(), bytes.size());
        if (got > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(got));
            // One byte now and then is no sign of life.
            if (bytes.empty() || !awake.is_over()) continue;
            close();
            return ledger::Error{ledger::ErrorKind::unavailable, "is too slow"};
        }
        if (got == 0 || (errno != EINTR && errno != EAGAIN)) return gone();
        if (auto done = wait(POLLIN, awake); !done) return done;
    }
    return {};
}

Result<std::size_t> Channel::receive_some(std::span<std::byte> bytes)
{
    if (!is_open()) return gone();
    const auto got = ::read(descriptor_, bytes.data(), bytes.size());
    if (got > 0) return static_cast<std::size_t>(got);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return std::size_t{0};
    return gone();
}

bool Channel::wait_for_word(Deadline deadline, const std::function<bool()>& goes_on) const
{
    if (!is_open()) return true;
    Awake awake{deadline};
    for (;;) {
        const bool is_last_look = awake.is_over() || !goes_on();
        pollfd asked{descriptor_, POLLIN, 0};
        const auto ready = poll(&asked, 1, is_last_look ? 0 : awake.slice_ms());
        // What is wrong with it is said to whoever reads.
        if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
        if (is_last_look) return false;
    }
}

bool Channel::is_hung_up() const
{
    pollfd asked{descriptor_, POLLRDHUP, 0};
    return !is_open() || poll(&asked, 1, 0) > 0;
}

Result<std::pair<int, int>> make_channel_ends()
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return ledger::Error{
            ledger::ErrorKind::io,
            std::string{"no connection to a worker can be made: "} + std::strerror(errno)};
    return std::pair{ends[0], ends[1]};
}

}  // namespace training
