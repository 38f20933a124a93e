#pragma once

#include "ledger/base/ids.hpp"
#include "training/workers/channel.hpp"
#include "training/workers/sums.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace training {

inline constexpr std::uint32_t most_workers = 64;

/// Exit statuses that workers tell each other: those of the program.
inline constexpr int usage_status = 1;
inline constexpr int refused_status = 2;
inline constexpr int unreadable_status = 4;
inline constexpr int deserted_status = 5;
inline constexpr int interrupted_status = 130;
/// One of these, whatever the other end has said; never that all is well.
int status_from(std::uint32_t said);

/// What workers and whoever adds up for them say to each other: a head of 40 bytes, then a text or
/// the numbers, wide ones first. All integers and numbers little-endian.
struct Message {
    enum class Kind : std::uint32_t {
        hello = 1,  ///< a worker is there: `place`, `workers`; comes back where it is welcome
        ready,      ///< it has all it needs: text, a Beginning; comes back when all begin
        sums,       ///< numbers, both ways; `step`, `flags`
        changed,    ///< how many are left, and the place of the one told; text, who is lost
        farewell,   ///< a worker ends with an error: `place` is its status, text says why
        stop,       ///< end: `place` is the status, text says why
    };
    Kind kind = Kind::hello;
    std::uint32_t flags = 0;
    std::uint32_t place = 0;
    std::uint32_t workers = 0;
    std::uint64_t step = 0;
    std::uint32_t wide = 0;    ///< numbers
    std::uint32_t narrow = 0;  ///< numbers
    std::uint32_t text = 0;    ///< bytes, instead of numbers
};

/// What a worker asks of all, in Message::flags; what comes back is what anybody has asked for.
enum Wish : std::uint32_t {
    wish_interrupt = 1,  ///< end after this step
    wish_time_over = 2,  ///< the same
    wish_done = 4,       ///< there is nothing left to do; over when all say so
};

/// How long anybody waits for anybody.
struct Patience {
    std::chrono::seconds silence{120};  ///< for a step: computing it, measuring, keeping it
    std::chrono::seconds joining{600};  ///< for a worker that reads its samples
    /// For each worker more, after one was waited for: those after it have long said theirs.
    std::chrono::seconds grace{5};
};

struct MessageLimits {
    std::uint32_t text_bytes = 4096;
    std::uint64_t number_bytes = std::uint64_t{4} << 30;  ///< of the numbers of one message
};

/// Why somebody is told to end, and with which status.
struct Refusal {
    int status = refused_status;
    std::string why;
};

ledger::Result<void> send(Channel& to, Message head, std::string_view text,
                          Channel::Deadline deadline);
ledger::Result<void> send(Channel& to, Message head, const Sums& sums, Channel::Deadline deadline);

/// Tells the other end to end, and waits for nothing.
void send_away(Channel& channel, const Refusal& refusal, Channel::Deadline deadline);

inline constexpr std::size_t head_bytes = 40;
using MessageHead = std::array<std::byte, head_bytes>;
/// What these bytes say. `invalid` where they are no head, or one above the limits.
ledger::Result<Message> read_head(const MessageHead& head, const MessageLimits& limits);

/// The head of the next message. `invalid` where it is none, or one above the limits: nothing has
/// been made room for.
ledger::Result<Message> receive_head(Channel& from, const MessageLimits& limits,
                                     Channel::Deadline deadline);
/// What belongs to it; `sums` gets the head's size.
ledger::Result<std::string> receive_text(Channel& from, const Message& head,
                                         Channel::Deadline deadline);
ledger::Result<void> receive_sums(Channel& from, const Message& head, Sums& sums,
                                  Channel::Deadline deadline);

}  // namespace training
