#include "node/blobs/store/scrubber.hpp"

namespace node {

using namespace ledger;

Scrubber::Scrubber(BatchStore& store, BatchCounts& counts, const ScrubLimits& limits, Lost lost)
    : store_{store}, counts_{counts}, limits_{limits}, lost_{std::move(lost)}
{
}

Scrubber::~Scrubber()
{
    stop();
}

void Scrubber::start()
{
    if (limits_.bytes_per_second != 0) thread_ = std::thread{[this] { run(); }};
}

void Scrubber::stop()
{
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

std::chrono::nanoseconds Scrubber::step()
{
    if (!root_) {
        const auto following = store_.list(last_, 1);
        if (following.empty()) {
            last_.reset();
            // What could not be removed before may be by now; nobody waits for it.
            static_cast<void>(store_.collect(0));
            return limits_.rest;
        }
        root_ = following.front();
        next_ = 0;
        is_lost_ = false;
    }
    const auto step = store_.scrub(*root_, next_, limits_.step_chunks);
    std::uint64_t bytes = 0;
    if (step) {
        bytes = step->bytes;
        counts_.scrubbed_bytes += bytes;
        counts_.damaged_chunks += step->damaged.size();
        is_lost_ = is_lost_ || !step->damaged.empty() || step->is_table_damaged;
        next_ = step->next;
    }
    const auto info = store_.info(*root_);
    // Of a batch that is gone or cannot be read the next round will know more.
    if (!step || !info || next_ >= info->summary.chunks) {
        last_ = std::exchange(root_, std::nullopt);
        if (is_lost_ && lost_) lost_(*last_);
    }
    return std::chrono::nanoseconds{bytes * 1'000'000'000 / limits_.bytes_per_second};
}

void Scrubber::run()
{
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        lock.unlock();
        const auto wait = step();
        lock.lock();
        changed_.wait_for(lock, wait, [this] { return stopping_; });
    }
}

}  // namespace node
