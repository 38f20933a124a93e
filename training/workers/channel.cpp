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

Result<void> Channel::wait(short events, Deadline deadline)
{
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd asked{descriptor_, events, 0};
        const auto ready = poll(&asked, 1, static_cast<int>(std::clamp(left, 0L, 60'000L)));
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return gone();
        if (Clock::now() < deadline) continue;
        close();
        return ledger::Error{ledger::ErrorKind::unavailable, "says nothing"};
    }
}

Result<void> Channel::send(std::span<const std::byte> bytes, Deadline deadline)
{
    while (!bytes.empty()) {
        const auto sent = ::write(descriptor_, bytes.data(), bytes.size());
        if (sent > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        } else if (sent < 0 && errno != EINTR && errno != EAGAIN) {
            // Not closed: what the other end said before it went can still be read.
            return ledger::Error{ledger::ErrorKind::io, "is gone"};
        } else if (auto done = wait(POLLOUT, deadline); !done) {
            return done;
        }
    }
    return {};
}

Result<void> Channel::receive(std::span<std::byte> bytes, Deadline deadline)
{
    if (!is_open()) return gone();
    while (!bytes.empty()) {
        const auto got = ::read(descriptor_, bytes.data(), bytes.size());
        if (got > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(got));
        } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
            return gone();
        } else if (auto done = wait(POLLIN, deadline); !done) {
            return done;
        }
        // One byte now and then is no sign of life.
        if (!bytes.empty() && Clock::now() >= deadline) {
            close();
            return ledger::Error{ledger::ErrorKind::unavailable, "is too slow"};
        }
    }
    return {};
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
