#include "edge/outbox/delivery.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace edge {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

Result<std::unique_ptr<Delivery>> Delivery::make(Queue& queue, Sender& sender)
{
    const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0)
        return Error{ErrorKind::io,
                     "cannot make an eventfd: " + std::generic_category().message(errno)};
    return std::unique_ptr<Delivery>{new Delivery{queue, sender, descriptor}};
}

Delivery::~Delivery()
{
    running_.reset();
    ::close(descriptor_);
}

bool Delivery::take_sign() const
{
    std::uint64_t count = 0;
    return ::read(descriptor_, &count, sizeof count) == sizeof count;
}

Result<void> Delivery::begin(std::uint64_t number)
{
    auto read = queue_->read(number);
    if (!read) return note(*queue_, *sender_, number, read.error(), sent_);
    auto batch = std::make_shared<const StoredBatch>(std::move(*read));
    // The sign is given whatever happens, and before the thread is done: who saw it waits a moment.
    struct Sign {
        int descriptor;
        ~Sign() { static_cast<void>(::eventfd_write(descriptor, 1)); }
    };
    try {
        auto result = std::async(std::launch::async, [sender = sender_, batch, to = descriptor_] {
            const Sign sign{to};
            return sender->send(*batch);
        });
        running_.emplace(number, std::move(batch), std::move(result));
    } catch (const std::system_error& problem) {
        return Error{ErrorKind::unavailable,
                     std::string{"cannot start a thread to send in: "} + problem.what()};
    }
    return {};
}

Result<void> Delivery::end()
{
    const auto done = running_->result.get();
    const auto noted = note(*queue_, *sender_, running_->number, done, sent_);
    running_.reset();
    return noted;
}

Result<Sent> Delivery::stop(const Result<void>& why)
{
    after_ = 0;
    const auto sent = std::exchange(sent_, {});
    if (!why) return why.error();
    return sent;
}

std::optional<Result<Sent>> Delivery::step()
{
    if (running_) {
        if (!take_sign()) return {};
        const auto ended = end();
        if (!ended || sent_.batches != 0) return stop(ended);
    }
    while (const auto next = queue_->next_unsent(after_)) {
        after_ = *next;
        if (const auto begun = begin(*next); !begun) return stop(begun);
        if (running_) return {};
    }
    return stop({});
}

Result<Sent> Delivery::finish()
{
    Result<void> ended;
    if (running_) {
        ended = end();
        static_cast<void>(take_sign());
    }
    return stop(ended);
}

}  // namespace edge
