#include "ledger/snapshot/restore.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/state/tree_builder.hpp"

#include <algorithm>
#include <utility>

namespace ledger {
namespace {

Result<void> remove_folder(const std::filesystem::path& path)
{
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return Error{ErrorKind::io, path.string() + ": " + error.message()};
    return {};
}

}  // namespace

SnapshotCollection::SnapshotCollection(SnapshotFolder folder, SnapshotManifest manifest)
    : folder_{std::move(folder)}, manifest_{std::move(manifest)}
{
}

Result<SnapshotCollection> SnapshotCollection::open(Disk& disk, const std::string& folder,
                                                    const SnapshotManifest& manifest)
{
    SnapshotCollection made{SnapshotFolder{disk, folder}, manifest};
    auto& files = made.folder_;
    if (const auto done = files.make(); !done) return done.error();
    const auto there = files.manifest();
    if (!there || snapshot_id(there->content) != snapshot_id(manifest.content)) {
        if (const auto done = files.clear(); !done) return done.error();
        if (const auto done = files.put_manifest(manifest); !done) return done.error();
    }
    auto present = files.chunks_present(manifest.content.ends.size());
    if (!present) return present.error();
    made.present_ = std::move(*present);
    made.missing_ = static_cast<std::size_t>(std::ranges::count(made.present_, false));
    return made;
}

Result<void> SnapshotCollection::add(std::size_t index, ByteView bytes)
{
    const auto checked = check_chunk(manifest_.content, index, bytes);
    if (!checked) return checked.error();
    return keep(index, bytes);
}

Result<void> SnapshotCollection::keep(std::size_t index, ByteView bytes)
{
    if (present_.at(index)) return {};
    if (const auto done = folder_.put_chunk(index, bytes); !done) return done;
    present_[index] = true;
    --missing_;
    return {};
}

Result<CheckedChunk> SnapshotCollection::read(std::size_t index)
{
    const auto bytes = folder_.chunk(index);
    if (!bytes && bytes.error().kind != ErrorKind::full) return bytes.error();
    auto checked =
        bytes ? check_chunk(manifest_.content, index, *bytes) : Result<CheckedChunk>{bytes.error()};
    if (checked) return checked;
    if (const auto removed = folder_.remove_chunk(index); !removed) return removed.error();
    present_[index] = false;
    ++missing_;
    return Error{ErrorKind::corrupt, checked.error().detail};
}

Result<void> fill_store(BlockStore& store, SnapshotCollection& chunks, const StoredBlock& genesis)
{
    ensure(chunks.missing() == 0, "a store is filled from all chunks");
    const auto& [content, finality] = chunks.manifest();
    StorePart part;
    TreeBuilder tree{content.height, [&part](Bytes key, Bytes node) {
                         part.nodes.emplace_back(std::move(key), std::move(node));
                     }};
    for (std::size_t index = 0; index < content.ends.size(); ++index) {
        auto chunk = chunks.read(index);
        if (!chunk) return chunk.error();
        for (auto& entry : chunk->entries)
            part.entries.emplace_back(std::move(entry.key), std::move(entry.value));
        for (const auto& leaf : chunk->hashes)
            if (const auto done = tree.add(leaf.key_hash, leaf.value_hash); !done) return done;
        if (const auto done = store.load(part); !done) return done;
        part = {};
    }
    const auto root = tree.finish();
    // Each chunk is all of its range and the ranges are all there is.
    ensure(root == content.state_root, "checked chunks make up the state");
    if (const auto done = store.load(part); !done) return done;

    auto history = HistoryTree::decode(content.history);
    if (!history) return history.error();
    history->append(content.block);
    if (const auto done = store.put_meta(base_finality_meta, codec::encode(finality)); !done)
        return done;
    const auto& header = finality.path.front();
    const bool own = finality.path.size() == 1;
    return store.begin({genesis,
                        {content.height,
                         content.block,
                         encode_header(header),
                         {},
                         {},
                         own ? encode_certificate(finality.finalized) : Bytes{}},
                        root,
                        std::move(*history)});
}

Result<void> finish_restore(Disk& disk, const RestorePlace& place, SnapshotCollection& chunks,
                            const StoredBlock& genesis, const StoreOptions& options,
                            const std::function<Result<void>(BlockStore&)>& before_switch)
{
    std::error_code error;
    if (std::filesystem::exists(place.store(), error))
        return Error{ErrorKind::invalid, place.store().string() + " is there already"};
    if (const auto done = remove_folder(place.unfinished_store()); !done) return done;
    {
        auto store = open_rocks_store(place.unfinished_store(), options);
        if (!store) return store.error();
        if (const auto done = fill_store(**store, chunks, genesis); !done) return done;
        if (before_switch) {
            if (const auto done = before_switch(**store); !done) return done;
        }
    }
    const auto from = place.unfinished_store().string();
    if (const auto done = disk.sync_folder(from); !done) return done;
    if (const auto done = disk.rename(from, place.store().string()); !done) return done;
    if (const auto done = disk.sync_folder(place.folder.string()); !done) return done;
    return clear_staging(disk, place);
}

Result<void> clear_staging(Disk& disk, const RestorePlace& place)
{
    if (const auto done = remove_folder(place.staging()); !done) return done;
    return disk.sync_folder(place.folder.string());
}

}  // namespace ledger
