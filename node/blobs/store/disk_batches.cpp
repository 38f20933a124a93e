#include "node/blobs/store/disk_batches.hpp"

#include "ledger/base/hex.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace node {

using namespace ledger;

namespace {

/// How far the disk may be behind in knowing when a batch was used.
constexpr std::uint64_t mark_every_ms = 3'600'000;

Error no_batch()
{
    return {ErrorKind::not_found, "this batch is not kept here"};
}

bool fits(std::uint64_t have, std::uint64_t more, std::uint64_t most)
{
    return have <= most && more <= most - have;
}

}  // namespace

class DiskBatches::Room {
public:
    Room(DiskBatches& batches, std::uint64_t bytes) : batches_{batches}, bytes_{bytes} {}
    ~Room()
    {
        const std::lock_guard lock{batches_.mutex_};
        batches_.reserved_ -= bytes_;
    }
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;

private:
    DiskBatches& batches_;
    std::uint64_t bytes_;
};

StoredBatch::Place DiskBatches::place_of(const Hash& root) const
{
    auto name = to_hex(root.view());
    return {disk_, *chunks_, folder_ + "/" + name.substr(0, 2), name, damaged_};
}

Result<DiskBatches::Batch> DiskBatches::find(const Hash& root)
{
    const std::lock_guard lock{mutex_};
    const auto found = known_.find(root);
    if (found == known_.end()) return no_batch();
    found->second.used_ms = clock_.wall().value;
    return found->second.batch;
}

/// After work on a batch: what it takes now, and who else can be closed.
void DiskBatches::count(const Hash& root)
{
    const std::lock_guard lock{mutex_};
    const auto found = known_.find(root);
    if (found == known_.end()) return;
    auto& known = found->second;
    const auto bytes = known.batch->stored_bytes();
    total_ = total_ - known.counted + bytes;
    known.counted = bytes;
    if (!known.is_open) ++open_;
    known.is_open = true;
    close_others(root);
}

void DiskBatches::close_others(const Hash& root)
{
    std::set<Hash> busy{root};
    while (open_ > limits_.open) {
        auto oldest = known_.end();
        for (auto at = known_.begin(); at != known_.end(); ++at)
            if (at->second.is_open && !busy.contains(at->first) &&
                (oldest == known_.end() || at->second.used_ms < oldest->second.used_ms))
                oldest = at;
        if (oldest == known_.end()) return;
        if (!oldest->second.batch->close_if_idle()) {
            busy.insert(oldest->first);
            continue;
        }
        oldest->second.is_open = false;
        --open_;
    }
}

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

/// With `names_mutex_` where it may collect. Whoever is given room makes a `Room` of it.
Result<void> DiskBatches::make_room(std::uint64_t bytes, bool may_collect)
{
    bool has_swept = false;
    Result<void> swept;
    for (;;) {
        std::optional<Hash> victim;
        bool has_left_over = false;
        {
            const std::lock_guard lock{mutex_};
            if (fits(total_ + reserved_, bytes, limits_.quota_bytes)) {
                reserved_ += bytes;
                return {};
            }
            has_left_over = !left_over_.empty();
            if (may_collect) victim = longest_unused();
        }
        if (may_collect && has_left_over && !std::exchange(has_swept, true)) {
            swept = sweep_all();
            continue;
        }
        if (!victim && !swept) return swept;
        if (!victim) return Error{ErrorKind::full, "the quota for batches is used up"};
        if (const auto done = erase(*victim); !done) return done;
    }
}

/// With `names_mutex_`.
Result<void> DiskBatches::erase(const Hash& root)
{
    Batch batch;
    {
        const std::lock_guard lock{mutex_};
        const auto found = known_.find(root);
        if (found == known_.end()) return no_batch();
        batch = found->second.batch;
        left_over_[root] = found->second.counted;
        if (found->second.is_open) --open_;
        known_.erase(found);
    }
    if (const auto done = batch->erase(); !done) return done;
    forget_left_over(root);
    return {};
}

