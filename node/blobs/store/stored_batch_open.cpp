#include "node/blobs/store/stored_batch.hpp"

#include "ledger/base/hex.hpp"
#include "node/blobs/store/batch_files.hpp"

#include <algorithm>

namespace node {

using namespace ledger;
using namespace node::batch_files;

Result<std::shared_ptr<StoredBatch>> StoredBatch::create(Place place, const BatchManifest& manifest,
                                                         const BatchMark& mark)
{
    auto& disk = place.disk;
    if (const auto made = disk.make_folder(place.folder); !made) return made.error();
    if (const auto made = place.chunks.create(place.of()); !made) return made.error();
    const auto record = encode_manifest(manifest);
    std::shared_ptr<StoredBatch> batch{
        new StoredBatch{std::move(place), manifest.summary(), record.size()}};
    const auto& at = batch->place_;
    batch->mark_ = mark;
    // The marks come first: where there is a manifest there is a whole batch.
    auto marks = disk.open(at.file(marks_file), OpenMode::fresh);
    if (!marks) return marks.error();
    const ChunkSet none{manifest.chunks};
    Bytes bytes(first_page_at);
    const auto sector = encode_mark(mark);
    std::copy(sector.begin(), sector.end(),
              bytes.begin() + static_cast<std::ptrdiff_t>(mark.number % 2 * sector_bytes));
    for (std::uint64_t page = 0; page <= page_of(manifest.chunks - 1); ++page)
        append(bytes, encode_page(none, page));
    if (const auto done = (*marks)->write(0, bytes); !done) return done.error();
    if (const auto done = (*marks)->sync(); !done) return done.error();

    const auto name = at.file(manifest_file);
    auto file = disk.open(name + std::string{unfinished}, OpenMode::fresh);
    if (!file) return file.error();
    if (const auto done = (*file)->write(0, record); !done) return done.error();
    if (const auto done = (*file)->sync(); !done) return done.error();
    if (const auto done = disk.rename(name + std::string{unfinished}, name); !done)
        return done.error();
    if (const auto done = disk.sync_folder(at.folder); !done) return done.error();
    if (const auto done = forget_gone(at); !done) return done.error();
    return batch;
}

std::uint64_t StoredBatch::empty_bytes(const BatchManifest& manifest)
{
    return marks_bytes(manifest.summary()) + encode_manifest(manifest).size();
}

Result<std::shared_ptr<StoredBatch>> StoredBatch::load(Place place)
{
    auto file = place.disk.open(place.file(manifest_file), OpenMode::existing);
    if (!file) return file.error();
    const auto bytes = (*file)->read(0, manifest_record_bytes + 1);
    if (!bytes) return bytes.error();
    const auto manifest = decode_manifest(*bytes);
    if (!manifest) return manifest.error();
    if (to_hex(manifest->root.view()) != place.name)
        return Error{ErrorKind::corrupt, "the manifest is of another batch"};
    std::shared_ptr<StoredBatch> batch{
        new StoredBatch{std::move(place), manifest->summary(), bytes->size()}};
    const auto opened = batch->open();
    if (!opened) return opened.error();
    batch->opened_.reset();
    return batch;
}

namespace {

/// One file, and the one that was to take its place.
Result<void> erase_file(const StoredBatch::Place& place, std::string_view ending)
{
    for (const auto& path : {place.file(ending), place.file(ending) + std::string{unfinished}}) {
        const auto done = place.disk.remove(path);
        if (!done && done.error().kind != ErrorKind::not_found) return done;
    }
    return {};
}

}  // namespace

/// It goes first: without it the rest is swept away at the next start.
Result<void> StoredBatch::erase_manifest(const Place& place)
{
    if (const auto done = erase_file(place, manifest_file); !done) return done;
    return place.disk.sync_folder(place.folder);
}

Result<void> StoredBatch::erase_files(const Place& place)
{
    if (const auto done = erase_manifest(place); !done) return done;
    if (const auto done = place.chunks.erase(place.of()); !done) return done;
    if (place.chunks.lateness().count() != 0) {
        const auto gone = place.disk.open(place.file(gone_file), OpenMode::fresh);
        if (!gone) return gone.error();
        if (const auto done = place.disk.sync_folder(place.folder); !done) return done;
    }
    for (const auto ending : {leaves_file, marks_file})
        if (const auto done = erase_file(place, ending); !done) return done;
    return {};
}

Result<void> StoredBatch::forget_gone(const Place& place)
{
    return erase_file(place, gone_file);
}

Result<StoredBatch::Opened*> StoredBatch::open()
{
    if (is_gone_) return gone();
    if (opened_) return &*opened_;
    Opened opened{nullptr, nullptr, nullptr, ChunkSet{summary_.chunks}};
    auto marks = place_.disk.open(place_.file(marks_file), OpenMode::existing);
    if (!marks) return marks.error();
    opened.marks = std::move(*marks);
    if (const auto done = read_marks(*opened.marks, opened.have); !done) return done.error();

    auto leaves = place_.disk.open(place_.file(leaves_file), OpenMode::existing);
    if (!leaves && leaves.error().kind != ErrorKind::not_found) return leaves.error();
    if (leaves) {
        const auto size = (*leaves)->size();
        if (!size) return size.error();
        if (*size == summary_.chunks * leaf_bytes)
            opened.leaves = std::move(*leaves);
        else
            place_.damaged("leaf table of " + place_.name + " has another length");
    }
    auto chunks = place_.chunks.open(place_.of(), summary_);
    if (!chunks) return chunks.error();
    opened.chunks = std::move(*chunks);

    if (!coming_) leaves_ = opened.leaves ? summary_.chunks : 0;
    present_ = opened.have.count();
    chunk_bytes_ = place_.chunks.bytes_of(summary_, opened.have);
    opened_ = std::move(opened);
    return &*opened_;
}

Result<StoredBatch::Opened*> StoredBatch::open_with_table()
{
    auto opened = open();
    if (opened && !(*opened)->leaves)
        return Error{ErrorKind::not_found, "the batch's leaf table is not here yet"};
    return opened;
}

/// The newer of two marks, and every page that makes sense: chunks of the others count as missing.
Result<void> StoredBatch::read_marks(File& file, ChunkSet& have)
{
    const auto heads = file.read(0, first_page_at);
    if (!heads) return heads.error();
    std::optional<BatchMark> newest;
    for (std::size_t at = 0; at + sector_bytes <= heads->size(); at += sector_bytes) {
        auto mark = decode_mark(ByteView{*heads}.subspan(at, sector_bytes));
        if (mark && (!newest || mark->number > newest->number)) newest = std::move(*mark);
    }
    if (newest)
        mark_ = std::move(*newest);
    else
        place_.damaged("who holds batch " + place_.name + " cannot be read");
    for (std::uint64_t page = 0; page <= page_of(summary_.chunks - 1); ++page) {
        const auto sector = file.read(first_page_at + page * sector_bytes, sector_bytes);
        if (!sector) return sector.error();
        if (const auto read = decode_page(*sector, page, have); !read)
            place_.damaged("chunks of " + place_.name + " from " +
                           std::to_string(page * page_chunks) + " on: " + read.error().detail);
    }
    return {};
}

}  // namespace node
