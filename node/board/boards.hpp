#pragma once

#include "ledger/base/result.hpp"
#include "node/board/board_note.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

namespace node {

struct BoardLimits {
    std::uint64_t bytes = std::uint64_t{64} << 20;  ///< of all boards
    std::uint64_t boards_that_fit = 8;   ///< one may take so-manieth a part of them at most
    std::uint64_t senders_that_fit = 8;  ///< likewise one sender of a board
    std::size_t notes = 64;              ///< that are kept of a sender and topic: the newest
    std::size_t topics = 16;             ///< of a sender
    std::size_t waiting = 256;           ///< readers that wait, of all boards
    std::size_t page = 64;               ///< notes read at once
};

struct BoardUsage {
    std::uint64_t notes{}, bytes{}, waiting{};
};

/// The notes of all orders, in memory. Checks neither who sent them nor when: who calls has done
/// that, and says which orders are over. Knows no clock and does no IO. Any thread.
class Boards {
public:
    explicit Boards(const BoardId& id, const BoardLimits& limits = {}) : id_{id}, limits_{limits} {}

    const BoardId& id() const { return id_; }

    struct Posted {
        std::uint64_t number{};
        bool is_new = true;  ///< else it was up already
    };
    /// Asked after everything else, under the lock: whether something beside the note is in its
    /// way.
    using Admit = std::function<std::optional<NoteRefusal>()>;
    /// Puts up a note and tells who waits for it. The sender's oldest one of its topic makes room
    /// for it, and where all boards are full those of orders that are over, the longest unwritten
    /// first.
    ledger::Result<Posted, NoteRefusal> put(SignedNote note, const Admit& admit = {});

    using Note = std::shared_ptr<const BoardNote>;
    struct Page {
        std::vector<Note> notes;
        std::uint64_t last{};  ///< the newest number of the order; 0 before the first note
    };
    /// The notes above `after`, ascending, at most a page of them.
    Page read(const market::GpuOrderId& order, std::uint64_t after) const;

    using Tell = std::function<void(bool)>;
    /// The place of a reader that waits; it is not told any more once this is gone.
    class Wait {
    public:
        using Key = std::pair<market::GpuOrderId, std::uint64_t>;
        Wait() = default;
        Wait(Boards& boards, const Key& key) : boards_{&boards}, key_{key} {}
        Wait(Wait&& other) noexcept
            : boards_{std::exchange(other.boards_, nullptr)}, key_{other.key_}
        {
        }
        Wait& operator=(Wait&& other) noexcept;
        ~Wait();

    private:
        Boards* boards_ = nullptr;
        Key key_;
    };
    /// `tell` is called once, from any thread, when there is something else to read than what ends
    /// with `after`, maybe at once. Empty when too many wait.
    std::optional<Wait> wait(const market::GpuOrderId& order, std::uint64_t after, Tell tell);
    /// Tells all who wait, and from now on all who come.
    void end_waits();

    /// Orders that have a board and are not known to be over, behind `after`, at most `most`.
    std::vector<market::GpuOrderId> open(const std::optional<market::GpuOrderId>& after,
                                         std::size_t most) const;
    /// The order's board goes when room is needed.
    void mark_over(const market::GpuOrderId& order);

    BoardUsage usage() const;

private:
    using Topics = std::map<std::string, std::vector<Note>>;  ///< each ascending
    struct Board {
        std::uint64_t last = 0;
        std::map<std::uint64_t, Note> notes;
        std::map<ledger::Address, Topics> senders;
        std::uint64_t bytes = 0;
        std::uint64_t written = 0;  ///< by the count of all that was ever put up
        bool is_over = false;
    };
    using All = std::map<market::GpuOrderId, Board>;

    ledger::Result<Posted, NoteRefusal> keep(SignedNote&& note, const Admit& admit);
    bool make_room(std::uint64_t bytes, const market::GpuOrderId& besides);
    void take_down(Board& board, std::vector<Note>& topic);
    void hang(Board& board, SignedNote&& note);
    std::vector<Tell> waiting_for(const market::GpuOrderId& order);
    void forget(const Wait::Key& key);

    const BoardId id_;
    const BoardLimits limits_;
    mutable std::mutex mutex_;
    All boards_;
    std::set<std::pair<std::uint64_t, market::GpuOrderId>> over_;  ///< by `written`
    std::uint64_t notes_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t written_ = 0;
    std::map<Wait::Key, Tell> waiting_;
    std::uint64_t waits_ = 0;
    bool ended_ = false;
};

/// What a note counts for in the bounds: its texts, and about what it takes to keep them.
std::uint64_t note_bytes(const market::LeaseNote&);

}  // namespace node