Result<void> DiskBatches::create(const BatchManifest& manifest,
                                 const std::optional<std::string>& holder)
{
    const std::lock_guard names{names_mutex_};
    Batch there;
    Batch of_others;
    bool is_left_over = false;
    {
        const std::lock_guard lock{mutex_};
        const auto found = known_.find(manifest.root);
        if (found != known_.end()) {
            there = found->second.batch;
            if (holder && found->second.holders.empty()) of_others = there;
        }
        is_left_over = left_over_.contains(manifest.root);
        if (!there && known_.size() >= limits_.batches)
            return Error{ErrorKind::full, "there are too many batches"};
    }
    if (is_left_over)
        if (const auto done = sweep(manifest.root); !done) return done;
    // Who announces a root first may have lied about all that the root does not say: whoever holds
    // the batch is believed instead.
    if (of_others) {
        const auto said = of_others->manifest();
        if (!said || *said != manifest) {
            if (const auto done = erase(manifest.root); !done) return done;
            there.reset();
        }
    }
    if (there) {
        const auto summary = there->summary();
        if (summary.chunks != manifest.chunks || summary.bytes != manifest.bytes)
            return invalid("the batch of this root has other sizes");
        if (!holder) return {};
        std::vector<std::string> holders;
        {
            const std::lock_guard lock{mutex_};
            holders = known_.at(manifest.root).holders;
        }
        if (std::ranges::find(holders, *holder) != holders.end()) return {};
        holders.push_back(*holder);
        return change_holders(manifest.root, std::move(holders));
    }
    const auto bytes = StoredBatch::empty_bytes(manifest);
    if (const auto room = make_room(bytes, holder.has_value()); !room) return room;
    const Room room{*this, bytes};
    BatchMark mark{1, clock_.wall().value, {}};
    if (holder && !is_holder(*holder)) return invalid("this is no name of a holder");
    if (holder) mark.holders.push_back(*holder);
    auto batch = StoredBatch::create(place_of(manifest.root), manifest, mark);
    if (!batch) return batch.error();
    const std::lock_guard lock{mutex_};
    const auto stored = (*batch)->stored_bytes();
    total_ += stored;
    known_[manifest.root] = {std::move(*batch), stored, mark.used_ms, mark.used_ms, mark.holders};
    return {};
}

Result<void> DiskBatches::put_leaves(const Hash& root, std::uint64_t first, ByteView leaves)
{
    const auto batch = find(root);
    if (!batch) return batch.error();
    const bool is_held = !(*batch)->mark().holders.empty();
    {
        std::unique_lock names{names_mutex_, std::defer_lock};
        if (is_held) names.lock();
        if (const auto room = make_room(leaves.size(), is_held); !room) return room;
    }
    const Room room{*this, leaves.size()};
    auto done = (*batch)->put_leaves(first, leaves);
    count(root);
    return done;
}

Result<std::uint64_t> DiskBatches::put_chunks(const Hash& root, std::uint64_t first, ByteView bytes)
{
    const auto batch = find(root);
    if (!batch) return batch.error();
    const bool is_held = !(*batch)->mark().holders.empty();
    const auto wanted = (*batch)->room_for(first, bytes.size());
    {
        std::unique_lock names{names_mutex_, std::defer_lock};
        if (is_held) names.lock();
        if (const auto room = make_room(wanted, is_held); !room) return room.error();
    }
    const Room room{*this, wanted};
    auto put = (*batch)->put_chunks(first, bytes);
    count(root);
    return put;
}

Result<void> DiskBatches::sync(const Hash& root)
{
    const auto batch = find(root);
    if (!batch) return batch.error();
    auto done = (*batch)->sync();
    count(root);
    return done;
}

Result<BatchManifest> DiskBatches::manifest(const Hash& root)
{
    const auto batch = find(root);
    if (!batch) return batch.error();
    return (*batch)->manifest();
}

Result<BatchInfo> DiskBatches::info(const Hash& root)
{
    const std::lock_guard lock{mutex_};
    const auto found = known_.find(root);
    if (found == known_.end()) return no_batch();
    const auto& [batch, counted, used_ms, marked_ms, holders, is_open] = found->second;
    return BatchInfo{batch->summary(), batch->leaves(), batch->present(),
                     counted,          holders,         used_ms};
}

Result<ChunkSet> DiskBatches::have(const Hash& root)
{
    const auto batch = find(root);
    if (!batch) return batch.error();
    auto have = (*batch)->have();
    count(root);
    return have;
}

