#include "tests/support/memory_batches.hpp"

#include <algorithm>

namespace node {

using namespace ledger;

namespace {

constexpr auto leaf_bytes = sealing::LeafTable::entry_bytes;

Error not_here(const char* what)
{
    return {ErrorKind::not_found, what};
}

}  // namespace

std::uint64_t MemoryBatches::Batch::bytes() const
{
    std::uint64_t sum = leaves.size();
    for (const auto& [index, chunk] : chunks) sum += chunk.size();
    return sum;
}

Result<MemoryBatches::Batch*> MemoryBatches::find(const Hash& root)
{
    const auto found = batches_.find(root);
    if (found == batches_.end()) return not_here("this batch is not kept here");
    found->second.used_ms = clock_.wall().value;
    return &found->second;
}

std::uint64_t MemoryBatches::total() const
{
    std::uint64_t sum = 0;
    for (const auto& [root, batch] : batches_) sum += batch.bytes();
    return sum;
}

bool MemoryBatches::make_room(std::uint64_t bytes, bool may_collect)
{
    while (total() + bytes > limits_.quota_bytes) {
        auto oldest = batches_.end();
        for (auto at = batches_.begin(); at != batches_.end(); ++at)
            if (at->second.holders.empty() &&
                (oldest == batches_.end() || at->second.used_ms < oldest->second.used_ms))
                oldest = at;
        if (!may_collect || oldest == batches_.end()) return false;
        batches_.erase(oldest);
    }
    return true;
}

ByteView MemoryBatches::leaf_part(const Batch& batch, const ChunkRange& range) const
{
    return ByteView{batch.leaves}.subspan(range.first * leaf_bytes, range.count * leaf_bytes);
}

Result<void> MemoryBatches::create(const BatchManifest& manifest,
                                   const std::optional<std::string>& holder)
{
    {
        const std::lock_guard lock{mutex_};
        const auto there = batches_.find(manifest.root);
        if (there != batches_.end() && (there->second.manifest.chunks != manifest.chunks ||
                                        there->second.manifest.bytes != manifest.bytes))
            return invalid("the batch of this root has other sizes");
        if (there == batches_.end()) {
            if (batches_.size() >= limits_.batches)
                return Error{ErrorKind::full, "there are too many batches"};
            Batch batch;
            batch.manifest = manifest;
            batch.have = ChunkSet{manifest.chunks};
            batch.used_ms = clock_.wall().value;
            batches_.emplace(manifest.root, std::move(batch));
        }
    }
    return holder ? pin(manifest.root, *holder) : Result<void>{};
}

Result<void> MemoryBatches::put_leaves(const Hash& root, std::uint64_t first, ByteView leaves)
{
    const std::lock_guard lock{mutex_};
    const auto batch = find(root);
    if (!batch) return batch.error();
    auto& to = **batch;
    if (to.has_table) return {};
    if (!make_room(leaves.size(), !to.holders.empty()))
        return Error{ErrorKind::full, "the quota for batches is used up"};
    if (first == 0) to.leaves.clear();
    if (to.leaves.size() != first * leaf_bytes) return invalid("leaves come in order");
    const auto all = to.manifest.chunks * leaf_bytes;
    if (leaves.size() % leaf_bytes != 0 || leaves.size() > all - to.leaves.size())
        return invalid("these are more leaves than the batch has");
    append(to.leaves, leaves);
    if (to.leaves.size() < all) return {};
    transfer::TableCheck check{to.manifest.summary()};
    const auto added = check.add(to.leaves);
    to.has_table = added && check.holds();
    if (to.has_table) return {};
    to.leaves.clear();
    return invalid("the leaf table is not the one that the root commits to");
}

Result<std::uint64_t> MemoryBatches::put_chunks(const Hash& root, std::uint64_t first,
                                                ByteView bytes)
{
    const std::lock_guard lock{mutex_};
    const auto batch = find(root);
    if (!batch) return batch.error();
    auto& to = **batch;
    if (!to.has_table) return not_here("the batch's leaf table is not here yet");
    const auto range = transfer::chunks_in(to.manifest.summary(), first, bytes.size());
    if (!range) return range.error();
    if (!make_room(bytes.size(), !to.holders.empty()))
        return Error{ErrorKind::full, "the quota for batches is used up"};
    const auto good =
        transfer::good_chunks(to.manifest.summary(), *range, bytes, leaf_part(to, *range));
    for (std::uint64_t i = 0; i < good; ++i) {
        const auto chunk = bytes.first(sealed_size(to.manifest.summary(), first + i));
        to.chunks[first + i].assign(chunk.begin(), chunk.end());
        bytes = bytes.subspan(chunk.size());
    }
    if (good != 0) to.unsynced.push_back({first, good});
    return good;
}

Result<void> MemoryBatches::sync(const Hash& root)
{
    const std::lock_guard lock{mutex_};
    const auto batch = find(root);
    if (!batch) return batch.error();
    for (const auto& range : std::exchange((*batch)->unsynced, {})) (*batch)->have.set(range);
    return {};
}

Result<BatchManifest> MemoryBatches::manifest(const Hash& root)
{
    const std::lock_guard lock{mutex_};
    const auto batch = find(root);
    if (!batch) return batch.error();
    return (*batch)->manifest;
}

Result<BatchInfo> MemoryBatches::info(const Hash& root)
{
    const std::lock_guard lock{mutex_};
    const auto found = batches_.find(root);
    if (found == batches_.end()) return not_here("this batch is not kept here");
    const auto& batch = found->second;
    return BatchInfo{batch.manifest.summary(),
                     batch.leaves.size() / leaf_bytes,
                     batch.have.count(),
                     batch.bytes(),
                     batch.holders,
                     batch.used_ms};
}

Result<ChunkSet> MemoryBatches::have(const Hash& root)
{
    const std::lock_guard lock{mutex_};
    const auto batch = find(root);
    if (!batch) return batch.error();
    return (*batch)->have;
}

Result<Bytes> MemoryBatches::leaves(const Hash& root, const ChunkRange& range)
{
    const std::lock_guard lock{mutex_};
    const auto batch = find(root);
    if (!batch) return batch.error();
    if (range.count > transfer::piece_leaves) return invalid("too many leaves at once");
    if (!(*batch)->has_table) return not_here("the batch's leaf table is not here yet");
    if (range.end() > (*batch)->manifest.chunks) return invalid("the batch has no such leaves");
    const auto part = leaf_part(**batch, range);
    return Bytes{part.begin(), part.end()};
}

Result<Bytes> MemoryBatches::chunks(const Hash& root, const ChunkRange& range)
{
    const std::lock_guard lock{mutex_};
    const auto batch = find(root);
    if (!batch) return batch.error();
    auto& from = **batch;
    if (range.count > transfer::piece_chunks) return invalid("too many chunks at once");
    if (!from.has_table) return not_here("the batch's leaf table is not here yet");
    if (range.end() > from.manifest.chunks) return invalid("the batch has no such chunks");
    if (!from.have.has_all(range)) return not_here("not all of these chunks are here");
    Bytes bytes;
    for (auto i = range.first; i < range.end(); ++i) append(bytes, from.chunks.at(i));
    const auto good =
        transfer::good_chunks(from.manifest.summary(), range, bytes, leaf_part(from, range));
    if (good == range.count) return bytes;
    from.have.clear(range.first + good);
    from.chunks.erase(range.first + good);
    return Error{ErrorKind::corrupt, "a chunk was damaged, and is thrown away"};
}

Result<void> MemoryBatches::pin(const Hash& root, const std::string& holder)
{
    const std::lock_guard lock{mutex_};
    const auto batch = find(root);
    if (!batch) return batch.error();
    auto& holders = (*batch)->holders;
    if (!is_holder(holder)) return invalid("this is no name of a holder");
    const auto at = std::ranges::lower_bound(holders, holder);
    if (at != holders.end() && *at == holder) return {};
    if (holders.size() >= most_holders)
        return Error{ErrorKind::full, "a batch has at most 8 holders"};
    holders.insert(at, holder);
    return {};
}

Result<void> MemoryBatches::unpin(const Hash& root, const std::string& holder)
{
    const std::lock_guard lock{mutex_};
    const auto batch = find(root);
    if (!batch) return batch.error();
    std::erase((*batch)->holders, holder);
    return {};
}

Result<void> MemoryBatches::remove(const Hash& root)
{
    const std::lock_guard lock{mutex_};
    const auto batch = find(root);
    if (!batch) return batch.error();
    if (!(*batch)->holders.empty()) return Error{ErrorKind::denied, "the batch is held"};
    batches_.erase(root);
    return {};
}

Result<ScrubStep> MemoryBatches::scrub(const Hash& root, std::uint64_t from, std::uint64_t most)
{
    const std::lock_guard lock{mutex_};
    const auto batch = find(root);
    if (!batch) return batch.error();
    auto& of = **batch;
    const auto summary = of.manifest.summary();
    ScrubStep step{std::min(from + most, summary.chunks), 0, {}, false};
    for (auto i = from; i < step.next && of.has_table; ++i) {
        if (!of.have.has(i)) continue;
        step.bytes += of.chunks.at(i).size();
        if (transfer::good_chunks(summary, {i, 1}, of.chunks.at(i), leaf_part(of, {i, 1})) == 1)
            continue;
        step.damaged.push_back(i);
        of.have.clear(i);
        of.chunks.erase(i);
    }
    return step;
}

Result<std::uint64_t> MemoryBatches::collect(std::uint64_t bytes)
{
    const std::lock_guard lock{mutex_};
    const auto before = total();
    make_room(bytes, true);
    return before - total();
}

StoreUsage MemoryBatches::usage()
{
    const std::lock_guard lock{mutex_};
    const auto held = std::count_if(batches_.begin(), batches_.end(), [](const auto& known) {
        return !known.second.holders.empty();
    });
    return {total(), limits_.quota_bytes, batches_.size(), static_cast<std::uint64_t>(held)};
}

std::vector<Hash> MemoryBatches::list(const std::optional<Hash>& after, std::size_t most)
{
    const std::lock_guard lock{mutex_};
    std::vector<Hash> roots;
    for (auto at = after ? batches_.upper_bound(*after) : batches_.begin();
         at != batches_.end() && roots.size() < most; ++at)
        roots.push_back(at->first);
    return roots;
}

void MemoryBatches::damage(const Hash& root, std::uint64_t chunk)
{
    const std::lock_guard lock{mutex_};
    batches_.at(root).chunks.at(chunk).front() ^= 1;
}

}  // namespace node
