#include "node/blobs/store/disk_batches.hpp"

#include "ledger/base/hex.hpp"
#include "node/blobs/store/disk_batches_room.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace node {

using namespace ledger;

namespace {

/// How far the disk may be behind in knowing when a batch was used.
constexpr std::uint64_t mark_every_ms = 3'600'000;

}  // namespace

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

Result<void> DiskBatches::put_leaves(const Hash& root, std::uint64_t first, ByteView leaves)
{
    const auto batch = find(root);
    if (!batch) return batch.error();
    const bool is_held = !(*batch)->mark().holders.empty();
    {
        Names names{names_mutex_, std::defer_lock};
        if (is_held) names.lock();
        if (const auto room = make_room(names, leaves.size(), is_held); !room) return room;
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
        Names names{names_mutex_, std::defer_lock};
        if (is_held) names.lock();
        if (const auto room = make_room(names, wanted, is_held); !room) return room.error();
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
