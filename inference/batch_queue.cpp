#include "inference/batch_queue.hpp"

#include <algorithm>
#include <utility>

namespace inference {
namespace {

// Callers choose the kinds, so this bounds what finding riders may cost.
constexpr std::size_t look_ahead = 256;

}  // namespace

BatchQueue::BatchQueue(const PoolOptions& options)
    : options_{options}, levels_(std::max(1u, options.priority_levels))
{
}

bool BatchQueue::add(PoolJob& job, Instant now, std::vector<Ended>& ended)
{
    end_the_old(now, ended);
    auto& level = levels_[level_of(job.request.priority)];
    if (level.size() >= options_.queue_slots) end_the_dead(level, now, ended);
    if (level.size() >= options_.queue_slots) return false;
    job.submitted = now;
    std::chrono::nanoseconds wait = options_.batch.delay;
    if (job.request.control.deadline)
        wait = std::min<std::chrono::nanoseconds>(wait, (*job.request.control.deadline - now) / 2);
    job.due = now + wait;
    level.push_back(std::move(job));
    return true;
}

BatchQueue::Taken BatchQueue::take(Instant now, std::vector<Ended>& ended)
{
    Taken taken;
    end_the_old(now, ended);
    for (std::size_t i = 0; i < levels_.size(); ++i) {
        auto& level = levels_[i];
        while (!level.empty()) {
            auto why = death_of(level.front().request.control, now);
            if (!why) break;
            ended.push_back({std::move(level.front()), std::move(*why)});
            level.pop_front();
        }
        if (level.empty()) continue;
        bool full = false;
        const auto together = riders(i, now, full, ended);
        const auto count = ready(together, full, now, taken.wake);
        // Who waits for company holds nobody of a lower level up.
        if (count == 0) continue;
        for (std::size_t n = 0; n < count; ++n) {
            taken.jobs.push_back(std::move(*together[n].at));
            together[n].level->erase(together[n].at);
        }
        return taken;
    }
    return taken;
}

/// The first of level `first` and those that may go with it; `full` when no more could join.
std::vector<BatchQueue::Rider> BatchQueue::riders(std::size_t first, Instant now, bool& full,
                                                  std::vector<Ended>& ended)
{
    auto& front = levels_[first].front();
    std::vector<Rider> together{{&levels_[first], levels_[first].begin()}};
    const auto& batch = options_.batch;
    full = !front.part || front.rows >= batch.max_rows;
    auto rows = front.rows;
    auto bytes = front.part ? front.part->bytes : 0;
    std::size_t seen = 0;
    for (auto i = first; i < levels_.size() && !full; ++i) {
        auto& level = levels_[i];
        for (auto at = i == first ? std::next(level.begin()) : level.begin();
             at != level.end() && !full && seen < look_ahead; ++seen) {
            const auto here = at++;
            if (!here->part || here->part->kind != front.part->kind) continue;
            if (auto why = death_of(here->request.control, now)) {
                ended.push_back({std::move(*here), std::move(*why)});
                level.erase(here);
                continue;
            }
            full = here->rows > batch.max_rows - rows ||
                   here->part->bytes > batch.max_bytes - std::min(bytes, batch.max_bytes);
            if (full) break;
            rows += here->rows;
            bytes += here->part->bytes;
            together.push_back({&level, here});
            full = rows == batch.max_rows;
        }
    }
    return together;
}

/// How many of `riders` go now; with none, `wake` is when they will.
std::size_t BatchQueue::ready(const std::vector<Rider>& riders, bool full, Instant now,
                              std::optional<Instant>& wake) const
{
    if (full) return riders.size();
    std::size_t preferred = 0;
    std::uint64_t rows = 0;
    auto due = riders.front().at->due;
    for (std::size_t i = 0; i < riders.size(); ++i) {
        rows += riders[i].at->rows;
        due = std::min(due, riders[i].at->due);
        if (std::ranges::find(options_.batch.preferred, rows) != options_.batch.preferred.end())
            preferred = i + 1;
    }
    if (preferred != 0) return preferred;
    if (due <= now) return riders.size();
    wake = std::min(wake.value_or(due), due);
    return 0;
}

std::vector<PoolJob> BatchQueue::take_all()
{
    std::vector<PoolJob> all;
    for (auto& level : levels_) {
        for (auto& job : level) all.push_back(std::move(job));
        level.clear();
    }
    return all;
}

std::size_t BatchQueue::size() const
{
    std::size_t count = 0;
    for (const auto& level : levels_) count += level.size();
    return count;
}

std::size_t BatchQueue::level_of(std::uint64_t priority) const
{
    if (priority == 0 || priority > levels_.size()) priority = options_.default_level;
    return std::clamp<std::size_t>(priority, 1, levels_.size()) - 1;
}

void BatchQueue::end_the_old(Instant now, std::vector<Ended>& ended)
{
    if (options_.max_age.count() == 0) return;
    for (auto& level : levels_)
        while (!level.empty() && now - level.front().submitted > options_.max_age) {
            auto why = death_of(level.front().request.control, now);
            if (!why)
                why = {InferErrorKind::busy, "the request waited more than " +
                                                 std::to_string(options_.max_age.count()) + " us"};
            ended.push_back({std::move(level.front()), std::move(*why)});
            level.pop_front();
        }
}

void BatchQueue::end_the_dead(Level& level, Instant now, std::vector<Ended>& ended)
{
    for (auto at = level.begin(); at != level.end();) {
        const auto here = at++;
        if (auto why = death_of(here->request.control, now)) {
            ended.push_back({std::move(*here), std::move(*why)});
            level.erase(here);
        }
    }
}

}  // namespace inference
