#include "training/checkpoint/worker_counts.hpp"

#include "training/workers/messages.hpp"

#include <algorithm>
#include <charconv>

namespace training {
namespace {

constexpr std::size_t most_changes = 100'000;

template <class Number>
bool read_number(std::string_view text, Number& to)
{
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, to);
    return read.ec == std::errc{} && read.ptr == end && (text == "0" || !text.starts_with('0'));
}

}  // namespace

ledger::Result<WorkerCounts> WorkerCounts::read(std::string_view text)
{
    const auto wrong = [&] {
        return ledger::invalid("'" + std::string{text.substr(0, 100)} +
                               "' is no number of workers from 1 to " +
                               std::to_string(most_workers) +
                               ", nor several with the steps after which they change, as 3,2@40");
    };
    WorkerCounts made;
    made.counts_.clear();
    for (auto rest = text;;) {
        const auto part = rest.substr(0, rest.find(','));
        const auto at = part.find('@');
        Count count;
        if (!read_number(part.substr(0, at), count.workers) || count.workers == 0 ||
            count.workers > most_workers || made.counts_.size() == most_changes)
            return wrong();
        const bool is_first = made.counts_.empty();
        if (is_first != (at == std::string_view::npos)) return wrong();
        if (!is_first && (!read_number(part.substr(at + 1), count.after) ||
                          count.after <= made.counts_.back().after || count.workers == made.last()))
            return wrong();
        made.counts_.push_back(count);
        if (part.size() == rest.size()) return made;
        rest.remove_prefix(part.size() + 1);
    }
}

std::string WorkerCounts::text() const
{
    std::string text;
    for (const auto& each : counts_) {
        if (!text.empty()) text += ",";
        text += std::to_string(each.workers);
        if (each.after != 0) text += "@" + std::to_string(each.after);
    }
    return text;
}

std::uint32_t WorkerCounts::after(std::uint64_t step) const
{
    const auto next = std::ranges::upper_bound(counts_, step, {}, &Count::after);
    return std::prev(next)->workers;
}

void WorkerCounts::change(std::uint64_t step, std::uint32_t workers)
{
    while (!counts_.empty() && counts_.back().after >= step) counts_.pop_back();
    if (counts_.empty()) counts_.push_back({0, workers});
    if (counts_.back().workers != workers && counts_.size() < most_changes)
        counts_.push_back({step, workers});
}

}  // namespace training
