#include "training/workers/link.hpp"

#include <algorithm>
#include <charconv>

namespace training {
namespace {

using ledger::Result;
using Kind = Message::Kind;
using Clock = std::chrono::steady_clock;

// One line for each: its number, a blank, why.
std::vector<Lost> lost_from(std::string_view text)
{
    std::vector<Lost> all;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        Lost lost;
        const auto* end = line.data() + line.size();
        const auto read = std::from_chars(line.data(), end, lost.number);
        if (read.ec != std::errc{} || read.ptr == end) continue;
        lost.why = std::string{read.ptr + 1, end};
        all.push_back(std::move(lost));
    }
    return all;
}

}  // namespace

Link::Link(Channel channel, std::uint32_t number, std::uint32_t workers, Patience patience,
           MessageLimits limits)
    : channel_{std::move(channel)},
      number_{number},
      workers_{workers},
      place_{number},
      patience_{patience},
      limits_{limits}
{
}

Channel::Deadline Link::deadline() const
{
    // The hub may have to wait for each of the others, twice.
    return Clock::now() + (patience_.silence + patience_.grace) * (workers_ + 2);
}

Result<Message> Link::hear(Channel::Deadline until)
{
    auto head = receive_head(channel_, limits_, until);
    if (!head)
        return ledger::Error{ledger::ErrorKind::unavailable,
                             "whoever adds up for the workers " + head.error().detail};
    if (head->kind != Kind::stop) return head;
    const auto why = receive_text(channel_, *head, until);
    told_status_ = status_from(head->place);
    return ledger::invalid(why ? *why : "told to end");
}

Result<void> Link::greet()
{
    Message head;
    head.place = number_;
    head.workers = workers_;
    // Whoever leads may still be handing out samples. What cannot be sent was refused: the reason
    // may be waiting.
    const auto until = Clock::now() + patience_.joining;
    static_cast<void>(send(channel_, head, std::string_view{}, until));
    const auto said = hear(until);
    if (!said) return said.error();
    if (said->kind != Kind::hello || said->place != number_ || said->workers != workers_)
        return ledger::invalid("whoever adds up for the workers says what makes no sense");
    return {};
}

Result<void> Link::join(const Beginning& beginning, const std::function<bool()>& goes_on)
{
    const auto until = Clock::now() + patience_.joining + patience_.grace;
    Message head;
    head.kind = Kind::ready;
    // What cannot be sent was refused: the reason may be waiting.
    static_cast<void>(send(channel_, head, beginning.text(), until));
    if (!channel_.wait_for_word(until, goes_on) && !goes_on())
        return ledger::Error{ledger::ErrorKind::unavailable, "interrupted, before training began"};
    const auto said = hear(until);
    if (!said) return said.error();
    if (said->kind != Kind::ready) return ledger::invalid("the workers cannot begin");
    return {};
}

Result<void> Link::add_up(std::uint64_t step, Sums& sums)
{
    const auto until = deadline();
    Message head;
    head.kind = Kind::sums;
    head.step = step;
    head.flags = mine_;
    if (sums.wide.size() * sizeof(double) + sums.narrow.size() * sizeof(float) >
        limits_.number_bytes)
        return ledger::Error{ledger::ErrorKind::full,
                             "a step has more numbers than workers may send each other"};
    static_cast<void>(send(channel_, head, sums, until));
    const auto said = hear(until);
    if (!said) return said.error();
    if (said->kind == Kind::changed && said->workers >= 1 && said->place < said->workers) {
        const auto text = receive_text(channel_, *said, until);
        if (!text) return text.error();
        changes_ = lost_from(*text);
        workers_ = said->workers;
        place_ = said->place;
        return ledger::Error{ledger::ErrorKind::unavailable, "another worker was lost"};
    }
    if (said->kind != Kind::sums || said->step != step || said->wide != sums.wide.size() ||
        said->narrow != sums.narrow.size())
        return ledger::invalid("whoever adds up for the workers says what makes no sense");
    wishes_ |= said->flags;
    // It was heard: what follows has the same patience, also where this process stood still.
    return receive_sums(channel_, *said, sums, std::max(until, deadline()));
}

std::vector<Lost> Link::take_changes()
{
    return std::exchange(changes_, {});
}

bool Link::leave(int status, std::string_view why)
{
    if (was_stopped() || !channel_.is_open()) return was_stopped();
    Message head;
    head.kind = Kind::farewell;
    head.place = static_cast<std::uint32_t>(status);
    return send(channel_, head, why.substr(0, limits_.text_bytes), Clock::now() + patience_.grace)
        .has_value();
}

}  // namespace training
