#include "edge/outbox/sender.hpp"

namespace edge {

using ledger::ErrorKind;
using ledger::Result;

Result<Sent> send_all(Queue& queue, Sender& sender, const std::function<bool()>& goes_on)
{
    Sent sent;
    std::uint64_t number = 0;
    while (const auto next = queue.next_unsent(number)) {
        number = *next;
        const auto batch = queue.read(number);
        auto done = batch ? sender.send(*batch) : Result<void>{batch.error()};
        if (!done && done.error().kind == ErrorKind::corrupt) {
            if (const auto aside = queue.set_aside(number); !aside) return aside.error();
            ++sent.set_aside;
            continue;
        }
        if (!done && done.error().kind == ErrorKind::denied) {
            ++sent.refused;
            if (!sent.refusal) sent.refusal = done.error();
            continue;
        }
        if (!done) return done.error();
        if (const auto marked = queue.mark_sent(number); !marked) return marked.error();
        sender.forget(number);
        ++sent.batches;
        if (goes_on && !goes_on()) break;
    }
    return sent;
}

}  // namespace edge
