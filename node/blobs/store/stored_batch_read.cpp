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

Result<Bytes> StoredBatch::read_chunks(const ChunkRange& range)
{
    const std::lock_guard lock{mutex_};
    const auto opened = open_with_table();
    if (!opened) return opened.error();
    if (range.end() > summary_.chunks) return invalid("the batch has no such chunks");
    if (!(*opened)->have.has_all(range))
        return Error{ErrorKind::not_found, "not all of these chunks are here"};
    const auto length = transfer::range_bytes(summary_, range);
    auto bytes = (*opened)->chunks->read(range.first * sealing::sealed_chunk_bytes, length);
    if (!bytes) return bytes.error();
    bytes->resize(length);  // what a shorter file lacks is damage, too
    const auto leaves = leaves_of(**opened, range);
    if (!leaves) return leaves.error();
    const auto good = transfer::good_chunks(summary_, range, *bytes, *leaves);
    if (good == range.count) return bytes;
    const auto holds = table_holds(**opened);
    if (!holds) return holds.error();
    const auto done = *holds ? forget_chunk(**opened, range.first + good) : forget_table(**opened);
    if (!done) return done.error();
    return Error{ErrorKind::corrupt, "chunk " + std::to_string(range.first + good) +
                                         " was damaged on the disk, and is thrown away"};
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

Result<ScrubStep> StoredBatch::scrub(std::uint64_t from, std::uint64_t most)
{
    const std::lock_guard lock{mutex_};
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
    auto& have = (*opened)->have;
    for (auto i = from; i < step.next; ++i) {
        if (!have.has(i)) continue;
        const ChunkRange one{i, 1};
        const auto length = transfer::range_bytes(summary_, one);
        auto bytes = (*opened)->chunks->read(i * sealing::sealed_chunk_bytes, length);
        const auto leaf = leaves_of(**opened, one);
        if (!leaf) return leaf.error();
        step.bytes += length;
        // A sector that cannot be read is as good as damaged.
        if (bytes) bytes->resize(length);
        if (bytes && transfer::good_chunks(summary_, one, *bytes, *leaf) == 1) continue;
        step.damaged.push_back(i);
        if (const auto done = forget_chunk(**opened, i); !done) return done.error();
    }
    return step;
}

}  // namespace node
