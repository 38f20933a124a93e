#include "edge/outbox/sender.hpp"

namespace edge {

using ledger::ErrorKind;
using ledger::Result;

Result<void> note(Queue& queue, Sender& sender, std::uint64_t number, const Result<void>& done,
                  Sent& sent)
{
    if (!done && done.error().kind == ErrorKind::corrupt) {
        if (const auto aside = queue.set_aside(number); !aside) return aside;
        ++sent.set_aside;
        return {};
    }
    if (!done && done.error().kind == ErrorKind::denied) {
        ++sent.refused;
        if (!sent.refusal) sent.refusal = done.error();
        return {};
    }
    if (!done) return done;
    if (const auto marked = queue.mark_sent(number); !marked) return marked;
    sender.forget(number);
    ++sent.batches;
    return {};
}

Result<Sent> send_all(Queue& queue, Sender& sender, const std::function<bool()>& goes_on)
{
    Sent sent;
    std::uint64_t number = 0;
    while (const auto next = queue.next_unsent(number)) {
        number = *next;
        const auto before = sent.batches;
        const auto batch = queue.read(number);
        const auto done = batch ? sender.send(*batch) : Result<void>{batch.error()};
        if (const auto noted = note(queue, sender, number, done, sent); !noted)
            return noted.error();
        if (sent.batches != before && goes_on && !goes_on()) break;
    }
    return sent;
}

}  // namespace edge
