#include "node/blobs/store/disk_batches_room.hpp"

#include <utility>

// Batches go, and leave room.
namespace node {

using namespace ledger;

namespace {

bool fits(std::uint64_t have, std::uint64_t more, std::uint64_t most)
{
    return have <= most && more <= most - have;
}

}  // namespace

std::optional<Hash> DiskBatches::longest_unused() const
{
    auto oldest = known_.end();
    for (auto at = known_.begin(); at != known_.end(); ++at)
        if (at->second.holders.empty() &&
            (oldest == known_.end() || at->second.used_ms < oldest->second.used_ms))
            oldest = at;
    if (oldest == known_.end()) return {};
    return oldest->first;
}

/// With `names` where it may collect. Whoever is given room makes a `Room` of it.
Result<void> DiskBatches::make_room(Names& names, std::uint64_t bytes, bool may_collect)
{
    bool has_swept = false, has_waited = false;
    Result<void> swept;
    for (;;) {
        std::optional<Hash> victim;
        bool is_going = false;
        {
            const std::lock_guard lock{mutex_};
            if (fits(total_ + reserved_, bytes, limits_.quota_bytes)) {
                reserved_ += bytes;
                return {};
            }
            is_going = busy_.size() > beginning_;
            if (may_collect) victim = longest_unused();
        }
        // What goes already may be enough.
        if (may_collect && is_going && !std::exchange(has_waited, true)) {
            freed_.wait_for(names, limits_.patience);
            continue;
        }
        if (may_collect && !std::exchange(has_swept, true)) {
            swept = sweep_all(names, false);
            continue;
        }
        if (!victim && !swept) return swept;
        if (!victim) return Error{ErrorKind::full, "the quota for batches is used up"};
        if (const auto done = erase(names, *victim); !done) return done;
    }
}

/// With `names_mutex_`. From now on there is no such batch, for callers and after a crash.
Result<void> DiskBatches::detach(const Hash& root)
{
    Batch batch;
    {
        const std::lock_guard lock{mutex_};
        const auto found = known_.find(root);
        if (found == known_.end()) return no_batch();
        batch = found->second.batch;
        left_over_[root] = {found->second.counted, batch, false, {}};
        if (found->second.is_open) --open_;
        known_.erase(found);
    }
    return batch->retire();
}

/// With `names`.
Result<void> DiskBatches::erase(Names& names, const Hash& root)
{
    // Where the disk fails, sweeping meets that again.
    const auto detached = detach(root);
    if (!detached && detached.error().kind == ErrorKind::not_found) return detached;
    return sweep(names, root);
}

/// With `names`: removes what is left of a batch that was removed, if nobody else does.
Result<void> DiskBatches::sweep(Names& names, const Hash& root)
{
    Batch batch;
    bool is_last = false;
    {
        const std::lock_guard lock{mutex_};
        const auto found = left_over_.find(root);
        if (found == left_over_.end()) return {};
        if (!busy_.insert(root).second) return is_busy();
        batch = found->second.batch;
        // There is a bound for batches that are remembered, too.
        is_last = found->second.is_empty || chunks_->lateness().count() == 0 ||
                  left_over_.size() > limits_.batches;
    }
    const auto place = place_of(root);
    names.unlock();
    auto done = batch ? batch->erase() : StoredBatch::erase_files(place);
    if (done && is_last) done = StoredBatch::forget_gone(place);
    names.lock();
    set_free(root);
    if (!done) return done;
    const std::lock_guard lock{mutex_};
    const auto found = left_over_.find(root);
    total_ -= found->second.bytes;
    if (is_last)
        left_over_.erase(found);
    else
        found->second = {0, nullptr, true, clock_.now() + chunks_->lateness()};
    return {};
}

/// With `names`. One that cannot be swept now keeps no other from it; its error is told. Empty ones
/// take no room: only for them to be gone.
Result<void> DiskBatches::sweep_all(Names& names, bool with_empty)
{
    std::vector<Hash> roots;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [root, left] : left_over_)
            if (left.is_empty ? with_empty && clock_.now() >= left.until : true)
                roots.push_back(root);
    }
    Result<void> told;
    for (const auto& root : roots)
        if (auto done = sweep(names, root); !done && told) told = std::move(done);
    return told;
}

/// With `names`: until nobody begins or removes this batch; false where that takes too long.
bool DiskBatches::wait_for(Names& names, const Hash& root)
{
    return freed_.wait_for(names, limits_.patience, [&] {
        const std::lock_guard lock{mutex_};
        return !busy_.contains(root);
    });
}

/// With `names_mutex_`.
void DiskBatches::set_free(const Hash& root)
{
    const std::lock_guard lock{mutex_};
    busy_.erase(root);
    freed_.notify_all();
}

Result<void> DiskBatches::remove(const Hash& root)
{
    Names names{names_mutex_};
    const auto known = info(root);
    if (!known) return known.error();
    if (!known->holders.empty())
        return Error{ErrorKind::denied, "the batch is held by " + known->holders.front()};
    return erase(names, root);
}

Result<std::uint64_t> DiskBatches::collect(std::uint64_t bytes)
{
    Names names{names_mutex_};
    const auto swept = sweep_all(names, true);
    std::uint64_t freed = 0;
    for (;;) {
        std::optional<Hash> victim;
        {
            const std::lock_guard lock{mutex_};
            if (fits(total_ + reserved_, bytes, limits_.quota_bytes)) break;
            victim = longest_unused();
            if (victim) freed += known_.at(*victim).counted;
        }
        if (!victim) break;
        if (const auto done = erase(names, *victim); !done) return done.error();
    }
    if (!swept) return swept.error();
    return freed;
}

}  // namespace node
