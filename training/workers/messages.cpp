#include "training/workers/messages.hpp"

#include <bit>
#include <cstring>

namespace training {
namespace {

using ledger::Result;

static_assert(std::endian::native == std::endian::little, "numbers go as they lie in memory");

constexpr std::uint32_t mark = 0x314b574d;  // "MWK1"

template <class Number>
void put(MessageHead& head, std::size_t& at, Number number)
{
    std::memcpy(head.data() + at, &number, sizeof number);
    at += sizeof number;
}

template <class Number>
void take(const MessageHead& head, std::size_t& at, Number& number)
{
    std::memcpy(&number, head.data() + at, sizeof number);
    at += sizeof number;
}

MessageHead encoded(const Message& message)
{
    MessageHead head{};
    std::size_t at = 0;
    put(head, at, mark);
    put(head, at, message.kind);
    put(head, at, message.step);
    for (const auto number : {message.flags, message.place, message.workers, message.wide,
                              message.narrow, message.text})
        put(head, at, number);
    return head;
}

bool is_kind(Message::Kind kind)
{
    return kind >= Message::Kind::hello && kind <= Message::Kind::stop;
}

template <class Number>
std::span<const std::byte> bytes_of(const std::vector<Number>& numbers)
{
    return std::as_bytes(std::span{numbers});
}

}  // namespace

int status_from(std::uint32_t said)
{
    for (const auto status : {usage_status, unreadable_status, deserted_status, interrupted_status})
        if (said == static_cast<std::uint32_t>(status)) return status;
    return refused_status;
}

Result<void> send(Channel& to, Message head, std::string_view text, Channel::Deadline deadline)
{
    head.text = static_cast<std::uint32_t>(text.size());
    if (auto done = to.send(encoded(head), deadline); !done) return done;
    return to.send(std::as_bytes(std::span{text}), deadline);
}

Result<void> send(Channel& to, Message head, const Sums& sums, Channel::Deadline deadline)
{
    head.wide = static_cast<std::uint32_t>(sums.wide.size());
    head.narrow = static_cast<std::uint32_t>(sums.narrow.size());
    if (auto done = to.send(encoded(head), deadline); !done) return done;
    if (auto done = to.send(bytes_of(sums.wide), deadline); !done) return done;
    return to.send(bytes_of(sums.narrow), deadline);
}

void send_away(Channel& channel, const Refusal& refusal, Channel::Deadline deadline)
{
    Message head;
    head.kind = Message::Kind::stop;
    head.place = static_cast<std::uint32_t>(refusal.status);
    const std::string_view why{refusal.why};
    static_cast<void>(send(channel, head, why.substr(0, MessageLimits{}.text_bytes), deadline));
}

Result<Message> read_head(const MessageHead& head, const MessageLimits& limits)
{
    Message message;
    std::uint32_t marked = 0;
    std::size_t at = 0;
    take(head, at, marked);
    take(head, at, message.kind);
    take(head, at, message.step);
    for (auto* number : {&message.flags, &message.place, &message.workers, &message.wide,
                         &message.narrow, &message.text})
        take(head, at, *number);
    const auto bytes = std::uint64_t{message.wide} * sizeof(double) +
                       std::uint64_t{message.narrow} * sizeof(float);
    const bool has_numbers = bytes != 0;
    if (marked != mark || !is_kind(message.kind) || message.workers > most_workers ||
        message.text > limits.text_bytes || bytes > limits.number_bytes ||
        (has_numbers && (message.text != 0 || message.kind != Message::Kind::sums)))
        return ledger::invalid("says what makes no sense");
    return message;
}

Result<Message> receive_head(Channel& from, const MessageLimits& limits, Channel::Deadline deadline)
{
    MessageHead head;
    if (auto done = from.receive(head, deadline); !done) return done.error();
    auto message = read_head(head, limits);
    if (!message) from.close();
    return message;
}

Result<std::string> receive_text(Channel& from, const Message& head, Channel::Deadline deadline)
{
    std::string text(head.text, ' ');
    if (auto done = from.receive(std::as_writable_bytes(std::span{text}), deadline); !done)
        return done.error();
    // It is shown to people.
    for (auto& each : text)
        if (static_cast<unsigned char>(each) < ' ' && each != '\n') each = ' ';
    return text;
}

Result<void> receive_sums(Channel& from, const Message& head, Sums& sums,
                          Channel::Deadline deadline)
{
    sums.wide.resize(head.wide);
    sums.narrow.resize(head.narrow);
    if (auto done = from.receive(std::as_writable_bytes(std::span{sums.wide}), deadline); !done)
        return done;
    return from.receive(std::as_writable_bytes(std::span{sums.narrow}), deadline);
}

}  // namespace training
