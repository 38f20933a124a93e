#include "node/board/boards.hpp"

#include <algorithm>

namespace node {

using namespace ledger;
using market::GpuOrderId;

std::uint64_t note_bytes(const market::LeaseNote& note)
{
    return 512 + note.topic.size() + note.body.size();
}

Boards::Wait& Boards::Wait::operator=(Wait&& other) noexcept
{
    if (this == &other) return *this;
    if (boards_) boards_->forget(key_);
    boards_ = std::exchange(other.boards_, nullptr);
    key_ = other.key_;
    return *this;
}

Boards::Wait::~Wait()
{
    if (boards_) boards_->forget(key_);
}

Result<Boards::Posted, NoteRefusal> Boards::put(SignedNote note, const Admit& admit)
{
    const auto order = note.note.order;
    std::vector<Tell> waiting;
    const auto posted = [&] {
        const std::lock_guard lock{mutex_};
        auto kept = keep(std::move(note), admit);
        if (kept && kept->is_new) waiting = waiting_for(order);
        return kept;
    }();
    for (const auto& tell : waiting) tell(true);
    return posted;
}

Result<Boards::Posted, NoteRefusal> Boards::keep(SignedNote&& note, const Admit& admit)
{
    static const Board none;
    const auto& said = note.note;
    const auto at = boards_.find(said.order);
    const auto& board = at != boards_.end() ? at->second : none;
    const auto sender = board.senders.find(note.from);
    const Topics* topics = sender != board.senders.end() ? &sender->second : nullptr;
    const auto topic = topics ? topics->find(said.topic) : Topics::const_iterator{};
    std::uint64_t freed = 0;
    if (topics && topic != topics->end()) {
        const auto& before = topic->second;
        for (const auto& known : before)
            if (known->posted.note == said) return Posted{known->number, false};
        if (said.sent_ms <= before.back()->posted.note.sent_ms) return NoteRefusal::out_of_order;
        if (before.size() >= limits_.notes) freed = note_bytes(before.front()->posted.note);
    } else if (topics && topics->size() >= limits_.topics) {
        return NoteRefusal::too_many_topics;
    }
    const auto bytes = note_bytes(said);
    std::uint64_t of_sender = 0;
    if (topics)
        for (const auto& [name, notes] : *topics)
            for (const auto& one : notes) of_sender += note_bytes(one->posted.note);
    if (of_sender - freed + bytes >
        limits_.bytes / limits_.boards_that_fit / limits_.senders_that_fit)
        return NoteRefusal::full;
    if (board.bytes - freed + bytes > limits_.bytes / limits_.boards_that_fit)
        return NoteRefusal::full;
    if (bytes > freed && !make_room(bytes - freed, said.order)) return NoteRefusal::full;
    if (admit)
        if (const auto refusal = admit()) return *refusal;
    auto& to = boards_[said.order];
    hang(to, std::move(note));
    return Posted{to.last, true};
}

void Boards::hang(Board& board, SignedNote&& note)
{
    if (!board.is_over) board.written = ++written_;
    auto& topic = board.senders[note.from][note.note.topic];
    if (topic.size() >= limits_.notes) take_down(board, topic);
    const auto bytes = note_bytes(note.note);
    board.bytes += bytes;
    bytes_ += bytes;
    ++notes_;
    topic.push_back(std::make_shared<const BoardNote>(BoardNote{++board.last, std::move(note)}));
    board.notes.emplace(board.last, topic.back());
}

/// The oldest of a sender's topic.
void Boards::take_down(Board& board, std::vector<Note>& topic)
{
    const auto bytes = note_bytes(topic.front()->posted.note);
    board.bytes -= bytes;
    bytes_ -= bytes;
    --notes_;
    board.notes.erase(topic.front()->number);
    topic.erase(topic.begin());
}

/// Whether so many bytes more fit, after boards of orders that are over have gone where they must.
bool Boards::make_room(std::uint64_t bytes, const GpuOrderId& besides)
{
    for (auto at = over_.begin(); bytes_ + bytes > limits_.bytes && at != over_.end();) {
        if (at->second == besides) {
            ++at;
            continue;
        }
        const auto gone = boards_.find(at->second);
        bytes_ -= gone->second.bytes;
        notes_ -= gone->second.notes.size();
        boards_.erase(gone);
        at = over_.erase(at);
    }
    return bytes_ + bytes <= limits_.bytes;
}

Boards::Page Boards::read(const GpuOrderId& order, std::uint64_t after) const
{
    const std::lock_guard lock{mutex_};
    Page page;
    const auto board = boards_.find(order);
    if (board == boards_.end()) return page;
    page.last = board->second.last;
    const auto& notes = board->second.notes;
    for (auto at = notes.upper_bound(after); at != notes.end() && page.notes.size() < limits_.page;
         ++at)
        page.notes.push_back(at->second);
    return page;
}

std::optional<Boards::Wait> Boards::wait(const GpuOrderId& order, std::uint64_t after, Tell tell)
{
    {
        const std::lock_guard lock{mutex_};
        const auto board = boards_.find(order);
        const auto last = board != boards_.end() ? board->second.last : 0;
        // A reader that knows more than there is has read another node's board.
        if (last == after && !ended_) {
            if (waiting_.size() >= limits_.waiting) return {};
            const Wait::Key key{order, ++waits_};
            waiting_.emplace(key, std::move(tell));
            return std::optional<Wait>{std::in_place, *this, key};
        }
    }
    tell(true);
    return std::optional<Wait>{std::in_place};
}

std::vector<Boards::Tell> Boards::waiting_for(const GpuOrderId& order)
{
    std::vector<Tell> found;
    auto at = waiting_.lower_bound({order, 0});
    while (at != waiting_.end() && at->first.first == order) {
        found.push_back(std::move(at->second));
        at = waiting_.erase(at);
    }
    return found;
}

void Boards::forget(const Wait::Key& key)
{
    const std::lock_guard lock{mutex_};
    waiting_.erase(key);
}

void Boards::end_waits()
{
    std::map<Wait::Key, Tell> waiting;
    {
        const std::lock_guard lock{mutex_};
        ended_ = true;
        waiting = std::exchange(waiting_, {});
    }
    for (const auto& [key, tell] : waiting) tell(true);
}

std::vector<GpuOrderId> Boards::open(const std::optional<GpuOrderId>& after, std::size_t most) const
{
    const std::lock_guard lock{mutex_};
    std::vector<GpuOrderId> orders;
    for (auto at = after ? boards_.upper_bound(*after) : boards_.begin();
         at != boards_.end() && orders.size() < most; ++at)
        if (!at->second.is_over) orders.push_back(at->first);
    return orders;
}

void Boards::mark_over(const GpuOrderId& order)
{
    const std::lock_guard lock{mutex_};
    const auto board = boards_.find(order);
    if (board == boards_.end() || board->second.is_over) return;
    board->second.is_over = true;
    over_.insert({board->second.written, order});
}

BoardUsage Boards::usage() const
{
    const std::lock_guard lock{mutex_};
    return {notes_, bytes_, waiting_.size()};
}

}  // namespace node
