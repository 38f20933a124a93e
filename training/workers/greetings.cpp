#include "training/workers/greetings.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <algorithm>
#include <cerrno>
#include <thread>

namespace training {

using Clock = std::chrono::steady_clock;

std::vector<Greetings::Greeting> Greetings::next(std::chrono::milliseconds wait)
{
    std::vector<pollfd> asked{{listening_, POLLIN, 0}};
    for (const auto& each : pending_) asked.push_back({each.channel.descriptor(), POLLIN, 0});
    static_cast<void>(poll(asked.data(), asked.size(), static_cast<int>(wait.count())));
    std::vector<Greeting> heard;
    if ((asked.front().revents & POLLIN) != 0) accept_all();
    // One that has just come has mostly greeted already.
    std::erase_if(pending_, [&](Pending& each) { return hear(each, heard); });
    if (pending_.size() > limits_.pending)
        pending_.erase(pending_.begin(), pending_.end() - static_cast<long>(limits_.pending));
    return heard;
}

void Greetings::accept_all()
{
    for (std::size_t i = 0; i < limits_.pending; ++i) {
        const auto accepted = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        if (accepted >= 0) {
            pending_.push_back({Channel{accepted}, Clock::now() + limits_.grace});
            continue;
        }
        // Whoever waits is still there: without descriptors the same would be tried at once again.
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        return;
    }
}

/// Whether nothing more is to be heard from it here.
bool Greetings::hear(Pending& from, std::vector<Greeting>& to)
{
    const auto got = from.channel.receive_some(std::span{from.head}.subspan(from.got));
    if (!got) return true;
    from.got += *got;
    if (from.got < from.head.size()) return Clock::now() >= from.until;
    // A greeting has no text and no numbers.
    const auto head = read_head(from.head, {0, 0});
    if (head && head->kind == Message::Kind::hello) to.push_back({std::move(from.channel), *head});
    return true;
}

}  // namespace training