Result<Bytes> DiskBatches::leaves(const Hash& root, const ChunkRange& range)
{
    const auto batch = find(root);
    if (!batch) return batch.error();
    if (range.count > transfer::piece_leaves) return invalid("too many leaves at once");
    auto read = (*batch)->read_leaves(range);
    count(root);
    return read;
}

Result<Bytes> DiskBatches::chunks(const Hash& root, const ChunkRange& range)
{
    const auto batch = find(root);
    if (!batch) return batch.error();
    if (range.count > transfer::piece_chunks) return invalid("too many chunks at once");
    auto read = (*batch)->read_chunks(range);
    count(root);
    return read;
}

/// With `names_mutex_`.
Result<void> DiskBatches::change_holders(const Hash& root, std::vector<std::string> holders)
{
    std::sort(holders.begin(), holders.end());
    if (holders.size() > most_holders)
        return Error{ErrorKind::full, "a batch has at most 8 holders"};
    for (const auto& name : holders)
        if (!is_holder(name)) return invalid("this is no name of a holder");
    const auto batch = find(root);
    if (!batch) return batch.error();
    const auto now = clock_.wall().value;
    if (const auto done = (*batch)->set_mark(holders, now); !done) return done;
    const std::lock_guard lock{mutex_};
    auto& known = known_.at(root);
    known.holders = std::move(holders);
    known.marked_ms = now;
    return {};
}

Result<void> DiskBatches::pin(const Hash& root, const std::string& holder)
{
    const std::lock_guard names{names_mutex_};
    const auto known = info(root);
    if (!known) return known.error();
    auto holders = known->holders;
    if (std::ranges::find(holders, holder) != holders.end()) return {};
    holders.push_back(holder);
    return change_holders(root, std::move(holders));
}

Result<void> DiskBatches::unpin(const Hash& root, const std::string& holder)
{
    const std::lock_guard names{names_mutex_};
    const auto known = info(root);
    if (!known) return known.error();
    auto holders = known->holders;
    if (std::erase(holders, holder) == 0) return {};
    return change_holders(root, std::move(holders));
}

Result<void> DiskBatches::remove(const Hash& root)
{
    const std::lock_guard names{names_mutex_};
    const auto known = info(root);
    if (!known) return known.error();
    if (!known->holders.empty())
        return Error{ErrorKind::denied, "the batch is held by " + known->holders.front()};
    return erase(root);
}

Result<ScrubStep> DiskBatches::scrub(const Hash& root, std::uint64_t from, std::uint64_t most)
{
    Batch batch;
    std::optional<std::uint64_t> unmarked;
    {
        const std::lock_guard lock{mutex_};
        const auto found = known_.find(root);
        if (found == known_.end()) return no_batch();
        batch = found->second.batch;
        if (found->second.used_ms > found->second.marked_ms + mark_every_ms)
            unmarked = found->second.used_ms;
    }
    if (unmarked) {
        // A moment as good as any to let the disk know when it was used last.
        const std::lock_guard names{names_mutex_};
        const auto known = info(root);
        if (!known) return known.error();
        const auto done = batch->set_mark(known->holders, *unmarked);
        if (!done) return done.error();
        const std::lock_guard lock{mutex_};
        if (const auto found = known_.find(root); found != known_.end())
            found->second.marked_ms = *unmarked;
    }
    auto step = batch->scrub(from, most);
    count(root);
    return step;
}

Result<std::uint64_t> DiskBatches::collect(std::uint64_t bytes)
{
    const std::lock_guard names{names_mutex_};
    const auto swept = sweep_all();
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
        if (const auto done = erase(*victim); !done) return done.error();
    }
    if (!swept) return swept.error();
    return freed;
}

StoreUsage DiskBatches::usage()
{
    const std::lock_guard lock{mutex_};
    const auto held = std::count_if(known_.begin(), known_.end(), [](const auto& known) {
        return !known.second.holders.empty();
    });
    return {total_, limits_.quota_bytes, known_.size(), static_cast<std::uint64_t>(held)};
}

std::vector<Hash> DiskBatches::list(const std::optional<Hash>& after, std::size_t most)
{
    const std::lock_guard lock{mutex_};
    std::vector<Hash> roots;
    for (auto at = after ? known_.upper_bound(*after) : known_.begin();
         at != known_.end() && roots.size() < most; ++at)
        roots.push_back(at->first);
    return roots;
}

}  // namespace node
