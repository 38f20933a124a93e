#include "node/blobs/store/stored_batch.hpp"

#include "node/blobs/store/batch_files.hpp"

#include <algorithm>

namespace node {

using namespace ledger;
using namespace node::batch_files;

Result<BatchManifest> StoredBatch::manifest()
{
    const std::lock_guard lock{mutex_};
    if (is_gone_) return gone();
    const auto file = place_.disk.open(place_.file(manifest_file), OpenMode::existing);
    if (!file) return file.error();
    const auto bytes = (*file)->read(0, manifest_record_bytes + 1);
    if (!bytes) return bytes.error();
    return decode_manifest(*bytes);
}

Result<ChunkSet> StoredBatch::have()
{
    const std::lock_guard lock{mutex_};
    const auto opened = open();
    if (!opened) return opened.error();
    return (*opened)->have;
}

Result<Bytes> StoredBatch::leaves_of(Opened& opened, const ChunkRange& range) const
{
    auto leaves = opened.leaves->read(range.first * leaf_bytes, range.count * leaf_bytes);
    if (leaves && leaves->size() != range.count * leaf_bytes)
        return Error{ErrorKind::corrupt, "the leaf table has become shorter"};
    return leaves;
}

Result<Bytes> StoredBatch::read_leaves(const ChunkRange& range)
{
    const std::lock_guard lock{mutex_};
    const auto opened = open_with_table();
    if (!opened) return opened.error();
    if (range.end() > summary_.chunks) return invalid("the batch has no such leaves");
    return leaves_of(**opened, range);
}

Result<StoredBatch::Wanted> StoredBatch::wanted(Opened& opened, const ChunkRange& range) const
{
    auto leaves = leaves_of(opened, range);
    if (!leaves) return leaves.error();
    return Wanted{range, opened.chunks, std::move(*leaves)};
}

Result<Bytes> StoredBatch::read_checked(const Wanted& want, std::uint64_t& good) const
{
    auto bytes = want.chunks->read(want.range);
    if (!bytes) return bytes.error();
    bytes->resize(transfer::range_bytes(summary_, want.range));  // what is lacking is damage, too
    good = transfer::good_chunks(summary_, want.range, *bytes, want.leaves);
    return bytes;
}

Result<Bytes> StoredBatch::read_chunks(const ChunkRange& range)
{
    std::unique_lock lock{mutex_};
    auto opened = open_with_table();
    if (!opened) return opened.error();
    if (range.end() > summary_.chunks) return invalid("the batch has no such chunks");
    if (!(*opened)->have.has_all(range))
        return Error{ErrorKind::not_found, "not all of these chunks are here"};
    const auto want = wanted(**opened, range);
    if (!want) return want.error();
    lock.unlock();
    std::uint64_t good = 0;
    auto bytes = read_checked(*want, good);
    if (!bytes || good == range.count) return bytes;

    lock.lock();
    opened = open_with_table();  // it may be closed, or gone, meanwhile
    if (!opened) return opened.error();
    const auto holds = table_holds(**opened);
    if (!holds) return holds.error();
    if (*holds) {
        const auto damaged = is_damaged(**opened, range.first + good);
        if (!damaged) return damaged.error();
        if (!*damaged)
            return Error{ErrorKind::unavailable, "a chunk was put again meanwhile: ask once more"};
    }
    const auto done = *holds ? forget_chunk(**opened, range.first + good) : forget_table(**opened);
    if (!done) return done.error();
    return Error{ErrorKind::corrupt, "chunk " + std::to_string(range.first + good) +
                                         " was damaged, and is thrown away"};
}

Result<bool> StoredBatch::is_damaged(Opened& opened, std::uint64_t index) const
{
    if (!opened.leaves || !opened.have.has(index)) return false;
    const auto want = wanted(opened, {index, 1});
    if (!want) return want.error();
    std::uint64_t good = 0;
    const auto bytes = read_checked(*want, good);
    if (!bytes && bytes.error().kind == ErrorKind::unavailable) return bytes.error();
    return !bytes || good == 0;
}

Result<bool> StoredBatch::table_holds(Opened& opened) const
{
    transfer::TableCheck check{summary_};
    while (check.leaves() < summary_.chunks) {
        const auto first = check.leaves();
        const auto leaves =
            leaves_of(opened, {first, std::min(transfer::piece_leaves, summary_.chunks - first)});
        if (!leaves && leaves.error().kind == ErrorKind::corrupt) return false;
        if (!leaves) return leaves.error();
        if (const auto added = check.add(*leaves); !added) return added.error();
    }
    return check.holds();
}

/// Adds which of these are damaged, or says that nobody can tell now.
Result<void> StoredBatch::look_at(const Wanted& all, ScrubStep& step) const
{
    std::uint64_t good = 0;
    const auto bytes = read_checked(all, good);
    if (!bytes && bytes.error().kind == ErrorKind::unavailable) return bytes.error();
    // A sector that cannot be read is as good as damaged, but its neighbours are not.
    if (!bytes && all.range.count > 1) {
        for (std::uint64_t i = 0; i < all.range.count; ++i) {
            const auto leaf = ByteView{all.leaves}.subspan(i * leaf_bytes, leaf_bytes);
            const Wanted one{{all.range.first + i, 1}, all.chunks, {leaf.begin(), leaf.end()}};
            if (const auto looked = look_at(one, step); !looked) return looked;
        }
        return {};
    }
    step.bytes += transfer::range_bytes(summary_, all.range);
    for (auto i = good; i < all.range.count; ++i) {
        const ChunkRange one{all.range.first + i, 1};
        const auto leaf = ByteView{all.leaves}.subspan(i * leaf_bytes, leaf_bytes);
        if (!bytes ||
            transfer::good_chunks(summary_, one,
                                  ByteView{*bytes}.subspan(i * sealing::sealed_chunk_bytes,
                                                           transfer::range_bytes(summary_, one)),
                                  leaf) == 0)
            step.damaged.push_back(one.first);
    }
    return {};
}

/// Counts as a write: who tidies has to know of all that is written meanwhile, and would not after
/// the files were closed and opened again.
void StoredBatch::tidy(std::unique_lock<std::mutex>& lock, const ChunkRange& range)
{
    if (is_gone_ || broken_ || !opened_) return;
    const auto chunks = opened_->chunks;
    ++writing_;
    lock.unlock();
    // What is left over harms nobody: where it cannot be removed now, the next round will.
    static_cast<void>(chunks->tidy(range));
    lock.lock();
    --writing_;
    written_.notify_all();
}

Result<ScrubStep> StoredBatch::scrub(std::uint64_t from, std::uint64_t most)
{
    std::unique_lock lock{mutex_};
    auto opened = open();
    if (!opened) return opened.error();
    ScrubStep step{summary_.chunks, 0, {}, false};
    if (!(*opened)->leaves) return step;
    if (from == 0) {
        const auto holds = table_holds(**opened);
        if (!holds) return holds.error();
        step.bytes += summary_.chunks * leaf_bytes;
        step.is_table_damaged = !*holds;
        if (!*holds) {
            const auto done = forget_table(**opened);
            return done ? Result<ScrubStep>{step} : done.error();
        }
    }
    step.next = std::min(from + most, summary_.chunks);
    std::vector<Wanted> runs;  // of neighbours that are there
    for (auto i = from; i < step.next;) {
        auto end = i;
        while (end < step.next && (*opened)->have.has(end)) ++end;
        if (end > i) {
            auto want = wanted(**opened, {i, end - i});
            if (!want) return want.error();
            runs.push_back(std::move(*want));
        }
        i = end + 1;
    }
    lock.unlock();
    for (const auto& run : runs)
        if (const auto looked = look_at(run, step); !looked) return looked.error();

    lock.lock();
    tidy(lock, {from, step.next - from});
    if (step.damaged.empty()) return step;
    opened = open();  // it may be closed, or gone, meanwhile
    if (!opened) return opened.error();
    std::vector<std::uint64_t> damaged;
    for (const auto i : step.damaged) {
        const auto still = is_damaged(**opened, i);
        if (!still) return still.error();
        if (!*still) continue;
        if (const auto done = forget_chunk(**opened, i); !done) return done.error();
        damaged.push_back(i);
    }
    step.damaged = std::move(damaged);
    return step;
}

}  // namespace node
